"""A student's page: what it comes to, and the card of each problem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from torch_judge.grading.classroom.classwork import Lack
from torch_judge.grading.classroom.grades import Grade, Marks
from torch_judge.grading.classroom.points import write_points
from torch_judge.model.problem import Problem

from .card import as_card
from .html import Part, part
from .page import draw_table, make_page

NO_GRADE: Final = (
    "The judge failed at a part of this; that says nothing of your answer. It will be judged again."
)
_COLOURS: Final = {
    "accepted": "--ok",
    "run-time error": "--stop",
    "time limit exceeded": "--mid",
    "memory limit exceeded": "--mid",
    "compile error": "--stop",
    "rule violation": "--rule",
    "missing": "--other",
    "unreadable": "--torn",
    "judge error": "--judge",
    "not judged": "--other",
}


def as_feedback(marks: Marks, problems: Mapping[str, Problem]) -> str:
    """Make the page of one student."""
    student = marks.student
    content: list[Part | str] = [
        part(
            "div",
            "",
            part("h1", "", student.name or student.key),
            part("span", "", write_score(marks.score, marks.most), class_="score"),
            class_="head",
        ),
        part("p", "", *_list_facts(marks), class_="quiet small"),
    ]
    if marks.score is None:
        content.append(part("p", "", NO_GRADE, class_="none"))
    if len(marks.grades) > 1:
        content.append(_draw_overview(marks, problems))
    for grade in marks.grades:
        content += _draw_grade(grade, problems[grade.work.task_id])
    return make_page(f"Feedback for {student.label}", *content)


def choose_colour(verdict: str) -> str:
    """Choose the colour of a verdict on a page; that of all that can be mended is red."""
    return f"var({_COLOURS.get(verdict, '--bad')})"


def draw_mark(verdict: str) -> Part:
    """Draw a verdict."""
    return part("span", f"background:{choose_colour(verdict)}", verdict, class_="mark")


def write_score(score: float | None, most: float) -> str:
    """Write what was reached of what could be."""
    return f"{'-' if score is None else write_points(score)} of {write_points(most)}"


def _list_facts(marks: Marks) -> Iterator[str]:
    work = marks.grades[0].work
    facts = [marks.student.key if marks.student.name else "", marks.student.email]
    facts.append(f"attempt {work.attempt}" if work.attempt else "")
    facts.append(f"handed in {work.timestamp:%Y-%m-%d %H:%M} UTC" if work.timestamp else "")
    facts.append("late" if marks.late else "")
    yield " \u00b7 ".join(filter(None, facts))


def _draw_overview(marks: Marks, problems: Mapping[str, Problem]) -> Part:
    rows = []
    for grade in marks.grades:
        slug = grade.work.task_id
        link = part("a", "", problems[slug].title, href=f"#{slug}")
        rows.append(
            [
                part("td", "", link),
                part("td", "", draw_mark(grade.verdict)),
                part("td", "", grade.diagnosis),
                part("td", "", grade.cases, class_="number"),
                part("td", "", write_score(grade.score, grade.most), class_="number"),
            ]
        )
    headings = [("problem", ""), ("verdict", ""), ("mistake", ""), ("cases", "number"), ("points", "number")]
    return draw_table(headings, rows)


def _draw_grade(grade: Grade, problem: Problem) -> Iterator[Part | str]:
    score = part("span", "", write_score(grade.score, grade.most), class_="quiet")
    yield part("h2", "", problem.title, " ", score, id=problem.slug)
    note = part("p", "", grade.work.note, class_="quiet small")
    if grade.record and grade.record.report:
        yield from ([note] if grade.work.note else [])
        yield as_card(grade.record.report)
    elif grade.work.lack is Lack.UNREADABLE:
        yield part("div", "", "What was handed in cannot be read.", note, class_="none")
    else:
        says = f"No answer was found: {problem.entry_point} is what the problem asks for."
        yield part("div", "", says, note, class_="none")
