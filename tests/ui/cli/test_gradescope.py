"""`torch-judge gradescope`: what it writes is run, in a folder that stands for Gradescope's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.support.classes import IGNORES_SCALE, notebook, write_files, write_two_problems
from tests.support.commands import torch_judge
from tests.support.packages import SOLUTION


def set_up(bank: Path, root: Path, *arguments: object) -> None:
    """Write an autograder and unpack it, as Gradescope does."""
    archive = root.parent / "autograder.zip"
    done = torch_judge("gradescope", *arguments, "-o", archive, "--seed", 7, "--bank", bank)
    assert done.returncode == 0, done.stderr
    assert "in all; seed 7" in done.stdout
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(root / "source")


def run_autograder(root: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the script that Gradescope runs for each submission."""
    known = {"AUTOGRADER_ROOT": str(root), "AUTOGRADER_PYTHON": sys.executable, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        ["bash", str(root / "source" / "run_autograder")],
        env={**os.environ, **known, **environment},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return write_two_problems(tmp_path / "bank")


def test_the_script_judges_what_was_handed_in(bank: Path, tmp_path: Path) -> None:
    root = tmp_path / "autograder"
    set_up(bank, root, "double", "triple", "--weight", "double=3", "--total", 12, "--visibility", "hidden")
    files = {"submission/hw.ipynb": notebook(IGNORES_SCALE), "submission_metadata.json": '{"id": 1}'}
    write_files(root, files)
    done = run_autograder(root)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "double: wrong answer 1 of 3\ntriple: missing\n"
    results = json.loads((root / "results" / "results.json").read_text())
    assert results["score"] == 3 and results["extra_data"]["seed"] == 7
    problem = results["tests"][0]
    assert (problem["score"], problem["max_score"], problem["visibility"]) == (3, 9, "hidden")
    assert "with this mistake: ignores scale" in problem["output"]
    assert [test["name"] for test in results["tests"][1:4]] == [
        *("doubles by default", "uses the scale it is given", "lets gradients flow"),
    ]


def test_where_the_judge_fails_there_are_no_results_and_the_staff_is_told(bank: Path, tmp_path: Path) -> None:
    root = tmp_path / "autograder"
    set_up(bank, root, "double")
    (root / "source" / "bank" / "double" / "cases.py").write_text("raise ValueError('broken')\n")
    write_files(root, {"submission/hw.py": SOLUTION})
    done = run_autograder(root)
    assert done.returncode == 3 and "double: judge error" in done.stdout and "broken" in done.stdout
    assert not (root / "results").exists()


def test_what_is_required_of_the_sandbox_holds_there_too(bank: Path, tmp_path: Path) -> None:
    set_up(bank, tmp_path / "autograder", "double", "--require-isolation", "sandbox")
    script = (tmp_path / "autograder" / "source" / "run_autograder").read_text()
    assert "export TORCH_JUDGE_REQUIRE_ISOLATION=sandbox\n" in script


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("doubel",), "did you mean 'double'"),
        (("double", "--weight", "triple=2"), "not among what is graded: double"),
        (("double", "--require-isolation", "much"), "no isolation level 'much'"),
        (("double", "--wheel", "README.md"), "is no wheel"),
        (("double", "--pip-options", "'"), "--pip-options"),
    ],
)
def test_what_cannot_be_written_is_said(
    bank: Path, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = torch_judge("gradescope", *arguments, "-o", tmp_path / "a.zip", "--bank", bank)
    assert done.returncode == 2 and said in done.stderr
    assert not (tmp_path / "a.zip").exists()


def test_the_command_that_it_runs_is_not_for_people(tmp_path: Path) -> None:
    assert "autograde " not in torch_judge("--help").stdout
    done = torch_judge("autograde", tmp_path)
    assert done.returncode == 2 and "autograder.json: cannot be read" in done.stderr
