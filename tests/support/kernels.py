"""Real Jupyter kernels for tests: run cells, and read what a person sees below them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

SHOWING = ("display_data", "update_display_data")


class Listener(NotebookClient):
    """Runs a notebook and keeps what the kernel showed, cell by cell, before anything replaced it."""

    heard: tuple[tuple[int, str, dict[str, Any]], ...] = ()

    def process_message(self, msg: dict[str, Any], cell: nbformat.NotebookNode, cell_index: int) -> Any:
        """Keep a message that shows something."""
        if msg["msg_type"] in SHOWING:
            self.heard = (*self.heard, (cell_index, msg["msg_type"], msg["content"]))
        return super().process_message(msg, cell, cell_index)


def listened(sources: Sequence[str], folder: Path) -> Listener:
    """Run code cells in a real kernel; the notebook with its outputs is `.nb`."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    client = Listener(notebook, timeout=120, kernel_name="python3", allow_errors=True)
    client.execute(cwd=str(folder))
    return client


def executed(sources: Sequence[str], folder: Path) -> nbformat.NotebookNode:
    """Run code cells in a real kernel and return the notebook with its outputs."""
    return listened(sources, folder).nb


def shown(cell: nbformat.NotebookNode) -> str:
    """Return all that a person sees below a cell, as text."""
    parts = []
    for output in cell.outputs:
        data = output.get("data", {})
        parts.append(output.get("text") or data.get("text/plain") or "\n".join(output.get("traceback", [])))
    return "\n".join(parts)


def cards(cell: nbformat.NotebookNode) -> list[str]:
    """Return the cards below a cell."""
    return [output["data"]["text/html"] for output in cell.outputs if "text/html" in output.get("data", {})]
