"""What a watch shows: on a terminal one screen, drawn anew each time; without one, plain lines."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console, Group
from rich.text import Text

from torch_judge.model.report import Report
from torch_judge.model.sanitize import one_line
from torch_judge.ui.terminal import Screenful
from torch_judge.ui.text import as_rich, as_text

KEYS = "h hint · s solution · n next problem · Enter judge again · q quit"
WIDEST = 100


class Screen:
    """Where a watch shows the last report and what was said below it."""

    def __init__(self, *, is_terminal: bool) -> None:
        self._is_terminal = is_terminal
        self._console = Console(highlight=False)

    @property
    def width(self) -> int:
        """Return how wide a page may be."""
        return min(self._console.width, WIDEST)

    def announce(self, path: Path) -> None:
        """Say that a file is being judged, to a person who waits for it."""
        if self._is_terminal:
            self._console.print(Text(f"judging {one_line(str(path))} ...", style="dim"))

    def draw(self, problem: str, path: Path, report: Report | None, below: Sequence[str]) -> None:
        """Show a report and what is said below it; on a terminal in the place of what was there."""
        if not self._is_terminal:
            lines = [as_text(as_rich(report))] if report is not None else []
            print("\n".join([*lines, *below, ""]), flush=True)  # noqa: T201 - showing is what it is for
            return
        self._console.clear()
        heading = Text(f"{problem}: {one_line(str(path))}, {time.strftime('%H:%M:%S')}", style="dim")
        said = Group(*(Text(f"\n{text}") for text in below), Text(f"\n{KEYS}", style="dim"))
        around = len(self._console.render_lines(Group(heading, said)))
        parts = [Screenful(report, height=self._console.height - around - 1)] if report is not None else []
        self._console.print(Group(heading, *parts, said))
