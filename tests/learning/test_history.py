"""The learner's history: all that is known of an attempt is kept, and the verdict stands."""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.support.attempts import a_report, an_attempt, list_attempts
from tests.support.packages import SOLUTION
from torch_judge.learning.attempt import Attempt, fingerprint, make_attempt
from torch_judge.learning.coaching import Coaching
from torch_judge.learning.database import FILE
from torch_judge.learning.history import HOME_VARIABLE, History, Tally, find_history, record
from torch_judge.model.bank import find_bank
from torch_judge.model.errors import ProgressError
from torch_judge.model.problem import Problem
from torch_judge.model.report import Diagnosis, Verdict
from torch_judge.model.submission import Submission, from_path, from_source
from torch_judge.model.version import __version__


def test_an_attempt_is_kept_with_all_that_is_known_of_it(problem: Problem, history: History) -> None:
    report = a_report(Verdict.WRONG_ANSWER, diagnosis=Diagnosis("adds", "Adds."))
    assert record(problem, from_source(SOLUTION, name="answer.py"), report) == ""
    (attempt,) = list_attempts(history, "double", str(problem.folder.parent))
    assert (attempt.verdict, attempt.failed, attempt.cases) == (Verdict.WRONG_ANSWER, ("b",), 2)
    assert (attempt.diagnosis, attempt.seed, attempt.seconds) == ("adds", 7, 0.75)
    assert (attempt.code, attempt.source, attempt.judge_version) == (SOLUTION, "answer.py", __version__)
    assert attempt.bank_version == fingerprint(problem)
    assert abs(attempt.at - time.time()) < 60
    assert attempt.day == date.today()  # noqa: DTZ011 - the learner's own date


def test_words_that_no_file_can_hold_are_kept_as_escapes(problem: Problem, history: History) -> None:
    record(problem, Submission("\ud800.py", from_source("x = '\ud800'").cells), a_report(seed=2**80))
    (attempt,) = list_attempts(history, "double", str(problem.folder.parent))
    assert (attempt.source, attempt.code, attempt.seed) == ("\\ud800.py", "x = '\\ud800'", None)


def test_banks_do_not_mix(history: History, problem: Problem) -> None:
    history.add(an_attempt(verdict=Verdict.ACCEPTED))
    history.add(an_attempt(bank=str(problem.folder.parent), problem="double"))
    assert history.tally("torch_judge") == {"batchnorm": Tally("batchnorm", 1, 1, 0.25)}
    assert list(history.tally(str(problem.folder.parent))) == ["double"]
    assert make_attempt(problem, from_source(""), a_report()).bank == str(problem.folder.parent)
    own = find_bank(ROOT / "problems").load("batchnorm")
    assert make_attempt(own, from_source(""), a_report()).bank == "torch_judge"


def test_a_judge_error_is_kept_but_counts_as_no_attempt(history: History) -> None:
    history.add(an_attempt(verdict=Verdict.JUDGE_ERROR))
    history.add(an_attempt(verdict=None))
    assert history.tally("torch_judge") == {}
    assert len(list_attempts(history)) == 2


def test_without_a_home_nothing_is_kept_and_nothing_is_said(
    problem: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_JUDGE_HOME", "")
    assert record(problem, from_source(SOLUTION), a_report()) == ""
    assert find_history().tally("torch_judge") == {}
    with pytest.raises(ProgressError, match="TORCH_JUDGE_HOME is set and empty"):
        find_history().give_up("torch_judge", "batchnorm")


def test_the_home_is_the_users_data_folder_unless_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("TORCH_JUDGE_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert find_history().path.name == FILE
    if sys.platform == "linux":
        assert find_history().path == tmp_path / "torch_judge" / FILE


def test_reading_writes_nothing(history: History, home: Path) -> None:
    assert history.tally("torch_judge") == {}
    assert history.list_days("torch_judge") == ()
    assert history.find_coaching("torch_judge", "batchnorm") == Coaching("torch_judge", "batchnorm")
    assert not home.exists()


def test_others_keep_their_attempts_while_a_history_is_taken_in(history: History) -> None:
    history.add(an_attempt())
    other = find_history()

    def read() -> Iterator[Attempt]:
        yield an_attempt()
        other.add(an_attempt())
        yield an_attempt()

    assert history.merge(read).added == 2
    assert len(list_attempts(history)) == 4


def test_each_hint_is_taken_once_in_the_order_that_is_asked_for(history: History) -> None:
    assert [history.take_hint("b", "p", order) for order in ((3, 1, 2), (1, 2, 3))] == [3, 1]
    assert history.find_coaching("b", "p").hints == 2
    assert [history.take_hint("b", "p", (1, 2, 3)) for _ in range(3)] == [2, None, None]
    assert history.take_hint("b", "p", (1, 2, 3, 4)) == 4
    assert history.find_coaching("b", "p").hints == 4
    assert history.find_coaching("b", "other").hints == 0


def test_hints_of_which_only_the_number_is_known_were_the_first_ones(history: History) -> None:
    """An older release and an archive tell no more."""
    history.merge(lambda: iter([Coaching("b", "p", 2)]))
    assert history.take_hint("b", "p", (4, 2, 1, 3)) == 4
    assert [history.take_hint("b", "p", (2, 1, 3, 4)) for _ in range(2)] == [3, None]


def test_a_history_of_an_older_release_remembers_hints_too(history: History) -> None:
    history.add(an_attempt())
    with closing(sqlite3.connect(history.path)) as connection, connection:
        connection.execute("DROP TABLE hints_shown")
    assert [history.take_hint("torch_judge", "batchnorm", (2, 1)) for _ in range(3)] == [2, 1, None]
    assert (len(list_attempts(history)), history.notices) == (1, [])


def test_attempts_are_counted_up_to_the_first_that_was_accepted(history: History) -> None:
    assert history.count_until_solved("torch_judge", "batchnorm") is None
    for verdict in (None, "wrong answer", "judge error", "run-time error"):
        history.add(an_attempt(verdict=verdict and Verdict(verdict)))
    assert history.count_until_solved("torch_judge", "batchnorm") is None
    for _ in range(2):
        history.add(an_attempt(verdict=Verdict.ACCEPTED))
    assert history.count_until_solved("torch_judge", "batchnorm") == 3
    assert history.count_until_solved("torch_judge", "layernorm") is None


@pytest.mark.parametrize(
    "name", ["solution.py", "starter.py", "submissions/wrong_answer/adds.py", "submissions/accepted/right.py"]
)
def test_what_lies_in_a_problem_package_is_no_attempt(
    problem: Problem, history: History, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = problem.folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(SOLUTION)
    monkeypatch.chdir(path.parent)
    for given in (path, Path(path.name)):
        assert record(problem, from_path(given), a_report()) == ""
    assert history.count(str(problem.bank), "double") == 0
    mine = problem.bank.parent / "double.py"
    mine.write_text(SOLUTION)
    record(problem, from_path(mine), a_report())
    record(problem, from_source(SOLUTION, name="x" * 5000), a_report())
    assert history.count(str(problem.bank), "double") == 2


def test_the_untouched_starter_is_no_attempt(problem: Problem, history: History) -> None:
    report = a_report(
        Verdict.RUN_TIME_ERROR, cases=(), message="nothing is written yet: double is still the starter"
    )
    assert record(problem, from_source(problem.read_starter()), report) == ""
    assert history.count(str(problem.bank), "double") == 0


def test_a_user_without_a_home_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container runs as a number that the system does not know; nothing is kept, and nothing stops."""
    monkeypatch.setenv(HOME_VARIABLE, "~nobody_of_this_name/progress")
    with pytest.raises(ProgressError, match="no home folder; set TORCH_JUDGE_HOME"):
        find_history()
