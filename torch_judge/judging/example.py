"""Run a learner's code on an input of their own: what is printed and returned, and the jury's answer to it.

The jury solution runs the same code in a process of its own, shut in like any worker, which holds nothing
else of the bank: no case, no other file, and of the solution no source. It is a stranger's code all the same
that runs there, and it can look at the solution's bytecode and docstrings: ask for the jury's side only for a
learner who may see the solution.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from torch_judge.execution.forkserver.channel import HungUp, OutOfTime
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.execution.protocol.messages import ExampleRan, RunExample
from torch_judge.model.errors import BankError, JudgeError, WireError
from torch_judge.model.isolation import Layer
from torch_judge.model.problem import Problem
from torch_judge.model.report import Verdict
from torch_judge.model.sanitize import sanitize
from torch_judge.model.submission import Submission

from .jobs import Assignment, Check, assign_examples, assign_examples_of_the_jury, make_confinement
from .judge import SEEDS, require_by_default
from .worker_session import Budget, Fault, Tried, WorkerSession

EXAMPLE: Final = "the example"
"""What the lines of a learner's code are called in a message."""
LONGEST_EXAMPLE: Final = 64 << 10
LONGEST_RAISED: Final = 1200
LONGEST_VALUE: Final = 16 << 10
RAN: Final = "ran"


@dataclass(frozen=True, slots=True)
class ExampleRun:
    """What came of running an example: what was printed, then the value it ends with, or why it has none.

    `verdict` is "ran" where it ran to its end, else what stopped it, in the words of a check; `raised` is the
    sentence on that, with the line of the answer or of the example. `value` is None where there is nothing to
    show, as in a notebook. All three are cleaned for a screen, not escaped for HTML. `truncated`: what was
    printed, or the value, was longer. `seconds` is the example's own time. `jury` is the same of the jury
    solution, where that was asked for.
    """

    verdict: Verdict | Literal["ran"]
    printed: str = ""
    value: str | None = None
    raised: str | None = None
    seconds: float = 0.0
    truncated: bool = False
    isolation: tuple[str, ...] = ()
    isolation_missing: Mapping[str, str] = field(default_factory=dict)
    jury: ExampleRun | None = None

    @property
    def ran(self) -> bool:
        """Tell whether the example ran to its end."""
        return self.verdict == RAN


def run_example(
    problem: Problem,
    submission: Submission,
    code: str,
    *,
    server: ForkServer,
    jury: bool = False,
    required: frozenset[Layer] | None = None,
    seed: int | None = None,
) -> ExampleRun:
    """Run code such as a debug cell's on a submission, and return what it printed and what it is worth.

    It is run as a notebook runs a cell below the answer: the last expression's value is shown. With `jury` it
    is run on the jury solution too, from the same seed of all generators; that is only for a learner who may
    see the solution. Where a layer of the sandbox is missing that is `required`, by default by
    $TORCH_JUDGE_REQUIRE_ISOLATION, nothing is run.
    """
    required = require_by_default() if required is None else required
    seed = secrets.randbelow(SEEDS) if seed is None else seed
    example = RunExample(EXAMPLE, code.replace("\r\n", "\n").replace("\r", "\n"), seed)
    run = _run_on_submission(Check(problem, submission, seed, required=required), example, server)
    if not jury:
        return run
    return replace(run, jury=_run_on_jury(problem, example, server, required))


def _run_on_submission(check: Check, example: RunExample, server: ForkServer) -> ExampleRun:
    if check.submission.fault:
        return ExampleRun(Verdict.COMPILE_ERROR, raised=sanitize(check.submission.fault))
    if len(example.code) > LONGEST_EXAMPLE:
        said = f"the example is longer than {LONGEST_EXAMPLE >> 10} KiB"
        return ExampleRun(Verdict.COMPILE_ERROR, raised=said)
    try:
        return _run(assign_examples(check), example, check.problem, server, check.required)[0]
    except _OURS as error:
        return _blame_ourselves(str(error) or "the worker did not answer")


def _run_on_jury(
    problem: Problem, example: RunExample, server: ForkServer, required: frozenset[Layer]
) -> ExampleRun:
    if len(example.code) > LONGEST_EXAMPLE:
        return ExampleRun(Verdict.COMPILE_ERROR, raised="not run: the example is too long")
    try:
        assignment = assign_examples_of_the_jury(problem, seed=example.seed)
        run, is_loaded = _run(assignment, example, problem, server, required)
    except _OURS as error:
        return _blame_ourselves(str(error) or "the jury solution's process did not answer")
    if is_loaded or run.verdict is Verdict.JUDGE_ERROR:
        return run
    # no line of a learner's has run there yet: what fails is the bank's
    return replace(run, verdict=Verdict.JUDGE_ERROR, raised=f"the jury solution does not load: {run.raised}")


def _run(
    assignment: Assignment,
    example: RunExample,
    problem: Problem,
    server: ForkServer,
    required: frozenset[Layer],
) -> tuple[ExampleRun, bool]:
    """Run an example in a process of its own, and say whether it was begun."""
    limits = problem.limits
    budget = Budget(limits.seconds_per_case, limits.seconds_in_all)
    with WorkerSession(server, assignment, make_confinement(problem, required=required), budget) as worker:
        tried = worker.try_example(example)
        facts = worker.facts
    run = replace(_word(tried), isolation=facts.isolation, isolation_missing=facts.isolation_missing)
    return run, tried.is_loaded


def _word(tried: Tried) -> ExampleRun:
    """Make of what came from a worker what can be shown; it may say what it likes."""
    printed = sanitize(tried.printed, longest=len(tried.printed))
    if tried.dropped:
        printed += f"\n[... {tried.dropped} more bytes]"
    run = ExampleRun(RAN, printed=printed, seconds=round(tried.seconds, 6), truncated=bool(tried.dropped))
    match tried.outcome:
        case ExampleRan(None):
            return run
        case ExampleRan(str(value), is_cut):
            is_cut = is_cut or len(value) > LONGEST_VALUE
            shown = sanitize(value[:LONGEST_VALUE], longest=LONGEST_VALUE) + ("[...]" if is_cut else "")
            return replace(run, value=shown, truncated=run.truncated or is_cut)
        case Fault(verdict, message):
            return replace(run, verdict=verdict, raised=sanitize(message, longest=LONGEST_RAISED))
    raise AssertionError(tried.outcome)


def _blame_ourselves(why: str) -> ExampleRun:
    return ExampleRun(Verdict.JUDGE_ERROR, raised=sanitize(why, longest=LONGEST_RAISED))


_OURS: Final = (JudgeError, BankError, HungUp, OutOfTime, WireError)
