"""`check` for notebooks, plain sessions and scripts."""

from __future__ import annotations

import atexit
import sys
from functools import cache
from pathlib import Path
from typing import Any

from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.judging.judge import judge
from torch_judge.learning.history import record
from torch_judge.model.isolation import required_layers
from torch_judge.model.live_object import from_object
from torch_judge.model.problem import Framework, Problem
from torch_judge.model.report import Report
from torch_judge.model.submission import Submission

from .display import choose_display
from .session import MISSING, find_kernel, load_problem, look_up


def check(
    problem: str,
    submission: Any = MISSING,
    *,
    seed: int | None = None,
    bank: str | Path | None = None,
    require_isolation: str | None = None,
    counterexample: bool = True,
) -> Report:
    """Judge a function or class of this session, show a line per case, and return the report.

    Without `submission`, takes the problem's entry point from where `check` was called. `seed` replays an
    earlier check. `require_isolation` is a level or layers, as `torch-judge doctor` names them: nothing runs
    where they do not hold. `counterexample` looks for the smallest one after a failure, for up to a second.
    """
    required = None if require_isolation is None else required_layers(require_isolation)
    facts = load_problem(problem, bank=bank)
    if submission is MISSING:
        submission = look_up(facts.entry_point, sys._getframe(1))
    judged = _make_submission(facts, submission)
    server = warm_server(facts.framework)
    with choose_display(facts.slug, judged.name) as shown:
        report = judge(
            facts,
            judged,
            server=server,
            seed=seed,
            required=required,
            on_suite=shown.on_suite,
            on_case=shown.on_case,
            counterexample=counterexample,
        )
        unkept = record(facts, judged, report, value=submission)
        shown.finish(report, notes=[unkept] if unkept else [])
    return report


def _make_submission(problem: Problem, value: Any) -> Submission:
    name = problem.entry_point
    if value is MISSING:
        return Submission(name, fault=_say_not_defined(problem))
    if not callable(value):
        return Submission(
            name, fault=f"{name} is a value of type {type(value).__name__}, not something that can be called"
        )
    return from_object(value, name)


def _say_not_defined(problem: Problem) -> str:
    """Say that there is no submission, and where the template has the cell for it."""
    first = next(
        (line for line in problem.read_starter().splitlines() if line.startswith(("def ", "class "))),
        problem.entry_point,
    )
    return (
        f"{problem.entry_point} is not defined here; write it, run its cell, and check again. "
        "In the template that is the cell right below the statement, the second one with code; "
        f"it begins with {first.partition('(')[0]}"
    )


@cache
def warm_server(framework: Framework) -> ForkServer:
    """Return this session's server for a framework; it ends with the session."""
    server = ForkServer(framework)
    atexit.register(server.close)
    return server


def warm_up_in_a_notebook() -> None:
    """Start the server in the background if this is a notebook kernel, so that the first check is warm."""
    if find_kernel() is not None:
        warm_server(Framework.TORCH).warm_up()
