"""The learner's history: nothing that was reported as saved is lost, and nothing that goes wrong changes a verdict."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.support.attempts import an_attempt
from tests.support.packages import SOLUTION, write_package
from torch_judge.learning.archive import read_archive, write_archive
from torch_judge.learning.attempt import Attempt, attempt_at, bank_version, code_of
from torch_judge.learning.hints import Place, next_problem
from torch_judge.learning.history import FILE, Coaching, History, Standing, find_progress, record
from torch_judge.learning.standing import Streak, dashboard_sheet, history_sheet, streak_of, survey
from torch_judge.model.bank import find_bank
from torch_judge.model.errors import ProgressError, UsageError
from torch_judge.model.problem import Problem
from torch_judge.model.report import CaseResult, Diagnosis, Report, Verdict
from torch_judge.model.submission import Submission, from_path, from_source

ADDING = [sys.executable, "-m", "tests.support.attempts"]


@pytest.fixture
def problem(tmp_path: Path) -> Problem:
    write_package(tmp_path / "bank")
    return find_bank(tmp_path / "bank").load("double")


@pytest.fixture
def progress(home: Path) -> History:
    return find_progress()


def kept(progress: History, problem: str = "batchnorm", bank: str = "torch_judge") -> list[Attempt]:
    return [each.attempt for each in reversed(progress.latest(bank, problem, most=1_000_000))]


def a_report(verdict: Verdict = Verdict.ACCEPTED, **changes: object) -> Report:
    cases = (CaseResult("a", "a", Verdict.ACCEPTED, seconds=0.25), CaseResult("b", "b", verdict, seconds=0.5))
    return replace(Report("double", "answer.py", verdict, 7, 3.0, cases, ()), **changes)


# --- what is kept ---


def test_an_attempt_is_kept_with_all_that_is_known_of_it(problem: Problem, progress: History) -> None:
    report = a_report(Verdict.WRONG_ANSWER, diagnosis=Diagnosis("adds", "Adds."))
    assert record(problem, from_source(SOLUTION, name="answer.py"), report) == ""
    (attempt,) = kept(progress, "double", str(problem.folder.parent))
    assert (attempt.verdict, attempt.failed, attempt.cases) == (Verdict.WRONG_ANSWER, ("b",), 2)
    assert (attempt.diagnosis, attempt.seed, attempt.seconds) == ("adds", 7, 0.75)
    assert (attempt.code, attempt.source, attempt.judge_version) == (SOLUTION, "answer.py", "1.0.0")
    assert attempt.bank_version == bank_version(problem)
    assert abs(attempt.at - time.time()) < 60
    assert attempt.day == date.today().isoformat()  # noqa: DTZ011 - the learner's own date


def test_the_bank_version_changes_with_what_decides_and_with_nothing_else(problem: Problem) -> None:
    before = bank_version(problem)
    (problem.folder / "notes.txt").write_text("new")
    assert bank_version(problem) == before
    (problem.folder / "cases.py").write_text(problem.read_cases() + "\n")
    assert bank_version(problem) != before


def test_the_code_of_several_cells_and_of_helpers_is_kept_under_their_names(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("ONE = 1\n")
    (tmp_path / "answer.py").write_text("import helper\n")
    assert code_of(from_path(tmp_path / "answer.py")) == "# answer.py\nimport helper\n\n# helper.py\nONE = 1"


def test_words_that_no_file_can_hold_are_kept_as_escapes(problem: Problem, progress: History) -> None:
    record(problem, Submission("\ud800.py", from_source("x = '\ud800'").cells), a_report(seed=2**80))
    (attempt,) = kept(progress, "double", str(problem.folder.parent))
    assert (attempt.source, attempt.code, attempt.seed) == ("\\ud800.py", "x = '\\ud800'", None)


def test_banks_do_not_mix(progress: History, problem: Problem) -> None:
    progress.add(an_attempt(verdict=Verdict.ACCEPTED))
    progress.add(an_attempt(bank=str(problem.folder.parent), problem="double"))
    assert progress.standings("torch_judge") == {"batchnorm": Standing("batchnorm", 1, 1, 0.25)}
    assert list(progress.standings(str(problem.folder.parent))) == ["double"]
    assert attempt_at(problem, from_source(""), a_report()).bank == str(problem.folder.parent)
    own = find_bank(ROOT / "problems").load("batchnorm")
    assert attempt_at(own, from_source(""), a_report()).bank == "torch_judge"


def test_a_judge_error_is_kept_but_counts_as_no_attempt(progress: History) -> None:
    progress.add(an_attempt(verdict=Verdict.JUDGE_ERROR))
    progress.add(an_attempt(verdict=None))
    assert progress.standings("torch_judge") == {}
    assert len(kept(progress)) == 2


def test_without_a_home_nothing_is_kept_and_nothing_is_said(
    problem: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_JUDGE_HOME", "")
    assert record(problem, from_source(SOLUTION), a_report()) == ""
    assert find_progress().standings("torch_judge") == {}
    with pytest.raises(ProgressError, match="TORCH_JUDGE_HOME is set and empty"):
        find_progress().give_up("torch_judge", "batchnorm")


def test_the_home_is_the_users_data_folder_unless_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("TORCH_JUDGE_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert find_progress().path.name == FILE
    if sys.platform == "linux":
        assert find_progress().path == tmp_path / "torch_judge" / FILE


def test_reading_writes_nothing(progress: History, home: Path) -> None:
    assert progress.standings("torch_judge") == {}
    assert progress.days("torch_judge") == ()
    assert progress.coaching("torch_judge", "batchnorm") == Coaching("torch_judge", "batchnorm")
    assert not home.exists()


# --- many at once, and a kill ---


def test_ten_processes_at_once_lose_nothing(home: Path) -> None:
    command = [*ADDING, "20"]
    processes = [
        subprocess.Popen([*command, str(n)], cwd=ROOT, stdout=subprocess.PIPE, text=True) for n in range(10)
    ]
    told = [line for process in processes for line in process.communicate(timeout=120)[0].split()]
    assert all(process.returncode == 0 for process in processes)
    assert len(told) == 200
    assert {each.id for each in kept(find_progress())} == set(told)


def test_what_was_reported_before_a_kill_is_there_after_it(home: Path) -> None:
    told: list[str] = []
    for patience in (0.0, 0.003, 0.011, 0.05):
        with subprocess.Popen(
            [*ADDING, "100000", "k"], cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            told.append(process.stdout.readline().strip())
            time.sleep(patience)
            process.send_signal(signal.SIGKILL)
            told += [line for line in process.stdout.read().split("\n")[:-1] if len(line) == 32]
    progress = find_progress()
    assert set(told) <= {each.id for each in kept(progress)}
    assert progress.notices == []


# --- a home that cannot be used ---


def test_a_full_disk_is_one_sentence_and_loses_nothing(problem: Problem, progress: History) -> None:
    progress.add(an_attempt())
    script = (
        "import resource, sys\nfrom pathlib import Path\nfrom tests.learning.test_history import *\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (49152, 49152))\n"
        "problem = find_bank(sys.argv[1]).load('double')\n"
        "code = ''.join(chr(33 + byte % 90) for byte in os.urandom(300_000))\n"
        "said = [record(problem, from_source(code), a_report()) for _ in range(3)]\n"
        "assert all(said), said\nprint(said[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(problem.folder.parent)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("torch_judge: this attempt is not kept: progress cannot be saved: ")
    assert "full" in done.stdout
    assert len(kept(progress)) == 1
    assert progress.notices == []
    assert record(problem, from_source(SOLUTION), a_report()) == ""


def test_a_home_that_cannot_be_made_is_one_sentence(
    problem: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_JUDGE_HOME", "/dev/null/home")
    said = record(problem, from_source(SOLUTION), a_report())
    assert (
        said
        == "torch_judge: this attempt is not kept: progress cannot be saved: /dev/null/home: Not a directory"
    )


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="a system without users")
def test_a_home_that_may_not_be_written_is_still_read(
    progress: History, home: Path, problem: Problem
) -> None:
    progress.add(an_attempt(verdict=Verdict.ACCEPTED))
    script = (
        "import encodings.idna\nfrom tests.learning.test_history import *\n"
        f"problem = find_bank({str(problem.folder.parent)!r}).load('double')\n"
        "bank_version(problem)\n"
        "if os.geteuid() == 0: os.setegid(65534); os.seteuid(65534)\n"
        "progress = find_progress()\n"
        "print(progress.standings('torch_judge')['batchnorm'].accepted)\nprint(len(kept(progress)))\n"
        "try: progress.add(an_attempt())\nexcept ProgressError as error: print(error)"
    )
    for folder in (each for each in (home, *home.parents) if Path(tempfile.gettempdir()) in each.parents):
        folder.chmod(0o755)
    for path in home.iterdir():
        path.chmod(0o444)
    home.chmod(0o555)
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    home.chmod(0o755)
    assert done.returncode == 0, done.stderr
    first, second, said = done.stdout.splitlines()
    assert (first, second) == ("1", "1")
    assert said.startswith(f"progress cannot be saved: {home / FILE}: ")


DAMAGES: dict[str, Callable[[Path], object]] = {
    "noise": lambda path: path.write_bytes(os.urandom(20_000)),
    "another text": lambda path: path.write_text("Dear diary\n" * 100),
    "a header of zeros": lambda path: overwrite(path, 0, bytes(100)),
    "cut in the middle": lambda path: os.truncate(path, path.stat().st_size // 2),
    "zeros in the middle": lambda path: overwrite(path, path.stat().st_size // 2, bytes(8192)),
    "another program's": lambda path: (
        path.unlink(),
        sqlite3.connect(path).executescript("CREATE TABLE notes (x)"),
    ),
}


def overwrite(path: Path, offset: int, raw: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(raw)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_file_is_set_aside_and_a_new_history_begins(
    damage: Callable[[Path], object], progress: History, problem: Problem
) -> None:
    for number in range(60):
        progress.add(an_attempt(code="".join(chr(33 + byte % 90) for byte in os.urandom(700)), seed=number))
    damage(progress.path)
    said = ""
    for _ in range(3):
        said += record(problem, from_source(SOLUTION), a_report())
    everything = find_progress()
    assert len(kept(everything, "double", str(problem.folder.parent))) == 3
    survivors = kept(everything)  # reading may find what writing has not touched
    aside = list(progress.path.parent.glob("damaged-*.sqlite3"))
    assert len(aside) == 1
    (notice,) = filter(None, [said, *everything.notices])
    assert f"is damaged: it was set aside as {aside[0].name}, and a new history begins" in notice
    assert "\n" not in notice
    assert len({each.id for each in survivors}) == len(survivors) <= 60


def test_what_can_still_be_read_of_a_damaged_file_is_taken_over(progress: History) -> None:
    for number in range(200):
        progress.add(an_attempt(code="".join(chr(33 + byte % 90) for byte in os.urandom(2000)), seed=number))
    progress.give_up("torch_judge", "batchnorm")
    overwrite(progress.path, progress.path.stat().st_size // 2, bytes(3 * 4096))
    assert len(kept(progress)) > 150
    assert progress.coaching("torch_judge", "batchnorm").given_up
    (notice,) = progress.notices
    assert "attempts that could still be read" in notice


def test_ten_processes_that_meet_a_damaged_file_set_it_aside_once(progress: History, home: Path) -> None:
    progress.add(an_attempt())
    overwrite(progress.path, 0, bytes(4096))
    command = [*ADDING, "3"]
    processes = [
        subprocess.Popen([*command, str(n)], cwd=ROOT, stdout=subprocess.PIPE, text=True) for n in range(10)
    ]
    told = [line for process in processes for line in process.communicate(timeout=120)[0].split()]
    assert len(told) == 30
    assert set(told) <= {each.id for each in kept(find_progress())}
    assert len(list(home.glob("damaged-*.sqlite3"))) == 1


def test_a_history_of_a_newer_torch_judge_is_left_alone(progress: History, problem: Problem) -> None:
    progress.add(an_attempt())
    connection = sqlite3.connect(progress.path)
    connection.execute("PRAGMA user_version = 2")
    connection.close()
    before = progress.path.read_bytes()
    said = record(problem, from_source(SOLUTION), a_report())
    assert "was written by a newer torch_judge (format 2, this one knows 1): upgrade torch-judge" in said
    with pytest.raises(ProgressError, match="newer torch_judge"):
        progress.standings("torch_judge")
    assert progress.path.read_bytes() == before


# --- one file that travels ---


def test_what_was_exported_is_taken_in_elsewhere_once(progress: History, tmp_path: Path) -> None:
    mine = [
        an_attempt(code="\x00 ü \u2028 \n"),
        an_attempt(verdict=None, seed=None, failed=()),
        an_attempt(bank="/b", problem="x"),
    ]
    for each in mine:
        progress.add(each)
    progress.take_hint("torch_judge", "batchnorm", 6)
    assert write_archive(progress, tmp_path / "mine.jsonl") == 3
    other = History(tmp_path / "other")
    other.add(mine[0])
    other.give_up("torch_judge", "batchnorm")
    assert read_archive(other, tmp_path / "mine.jsonl").added == 2
    again = read_archive(other, tmp_path / "mine.jsonl")
    assert (again.added, again.known) == (0, 3)
    assert sorted(kept(other), key=lambda each: each.id) == sorted(mine[:2], key=lambda each: each.id)
    assert other.coaching("torch_judge", "batchnorm") == Coaching(
        "torch_judge", "batchnorm", 1, given_up=True
    )


def test_others_keep_their_attempts_while_a_history_is_taken_in(progress: History) -> None:
    progress.add(an_attempt())
    other = find_progress()

    def read() -> Iterator[Attempt]:
        yield an_attempt()
        other.add(an_attempt())
        yield an_attempt()

    start = time.monotonic()
    assert progress.merge(read).added == 2
    assert time.monotonic() - start < 5
    assert len(kept(progress)) == 4


def test_an_export_replaces_an_older_one_and_nothing_else(progress: History, tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    write_archive(progress, path)
    progress.add(an_attempt())
    assert write_archive(progress, path) == 1
    (tmp_path / "thesis.txt").write_text("dear")
    with pytest.raises(UsageError, match="is there already and is no export"):
        write_archive(progress, tmp_path / "thesis.txt")
    assert (tmp_path / "thesis.txt").read_text() == "dear"
    with pytest.raises(UsageError, match="No such file"):
        write_archive(progress, tmp_path / "no" / "x")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["mine.jsonl", "thesis.txt"]


def change(text: str, **fields: object) -> str:
    """Change fields of the first attempt of an export, and make its last line right again."""
    lines = text.splitlines(keepends=True)
    line = json.loads(lines[1])
    line["attempt"] |= fields
    lines[1] = json.dumps(line) + "\n"
    body = "".join(lines[:-1])
    return (
        body
        + json.dumps({"lines": len(lines) - 1, "sha256": hashlib.sha256(body.encode()).hexdigest()})
        + "\n"
    )


HOSTILE: dict[str, tuple[Callable[[str], str | bytes], str]] = {
    "empty": (lambda _: "", "as if it had been cut"),
    "prose": (lambda _: "Dear teacher\n", "line 1: not a line of JSON"),
    "a list": (lambda _: "[]\n", "expected an object, found a list"),
    "another program's": (lambda _: "{}\n", "is no export of torch-judge's"),
    "newer": (
        lambda text: text.replace('"version": 1', '"version": 2', 1),
        "has version 2, this torch_judge reads version 1",
    ),
    "binary": (lambda _: os.urandom(100) + b"\n", "not a line of JSON in UTF-8"),
    "cut at a line": (lambda text: "".join(text.splitlines(keepends=True)[:-1]), "as if it had been cut"),
    "cut in a line": (lambda text: text[:-40], "as if it had been cut"),
    "a line gone": (
        lambda text: "".join(line for n, line in enumerate(text.splitlines(keepends=True)) if n != 2),
        "do not agree",
    ),
    "a letter changed": (lambda text: text.replace("wrong answer", "accepted"), "do not agree"),
    "more after the end": (lambda text: text + "{}\n", "goes on after its last line"),
    "deep": (lambda text: text.splitlines()[0] + "\n" + "[" * 200_000 + "\n", "line 2: not a line of JSON"),
    "a huge number": (
        lambda text: text.splitlines()[0] + "\n" + "9" * 20_000 + "\n",
        "line 2: not a line of JSON",
    ),
    "not a number": (lambda text: change(text, at=float("nan")), "line 2: at: expected a number from 0"),
    "an infinite time": (lambda text: change(text, seconds=1e999), "seconds: expected a number"),
    "a truth for a number": (lambda text: change(text, cases=True), "cases: expected a whole number"),
    "a seed too large": (lambda text: change(text, seed=2**64), "seed: expected a whole number"),
    "another verdict": (lambda text: change(text, verdict="perfect"), "verdict: expected one of accepted"),
    "another key": (lambda text: change(text, colour=1), "'colour' is no field of an attempt"),
    "a path for a problem": (lambda text: change(text, problem="../x"), "problem: expected a text like"),
    "half a character": (lambda text: change(text, code="\ud800"), "code: expected a text"),
    "a day that is none": (lambda text: change(text, day="2026-02-30"), "day: expected a date"),
    "names that are none": (lambda text: change(text, failed=[1]), "failed: expected a text"),
    "an id that steers": (lambda text: change(text, id="\x1b[2J"), "id: expected a text like"),
}


@pytest.mark.parametrize(("spoil", "says"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_file_that_is_not_as_it_was_written_changes_nothing(
    spoil: Callable[[str], str | bytes], says: str, progress: History, tmp_path: Path
) -> None:
    for _ in range(3):
        progress.add(an_attempt())
    write_archive(progress, tmp_path / "mine.jsonl")
    spoiled = spoil((tmp_path / "mine.jsonl").read_text(encoding="utf-8"))
    path = tmp_path / "spoiled.jsonl"
    path.write_bytes(spoiled if isinstance(spoiled, bytes) else spoiled.encode())
    other = History(tmp_path / "other")
    other.add(an_attempt(problem="mine"))
    with pytest.raises(UsageError) as caught:
        read_archive(other, path)
    assert says in str(caught.value)
    assert "nothing was taken in" in str(caught.value)
    assert str(caught.value).isprintable()
    assert list(other.standings("torch_judge")) == ["mine"]


def test_an_import_of_no_file_says_so(progress: History, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        read_archive(progress, tmp_path / "nowhere")
    with pytest.raises(UsageError, match="not a file"):
        read_archive(progress, tmp_path)


# --- hints, streaks, the dashboard ---


def test_hints_are_counted_up_to_one_past_the_last(progress: History) -> None:
    assert [progress.take_hint("b", "p", 2) for _ in range(4)] == [1, 2, 3, 3]
    assert progress.take_hint("b", "p", 4) == 3


STREAKS = {
    "none": ((), Streak(0, 0)),
    "today": (("2026-11-21",), Streak(1, 1)),
    "until yesterday": (("2026-11-19", "2026-11-20"), Streak(2, 2)),
    "broken": (("2026-11-17", "2026-11-18", "2026-11-19"), Streak(0, 3)),
    "over a month's end": (("2026-10-31", "2026-11-01", "2026-11-21"), Streak(1, 2)),
    "a clock that was ahead": (("2026-11-20", "2026-11-21", "2026-11-22", "2031-01-01"), Streak(2, 2)),
    "only days to come": (("2031-01-01",), Streak(0, 0)),
}


@pytest.mark.parametrize(("days", "streak"), STREAKS.values(), ids=STREAKS.keys())
def test_a_streak_counts_days_in_a_row_up_to_today(days: tuple[str, ...], streak: Streak) -> None:
    assert streak_of(days, date(2026, 11, 21)) == streak


def test_the_next_problem_is_the_first_open_one_and_goes_round(problem: Problem) -> None:
    problems = [replace(problem, slug=slug) for slug in "abc"]
    solved = {"a": Standing("a", 1, 1, 0.1), "b": Standing("b", 2, 0, None)}
    assert next_problem(problems, solved) == problems[1]
    assert next_problem(problems, solved, after="b") == problems[2]
    assert next_problem(problems, solved, after="c") == problems[1]
    assert next_problem(problems, dict.fromkeys("abc", solved["a"])) is None


def test_the_dashboard_says_where_a_learner_stands(problem: Problem, progress: History) -> None:
    bank = find_bank(problem.folder.parent)
    assert "0 solved, 0 tried, 1 open" in repr(dashboard_sheet(survey(bank, progress), place=Place.TERMINAL))
    record(problem, from_source("x"), a_report(Verdict.WRONG_ANSWER))
    assert "0 solved, 1 tried, 0 open" in repr(dashboard_sheet(survey(bank, progress), place=Place.TERMINAL))
    record(problem, from_source("x"), a_report(cases=(CaseResult("a", "a", Verdict.ACCEPTED, seconds=0.5),)))
    record(problem, from_source("x"), a_report(cases=(CaseResult("a", "a", Verdict.ACCEPTED, seconds=0.25),)))
    text = repr(dashboard_sheet(survey(bank, progress), place=Place.TERMINAL))
    for words in (
        "1 solved, 0 tried, 0 open",
        "arithmetic  1 of 1",
        "250 ms",
        "Streak: 1 day in a row",
        "Every problem is solved.",
    ):
        assert words in text


def test_a_history_that_somebody_else_wrote_steers_no_screen(problem: Problem, progress: History) -> None:
    bank = str(problem.folder.parent)
    evil = "\x1b[2J<script>alert(1)</script>\u202e"
    progress.add(
        an_attempt(bank=bank, problem="double", diagnosis=evil, source=evil, code=evil, failed=(evil,))
    )
    sheet = history_sheet(problem, progress, place=Place.NOTEBOOK)
    page = sheet._repr_html_()
    assert "<script" not in page and "\x1b" not in page and "\u202e" not in page
    assert "\x1b" not in repr(sheet)
