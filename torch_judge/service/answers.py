"""What the API answers, as JSON: `openapi.json` describes it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from torch_judge.grading.classroom.grades import write_csv
from torch_judge.model.problem import Problem
from torch_judge.model.report import Report
from torch_judge.model.reveals import Reveals, reduce_case, reduce_report

from .happenings import describe_suite, read_case, read_suite
from .ledger import Entry, Standing, group_by_learner
from .queue import Event
from .users import User

Fields = dict[str, Any]
GRADES = ("student", "problem", "solved", "passed", "cases", "score", "attempts", "last")


def describe_time(seconds: float | None) -> str | None:
    """Write a time as ISO 8601 in UTC."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def describe_user(user: User) -> Fields:
    """Say who someone is."""
    return {"name": user.name, "role": user.role.value}


def describe_problem(problem: Problem) -> Fields:
    """Give the facts of a problem that everyone may know."""
    return {
        "slug": problem.slug,
        "number": problem.number,
        "title": problem.title,
        "topic": problem.topic.value if problem.topic else None,
        "difficulty": problem.difficulty.value,
        "entry_point": problem.entry_point,
        "framework": problem.framework.value,
        "tags": list(problem.tags),
    }


def describe_whole_problem(problem: Problem, reveals: Reveals) -> Fields:
    """Give all that a learner is given to begin with."""
    return {
        **describe_problem(problem),
        "statement": problem.read_statement(),
        "starter": problem.read_starter(),
        "rule": problem.rule,
        "limits": asdict(problem.limits),
        "reveals": reveals.value,
    }


def describe_entry(entry: Entry) -> Fields:
    """Say how far a submission is, and what it came to."""
    return {
        "id": entry.id,
        "number": entry.number,
        "problem": entry.problem,
        "state": entry.state.value,
        "asked_at": describe_time(entry.asked_at),
        "done_at": describe_time(entry.done_at),
        "verdict": entry.verdict.value if entry.verdict else None,
        "passed": entry.passed,
        "cases": entry.cases,
    }


def describe_report(report: Report, reveals: Reveals) -> Fields:
    """Give a report as far as it may be told."""
    fields: Fields = json.loads(reduce_report(report, reveals).to_json())
    return fields


def describe_class(learners: Iterable[User], standings: Sequence[Standing]) -> list[Fields]:
    """Say how far each learner is, those too who have not begun."""
    found = group_by_learner(standings)
    return [
        {
            "name": learner.name,
            "problems": [
                {
                    "problem": one.problem,
                    "attempts": one.attempts,
                    "solved": one.is_solved,
                    "passed": one.passed,
                    "cases": one.cases,
                    "last_at": describe_time(one.last_at),
                }
                for one in found.get(learner.name, ())
            ],
        }
        for learner in learners
    ]


def write_grades(standings: Iterable[Standing]) -> str:
    """Write a line of CSV for each learner and problem; a spreadsheet runs nothing of it."""
    rows = [
        (
            *(one.learner, one.problem, "yes" if one.is_solved else "no", str(one.passed), str(one.cases)),
            f"{1.0 if one.is_solved else one.passed / one.cases if one.cases else 0.0:.4f}",
            *(str(one.attempts), describe_time(one.last_at) or ""),
        )
        for one in standings
    ]
    return write_csv([GRADES, *rows])


def tell(events: Iterable[Event], reveals: Reveals) -> Iterator[tuple[Event, Fields]]:
    """Read what events say, as far as it may be told; a report's is added by whoever has it."""
    for event in events:
        facts: Fields = json.loads(event.facts)
        if event.kind == "suite":
            cases = enumerate(read_suite(facts), 1)
            facts = describe_suite(reduce_case(case, number, reveals) for number, case in cases)
        if event.kind == "case":
            case = reduce_case(read_case(facts), facts["number"], reveals)
            facts = {"number": facts["number"], "case": asdict(case)}
        yield event, facts
