"""The commands of a learner's day, as they are typed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from tests.support import ROOT
from tests.support.attempts import an_attempt
from tests.support.packages import SOLUTION, STARTER, write_package
from tests.ui.cli.test_app import torch_judge
from torch_judge.learning.database import FILE
from torch_judge.learning.history import find_history
from torch_judge.model.bank import find_bank
from torch_judge.model.report import Verdict

WRONG = "def double(x, scale=2.0):\n    return x + 0\n"
KEEPER = {"TORCH_JUDGE_HOME": "/dev/null/home"}


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a bank of a NumPy problem that commands started from here find."""
    write_package(tmp_path / "bank", framework="numpy")
    (tmp_path / "bank" / "double" / "hints.md").write_text("First.\n---\nSecond.\n")
    monkeypatch.setenv("TORCH_JUDGE_BANK", str(tmp_path / "bank"))
    return tmp_path / "bank"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def solved(bank: Path) -> None:
    find_history().add(an_attempt(bank=str(bank), problem="double", verdict=Verdict.ACCEPTED, code=SOLUTION))


def attempts(bank: Path) -> int:
    return find_history().count(str(bank), "double")


# --- recording ---


def test_one_file_judged_as_text_is_kept_and_a_teachers_folder_is_not(bank: Path, work: Path) -> None:
    paths = [work / "a.py", work / "b.py"]
    for path in paths:
        path.write_text(WRONG)
    assert torch_judge("run", "double", paths[0]).returncode == 1
    assert attempts(bank) == 1
    torch_judge("run", "double", *paths)
    torch_judge("run", "double", paths[0], "--format", "json")
    torch_judge("run", "double", paths[0], "--no-record")
    torch_judge("run", "double", paths[0], TORCH_JUDGE_HOME="")
    assert attempts(bank) == 1
    torch_judge("run", "double", *paths, "--format", "json", "--record")
    assert attempts(bank) == 3


@pytest.mark.parametrize(("text", "status"), [(SOLUTION, 0), (WRONG, 1)])
def test_a_home_that_cannot_be_used_changes_neither_output_nor_status(
    bank: Path, work: Path, text: str, status: int
) -> None:
    (work / "a.py").write_text(text)
    with_home, without = (
        torch_judge("run", "double", work / "a.py", "--seed", 7, **home) for home in ({}, KEEPER)
    )
    assert (with_home.returncode, without.returncode) == (status, status)
    assert re.sub(r"\d\.\d\d s", "", with_home.stdout) == re.sub(r"\d\.\d\d s", "", without.stdout)
    assert with_home.stderr == ""
    said = (
        "torch_judge: this attempt is not kept: progress cannot be saved: /dev/null/home: Not a directory\n"
    )
    assert without.stderr == said


def test_the_untouched_starter_is_said_plainly_and_not_kept(bank: Path, work: Path) -> None:
    torch_judge("start", "double", cwd=work)
    done = torch_judge("run", "double", "double.py", cwd=work)
    assert (done.returncode, done.stderr) == (1, "")
    assert "nothing is written yet: double is still the starter" in done.stdout and "✗" not in done.stdout
    assert done.stdout.endswith("double: nothing is written yet\n") and "error\n" not in done.stdout
    assert attempts(bank) == 0
    assert "0 solved, 0 tried, 1 open" in torch_judge("status").stdout


def test_what_lies_in_a_bank_is_judged_and_never_kept(bank: Path) -> None:
    for path, status in (("solution.py", 0), ("submissions/wrong_answer/returns_x.py", 1)):
        done = torch_judge("run", "double", bank / "double" / path, "--record")
        assert (done.returncode, done.stderr) == (status, "")
    assert attempts(bank) == 0
    assert torch_judge("solution", "double").returncode == 2


# --- hints and solutions ---


def test_each_hint_is_plainer_and_after_the_last_there_are_all(bank: Path) -> None:
    said = [torch_judge("hint", "double").stdout for _ in range(4)]
    assert said[0].startswith("double: hint 1 of 2\n\nFirst.\n")
    assert "Second." in said[1] and "This is the last one. `torch-judge solution double`" in said[1]
    for each in said[2:]:
        assert "you have seen all 2 hints" in each and "1. First." in each and "2. Second." in each
    assert "First." in torch_judge("hint", "double", "--number", 1).stdout
    beyond = torch_judge("hint", "double", "--number", 3)
    assert (beyond.returncode, beyond.stderr) == (2, "torch-judge: double has hints 1 to 2, not 3\n")


def test_a_hint_is_given_where_nothing_can_be_remembered(bank: Path) -> None:
    done = torch_judge("hint", "double", **KEEPER)
    assert done.returncode == 0
    assert "First." in done.stdout and "is not remembered" in done.stdout
    assert "`torch-judge hint double --number 2` shows the second" in done.stdout.replace("\n", " ")


def test_the_solution_is_shown_once_solved_or_given_up(bank: Path) -> None:
    refused = torch_judge("solution", "double")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert (
        refused.stderr == "torch-judge: you have not solved double yet; "
        "torch-judge solution double --yes shows the solution\n"
    )
    assert "return x * scale" in torch_judge("solution", "double", "--yes").stdout
    assert "return x * scale" in torch_judge("solution", "double").stdout


def test_the_solution_of_a_solved_problem_needs_no_confirmation(bank: Path) -> None:
    solved(bank)
    assert "return x * scale" in torch_judge("solution", "double").stdout


@pytest.mark.parametrize(("typed", "shown"), [("n", False), ("y", True)])
def test_in_a_terminal_the_solution_is_asked_for(bank: Path, typed: str, shown: bool) -> None:  # noqa: FBT001 - a parameter
    child = pexpect.spawn(
        sys.executable,
        ["-m", "torch_judge", "solution", "double"],
        cwd=str(ROOT),
        encoding="utf-8",
        timeout=30,
    )
    child.expect("You have not solved double yet. Show the solution")
    child.sendline(typed)
    child.expect(pexpect.EOF)
    assert ("return x" in child.before) is shown


def test_the_other_right_ways_are_shown_once_solved(bank: Path) -> None:
    assert torch_judge("solution", "double", "--all").returncode == 2
    solved(bank)
    alone, with_all = (torch_judge("solution", "double", *options).stdout for options in ((), ("--all",)))
    right = sorted((bank / "double" / "submissions" / "accepted").glob("*.py"))
    assert right
    for path in right:
        assert path.read_text().rstrip() in with_all and path.read_text().rstrip() not in alone


def test_a_hint_fits_what_the_last_attempt_did(bank: Path, work: Path) -> None:
    (bank / "double" / "hints.md").write_text("First.\n---\nfits: returns_x\nSecond.\n")
    (work / "a.py").write_text(WRONG)
    torch_judge("run", "double", work / "a.py")
    said = torch_judge("hint", "double").stdout
    assert said.startswith("double: hint 2 of 2, which fits what your last attempt did\n\nSecond.\n")
    assert "First." in torch_judge("hint", "double").stdout


# --- files ---


def test_start_writes_a_starter_and_an_example_and_never_writes_over_anything(bank: Path, work: Path) -> None:
    done = torch_judge("start", "double", cwd=work)
    assert (done.returncode, done.stdout) == (
        0,
        "double.py: written; torch-judge watch double.py judges it whenever you save it\n",
    )
    text = (work / "double.py").read_text()
    assert text.startswith("# 1. Double (easy): write double.\n#\n") and STARTER in text
    assert text.endswith('if __name__ == "__main__":\n    print(double)\n')
    (work / "double.py").write_text(WRONG)
    again = torch_judge("start", "double", cwd=work)
    assert again.returncode == 2
    assert (
        "double.py is there already, and is left as it is; torch-judge watch double.py judges it; "
        "torch-judge reset double puts a starter back and keeps it" in again.stderr
    )
    assert (work / "double.py").read_text() == WRONG
    (work / "away").mkdir()
    (work / "away" / "double.py").symlink_to(work / "nowhere.py")
    assert torch_judge("start", "double", "--into", work / "away").returncode == 2
    assert not (work / "nowhere.py").exists()


def test_start_writes_a_notebook_that_is_judged_as_not_accepted(bank: Path, work: Path) -> None:
    said = torch_judge("start", "double", "--notebook", "--into", work / "new").stdout
    path = work / "new" / "01_double.ipynb"
    assert said == f"{path}: written; torch-judge watch {path} judges it whenever you save it\n"
    judged = torch_judge("run", "double", work / "new" / "01_double.ipynb")
    assert judged.returncode == 1 and "NotImplementedError" in judged.stdout
    assert torch_judge("start", "double", "--notebook", "--into", work / "new").returncode == 2


def test_reset_keeps_every_old_answer_under_a_free_name(bank: Path, work: Path) -> None:
    assert torch_judge("reset", "double", cwd=work).stdout == "double.py: the starter, as it was given\n"
    for number in (1, 2, 4):
        (work / "double.py").write_text(f"# {number}\n")
        (work / "double.3.py").write_text("# mine\n")
        done = torch_judge("reset", "double", cwd=work)
        assert done.stdout == f"double.py: the starter; what you have written is kept as double.{number}.py\n"
        assert (work / f"double.{number}.py").read_text() == f"# {number}\n"
        assert STARTER in (work / "double.py").read_text()
    assert (work / "double.3.py").read_text() == "# mine\n"
    assert torch_judge("reset", "double", cwd=work).stdout == "double.py: the starter, as it was given\n"
    assert len(list(work.iterdir())) == 5


def test_a_folder_that_cannot_be_written_is_one_sentence(bank: Path) -> None:
    for command in ("start", "reset"):
        done = torch_judge(command, "double", "--into", "/proc/nowhere")
        assert done.returncode == 2
        assert re.fullmatch(
            r"torch-judge: /proc/nowhere/double\.py cannot be [^\n]+: [^\n]+\n", done.stderr
        ), done.stderr


def test_start_without_a_problem_takes_the_next_one(bank: Path, work: Path) -> None:
    assert torch_judge("start", cwd=work).stdout.startswith("double.py: written")
    solved(bank)
    done = torch_judge("start", cwd=work)
    assert (done.returncode, done.stderr) == (
        2,
        "torch-judge: every problem is solved; name one to go back to\n",
    )


def test_a_number_is_accepted_wherever_a_name_is(bank: Path, work: Path) -> None:
    for command in ("show", "start", "hint", "history", "reset"):
        by_name, by_number = (
            torch_judge(command, name, cwd=work / folder)
            for name, folder in (("double", "a"), ("1", "b"))
            if (work / folder).mkdir(exist_ok=True) is None
        )
        if command != "hint":
            assert (by_name.returncode, by_name.stdout) == (0, by_number.stdout)
        assert by_number.returncode == 0
    assert torch_judge("run", 1, work / "b" / "double.py").returncode == 1


# --- status, next, history ---


def test_status_and_next_say_where_a_learner_stands(bank: Path) -> None:
    assert torch_judge("next").stdout == "double: Double (easy); torch-judge start double\n"
    before = torch_judge("status")
    assert before.returncode == 0 and "0 solved, 0 tried, 1 open" in before.stdout
    assert "`torch-judge start double` gives you its starter." in before.stdout
    solved(bank)
    assert "1 solved, 0 tried, 0 open" in torch_judge("status").stdout
    assert torch_judge("next").stdout == "every problem is solved\n"


def test_the_history_shows_old_code_again(bank: Path, work: Path) -> None:
    assert torch_judge("history", "double").stdout == "No attempt at double is kept.\n"
    for text in (WRONG, SOLUTION):
        (work / "double.py").write_text(text)
        torch_judge("run", "double", work / "double.py", "--seed", 5)
    listed = torch_judge("history", "double").stdout.splitlines()
    assert listed[0] == "double: 2 attempts"
    assert listed[3].startswith("2 ") and "accepted" in listed[3] and "1 of 1" in listed[3]
    assert "returns x" in listed[4]
    assert "def double" in torch_judge("history", "double", 1).stdout
    assert torch_judge("history", "double", 1, "--code").stdout == WRONG
    assert len(torch_judge("history", "double", "--most", 1).stdout.splitlines()) == 6
    unknown = torch_judge("history", "double", 3)
    assert (unknown.returncode, unknown.stderr) == (
        2,
        "torch-judge: no attempt 3 at double; there are 1 to 2\n",
    )
    assert torch_judge("history", "double", "--code").returncode == 2


def test_an_unknown_name_is_wrong_usage_with_a_suggestion(bank: Path, work: Path) -> None:
    for command in ("hint", "solution", "history", "reset", "start"):
        done = torch_judge(command, "duble", cwd=work)
        assert (done.returncode, done.stderr) == (
            2,
            "torch-judge: no problem 'duble'; did you mean 'double'?\n",
        )
    assert list(work.iterdir()) == []


def test_a_history_that_cannot_be_read_is_one_sentence(bank: Path, home: Path) -> None:
    home.mkdir()
    (home / FILE).mkdir()
    for command in ("status", "next"):
        done = torch_judge(command)
        assert done.returncode == 3
        assert re.fullmatch(r"torch-judge: progress cannot be read: [^\n]+\n", done.stderr), done.stderr


# --- export and import ---


def test_a_history_travels_in_one_file(bank: Path, work: Path, tmp_path: Path) -> None:
    solved(bank)
    assert torch_judge("export", work / "mine.jsonl").stdout == f"{work}/mine.jsonl: 1 attempts written\n"
    elsewhere = {"TORCH_JUDGE_HOME": str(tmp_path / "elsewhere")}
    taken = torch_judge("import", work / "mine.jsonl", **elsewhere)
    assert taken.stdout == f"{work}/mine.jsonl: 1 attempts taken in, 0 were here already\n"
    assert "1 solved" in torch_judge("status", **elsewhere).stdout
    assert (
        "0 attempts taken in, 1 were here already"
        in torch_judge("import", work / "mine.jsonl", **elsewhere).stdout
    )
    (work / "mine.jsonl").write_text("x")
    spoiled = torch_judge("import", work / "mine.jsonl", **elsewhere)
    assert spoiled.returncode == 2 and spoiled.stderr.startswith(f"torch-judge: {work}/mine.jsonl, line 1: ")
    missing = torch_judge("import", work / "nowhere")
    assert (missing.returncode, missing.stderr) == (2, f"torch-judge: {work}/nowhere: no such file\n")
    unwritable = torch_judge("import", work / "mine.jsonl", **KEEPER)
    assert unwritable.returncode == 3


# --- completion ---


def completed(shell_words: str, cursor: int, **environment: str) -> list[str]:
    values = {
        "_TORCH_JUDGE_COMPLETE": "bash_complete",
        "COMP_WORDS": shell_words,
        "COMP_CWORD": str(cursor),
        **environment,
    }
    script = "import sys; from torch_judge.ui.cli.app import main; main(prog_name='torch-judge')"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, **values},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return [line.partition(",")[2] for line in done.stdout.split()]


def test_commands_and_problems_are_completed(bank: Path) -> None:
    for command in ("run", "show", "hint", "solution", "history", "reset", "start", "template", "verify"):
        assert completed(f"torch-judge {command} do", 2) == ["double"]
        assert completed(f"torch-judge {command} x", 2) == []
    assert completed("torch-judge watch x.py --problem d", 4) == ["double"]
    assert completed("torch-judge hi", 1) == ["hint", "history"]
    assert completed(f"torch-judge hint --bank {find_bank(ROOT / 'problems').folder} lay", 4) == ["layernorm"]
    assert completed("torch-judge hint d", 2, TORCH_JUDGE_BANK="/nowhere") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell_asks_for_completions(shell: str) -> None:
    script = torch_judge("completion", shell)
    assert script.returncode == 0
    assert "_TORCH_JUDGE_COMPLETE" in script.stdout and "torch-judge" in script.stdout
    assert torch_judge("completion", "tcsh").returncode == 2


def test_bash_completes_a_problem_when_tab_is_pressed(bank: Path, work: Path) -> None:
    program = work / "torch-judge"
    program.write_text(
        f"#!{sys.executable}\nfrom torch_judge.ui.cli.app import main\nmain(prog_name='torch-judge')\n"
    )
    program.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{work}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "TERM": "dumb",
    }
    child = pexpect.spawn(
        "/bin/bash", ["--norc", "--noprofile"], env=environment, encoding="utf-8", timeout=30
    )
    child.sendline("PS1='ready> '; eval \"$(torch-judge completion bash)\"; complete -p torch-judge")
    child.expect("complete -o nosort -F")
    child.expect("ready> ")
    child.send("torch-judge hint dou\t")
    child.expect("hint double")
    child.close(force=True)


LIGHT = ("status", "next", "hint double", "history double", "solution double --yes", "completion bash")


@pytest.mark.parametrize("command", LIGHT)
def test_the_daily_commands_load_nothing_that_is_slow(bank: Path, command: str) -> None:
    script = (
        "import sys\nfrom torch_judge.ui.cli.app import main\n"
        f"try: main({command.split()!r})\nexcept SystemExit as end: assert end.code in (0, None), end.code\n"
        "slow = {'torch', 'numpy', 'nbformat', 'rich', 'watchfiles', 'hypothesis'}\n"
        "print(slow & set(sys.modules) or 'nothing')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "nothing"


def test_in_a_terminal_an_accepted_answer_opens_a_door_and_the_status_has_colours(
    bank: Path, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("TERM", "xterm-256color")
    (work / "double.py").write_text(SOLUTION)
    shown = []
    for arguments in (["run", "double", "double.py"], ["status"]):
        child = pexpect.spawn(
            sys.executable,
            ["-m", "torch_judge", *arguments],
            cwd=str(work),
            encoding="utf-8",
            timeout=60,
            dimensions=(50, 100),
        )
        child.expect(pexpect.EOF)
        shown.append(child.before)
    assert "Solved on attempt 1, with no hint. 1 of 1 problems solved." in shown[0]
    assert "torch-judge solution double" in shown[0]
    assert shown[0].index("accepted") < shown[0].index("Solved on attempt 1")
    assert re.search(r"\x1b\[32m✓  1 +double", shown[1])
