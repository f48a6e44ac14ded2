"""Jobs: what is judged, and what a worker and a checker are told of it before they start."""

from __future__ import annotations

import base64
import marshal
import random
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import CodeType

from torch_judge.execution.forkserver.requests import Confinement
from torch_judge.execution.protocol.messages import (
    CheckerJob,
    JuryJob,
    Preparation,
    RehearsalJob,
    SubmissionParts,
    WorkerJob,
)
from torch_judge.model.errors import JudgeError
from torch_judge.model.isolation import Layer
from torch_judge.model.problem import Framework, Problem
from torch_judge.model.report import CaseResult
from torch_judge.model.sanitize import one_line
from torch_judge.model.submission import Submission

LONGEST_NAME = 4096


@dataclass(frozen=True, slots=True)
class Check:
    """One run of a submission through a suite."""

    problem: Problem
    submission: Submission
    seed: int
    shuffled: bool = False
    required: frozenset[Layer] = frozenset()

    def order(self, cases: Iterable[CaseResult]) -> list[CaseResult]:
        """Put cases in the order in which they run: that of the file, or one of the seed's own."""
        ordered = list(cases)
        if self.shuffled:
            random.Random(self.seed).shuffle(ordered)  # noqa: S311 - an order, not a secret
        return ordered

    @property
    def name(self) -> str:
        """Return what the submission is called: the learner's words, so they are cleaned."""
        return one_line(self.submission.name, longest=LONGEST_NAME)


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a worker is told: of the problem, before there is a submission, and then of that."""

    preparation: Preparation
    job: WorkerJob


def assign_cases(check: Check) -> Assignment:
    """Make what a worker is told that is to run cases; no text of the jury's is in it."""
    return Assignment(prepare_for_cases(check.problem), _make_job(check))


def assign_examples(check: Check) -> Assignment:
    """Make what a worker is told that is to run examples and no case: it holds none."""
    return Assignment(_prepare(check.problem, cases=""), _make_job(check))


def assign_examples_of_the_jury(problem: Problem, *, seed: int) -> Assignment:
    """Make what a worker is told that runs examples on the jury solution; it holds no case."""
    job = JuryJob(
        seed=seed,
        submission=SubmissionParts(name="the jury solution", cells=(), notebook=False, modules={}),
        body=b"",
        solution=compile_file(problem.read_solution(), problem.folder, "solution.py"),
    )
    return Assignment(_prepare(problem, cases=""), job)


def prepare_for_cases(problem: Problem) -> Preparation:
    """Make what a worker is told of a problem whose cases it is to run."""
    return _prepare(problem, cases=compile_file(problem.read_cases(), problem.folder, "cases.py"))


def _prepare(problem: Problem, *, cases: str) -> Preparation:
    return Preparation(
        cases=cases,
        starter=problem.read_starter(),
        entry_point=problem.entry_point,
        forbidden=_forbidden_operators(problem),
        packages=_forbidden_packages(problem),
        forbidden_rule=problem.rule,
    )


def _make_job(check: Check) -> WorkerJob:
    submission = check.submission
    return WorkerJob(
        seed=check.seed,
        submission=SubmissionParts(
            name=submission.name,
            cells=tuple((cell.name, cell.source) for cell in submission.cells),
            notebook=submission.notebook,
            modules={name: (carried.source, carried.package) for name, carried in submission.modules.items()},
        ),
        body=submission.pickled or b"",
    )


def make_checker_job(problem: Problem, *, seed: int, suite: str | None = None) -> CheckerJob:
    """Make what a checker is told first: the suite, the jury solution and the seed.

    `suite` is what a worker's job holds: both must run the same, even while an author edits the file.
    """
    return CheckerJob(
        seed=seed,
        cases=compile_file(problem.read_cases(), problem.folder, "cases.py") if suite is None else suite,
        solution=compile_file(problem.read_solution(), problem.folder, "solution.py"),
        folder=str(problem.folder),
        entry_point=problem.entry_point,
    )


def make_rehearsal_job(problem: Problem, *, seed: int) -> RehearsalJob:
    """Make what a checker is told first that is to try the suite on the jury solution alone."""
    job = make_checker_job(problem, seed=seed)
    starter = compile_file(problem.read_starter(), problem.folder, "starter.py")
    return RehearsalJob(job.seed, job.cases, job.solution, job.folder, job.entry_point, starter)


def make_confinement(
    problem: Problem, *, required: frozenset[Layer] = frozenset(), seconds: float | None = None
) -> Confinement:
    """Say how both children are shut in: the bank's cases are not to be trusted with the machine either.

    They may compute for `seconds`, by default for as long as the problem gives a submission in all.
    """
    return Confinement(
        bank=str(problem.bank),
        packages=_forbidden_packages(problem),
        operators=_forbidden_operators(problem),
        memory_mib=problem.limits.memory_mib,
        seconds=problem.limits.seconds_in_all if seconds is None else seconds,
        required=tuple(sorted(required)),
    )


def _forbidden_operators(problem: Problem) -> tuple[str, ...]:
    return problem.forbidden if problem.framework is Framework.TORCH else ()


def _forbidden_packages(problem: Problem) -> tuple[str, ...]:
    return problem.forbidden if problem.framework is Framework.NUMPY else ()


def compile_file(text: str, folder: Path, name: str) -> str:
    """Compile a file of the bank; raises JudgeError with its line where it is no Python."""
    try:
        return compile_text(text, name)
    except (SyntaxError, ValueError) as error:
        raise JudgeError(f"{folder / name}:{getattr(error, 'lineno', None) or 0}: {error.args[0]}") from None


@lru_cache(maxsize=1024)
def compile_text(text: str, name: str) -> str:
    """Compile a text of the bank, which is not run here, so that neither worker nor checker has to.

    However this process was started (`python -OO`, `-W error`), a case keeps its sentence and its asserts,
    and a warning stops nothing.
    """
    try:
        code = _compile(text, name)
    except SyntaxError:  # perhaps only a warning; looked at twice, for filters belong to all threads
        with warnings.catch_warnings(action="ignore"):
            code = _compile(text, name)
    return base64.b64encode(marshal.dumps(code)).decode()


def _compile(text: str, name: str) -> CodeType:
    return compile(text, name, "exec", dont_inherit=True, optimize=0)
