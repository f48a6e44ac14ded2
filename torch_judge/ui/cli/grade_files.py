"""What `grade` writes into its folder: tables, pages, and the files of other systems."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from torch_judge.model.errors import UsageError
from torch_judge.model.problem import Problem
from torch_judge.model.version import __version__

if TYPE_CHECKING:
    from rich.console import RenderableType

    from torch_judge.grading.classroom.classwork import Work
    from torch_judge.grading.classroom.gradebooks import System
    from torch_judge.grading.classroom.grades import Grade, Marks
    from torch_judge.grading.classroom.intake import Intake
    from torch_judge.grading.classroom.summary import ClassSummary
    from torch_judge.model.report import Report

GRADES: Final = "grades.csv"
PAGE: Final = "summary.html"
FEEDBACK: Final = "feedback"
LARGEST_TEMPLATE: Final = 64 << 20


class GradeFormat(StrEnum):
    """For which other system grades are written."""

    GRADESCOPE = "gradescope"
    NBGRADER = "nbgrader"
    JUNIT = "junit"
    CANVAS = "canvas"
    MOODLE = "moodle"


@dataclass(frozen=True, slots=True)
class Template:
    """A teacher's own export that is filled."""

    system: System
    name: str
    raw: bytes
    column: str


def read_template(paths: Sequence[str], forms: Sequence[str], column: str) -> Template | None:
    """Read the gradebook that a format fills, and see to it that it can be, before anything is judged.

    Raises UsageError.
    """
    from torch_judge.grading.classroom.gradebooks import System, fill_gradebook

    systems = [System(form) for form in dict.fromkeys(forms) if form in list(System)]
    if not systems:
        if paths:
            raise UsageError(f"{paths[0]}: a .csv is what --format canvas or --format moodle fills")
        if column:
            raise UsageError("--column names a column for --format canvas or --format moodle")
        return None
    if len(systems) > 1 or len(paths) != 1:
        given = f"there are {len(paths)}" if len(systems) == 1 else "fill one system's at a time"
        raise UsageError(f"--format {systems[0]} fills one .csv of yours, which is one of the PATHs; {given}")
    path = Path(paths[0])
    try:
        with path.open("rb") as stream:
            raw = stream.read(LARGEST_TEMPLATE + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    fill_gradebook(systems[0], raw, path.name, [], column=column)
    return Template(systems[0], path.name, raw, column)


def make_folder(folder: Path) -> None:
    """Make a folder. Raises UsageError where that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be made: {error.strerror}") from None


@dataclass
class Outputs:
    """The files of a graded class; `remarks` are sentences for the teacher that name nobody."""

    folder: Path
    problems: Sequence[Problem]
    marks: Sequence[Marks]
    intake: Intake
    seed: int
    remarks: list[str] = field(default_factory=list)
    details: list[str] = field(default_factory=list)
    """Sentences for the teacher's page, which may name students."""
    facts: list[str] = field(default_factory=list)

    @cached_property
    def summary(self) -> ClassSummary:
        """What the class comes to."""
        from torch_judge.grading.classroom.summary import summarise_class

        return summarise_class(self.marks, self.problems)

    @cached_property
    def known(self) -> dict[str, Problem]:
        """The problems by their slugs."""
        return {problem.slug: problem for problem in self.problems}

    @cached_property
    def names(self) -> dict[str, str]:
        """By each student's key the name of their files."""
        from torch_judge.grading.classroom.file_names import name_files

        return name_files(each.student for each in self.marks)

    def write(self, scheme: str) -> None:
        """Write the grades and each student's page."""
        from torch_judge.grading.classroom.grades import write_grades
        from torch_judge.ui.feedback import as_feedback

        write_file(self.folder / GRADES, write_grades(self.marks, self.intake.refused), bom=True)
        for each in self.marks:
            name = f"{self.names[each.student.key]}.html"
            write_file(self.folder / FEEDBACK / name, as_feedback(each, self.known))
        layouts = Counter(layout for _, layout in self.intake.layouts)
        self.facts += [f"{count} x {layout}" if count > 1 else layout for layout, count in layouts.items()]
        self.facts += [f"points by {scheme}", f"seed {self.seed}", f"torch_judge {__version__}"]
        self._report_lacks()

    def _report_lacks(self) -> None:
        if refused := self.intake.refused:
            self.details += [f"{path}: {why}" for path, why in refused]
            reasons = ", ".join(f"{why} ({n})" for why, n in Counter(why for _, why in refused).most_common())
            self.remarks.append(f"{len(refused)} files are left out: {reasons}")
        summary = self.summary
        lacks = {"missing": summary.missing, "unreadable": summary.unreadable}
        said = [f"{count} {lack}" for lack, count in lacks.items() if count]
        if said:
            self.remarks.append(f"answers: {', '.join(said)}; {self.folder / PAGE} names them")

    def write_page(self) -> None:
        """Write the teacher's page."""
        from torch_judge.ui.class_page import Circumstances, as_class_page

        links = {key: f"{FEEDBACK}/{name}.html" for key, name in self.names.items()}
        circumstances = Circumstances(self.facts, self.details, links)
        write_file(self.folder / PAGE, as_class_page(self.summary, self.marks, circumstances))

    def write_format(self, form: GradeFormat, template: Template | None, *, due: str, scaled: bool) -> None:
        """Write the grades for another system."""
        from torch_judge.grading.classroom.nbgrader_export import write_for_nbgrader
        from torch_judge.ui.gradescope import as_gradescope
        from torch_judge.ui.junit import as_junit

        match form:
            case GradeFormat.GRADESCOPE:
                for each in self.marks:
                    name = f"{self.names[each.student.key]}.json"
                    write_file(self.folder / form / name, as_gradescope(each, self.known))
            case GradeFormat.NBGRADER:
                assignment = Path(self.intake.layouts[0][0]).stem
                text = write_for_nbgrader(self.marks, assignment=assignment, due=due)
                write_file(self.folder / "nbgrader.csv", text)
            case GradeFormat.JUNIT:
                grades = [grade for each in self.marks for grade in each.grades]
                write_file(self.folder / "junit.xml", as_junit(map(_make_report, grades)) + "\n")
            case _:
                if template is not None:
                    self._fill(template, scaled=scaled)

    def _fill(self, template: Template, *, scaled: bool) -> None:
        from torch_judge.grading.classroom.gradebooks import fill_gradebook

        filled = fill_gradebook(
            template.system, template.raw, template.name, self.marks, column=template.column, scaled=scaled
        )
        path = self.folder / f"{template.system}.csv"
        path.write_bytes(filled.raw)
        self.remarks.append(f"{path}: {filled.rows} rows of {filled.column!r} are filled")
        if filled.absent:
            count = len(filled.absent)
            self.remarks.append(f"{count} students are not in {template.name}; {PAGE} names them")
            labels = "; ".join(student.label for student in filled.absent)
            self.details.append(f"Not in {template.name}: {labels}")

    def collect(self, works: Sequence[Work], folder: Path) -> None:
        """Write scripts for a plagiarism tool."""
        from torch_judge.grading.classroom.collection import GIVEN, collect

        make_folder(folder)
        count = collect(works, self.problems, self.names, folder)
        self.remarks.append(f"{folder}: {count} scripts, and in {GIVEN}/ what everybody was given")

    def as_text(self) -> RenderableType:
        """Return what a terminal shows."""
        from rich.console import Group
        from rich.text import Text

        from torch_judge.ui.class_text import as_class_text

        where = f"{self.folder / PAGE}, {GRADES}, {FEEDBACK}{os.sep}"
        return Group(as_class_text(self.summary, seed=self.seed), Text(where))


def write_file(path: Path, text: str, *, bom: bool = False) -> None:
    """Write a text, into a folder that is made; with a mark that Excel knows UTF-8 by, if that is wanted."""
    make_folder(path.parent)
    path.write_text(text, encoding="utf-8-sig" if bom else "utf-8", errors="replace", newline="")


def _make_report(grade: Grade) -> Report:
    """Return the report on an answer, under its student's key; one that is missing failed."""
    from torch_judge.model.report import Report, Verdict

    key = grade.work.student.key
    if grade.record and grade.record.report:
        return replace(grade.record.report, submission=key)
    says = f"{grade.verdict}: {grade.work.note}"
    return Report(grade.work.task_id, key, Verdict.COMPILE_ERROR, 0, 0.0, (), (), message=says)
