"""The package's folder is ours alone: another distribution of the same name installs into it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import torch_judge
from tests.support import ROOT


def import_with(folder: Path, *foreign: str) -> str:
    """Import a copy of the package with other files in its folder; return what was said."""
    package = folder / "torch_judge"
    shutil.copytree(
        ROOT / "torch_judge",
        package,
        ignore=shutil.ignore_patterns("__pycache__", "problems"),
        dirs_exist_ok=True,
    )
    for name in foreign:
        (package / name).parent.mkdir(exist_ok=True)
        (package / name).write_text("")
    command = [
        sys.executable,
        "-I",
        "-c",
        f"import sys; sys.path.insert(0, {str(folder)!r}); import torch_judge",
    ]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder).stderr


def test_files_of_another_distribution_are_named(tmp_path: Path) -> None:
    said = import_with(tmp_path, "engine.py", "tasks/__init__.py")
    assert f"engine.py, tasks in {tmp_path / 'torch_judge'}: not of this torch_judge" in said
    assert 'uninstall both and install "torch-judge>=2.0" again' in said


@pytest.mark.parametrize("name", ["py.typed", "notes.txt", ".hidden/file", "__pycache__/x.py"])
def test_of_what_is_no_module_nothing_is_said(tmp_path: Path, name: str) -> None:
    assert import_with(tmp_path, name) == ""


def test_every_room_is_known() -> None:
    assert torch_judge._find_foreign_files() == []


def test_no_text_names_this_package_without_the_release_that_only_we_have() -> None:
    texts = [*ROOT.glob("torch_judge/**/*.py"), *ROOT.glob("templates/*.ipynb"), ROOT / "README.md"]
    for path in texts:
        for line in path.read_text(encoding="utf-8").splitlines():
            if "pip install" in line and "torch-judge" in line:
                assert "]>=2.0" in line or "torch-judge>=2.0" in line or "{REQUIREMENT}" in line, (path, line)
