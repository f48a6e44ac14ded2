"""The teacher's page: how the class did, which mistake was how common, how hard each case was, and who."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from torch_judge.grading.classroom.grades import Grade, Marks
from torch_judge.grading.classroom.points import write_points
from torch_judge.grading.classroom.summary import BINS, CaseCount, ClassSummary, ProblemSummary
from torch_judge.model.naming import spell
from torch_judge.model.report import Verdict

from .class_text import write_percent
from .feedback import choose_colour, draw_mark, write_score
from .html import Part, part
from .page import draw_table, make_page

CASES_SHOWN: Final = 12
_ORDER: Final = (*(verdict.value for verdict in Verdict), "unreadable", "missing", "not judged")


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the teacher is told beside the grades: how it was judged, and what else there is to look at."""

    facts: Sequence[str]
    remarks: Sequence[str] = ()
    feedback: Mapping[str, str] | None = None
    """The address of each student's page, by their key."""


def as_class_page(summary: ClassSummary, marks: Sequence[Marks], circumstances: Circumstances) -> str:
    """Make the page."""
    names = ", ".join(each.problem.title for each in summary.problems)
    return make_page(
        f"Grades: {names}",
        part("h1", "", names or "Nothing to grade"),
        part("p", "", " \u00b7 ".join(circumstances.facts), class_="quiet small"),
        _draw_tiles(summary),
        *_draw_distribution(summary),
        *_draw_attention(marks, circumstances),
        *(drawn for each in summary.problems for drawn in _draw_problem(each)),
        *_draw_students(marks, summary, circumstances),
    )


def _draw_tiles(summary: ClassSummary) -> Part:
    tiles = [
        ("students", str(summary.students)),
        ("mean", write_percent(summary.mean)),
        ("median", write_percent(summary.median)),
        ("late", str(summary.late)),
        ("answers missing", str(summary.missing)),
        ("unreadable", str(summary.unreadable)),
    ]
    if summary.judge_errors:
        tiles.append(("judge errors", str(summary.judge_errors)))
    drawn = (part("div", "", part("b", "", value), name, class_="tile") for name, value in tiles)
    return part("div", "", *drawn, class_="tiles")


def _draw_distribution(summary: ClassSummary) -> Iterator[Part]:
    if not summary.graded:
        return
    largest = max(summary.bins)
    width = 100 // BINS
    bars = [
        part("div", f"height:{100 * count / largest:.1f}%", title=f"{count} students")
        for count in summary.bins
    ]
    counts = (part("div", "", str(count) if count else "\u00a0") for count in summary.bins)
    ranges = (part("div", "", f"{n * width}-{(n + 1) * width}") for n in range(BINS))
    yield part("h2", "", "Scores")
    yield part("p", "", "How many students reached how many percent of the points.", class_="quiet small")
    yield part("div", "", *counts, class_="labels counts")
    yield part("div", "margin-top:2px", *bars, class_="columns")
    yield part("div", "", *ranges, class_="labels quiet")


def _draw_attention(marks: Sequence[Marks], circumstances: Circumstances) -> Iterator[Part]:
    """List what a teacher has to look at: what is missing, cannot be read, or has a note."""
    rows = [
        [
            part("td", "", _link(each, circumstances)),
            part("td", "", grade.work.task_id),
            part("td", "", draw_mark(grade.verdict)),
            part("td", "", _say_what(grade)),
        ]
        for each in marks
        for grade in each.grades
        if grade.record is None or grade.record.passed is None or grade.work.note or grade.record.flags
    ]
    if rows or circumstances.remarks:
        yield part("h2", "", "To look at")
    yield from (part("p", "", remark) for remark in circumstances.remarks)
    if rows:
        yield draw_table([("student", ""), ("problem", ""), ("verdict", ""), ("what", "")], rows)


def _say_what(grade: Grade) -> str:
    said = [grade.work.note]
    if grade.record is not None:
        said.append(grade.record.message if grade.record.passed is None else "")
        flags = ", ".join(dict.fromkeys(map(spell, grade.record.flags)))
        said.append(f"flagged: {flags}" if flags else "")
    return "; ".join(filter(None, said))


def _draw_problem(summary: ProblemSummary) -> Iterator[Part]:
    yield part(
        "h2", "", summary.problem.title, part("span", "", f" {summary.problem.slug}", class_="quiet small")
    )
    mean = f"{write_percent(summary.mean)} of the points on average"
    accepted = f"{summary.accepted} of {summary.students} accepted"
    yield part("p", "", f"{accepted}; {mean}", class_="small")
    verdicts = sorted(summary.verdicts.items(), key=lambda item: _ORDER.index(item[0]))
    pieces = (
        part("div", f"flex:{count};background:{choose_colour(verdict)}", title=f"{count} {verdict}")
        for verdict, count in verdicts
    )
    yield part("div", "", *pieces, class_="stack", role="img", aria_label=accepted)
    legend = (
        part(
            "span",
            "",
            part("span", f"background:{choose_colour(verdict)}", class_="dot"),
            f"{count} {verdict}",
        )
        for verdict, count in verdicts
    )
    yield part("div", "", *legend, class_="legend")
    yield part("div", "", _draw_mistakes(summary), _draw_cases(summary.cases), class_="pair")


def _draw_mistakes(summary: ProblemSummary) -> Part:
    most = max(summary.mistakes.values(), default=0)
    rows = [
        _draw_bar(spell(name), count, most, str(count), colour="--mid")
        for name, count in summary.mistakes.items()
    ]
    nothing = part("p", "", "No mistake was named.", class_="quiet small")
    return part("div", "", part("h3", "", "Mistakes, by how many made them"), *(rows or [nothing]))


def _draw_cases(cases: Sequence[CaseCount]) -> Part:
    failed = [case for case in cases if case.failed]
    rows = [
        _draw_bar(case.title, case.failed, case.judged, f"{case.failed} of {case.judged}", colour="--bad")
        for case in failed
    ]
    passed = len(cases) - len(failed)
    heading = part("h3", "", "Cases, by how many failed them")
    return part("div", "", heading, *_fold(rows, CASES_SHOWN), *_say_passed(passed, len(cases)))


def _say_passed(passed: int, count: int) -> Iterator[Part]:
    if passed:
        says = "No answer failed a case." if passed == count else f"{passed} more failed nobody's answer."
        yield part("p", "", says, class_="quiet small")


def _fold(rows: Sequence[Part], shown: int) -> Iterator[Part]:
    yield from rows[:shown]
    if more := rows[shown:]:
        yield part("details", "", part("summary", "", f"{len(more)} more"), *more)


def _draw_bar(name: str, count: int, of: int, says: str, *, colour: str) -> Part:
    filled = part("div", f"width:{100 * count / of if of else 0:.1f}%;background:var({colour})")
    return part(
        "div",
        "",
        part("span", "", name),
        part("div", "", filled, class_="track"),
        part("span", "", says, class_="number"),
        class_="row",
    )


def _draw_students(
    marks: Sequence[Marks], summary: ClassSummary, circumstances: Circumstances
) -> Iterator[Part]:
    if not marks:
        return
    slugs = [each.problem.slug for each in summary.problems]
    rows = [
        [
            part("td", "", _link(each, circumstances), *_draw_key(each)),
            part("td", "", write_score(each.score, each.most), class_="number"),
            *(_draw_cell(grade) for grade in each.grades),
            part("td", "", "late" if each.late else ""),
        ]
        for each in marks
    ]
    yield part("h2", "", "Students")
    yield draw_table([("student", ""), ("points", "number"), *((slug, "") for slug in slugs), ("", "")], rows)


def _draw_key(marks: Marks) -> Iterable[Part]:
    if marks.student.name and marks.student.name != marks.student.key:
        yield part("span", "", f" {marks.student.key}", class_="quiet small")


def _draw_cell(grade: Grade) -> Part:
    points = "" if grade.score is None else f" {write_points(grade.score)}"
    says = grade.diagnosis
    what = [part("div", "", says, class_="quiet small")] if says else []
    return part("td", "", draw_mark(grade.verdict), part("span", "", points, class_="small"), *what)


def _link(marks: Marks, circumstances: Circumstances) -> Part:
    name = marks.student.name or marks.student.key
    address = (circumstances.feedback or {}).get(marks.student.key)
    return part("a", "", name, href=address) if address else part("span", "", name)
