"""The teacher's page: scores, mistakes, cases and students; what people wrote is text."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.classes import make_grade, make_marks, write_two_problems
from tests.ui.test_feedback import HOSTILE, Tags
from torch_judge.grading.classroom.classwork import Lack
from torch_judge.grading.classroom.grades import Marks
from torch_judge.grading.classroom.summary import summarise_class
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Problem
from torch_judge.ui.class_page import Circumstances, as_class_page
from torch_judge.ui.class_text import as_class_text
from torch_judge.ui.text import as_text


@pytest.fixture
def double(tmp_path: Path) -> Problem:
    return find_bank(write_two_problems(tmp_path / "bank")).load("double")


MARKS = [
    make_marks(make_grade("ada")),
    make_marks(make_grade("alan", failed=1, diagnosis=("adds",))),
    make_marks(make_grade("bob", failed=3, diagnosis=("adds",))),
    make_marks(make_grade("eve", lack=Lack.UNREADABLE, note="hw.ipynb: torn")),
    make_marks(make_grade("zoe", passed=False)),
]


def draw(marks: list[Marks], problem: Problem, **facts: object) -> str:
    circumstances = Circumstances(("seed 7",), **facts)  # type: ignore[arg-type]
    return as_class_page(summarise_class(marks, [problem]), marks, circumstances)


def test_it_says_how_common_a_mistake_and_how_hard_a_case_was(double: Problem) -> None:
    page = draw(MARKS, double)
    assert "1 of 5 accepted; 50 % of the points on average" in page
    assert ">adds</span>" in page and ">2 of 4</span>" in page
    for verdict in ("1 accepted", "2 wrong answer", "1 judge error", "1 unreadable"):
        assert f"{verdict}</span>" in page
    assert "1 more failed nobody" in page  # of four cases, one


def test_it_names_who_is_to_be_looked_at_and_links_the_pages(double: Problem) -> None:
    page = draw(MARKS, double, remarks=["Not in t.csv: ada"], feedback={"eve": "feedback/eve.html"})
    attention = page.partition("To look at")[2].partition("<h2>")[0]
    assert "Not in t.csv: ada" in attention and "hw.ipynb: torn" in attention and "zoe" in attention
    assert 'href="feedback/eve.html"' in attention and "alan" not in attention


def test_a_class_that_is_right_has_nothing_to_look_at(double: Problem) -> None:
    page = draw(MARKS[:1], double)
    assert "To look at" not in page and "No mistake was named." in page and "No answer failed a case." in page


def test_all_that_people_wrote_is_text(double: Problem) -> None:
    grade = make_grade(HOSTILE, name=HOSTILE, note=HOSTILE, failed=1)
    tags = Tags(draw([make_marks(grade)], double, remarks=[HOSTILE], feedback={HOSTILE: "feedback/x.html"}))
    assert {"script", "img"}.isdisjoint(tags.found)
    assert not [name for name in tags.attributes if name.startswith("on")]


def test_a_terminal_shows_sums_and_no_names(double: Problem) -> None:
    text = as_text(as_class_text(summarise_class(MARKS, [double]), seed=7))
    assert "     2  double: adds" in text
    assert text.endswith("5 students graded; mean 50 %, median 50 %, 1 answers not judged; seed 7")
    assert not [name for name in ("alan", "bob", "eve", "zoe") if name in text]
