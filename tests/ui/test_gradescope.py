"""A results.json as Gradescope's documentation has it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.classes import make_grade, make_marks, write_two_problems
from torch_judge.grading.classroom.classwork import Lack
from torch_judge.grading.classroom.grades import Grade
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Problem
from torch_judge.ui.gradescope import Visibility, as_gradescope


@pytest.fixture
def problems(tmp_path: Path) -> dict[str, Problem]:
    return {each.slug: each for each in find_bank(write_two_problems(tmp_path / "bank")).problems()}


def write(problems: dict[str, Problem], *grades: Grade, **facts: Visibility) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(as_gradescope(make_marks(*grades), problems, **facts))
    return found


def test_problems_have_the_points_and_cases_none(problems: dict[str, Problem]) -> None:
    wrong = make_grade(failed=1, most=8, message="The sentence.\nexpected 1, found 2", diagnosis=("adds",))
    results = write(problems, wrong, make_grade(task="triple", lack=Lack.MISSING, note="no file"))
    assert results["score"] == 6
    tests = results["tests"]
    assert [test["number"] for test in tests] == ["1", "1.1", "1.2", "1.3", "1.4", "2"]
    assert [(test["score"], test["max_score"]) for test in tests if "score" in test] == [(6, 8), (0, 1)]
    assert [test["status"] for test in tests] == ["failed", "failed", "passed", "passed", "passed", "failed"]
    assert (
        tests[1]["output"] == "wrong answer: The sentence.\nexpected 1, found 2" and tests[2]["output"] == ""
    )
    assert tests[5]["output"] == "no file" and tests[5]["name"] == "Triple: missing"
    assert results["extra_data"]["seed"] == 7


def test_a_teacher_says_when_students_see_the_cases(problems: dict[str, Problem]) -> None:
    results = write(problems, make_grade(), visibility=Visibility.AFTER_DUE_DATE)
    assert {test["visibility"] for test in results["tests"]} == {"after_due_date"}
    assert results["stdout_visibility"] == "hidden"


def test_a_failure_of_the_judge_has_no_score(problems: dict[str, Problem]) -> None:
    results = write(problems, make_grade(passed=False), make_grade(task="triple"))
    assert "score" not in results and "score" not in results["tests"][0]
