"""`check` for notebooks, plain sessions and scripts."""

from __future__ import annotations

import atexit
import sys
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.judging.judge import judge
from torch_judge.judging.starter import recognise_starter
from torch_judge.learning.attempt import read_code
from torch_judge.learning.history import record
from torch_judge.model.isolation import required_layers
from torch_judge.model.live_object import from_object, from_session
from torch_judge.model.problem import Framework, Problem
from torch_judge.model.report import Report, Verdict
from torch_judge.model.submission import Submission
from torch_judge.ui.learning_pages import Place, list_solved

from .display import choose_display
from .session import MISSING, find_kernel, list_cells, load_problem, look_up

SIGNS_OF_LOSS: Final = ("NameError", "AttributeError", "KeyError", "ModuleNotFoundError")


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
        judge_here = partial(
            judge,
            facts,
            server=server,
            seed=seed,
            required=required,
            on_suite=shown.on_suite,
            on_case=shown.on_case,
            counterexample=counterexample,
        )
        judged, report = _judge_what_arrives(judge_here, judged, submission)
        report = recognise_starter(facts, read_code(judged, submission), report)
        unkept = record(facts, judged, report, value=submission)
        shown.finish(
            report, notes=[*([unkept] if unkept else []), *list_solved(facts, report, place=Place.NOTEBOOK)]
        )
    return report


def _judge_what_arrives(
    judge_here: Callable[[Submission], Report], carried: Submission, value: Any
) -> tuple[Submission, Report]:
    """Judge a submission; a live object that arrives broken is judged by its source, if that gets further."""
    report = judge_here(carried)
    sign = _find_sign_of_loss(report) if carried.pickled else ""
    cells = list_cells(carried.name, value) if sign else ()
    if not cells:
        return carried, report
    source = from_session(carried.name, cells, f"that did not arrive whole ({sign})")
    second = judge_here(source)
    further = (bool(second.cases), -second.verdict.gravity) > (bool(report.cases), -report.verdict.gravity)
    return (source, second) if further else (carried, report)


def _find_sign_of_loss(report: Report) -> str:
    """Find the message that may come of something which a live object left behind; empty if there is none."""
    if not report.cases and report.verdict is Verdict.RUN_TIME_ERROR:
        return report.message
    failed = (case.message for case in report.cases if case.verdict is Verdict.RUN_TIME_ERROR)
    return next((message for message in failed if message.startswith(SIGNS_OF_LOSS)), "")


def _make_submission(problem: Problem, value: Any) -> Submission:
    name = problem.entry_point
    if value is MISSING:
        return Submission(name, fault=_say_not_defined(problem))
    if not callable(value):
        return Submission(
            name, fault=f"{name} is a value of type {type(value).__name__}, not something that can be called"
        )
    return from_object(value, name, cells=list_cells(name, value))


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
