"""The latest attempt counts, late ones are marked, and every student has a work on every problem."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.classes import notebook, write_files, write_two_problems
from tests.support.packages import SOLUTION
from torch_judge.grading.classroom.classwork import (
    Handin,
    Lack,
    choose_problems,
    count_answers,
    list_handins,
    list_works,
)
from torch_judge.grading.classroom.intake import take_in
from torch_judge.grading.layouts.files import File
from torch_judge.grading.layouts.submitted import Student, Submitted
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Problem

ADA, ALAN = Student("ada"), Student("alan")
TRIPLE = SOLUTION.replace("double", "triple")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def problems(tmp_path: Path) -> list[Problem]:
    return list(find_bank(write_two_problems(tmp_path / "bank")).problems())


def handed_in(text: str, *students: Student, **facts: object) -> Submitted:
    return Submitted(students or (ADA,), (("hw.py", File("hw.py", text.encode)),), **facts)  # type: ignore[arg-type]


def judged_text(handins: list[Handin], problems: list[Problem]) -> str:
    work = list_works(handins, problems)[0]
    assert work.submission
    return work.submission.cells[0].source


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ({"timestamp": NOON}, {"timestamp": NOON + timedelta(seconds=1)}),
        ({"attempt": 9}, {"attempt": 10}),
        ({"timestamp": NOON, "attempt": 1}, {"timestamp": NOON, "attempt": 2}),
        ({}, {"timestamp": NOON}),
    ],
)
def test_the_latest_attempt_counts(
    problems: list[Problem], earlier: dict[str, object], later: dict[str, object]
) -> None:
    both = [handed_in(f"{SOLUTION}# late\n", **later), handed_in(SOLUTION, **earlier)]
    for order in (both, both[::-1]):
        assert judged_text(list_handins(order), problems).endswith("# late\n")


def test_each_assignment_has_its_latest_attempt_and_a_problem_is_found_in_any(
    problems: list[Problem],
) -> None:
    first = handed_in(SOLUTION, assignment="ps1", timestamp=NOON)
    second = handed_in(TRIPLE, assignment="ps2", timestamp=NOON + timedelta(days=7))
    works = list_works(list_handins([first, second]), problems)
    assert [(work.task_id, work.assignment, work.lack) for work in works] == [
        ("double", "ps1", None),
        ("triple", "ps2", None),
    ]


def test_a_group_is_read_once_and_each_has_the_same_work(problems: list[Problem]) -> None:
    handins = list_handins([handed_in(SOLUTION, ADA, ALAN)])
    assert handins[0].contents is handins[1].contents
    works = [work for work in list_works(handins, problems) if work.task_id == "double"]
    assert [work.student for work in works] == [ADA, ALAN]
    assert works[0].digest == works[1].digest and works[0].key != works[1].key


def test_what_is_later_than_due_is_late_and_what_has_no_time_as_the_system_says() -> None:
    given = [
        handed_in(SOLUTION, Student("in_time"), timestamp=NOON),
        handed_in(SOLUTION, Student("over"), timestamp=NOON + timedelta(seconds=1)),
        handed_in(SOLUTION, Student("marked"), late=True),
        handed_in(SOLUTION, Student("unknown")),
    ]
    late = {each.student.key: each.submitted.late for each in list_handins(given, due=NOON)}
    assert late == {"in_time": False, "over": True, "marked": True, "unknown": None}


def test_a_notebook_may_answer_several_problems_and_what_is_not_there_is_missing(
    tmp_path: Path, problems: list[Problem]
) -> None:
    files = {
        "ada/hw.ipynb": notebook(SOLUTION, TRIPLE),
        "alan/hw.ipynb": notebook(TRIPLE),
        "bob/hw.ipynb": "{",
        "eve/essay.pdf": "",
        "zoe/hw.ipynb": notebook(),
    }
    intake = take_in([str(write_files(tmp_path / "class", files))])
    lacks = {
        (work.student.key, work.task_id): (work.lack, work.note)
        for work in list_works(intake.handins, problems)
    }
    assert {key: lack for key, (lack, _) in lacks.items() if lack} == {
        ("alan", "double"): Lack.MISSING,
        **{("bob", slug): Lack.UNREADABLE for slug in ("double", "triple")},
        **{("eve", slug): Lack.MISSING for slug in ("double", "triple")},
        **{("zoe", slug): Lack.MISSING for slug in ("double", "triple")},
    }
    assert lacks["alan", "double"][1] == "no file defines double"
    assert lacks["bob", "double"][1] == "hw.ipynb: this is no notebook: it is not JSON (line 1)"
    assert lacks["eve", "double"][1] == "no .py and no .ipynb file was handed in"
    assert lacks["zoe", "double"][1] == "hw.ipynb: holds no code"


def test_an_answer_in_several_files_is_noted(tmp_path: Path, problems: list[Problem]) -> None:
    files = {"ada/hw.ipynb": notebook(SOLUTION), "ada/old.py": SOLUTION, "ada/torn.ipynb": "{"}
    intake = take_in([str(write_files(tmp_path / "class", files))])
    work = list_works(intake.handins, problems)[0]
    assert work.file == "hw.ipynb"
    assert work.note.startswith("double is in several files; not judged: old.py; torn.ipynb: this is no")


def test_what_only_few_define_is_not_graded_unless_it_is_asked_for(problems: list[Problem]) -> None:
    given = [handed_in(SOLUTION, Student(str(n))) for n in range(8)]
    given.append(handed_in(SOLUTION + TRIPLE, ADA))
    handins = list_handins(given)
    counts = count_answers(handins, problems)
    assert counts == {"double": 9, "triple": 1}
    chosen, rare = choose_problems(counts, handins, problems)
    assert ([each.slug for each in chosen], [each.slug for each in rare]) == (["double"], ["triple"])
    chosen, rare = choose_problems(count_answers(handins[-4:], problems), handins[-4:], problems)
    assert len(chosen) == 2 and not rare
