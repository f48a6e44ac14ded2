"""A student's page: the card of each problem, what is missing, and nothing that a browser would run."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.support.classes import make_grade, make_marks, write_two_problems
from torch_judge.grading.classroom.classwork import Lack
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Problem
from torch_judge.ui.feedback import NO_GRADE, as_feedback

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


class Tags(HTMLParser):
    """Collects elements and their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.found.append(tag)
        self.attributes |= {name for name, _ in attrs}


@pytest.fixture
def problems(tmp_path: Path) -> dict[str, Problem]:
    return {each.slug: each for each in find_bank(write_two_problems(tmp_path / "bank")).problems()}


def test_each_problem_has_its_card_and_all_a_sum(problems: dict[str, Problem]) -> None:
    marks = make_marks(
        make_grade(failed=1, diagnosis=("ignores_scale",)), make_grade(task="triple", lack=Lack.MISSING)
    )
    page = as_feedback(marks, problems)
    assert page.startswith("<!doctype html>") and "0.75 of 2" in page
    assert page.count('role="region"') == 1 and "✗ wrong answer" in page and "ignores scale" in page
    assert "No answer was found: triple is what the problem asks for." in page


def test_what_cannot_be_read_is_said_with_why(problems: dict[str, Problem]) -> None:
    page = as_feedback(
        make_marks(make_grade(lack=Lack.UNREADABLE, note="hw.ipynb: it is not JSON")), problems
    )
    assert "cannot be read" in page and "hw.ipynb: it is not JSON" in page


def test_a_failure_of_the_judge_is_not_the_students(problems: dict[str, Problem]) -> None:
    page = as_feedback(make_marks(make_grade(passed=False)), problems)
    assert NO_GRADE in page and "- of 1" in page


def test_all_that_people_wrote_is_text(problems: dict[str, Problem]) -> None:
    grade = make_grade(HOSTILE, name=HOSTILE, email=HOSTILE, note=HOSTILE, message=HOSTILE, failed=1)
    lack = make_grade(HOSTILE, task="triple", lack=Lack.UNREADABLE, note=HOSTILE)
    tags = Tags(as_feedback(make_marks(grade, lack), problems))
    assert {"script", "img"}.isdisjoint(tags.found)
    assert not [name for name in tags.attributes if name.startswith("on")]


def test_a_page_stands_alone(problems: dict[str, Problem]) -> None:
    page = as_feedback(make_marks(make_grade()), problems)
    assert "default-src 'none'" in page and "color-scheme: light dark" in page
    assert "http:" not in page and "https:" not in page and "<link" not in page
