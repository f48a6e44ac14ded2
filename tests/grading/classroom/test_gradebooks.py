"""A teacher's gradebook gets grades into one column, and each student their own."""

from __future__ import annotations

import pytest

from tests.support.classes import make_grade, make_marks
from torch_judge.grading.classroom.classwork import Lack
from torch_judge.grading.classroom.gradebooks import System, describe, fill_gradebook
from torch_judge.grading.classroom.grades import Marks
from torch_judge.model.errors import UsageError

CANVAS = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,HW 1 (71),Final Score\r\n"
    "    Points Possible,,,,,20.00,(read only)\r\n"
    '"Lovelace, Ada",1001,S1,ada,"A, 1",3,88.10\r\n'
    '"Turing, Alan",1002,S2,alan,"A, 1",,\r\n'
    '"Student, Test",9,,test,,,\r\n'
)
MOODLE = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Last modified (grade),Feedback comments\n"
    'Participant 1001,Ada Lovelace,ada@example.org,Submitted,,"100.00",-,\n'
    'Participant 1002,Alan Turing,alan@example.org,Submitted,50.00,"100.00",-,"Well, well"\n'
)


def fill(system: System, text: str, *marks: Marks, column: str = "", scaled: bool = True) -> str:
    filled = fill_gradebook(system, text.encode(), "t.csv", marks, column=column, scaled=scaled)
    return filled.raw.decode()


def test_canvas_gets_points_of_what_it_says_is_possible_and_nothing_else_changes() -> None:
    found = fill(
        System.CANVAS, CANVAS, make_marks(make_grade("1001", failed=1)), make_marks(make_grade("1002"))
    )
    assert found == CANVAS.replace('"A, 1",3,', '"A, 1",15,').replace('"A, 1",,\r', '"A, 1",20,\r')


def test_where_a_total_is_said_it_holds() -> None:
    found = fill(System.CANVAS, CANVAS, make_marks(make_grade("1001", failed=1, most=8)), scaled=False)
    assert '"A, 1",6,88.10' in found


def test_moodle_gets_a_grade_and_a_comment_where_there_is_none() -> None:
    ada = make_marks(make_grade("1001", failed=1, diagnosis=("ignores_scale",)))
    found = fill(System.MOODLE, MOODLE, ada, make_marks(make_grade("1002")))
    comment = '"double: wrong answer, 3 of 4 cases, ignores scale"'
    assert found == MOODLE.replace('Submitted,,"100.00",-,', f'Submitted,75,"100.00",-,{comment}').replace(
        "50.00", "100"
    )


@pytest.mark.parametrize(
    ("key", "name", "email"),
    [
        ("1001", "", ""),
        ("S1", "", ""),
        ("ADA", "", ""),
        ("x", "", "ada@example.org"),
        ("x", "lovelaceada", ""),
        ("x", "Ada Lovelace", ""),
        ("Lovelace, Ada", "", ""),
    ],
)
def test_a_student_is_found_by_what_the_system_that_collected_calls_them(
    key: str, name: str, email: str
) -> None:
    assert '"A, 1",20,88.10' in fill(
        System.CANVAS, CANVAS, make_marks(make_grade(key, name=name, email=email))
    )


def test_who_is_not_there_is_said_and_of_two_of_one_name_neither_is_taken() -> None:
    twins = CANVAS + '"Lovelace, Ada",1009,S9,ada9,,,\r\n'
    marks = [make_marks(make_grade("x", name="Ada Lovelace")), make_marks(make_grade("nobody"))]
    filled = fill_gradebook(System.CANVAS, twins.encode(), "t.csv", marks)
    assert filled.raw.decode() == twins
    assert [student.key for student in filled.absent] == ["x", "nobody"]
    assert filled.rows == 0


def test_a_failure_of_the_judge_leaves_the_cell_and_what_is_missing_is_no_points() -> None:
    marks = make_marks(make_grade("1001", passed=False)), make_marks(make_grade("1002", lack=Lack.MISSING))
    assert fill(System.CANVAS, CANVAS, *marks) == CANVAS.replace('"A, 1",,\r', '"A, 1",0,\r')


def test_numbers_are_written_with_commas_where_the_file_does() -> None:
    text = MOODLE.replace(",", ";").replace('"100.00"', "10,00").replace("50.00", "5,00")
    found = fill(System.MOODLE, text, make_marks(make_grade("1001", failed=1)))
    assert "Submitted;7,5;10,00" in found


TWO = CANVAS.replace("Final Score", "HW 2 (72)")


@pytest.mark.parametrize("column", ["HW 2 (72)", "hw 2"])
def test_a_column_is_chosen_by_name(column: str) -> None:
    assert '"A, 1",3,1\r' in fill(System.CANVAS, TWO, make_marks(make_grade("1001")), column=column)


@pytest.mark.parametrize(
    ("system", "text", "column", "said"),
    [
        (System.CANVAS, TWO, "", r"several columns may be meant: 'HW 1 \(71\)', 'HW 2 \(72\)'; --column"),
        (System.CANVAS, TWO, "HW 3", r"no column is called 'HW 3'; there are: HW 1 \(71\), HW 2 \(72\)"),
        (System.CANVAS, CANVAS.replace(" (71)", ""), "", "has no column to fill: Canvas calls it"),
        (System.CANVAS, MOODLE, "", "is no gradebook of Canvas"),
        (System.MOODLE, CANVAS, "", "is no grading worksheet of Moodle"),
        (
            System.MOODLE,
            MOODLE.replace(",Grade,", ",Mark,"),
            "",
            "has no column to fill: Moodle calls it 'Grade'",
        ),
    ],
)
def test_a_file_without_one_column_to_fill_is_said(system: System, text: str, column: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        fill(system, text, column=column)


def test_a_worksheet_in_another_language_is_filled_where_the_column_is_named() -> None:
    german = (
        MOODLE.replace("Identifier", "ID")
        .replace(",Grade,", ",Bewertung,")
        .replace("Participant", "Teilnehmer/in")
    )
    assert "Submitted,1," in fill(
        System.MOODLE,
        german.replace("Maximum Grade", "Bestwertung"),
        make_marks(make_grade("1001")),
        column="Bewertung",
    )


def test_a_comment_says_what_all_answers_came_to() -> None:
    marks = make_marks(make_grade(), make_grade(task="triple", lack=Lack.MISSING))
    assert describe(marks) == "double: accepted, 4 of 4 cases; triple: missing"
