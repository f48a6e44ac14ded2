"""An attempt: what is known of a submission, and its text."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.attempts import a_report, an_attempt
from torch_judge.learning.attempt import (
    Attempt,
    fingerprint,
    make_attempt,
    make_unjudged_attempt,
    name_bank,
    read_code,
)
from torch_judge.model.errors import ProgressError
from torch_judge.model.problem import Problem
from torch_judge.model.submission import Submission, from_path, from_source


def test_the_bank_version_changes_with_what_decides_and_with_nothing_else(problem: Problem) -> None:
    before = fingerprint(problem)
    (problem.folder / "notes.txt").write_text("new")
    assert fingerprint(problem) == before
    (problem.folder / "cases.py").write_text(problem.read_cases() + "\n")
    assert fingerprint(problem) != before


def test_the_code_of_several_cells_and_of_helpers_is_kept_under_their_names(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("ONE = 1\n")
    (tmp_path / "answer.py").write_text("import helper\n")
    code = read_code(from_path(tmp_path / "answer.py"))
    assert code == "# answer.py\nimport helper\n\n# helper.py\nONE = 1"


def test_an_answer_that_is_put_aside_has_no_verdict(problem: Problem) -> None:
    attempt = make_unjudged_attempt(problem, from_source("x", name="answer.py"), "x = 1")
    assert (attempt.verdict, attempt.seed, attempt.cases, attempt.code) == (None, None, 0, "x = 1")
    assert (attempt.problem, attempt.source, attempt.bank) == ("double", "answer.py", name_bank(problem))


def test_what_is_written_as_fields_is_read_again(problem: Problem) -> None:
    for attempt in (
        an_attempt(),
        make_attempt(problem, from_source("x"), a_report()),
        an_attempt(verdict=None),
    ):
        assert Attempt.from_fields(attempt.to_fields()) == attempt


def test_the_code_of_a_live_object_of_a_script_is_that_of_its_file() -> None:
    assert (
        read_code(Submission("f"), test_an_answer_that_is_put_aside_has_no_verdict)
        == Path(__file__).read_text()
    )
    assert read_code(Submission("f"), len) == ""


LIMITS = {
    "id": ("0" * 31, "0" * 32 + "\n", "A" * 32),
    "problem": ("", "1st", "a" * 65, "a b"),
    "at": (-1, 1e12, float("nan"), "1", True, None, 10**400),
    "day": ("2026-1-1", "20261121", "2026-02-30", "\ud800", 7),
    "verdict": ("Accepted", 1, "", "\ud800"),
    "failed": ("first", ["x" * 4097], ["a"] * 10_001, [None], ["\udc80"]),
    "cases": (-1, 10_001, 1.0, True),
    "seed": (-1, 2**63, "7", 1.5),
    "seconds": (-0.5, float("inf")),
    "source": ("x" * 4097, None, 3),
    "code": ("x" * (40 << 20), "\ud800"),
}


@pytest.mark.parametrize("key", LIMITS)
def test_a_field_beyond_its_limits_is_named_and_said_what_it_should_be(key: str) -> None:
    for value in LIMITS[key]:
        with pytest.raises(ProgressError, match=rf"^{key}: expected (a|one) .+, found .+") as caught:
            Attempt.from_fields({**an_attempt().to_fields(), key: value})
        assert len(str(caught.value)) < 400 and str(caught.value).isprintable()


@pytest.mark.parametrize("key", an_attempt().to_fields())
def test_a_field_that_is_missing_is_named(key: str) -> None:
    fields = an_attempt().to_fields()
    del fields[key]
    with pytest.raises(ProgressError, match=rf"^{key}: expected (a|one) .+, found None"):
        Attempt.from_fields(fields)
