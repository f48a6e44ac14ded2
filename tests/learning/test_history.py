"""The learner's history: all that is known of an attempt is kept, and the verdict stands."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.support.attempts import a_report, an_attempt, list_attempts
from tests.support.packages import SOLUTION
from torch_judge.learning.attempt import Attempt, fingerprint, make_attempt
from torch_judge.learning.coaching import Coaching
from torch_judge.learning.database import FILE
from torch_judge.learning.history import History, Tally, find_history, record
from torch_judge.model.bank import find_bank
from torch_judge.model.errors import ProgressError
from torch_judge.model.problem import Problem
from torch_judge.model.report import Diagnosis, Verdict
from torch_judge.model.submission import Submission, from_source
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


def test_hints_are_counted_up_to_one_past_the_last(history: History) -> None:
    assert [history.take_hint("b", "p", 2) for _ in range(4)] == [1, 2, 3, 3]
    assert history.take_hint("b", "p", 4) == 3
