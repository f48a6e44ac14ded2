"""Grades as Gradescope reads them: a test for each problem, with its points, and one for each case."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any

from torch_judge.grading.classroom.grades import Grade, Marks
from torch_judge.model.problem import Problem

from .text import as_rich, as_text


class Visibility(StrEnum):
    """When students see the cases."""

    VISIBLE = "visible"
    AFTER_DUE_DATE = "after_due_date"
    AFTER_PUBLISHED = "after_published"
    HIDDEN = "hidden"


def as_gradescope(
    marks: Marks, problems: Mapping[str, Problem], *, visibility: Visibility = Visibility.VISIBLE
) -> str:
    """Make a results.json. A score that is not known, since the judge failed, is not in it."""
    tests = [
        test
        for number, grade in enumerate(marks.grades, 1)
        for test in _list_tests(grade, problems[grade.work.task_id], number, visibility)
    ]
    records = [grade.record for grade in marks.grades if grade.record]
    results: dict[str, Any] = {
        "output": "; ".join(f"{grade.work.task_id}: {grade.verdict}" for grade in marks.grades),
        "output_format": "text",
        "test_output_format": "text",
        "visibility": Visibility.VISIBLE.value,
        "stdout_visibility": Visibility.HIDDEN.value,
        "execution_time": round(sum(record.seconds for record in records), 2),
        "tests": tests,
        "extra_data": {
            "seed": records[0].seed if records else None,
            "judge_version": records[0].judge_version if records else None,
            "isolation_missing": sorted({layer for each in records for layer in each.isolation_missing}),
        },
    }
    if marks.score is not None:
        results = {"score": round(marks.score, 4), **results}
    return json.dumps(results, indent=2) + "\n"


def _list_tests(
    grade: Grade, problem: Problem, number: int, visibility: Visibility
) -> Iterator[dict[str, Any]]:
    report = grade.record.report if grade.record else None
    score = {} if grade.score is None else {"score": round(grade.score, 4)}
    said = [grade.work.note, as_text(as_rich(replace(report, cases=()))) if report else ""]
    yield {
        "name": f"{problem.title}: {grade.verdict}",
        "number": str(number),
        **score,
        "max_score": round(grade.most, 4),
        "status": "passed" if grade.record and grade.record.passed else "failed",
        "output": "\n".join(filter(None, said)),
        "visibility": visibility.value,
        "extra_data": {
            "problem": problem.slug,
            "diagnosis": list(grade.record.diagnosis if grade.record else ()),
        },
    }
    for place, case in enumerate(report.cases if report else (), 1):
        yield {
            "name": case.title,
            "number": f"{number}.{place}",
            "status": "passed" if case.passed else "failed",
            "output": "" if case.passed else f"{case.verdict}: {case.message}",
            "visibility": visibility.value,
        }
