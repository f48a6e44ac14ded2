"""How commands end: the exit status for each kind of error, and one sentence that says what to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.support.commands import answer, torch_judge
from tests.support.packages import SOLUTION, write_package
from torch_judge.model.errors import BankError, ProgressError, UsageError
from torch_judge.ui.cli.exits import complain, exits


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    write_package(tmp_path / "bank")
    return tmp_path / "bank"


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (UsageError("no such file"), 2, "torch-judge: no such file\n"),
        (BankError("no such bank"), 3, "torch-judge: no such bank\n"),
        (ProgressError("damaged"), 3, "torch-judge: damaged\n"),
        (KeyboardInterrupt(), 130, "torch-judge: interrupted\n"),
    ],
    ids=["usage", "bank", "history", "interrupt"],
)
def test_an_error_is_a_sentence_and_its_own_exit_status(
    capsys: pytest.CaptureFixture[str], error: BaseException, status: int, sentence: str
) -> None:
    @exits
    def fail() -> int:
        raise error

    with pytest.raises(SystemExit) as ended:
        fail()
    assert ended.value.code == status
    assert capsys.readouterr() == ("", sentence)


@pytest.mark.parametrize("status", [0, 1, 3])
def test_what_a_command_returns_is_its_exit_status(status: int) -> None:
    with pytest.raises(SystemExit) as ended:
        exits(lambda: status)()
    assert ended.value.code == status


def test_a_bug_of_ours_is_no_sentence_but_comes_through() -> None:
    @exits
    def fail() -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()


def test_a_complaint_goes_to_stderr_and_ends(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        complain("what is wrong", 2)
    assert ended.value.code == 2
    assert capsys.readouterr() == ("", "torch-judge: what is wrong\n")


def test_wrong_usage_exits_with_2_and_a_sentence(bank: Path, tmp_path: Path) -> None:
    path = answer(tmp_path, SOLUTION)
    unknown = torch_judge("run", "doubel", path, "--bank", bank)
    assert (unknown.returncode, unknown.stderr) == (
        2,
        "torch-judge: no problem 'doubel'; did you mean 'double'?\n",
    )
    missing = torch_judge("run", "double", tmp_path / "nowhere.py", "--bank", bank)
    assert (missing.returncode, missing.stderr, missing.stdout) == (
        2,
        f"torch-judge: {tmp_path}/nowhere.py: no such file\n",
        "",
    )
    (tmp_path / "empty").mkdir()
    folder = torch_judge("run", "double", tmp_path / "empty", "--bank", bank)
    assert (folder.returncode, folder.stderr) == (
        2,
        f"torch-judge: {tmp_path}/empty: holds no .py and no .ipynb file\n",
    )
    assert torch_judge("run", "double", "--bank", bank).returncode == 2
    assert torch_judge("run", "../double", path, "--bank", bank).returncode == 2
    assert torch_judge("nonsense").returncode == 2
    assert torch_judge("run", "double", path, "--seed", "-1", "--bank", bank).returncode == 2


def test_a_missing_or_broken_bank_exits_with_3_and_names_file_and_line(bank: Path, tmp_path: Path) -> None:
    path = answer(tmp_path, SOLUTION)
    missing = torch_judge("run", "double", path, "--bank", tmp_path / "nowhere")
    assert (missing.returncode, missing.stderr) == (
        3,
        f"torch-judge: {tmp_path}/nowhere: no such bank folder\n",
    )
    empty = torch_judge("list", "--bank", tmp_path)
    assert empty.returncode == 3
    toml = bank / "double" / "problem.toml"
    text = toml.read_text()
    toml.write_text(text.replace("difficulty", "dificulty"))
    assert torch_judge("run", "double", path, "--bank", bank).returncode == 3
    toml.write_text(text + "colour = 1\n")
    unknown = torch_judge("run", "double", path, "--bank", bank)
    assert (unknown.returncode, unknown.stderr) == (
        3,
        f"torch-judge: {toml}:13: limits.colour is no key of problem.toml\n",
    )
    toml.write_text(text)
    (bank / "double" / "cases.py").write_text("import torch\n\nbroken = (\n")
    broken = torch_judge("run", "double", path, "--bank", bank)
    assert broken.returncode == 3
    assert f"{bank}/double/cases.py:3: " in broken.stdout


def test_a_closed_pipe_is_no_error(bank: Path) -> None:
    command = f"{sys.executable} -m torch_judge list --bank {bank} | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
