"""The zip for Gradescope holds what grades there, and nothing else; its scripts are such."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.support.classes import write_files, write_two_problems
from tests.support.packages import SOLUTION
from torch_judge.grading.classroom.autograder import (
    Config,
    read_autograder,
    take_in_submission,
    write_autograder,
)
from torch_judge.grading.classroom.points import Scheme
from torch_judge.model.bank import find_bank
from torch_judge.model.errors import UsageError
from torch_judge.model.problem import Problem
from torch_judge.model.version import __version__


def make_config(**facts: object) -> Config:
    known = {"problems": ("double",), "scheme": Scheme.CASES, "weights": {}, "total": 10.0, "seed": 7}
    return Config(**{**known, "visibility": "visible", "counterexample": True, **facts})  # type: ignore[arg-type]


@pytest.fixture
def problem(tmp_path: Path) -> Problem:
    return find_bank(write_two_problems(tmp_path / "bank")).load("double")


def unpack(path: Path, root: Path) -> Path:
    with zipfile.ZipFile(path) as archive:
        archive.extractall(root / "source")
        for member in archive.infolist():
            (root / "source" / member.filename).chmod(member.external_attr >> 16 & 0o777)
    return root


def test_the_zip_holds_scripts_that_run_the_problem_and_no_other(tmp_path: Path, problem: Problem) -> None:
    (problem.folder / "__pycache__").mkdir()
    (problem.folder / "__pycache__" / "x.pyc").touch()
    (problem.folder / ".hidden").touch()
    write_autograder(tmp_path / "a.zip", [problem], make_config())
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        modes = {each.filename: each.external_attr >> 16 & 0o777 for each in archive.infolist()}
    assert [name for name, mode in modes.items() if mode == 0o755] == ["setup.sh", "run_autograder"]
    assert {name for name in modes if "/" not in name} == {"setup.sh", "run_autograder", "autograder.json"}
    assert "bank/double/solution.py" in modes
    assert not [name for name in modes if "triple" in name or "pycache" in name or ".hidden" in name]
    config, problems = read_autograder(unpack(tmp_path / "a.zip", tmp_path / "root"))
    assert config == make_config() and [each.slug for each in problems] == ["double"]


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        ({}, f"pip install --no-cache-dir torch-judge=={__version__}\n"),
        (
            {"pip_options": "--index-url 'a b'"},
            f"--no-cache-dir --index-url 'a b' torch-judge=={__version__}\n",
        ),
        ({"wheel": Path("w $x.whl")}, """--no-cache-dir "$root/source/"'w $x.whl'\n"""),
    ],
)
def test_what_is_installed_there(
    tmp_path: Path, problem: Problem, facts: dict[str, object], line: str
) -> None:
    if "wheel" in facts:
        facts = {"wheel": tmp_path / "w $x.whl"}
        (tmp_path / "w $x.whl").write_bytes(b"wheel")
    write_autograder(tmp_path / "a.zip", [problem], make_config(), **facts)  # type: ignore[arg-type]
    root = unpack(tmp_path / "a.zip", tmp_path / "root")
    assert (root / "source" / "setup.sh").read_text().endswith(line)
    for script in ("setup.sh", "run_autograder"):
        subprocess.run(["bash", "-n", str(root / "source" / script)], check=True)


def test_options_that_do_not_end_are_said(tmp_path: Path, problem: Problem) -> None:
    with pytest.raises(UsageError, match="--pip-options"):
        write_autograder(tmp_path / "a.zip", [problem], make_config(), pip_options="'")


@pytest.mark.parametrize("text", ["{}", "[", '{"more": 1}'])
def test_a_configuration_that_is_none_is_said(tmp_path: Path, text: str) -> None:
    write_files(tmp_path / "source", {"autograder.json": text})
    with pytest.raises(UsageError, match=r"autograder\.json: "):
        read_autograder(tmp_path)


def test_all_files_that_were_handed_in_are_one_submission(tmp_path: Path, problem: Problem) -> None:
    write_files(tmp_path / "submission", {"src/hw.py": SOLUTION, "b.py": "x = 1\n"})
    (work,) = take_in_submission(tmp_path, [problem])
    assert work.file == "src/hw.py"
