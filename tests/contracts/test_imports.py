"""The rule between the rooms, held by import-linter; its contracts are in pyproject.toml."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT

LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"
ROOMS = "A room stands on those below it"
PROCESSES = "The processes stand on what they share"
CONDUCTOR = "The conductor holds no code of its children, and nothing heavy"
CHILDREN = "Worker and checker do not know each other"
CIRCLES = "No circle among siblings, in any room"
MODEL = "The model needs the standard library, msgspec and cloudpickle"
WRONG: dict[str, tuple[set[str], dict[str, str]]] = {
    "a low room imports a high one": ({ROOMS}, {"model/report.py": "from torch_judge.ui import card"}),
    "a neighbour imports a neighbour": ({ROOMS}, {"learning/hints.py": "import torch_judge.verification"}),
    "a service imports what shows": ({ROOMS}, {"service/api.py": "from torch_judge.ui import card"}),
    "grading imports the service": ({ROOMS}, {"grading/run.py": "import torch_judge.service.queue"}),
    "the service holds torch": ({CONDUCTOR}, {"service/judges.py": "import torch"}),
    "a late import counts": ({ROOMS}, {"sandbox/enter.py": "def late():\n    import torch_judge.judging"}),
    "a room has no place": ({ROOMS}, {"attic/__init__.py": ""}),
    "what processes share imports one": (
        {PROCESSES},
        {"execution/runtime.py": "import torch_judge.execution.worker"},
    ),
    "a part of execution has no place": ({PROCESSES}, {"execution/attic.py": ""}),
    "the conductor imports a child": (
        {CONDUCTOR},
        {"judging/judge.py": "import torch_judge.execution.checker"},
    ),
    "the conductor imports torch": ({CONDUCTOR}, {"execution/doctor.py": "def late():\n    import torch"}),
    "the conductor imports NumPy through another": (
        {CONDUCTOR},
        {
            "judging/judge.py": "import torch_judge.execution.protocol.frames",
            "execution/protocol/frames.py": "import numpy",
        },
    ),
    "the checker imports the worker": (
        {PROCESSES, CHILDREN},
        {"execution/checker/serve.py": "from torch_judge.execution.worker import serve"},
    ),
    "two modules of a room import each other": (
        {CIRCLES},
        {"ui/text.py": "import torch_judge.ui.card", "ui/card.py": "import torch_judge.ui.text"},
    ),
    "the model imports a library": ({MODEL}, {"model/report.py": "from rich.text import Text"}),
}


def lint(folder: Path) -> tuple[int, str]:
    """Hold the package `torch_judge` of a folder against the contracts there; returns status and text."""
    command = [sys.executable, "-c", LINT, "--no-cache", "--no-logo"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def write_package(folder: Path, changed: dict[str, str]) -> None:
    """Write our contracts and a package of our modules, all of them empty but for those that are given."""
    (folder / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    empty = {str(path.relative_to(ROOT / "torch_judge")): "" for path in (ROOT / "torch_judge").rglob("*.py")}
    for name, text in {**empty, **changed}.items():
        path = folder / "torch_judge" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_every_contract_is_kept() -> None:
    status, said = lint(ROOT)
    assert status == 0, said


def test_a_package_without_imports_keeps_every_contract(tmp_path: Path) -> None:
    """What the tests below break is whole before, and it is the one that is looked at, not ours."""
    write_package(tmp_path, {})
    status, said = lint(tmp_path)
    assert status == 0, said
    assert ", 0 dependencies." in said


@pytest.mark.parametrize(("broken", "changed"), WRONG.values(), ids=WRONG)
def test_an_import_against_the_rule_is_noticed(
    broken: set[str], changed: dict[str, str], tmp_path: Path
) -> None:
    write_package(tmp_path, changed)
    status, said = lint(tmp_path)
    assert status == 1, said
    assert set(re.findall(r"(?m)^(.+) BROKEN$", said)) == broken
