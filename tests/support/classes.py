"""What a class handed in, as real files, and grades without a judge."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

from tests.support.packages import SOLUTION, write_package
from torch_judge.grading.classroom.classwork import Lack, Work
from torch_judge.grading.classroom.grades import Grade, Marks
from torch_judge.grading.layouts.files import open_exports
from torch_judge.grading.layouts.recognition import Layout, arrange
from torch_judge.grading.layouts.submitted import Student
from torch_judge.grading.records import Record
from torch_judge.model.report import CaseResult, Report, Verdict
from torch_judge.model.submission import from_source

IGNORES_SCALE = "def double(x, scale=2.0):\n    return x * 2\n"


def notebook(*sources: str) -> str:
    """Write a notebook of code cells."""
    cells = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": source}
        for source in sources
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})


def write_files(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files by their paths in a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_zip(path: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write a zip; its names are written as they are given."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def list_submitted(path: Path, layout: Layout | None = None) -> dict[str, list[str]]:
    """List by student what an export holds of them."""
    with open_exports([str(path)]) as (export,):
        _, arranged = arrange(export, layout=layout)
        return {
            student.key: sorted(name for name, _ in submitted.files)
            for submitted in arranged.submitted
            for student in submitted.students
        }


def write_two_problems(bank: Path) -> Path:
    """Write a bank of `double` and `triple`, which asks for the same under another name."""
    write_package(bank)
    shutil.copytree(bank / "double", bank / "triple")
    for path in (bank / "triple").rglob("*"):
        if path.is_file():
            text = (
                path.read_text(encoding="utf-8")
                .replace("double", "triple")
                .replace("number = 1", "number = 2")
            )
            path.write_text(re.sub(r'title = "Double"', 'title = "Triple"', text), encoding="utf-8")
    return bank


def make_grade(
    key: str = "ada",
    *,
    task: str = "double",
    failed: int = 0,
    of: int = 4,
    diagnosis: tuple[str, ...] = (),
    lack: Lack | None = None,
    passed: bool | None = None,
    name: str = "",
    email: str = "",
    note: str = "",
    message: str = "",
    most: float = 1.0,
) -> Grade:
    """Make a grade as if it were judged; `passed` is False where the judge failed, and nothing else."""
    student = Student(key, name, email)
    if lack is not None:
        return Grade(Work(student, task, None, lack, note), None, 0.0, most)
    verdict = Verdict.WRONG_ANSWER if failed else Verdict.ACCEPTED
    if passed is False:
        verdict = Verdict.JUDGE_ERROR
    cases = tuple(
        CaseResult(
            f"case_{n}", f"case {n}", Verdict.WRONG_ANSWER if n < failed else Verdict.ACCEPTED, message
        )
        for n in range(of)
    )
    report = Report(task, "answer.py", verdict, 7, 0.1, cases, ())
    judge_failed = verdict is Verdict.JUDGE_ERROR
    record = Record(
        task,
        key,
        None if judge_failed else not failed,
        verdict.value,
        None if judge_failed else 1 - failed / of,
        {case.name: case.verdict.value for case in cases},
        diagnosis,
        seed=7,
        report=report,
    )
    work = Work(student, task, from_source(SOLUTION, name="answer.py"), note=note)
    return Grade(work, record, None if judge_failed else most * (1 - failed / of), most)


def make_marks(*grades: Grade) -> Marks:
    """Put grades of one student together."""
    return Marks(grades[0].work.student, grades)
