"""The code in answers: what is judged, what a record is known by, and a sample that occurs twice."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.support.packages import SOLUTION, write_package
from torch_judge.grading.answers import Answer
from torch_judge.grading.codes import find_code, find_codes
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Problem

FENCED = f"Sure:\n```python\n{SOLUTION}```\n"


@pytest.fixture
def problem(tmp_path: Path) -> Problem:
    write_package(tmp_path / "bank")
    return find_bank(tmp_path / "bank").load("double")


def answer(text: str, sample: str = "0", *, is_body: bool = False) -> Answer:
    return Answer("double", sample, text, f"line {sample}", is_body)


def test_a_code_is_known_by_what_is_judged_and_not_by_the_text_around_it(problem: Problem) -> None:
    fenced, plain = find_code(answer(FENCED), problem), find_code(answer(SOLUTION), problem)
    assert fenced.text == SOLUTION and fenced.key == plain.key
    assert fenced.digest == hashlib.sha256(SOLUTION.encode()).hexdigest()
    assert (fenced.how, plain.how) == ("fenced", "whole")
    raw = find_code(answer(FENCED), problem, raw=True)
    assert (raw.text, raw.how) == (FENCED, "whole") and raw.key != fenced.key


def test_the_rest_of_a_function_is_judged_below_its_head(problem: Problem) -> None:
    body = find_code(answer("    return x * scale\n", is_body=True), problem)
    assert body.how == "body" and body.text.startswith("def double(x, scale=2.0):\n")
    assert find_code(answer("    return x * scale\n"), problem).how == "whole"


def test_a_sample_that_occurs_twice_counts_once_and_with_other_code_is_refused(problem: Problem) -> None:
    given = [answer(SOLUTION), answer(FENCED), answer("def double(x): return x\n"), answer(SOLUTION, "1")]
    codes, refused = find_codes(given, {"double": problem})
    assert [(code.sample_id, code.text) for code in codes] == [("0", SOLUTION), ("1", SOLUTION)]
    assert [str(each) for each in refused] == [
        "line 0: sample '0' of double was there before, with other code"
    ]


def test_a_text_that_is_no_unicode_has_a_key(problem: Problem) -> None:
    assert len(find_code(answer("x = '\ud800'"), problem).digest) == 64
