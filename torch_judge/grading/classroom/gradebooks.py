"""A teacher's own gradebook, of Canvas or of Moodle: the grades filled in, and no other cell changed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from torch_judge.grading.layouts.submitted import Student
from torch_judge.model.errors import UsageError

from .grades import Marks, guard_cell
from .points import write_points
from .table_file import TableFile


class System(StrEnum):
    """Whose gradebook it is."""

    CANVAS = "canvas"
    MOODLE = "moodle"


@dataclass(frozen=True, slots=True)
class Filled:
    """A gradebook that was filled: the file, the column, how many rows, and who has none in it."""

    raw: bytes
    column: str
    rows: int
    absent: tuple[Student, ...]


@dataclass(frozen=True, slots=True)
class _Target:
    """Where grades go, and by which cells a student is found, the surest first."""

    grade: int
    feedback: int | None
    lines: Sequence[int]
    keys: Sequence[Mapping[str, int | None]]
    """A row of the file for each of a student's keys; None where several rows have it."""
    most: Mapping[int, float]
    """What the template says can be reached, by line."""


def fill_gradebook(
    system: System, raw: bytes, name: str, marks: Sequence[Marks], *, column: str = "", scaled: bool = True
) -> Filled:
    """Fill the grades into a gradebook. Raises UsageError where there is no column for them.

    `scaled` brings them to the maximum that the gradebook says. A grade that is not known, since the judge
    failed, leaves its cell as it is.
    """
    table = TableFile.read(raw, name)
    target = _open_canvas(table, column) if system is System.CANVAS else _open_moodle(table, column)
    comma = _has_commas(table, [target.grade, table.find("Maximum Grade")])
    absent, rows = [], 0
    for each in marks:
        line = _find_line(each.student, target.keys)
        if line is None:
            absent.append(each.student)
            continue
        if each.score is None:
            continue
        most = target.most.get(line, 0.0) if scaled else 0.0
        score = each.score * most / each.most if most and each.most else each.score
        table.set(line, target.grade, write_points(score, comma=comma))
        if target.feedback is not None and not table.get(line, target.feedback):
            table.set(line, target.feedback, guard_cell(describe(each)))
        rows += 1
    return Filled(table.to_bytes(), table.headings[target.grade], rows, tuple(absent))


def describe(marks: Marks) -> str:
    """Say in a line what a student's answers came to; all words are the bank's."""
    parts = []
    for grade in marks.grades:
        facts = ", ".join(
            filter(None, (grade.verdict, grade.cases and f"{grade.cases} cases", grade.diagnosis))
        )
        parts.append(f"{grade.work.task_id}: {facts}")
    return "; ".join(parts)


def _open_canvas(table: TableFile, asked: str) -> _Target:
    number = table.find("ID")
    if table.find("Student") is None or number is None:
        raise UsageError(f"{table.name}: is no gradebook of Canvas: it has no columns 'Student' and 'ID'")
    assignments = [n for n, heading in enumerate(table.headings) if re.search(r"\(\d+\)$", heading)]
    grade = table.choose(asked, assignments, is_named="Canvas calls it 'Assignment (1234)'")
    lines = [line for line in table.lines if table.get(line, number)]
    possible = next(
        (line for line in table.lines if table.get(line, table.find("Student")) == "Points Possible"), None
    )
    most = _parse_number(table.get(possible, grade)) if possible is not None else 0.0
    columns = [number, table.find("SIS User ID"), table.find("SIS Login ID")]
    keys = [_index(table, lines, [column]) for column in columns]
    keys.append(_index(table, lines, [table.find("Student")], by_letters=True))
    return _Target(grade, None, lines, keys, dict.fromkeys(lines, most))


def _open_moodle(table: TableFile, asked: str) -> _Target:
    if table.find("Identifier") is None and not asked:
        raise UsageError(
            f"{table.name}: is no grading worksheet of Moodle: it has no column 'Identifier'; "
            "where it is in another language, --column names the grades"
        )
    number = table.find("Identifier") or 0
    every = range(len(table.headings))
    named = table.find("Grade")
    among = list(every) if asked else [] if named is None else [named]
    grade = table.choose(asked, among, is_named="Moodle calls it 'Grade'")
    lines = [line for line in table.lines if table.get(line, number)]
    largest = table.find("Maximum Grade")
    emails = [n for n in every if any("@" in table.get(line, n) for line in lines)]
    keys = [
        _index(table, lines, [number], pattern=r"\d+$"),
        _index(table, lines, [table.find("ID number")]),
        _index(table, lines, emails),
        _index(table, lines, [table.find("Full name")], by_letters=True),
    ]
    most = {line: _parse_number(table.get(line, largest)) for line in lines}
    return _Target(grade, table.find("Feedback comments"), lines, keys, most)


def _index(
    table: TableFile,
    lines: Iterable[int],
    columns: Iterable[int | None],
    *,
    pattern: str = "",
    by_letters: bool = False,
) -> dict[str, int | None]:
    found: dict[str, set[int]] = defaultdict(set)
    for column in columns:
        for line in lines:
            text = table.get(line, column)
            if pattern:
                match = re.search(pattern, text)
                text = match[0] if match else ""
            for key in _spell_name(text) if by_letters else {text.casefold()}:
                found[key].add(line)
    return {key: lines.pop() if len(lines) == 1 else None for key, lines in found.items() if key}


def _find_line(student: Student, keys: Sequence[Mapping[str, int | None]]) -> int | None:
    own = {student.key.casefold(), student.email.casefold(), student.email.partition("@")[0].casefold()}
    own |= _spell_name(student.name or student.key)
    own.discard("")
    found = ((index[key] for key in own if index.get(key) is not None) for index in keys)
    return next((line for lines in found for line in lines), None)


def _spell_name(name: str) -> set[str]:
    """Spell a name as its letters, in the order given and by the alphabet of its words.

    Canvas names a file lovelaceada, its gradebook has Lovelace, Ada, and other systems Ada Lovelace.
    """
    words = re.findall(r"\w+", name.casefold())
    return {"".join(words), " ".join(sorted(words))} if words else set()


def _has_commas(table: TableFile, columns: Iterable[int | None]) -> bool:
    """Tell whether numbers are written with a comma, as in 10,00."""
    return any(re.fullmatch(r"\d+,\d+", table.get(line, n)) for n in columns for line in table.lines)


def _parse_number(text: str) -> float:
    text = text.replace(",", ".")
    return float(text) if re.fullmatch(r"\d+(?:\.\d+)?", text) else 0.0
