"""The package as a whole: what it imports, and in which order."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT

PACKAGE = ROOT / "torch_judge"
ORDER = (
    *(
        "errors",
        "verdict",
        "families",
        "problem",
        "submission",
        "suite",
        "drawing",
        "modules",
        "space",
        "wire",
        "cells",
        "plain",
        "isolation",
        "loading",
        "lint",
    ),
    *(
        "rules",
        "calls",
        "sandbox",
        "scratch",
        "orphans",
        "probe",
        "comparison",
        "picture",
        "recording",
        "worker",
        "shrink",
        "search",
        "likeness",
        "checker",
        "warm",
    ),
    *("server", "doctor", "counterexample", "signatures", "diagnosis", "judge", "gotchas"),
    *("bench", "lanes", "rehearsal", "bending", "mutation", "verify"),
    *(
        "attempt",
        "progress",
        "archive",
        "sheet",
        "coach",
        "dashboard",
        "desk",
        "render",
        "markup",
        "card",
        "display",
        "rounds",
        "senses",
        "watch",
        "notebook",
        "study",
    ),
    *("terminal", "daily", "cli"),
)
HEAVY = ("torch", "nbformat", "numpy", "hypothesis")


def imported_by(path: Path) -> set[str]:
    """Return the modules of our own that a module imports, anywhere in its text."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            found |= {node.module.partition(".")[0]} if node.module else {alias.name for alias in node.names}
    return found & set(ORDER)


def out_of_order(folder: Path) -> list[str]:
    """Return the imports that go against the order of the data."""
    wrong = []
    for path in sorted(folder.glob("*.py")):
        if path.stem in {"__init__", "__main__"}:
            continue
        if path.stem not in ORDER:
            wrong.append(f"{path.stem} has no place in the order")
            continue
        later = ORDER[ORDER.index(path.stem) :]
        wrong += [f"{path.stem} imports {name}" for name in sorted(imported_by(path)) if name in later]
    return wrong


def loaded_by(script: str, *arguments: str, path: Path = ROOT) -> set[str]:
    """Return which heavy packages a fresh interpreter has loaded after a script."""
    tail = f"\nimport sys; sys.stderr.write('LOADED ' + ' '.join(n for n in {HEAVY!r} if n in sys.modules))"
    command = [sys.executable, "-c", script + tail, *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(path)}
    )
    return set(done.stderr.rpartition("LOADED")[2].split())


def test_every_module_imports_only_from_those_before_it() -> None:
    assert out_of_order(PACKAGE) == []


def test_an_import_against_the_order_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "errors.py").write_text("def late():\n    from .cli import main\n")
    (tmp_path / "odd.py").write_text("")
    assert out_of_order(tmp_path) == ["errors imports cli", "odd has no place in the order"]


COMMANDS = {
    "import": "import torch_judge",
    "check is found": "from torch_judge import check, Report, Verdict",
    "help": "from torch_judge.ui.cli.app import main; main(['--help'], standalone_mode=False)",
    "list": "from torch_judge.ui.cli.app import main\ntry: main(['list'])\nexcept SystemExit as e: assert e.code == 0",
    "status": "from torch_judge.ui.cli.app import main\ntry: main(['status'])\nexcept SystemExit as e: assert e.code == 0",
    "show": "from torch_judge.ui.cli.app import main\ntry: main(['show', 'batchnorm'])\nexcept SystemExit as e: assert e.code == 0",
}


@pytest.mark.parametrize("script", COMMANDS.values(), ids=COMMANDS.keys())
def test_light_commands_load_neither_torch_nor_nbformat_nor_numpy(script: str) -> None:
    assert loaded_by(script) == set()


def test_a_heavy_import_would_be_noticed() -> None:
    assert loaded_by("import numpy, nbformat") == {"numpy", "nbformat"}
