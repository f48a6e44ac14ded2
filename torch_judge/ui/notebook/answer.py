"""The answer that a call hands over, made a submission: the text of a program, or a function or class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any, Final, Protocol

from torch_judge.learning.attempt import read_code
from torch_judge.model.errors import UsageError, WrongTypeError
from torch_judge.model.live_object import from_object, from_session
from torch_judge.model.report import Report, Verdict
from torch_judge.model.submission import SUFFIXES, Cell, Submission, from_source

from .session import MISSING, find_kernel, list_cells, look_up


class Wanted(Protocol):
    """The problem that an answer is to: one of a bank here, or of a judge elsewhere."""

    @property
    def slug(self) -> str:
        """Return its name."""

    @property
    def entry_point(self) -> str:
        """Return the name of what is judged."""

    def read_starter(self) -> str:
        """Return the text that a learner starts from."""


SIGNS_OF_LOSS: Final = ("NameError", "AttributeError", "KeyError", "ModuleNotFoundError")


def make_submission(problem: Wanted, value: Any) -> Submission:
    """Make a submission of a text or of something that can be called.

    WrongTypeError, which is a TypeError, says what else was found; UsageError that a text is a file's name.
    """
    name = problem.entry_point
    if value is MISSING:
        return Submission(name, fault=_say_not_defined(problem))
    if isinstance(value, str):
        if value.strip().endswith(SUFFIXES) and "\n" not in value.strip():
            raise UsageError(
                f"{value!r} is the name of a file, and a text is judged as a program: run "
                f"`torch-judge run {problem.slug} {value.strip()}`, or judge(..., Path({value.strip()!r}))"
            )
        return from_source(value)
    if not callable(value):
        advice = f'; for a file: judge("{problem.slug}", {value!r})' if isinstance(value, Path) else ""
        raise WrongTypeError(
            f"what is judged is a function, a class, or the text of a program that defines {name}; "
            f"found a value of type {type(value).__name__}, not something that can be called{advice}"
        )
    return from_object(value, name, cells=list_cells(name, value))


def find_answer(problem: Wanted, value: Any, *, caller: FrameType) -> tuple[Any, Submission]:
    """Find what is judged, handed over or defined at the call, and make a submission of it."""
    if value is not MISSING:
        return value, make_submission(problem, value)
    found = look_up(problem.entry_point, caller)
    return found, find_submission(problem, found)


def find_submission(problem: Wanted, value: Any) -> Submission:
    """Make a submission of what the entry point's name stands for where a check is called."""
    if value is MISSING or callable(value):
        return make_submission(problem, value)
    raise WrongTypeError(
        f"{problem.entry_point} is a value of type {type(value).__name__}, not something that can be called"
    )


def make_source(submission: Submission, value: Any) -> Submission:
    """Make of a live object a submission of text, which is all that travels to a judge elsewhere."""
    if submission.pickled is None:
        return submission
    if cells := list_cells(submission.name, value):
        return from_session(submission.name, cells, "a judge elsewhere is sent text")
    if text := read_code(submission, value):
        return replace(submission, pickled=None, cells=(Cell(f"{submission.name}.py", text),))
    raise UsageError(f"the source of {submission.name} is not known here; hand over its text")


def judge_what_arrives(
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


def _say_not_defined(problem: Wanted) -> str:
    """Say that there is no submission, and where to write it: a notebook has cells, a script has none."""
    name = problem.entry_point
    if find_kernel() is None:
        return (
            f"{name} is not defined here; define it above the call of check, "
            f'or hand over what you call otherwise: check("{problem.slug}", my_function)'
        )
    first = next(
        (line for line in problem.read_starter().splitlines() if line.startswith(("def ", "class "))), name
    )
    return (
        f"{name} is not defined here; write it, run its cell, and check again. "
        "In the template that is the cell right below the statement, the second one with code; "
        f"it begins with {first.partition('(')[0]}"
    )
