"""The sandboxed process's side: load the submission, run it through cases, hand over observations.

Nothing that this process says is a verdict on a value: it hands over numbers, and the checker decides
what they are worth.
"""

from __future__ import annotations

import importlib
import os
import re
import signal
import socket
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import astuple, replace
from functools import cached_property, partial
from types import CodeType
from typing import Any, Final, TypeVar

import torch_judge.authoring  # noqa: F401 - all of it, for cases: once the sandbox is shut, its files cannot be read
from torch_judge.authoring.inputs import space_beside
from torch_judge.authoring.suite import Case, load_suite
from torch_judge.execution.protocol import codec
from torch_judge.execution.protocol.frames import LARGEST_JOB
from torch_judge.execution.protocol.last_words import prepare_last_words
from torch_judge.execution.protocol.messages import (
    ExampleRan,
    ExampleStopped,
    Failure,
    Flags,
    JuryJob,
    Loaded,
    Observation,
    Preparation,
    Raised,
    Refused,
    Returned,
    RunCase,
    RunExample,
    SubmissionParts,
    TryInputs,
    Up,
    Withheld,
    WorkerJob,
    pack_message,
)
from torch_judge.execution.runtime import (
    load_code,
    name_classes,
    read_message,
    reset_settings,
)
from torch_judge.model.errors import WireError
from torch_judge.model.isolation import Isolation
from torch_judge.model.report import Verdict
from torch_judge.model.submission import Carried, Cell, Submission

from .audit import audit
from .blame import Blame
from .example import compile_cell, run_cell, show
from .forbidden_operators import ForbiddenOperator, forbid
from .forbidden_packages import forbid_packages
from .loader import MISSING, Unfit, describe_misfit, list_files, list_texts, load_entry_point, load_jury
from .missing_return import returns_nothing
from .running import Failed, find_cause
from .stub import hide_the_judge
from .uncompiled import leave_uncompiled
from .untouched import AUTHORING, SAYS, watch_package, watch_suite

STDOUT: Final = 1
CASES_BETWEEN_LOOKS: Final = 6
"""After so many cases it is looked again whether a submission has changed what looks at its results."""
_SENDS_GRADIENTS_BACK: Final = re.compile(r"\.backward\s*\(|\b(?:grad|vjp|jacobian|hessian)\s*\(")
_SHOWN: Final = {Verdict.WRONG_ANSWER, Verdict.RUN_TIME_ERROR}
"""What a counterexample shows; a limit or a rule is not told by small inputs."""

T = TypeVar("T")


class Prepared:
    """All that can be done before there is a submission: the suite is loaded, and the rules are in force."""

    def __init__(self, preparation: Preparation) -> None:
        self.facts = preparation
        code = load_code(preparation.cases) if preparation.cases else None
        suite = load_suite(code) if code else ()
        self.cases = {case.name: case for case in suite}
        self.blame = Blame((), preparation.forbidden_rule)
        forbid(preparation.forbidden, self._record)
        forbid_packages(preparation.packages)
        self.watched = [watch_package(AUTHORING), *([watch_suite(suite, code)] if code else [])]

    def _record(self, operator: str) -> None:
        self.blame.record(operator, sys._getframe())


class Worker:
    """One submission, loaded once and run through the cases that the conductor names."""

    def __init__(self, prepared: Prepared, job: WorkerJob) -> None:
        self._facts, self._job = prepared.facts, job
        self._submission = _read_submission(job.submission, job.body)
        self._blame = prepared.blame
        self._blame.add_files(list_files(self._submission))
        self._cases, self._watched = prepared.cases, prepared.watched
        self._entry_point: Any = None
        self._failures: list[Failed] = []
        self._may_widen = self._submission.notebook and self._submission.pickled is None
        self._is_touched, self._cases_run = False, 0

    @cached_property
    def _texts(self) -> dict[str, str]:
        """List the submission's texts, once: a notebook's are put together of its cells."""
        return list_texts(self._submission)

    def find_flags(self) -> Flags:
        """Say what in the submission's text is worth a look; asked before any of it runs."""
        return Flags(tuple(astuple(flag) for flag in audit(self._texts.items())))

    def load(self) -> Loaded | Refused:
        """Load the submission's entry point and say how that went."""
        _load_what_backward_loads(self._texts.values())
        self._hidden = hide_the_judge()
        leave_uncompiled()
        sys.argv = [self._submission.name]
        name = self._facts.entry_point
        try:
            with _print_in_order():
                self._entry_point = self._load_entry_point(name)
            if unfit := describe_misfit(self._entry_point, name, self._facts.starter):
                return Refused(Verdict.RUN_TIME_ERROR, unfit, exited=False)
        except (SyntaxError, Unfit) as error:
            return Refused(Verdict.COMPILE_ERROR, self._blame.describe(error), exited=False)
        except BaseException as error:  # a submission may raise anything, sys.exit included
            _flush()
            return Refused(*self._blame.judge(error), exited=isinstance(error, SystemExit))
        self._blame.violations.clear()  # what raised and was caught while loading has answered no case
        return Loaded(returns_nothing=returns_nothing(self._entry_point))

    def _load_entry_point(self, name: str) -> Any:
        """Load the entry point; of a file that compares it with a forbidden operator, only what it needs."""
        if isinstance(self._job, JuryJob):
            return load_jury(load_code(self._job.solution), name)
        violations = self._blame.violations
        try:
            return load_entry_point(self._submission, name, failures=self._failures)
        except Exception:  # whatever a submission makes of a forbidden operator
            if not violations or self._submission.pickled is not None:
                raise
        violations.clear()
        entry_point = load_entry_point(replace(self._submission, notebook=True), name)
        if violations:
            raise ForbiddenOperator(violations[0].operator)
        return entry_point

    def run(self, name: str, *, seed: int) -> Observation | Failure:
        """Run one case and say what came of it: an observation, or why there is none."""
        case = self._cases[name]
        outcome: Observation | Failure
        try:
            outcome = Observation(name, *self._run_widely(partial(self._observe, case, seed=seed)))
        except WireError as error:
            outcome = Failure(name, Verdict.WRONG_ANSWER, str(error))
        except BaseException as error:  # a submission may raise anything, sys.exit included
            outcome = Failure(name, *self._blame.judge(error))
        if self._cases_run % CASES_BETWEEN_LOOKS == 0:  # for it takes a while
            self._is_touched = self._is_touched or not all(self._watched)
        self._cases_run += 1
        if self._is_touched:
            outcome = Failure(name, Verdict.WRONG_ANSWER, SAYS)
        # last, for a submission may catch what a forbidden operator raises and answer all the same
        if self._blame.violations:
            outcome = Failure(name, Verdict.RULE_VIOLATION, self._blame.take_broken_rule())
        _flush()
        return outcome

    def run_example(self, cell: Cell, *, seed: int) -> ExampleRan | ExampleStopped:
        """Run code of the learner's own on the entry point and say what came of it."""
        self._blame.add_files([cell.name])
        outcome: ExampleRan | ExampleStopped
        try:
            code = compile_cell(cell)
        except SyntaxError as error:
            return ExampleStopped(Verdict.COMPILE_ERROR, self._blame.describe(error))
        try:
            with _print_in_order():
                outcome = ExampleRan(*self._run_widely(partial(self._show_example, code, seed=seed)))
        except BaseException as error:  # code may raise anything, sys.exit included
            outcome = ExampleStopped(*self._blame.judge(error))
        if self._blame.violations:
            outcome = ExampleStopped(Verdict.RULE_VIOLATION, self._blame.take_broken_rule())
        _flush()
        return outcome

    def _show_example(self, code: CodeType, *, seed: int) -> tuple[str | None, bool]:
        reset_settings(seed)
        return show(run_cell(code, self._facts.entry_point, self._entry_point))

    def _observe(self, case: Case, *, seed: int) -> tuple[codec.Tree, bytes]:
        reset_settings(case.seed(seed))
        return codec.encode(case.observe(self._entry_point, seed=seed))

    def _run_widely(self, run: Callable[[], T]) -> T:
        """Run something; once, where a name is missing, again with all of the notebook that may hold it."""
        try:
            return run()
        except MISSING as error:
            if self._may_widen and not self._blame.violations:
                self._may_widen = False
                narrow = self._entry_point
                try:
                    self._widen()
                    return run()
                except BaseException:  # noqa: S110 - the first error is the one that a reader can do something about
                    pass
                self._entry_point = narrow
                self._blame.violations.clear()
            raise find_cause(error, self._failures) or error from None

    def _widen(self) -> None:
        self._entry_point = load_entry_point(self._submission, self._facts.entry_point, widely=True)
        self._blame.violations.clear()  # what a debug cell compares itself with has answered no case

    def try_inputs(self, choices: Sequence[int]) -> Returned | Raised | Withheld:
        """Run the entry point on small inputs and say what came of it, if that is to be shown."""
        reset_settings(self._job.seed)
        outcome: Returned | Raised | Withheld = Withheld()
        try:
            space = space_beside(self._cases.values())
            outcome = Returned(*codec.encode(space.observe(self._entry_point, choices) if space else None))
        except WireError as error:
            outcome = Raised(("WireError",), str(error))
        except BaseException as error:  # a submission may raise anything, sys.exit included
            shown = find_cause(error, self._failures) or error
            verdict, message = self._blame.judge(shown)
            if verdict in _SHOWN:
                outcome = Raised(name_classes(shown), message)
        if self._blame.violations:
            self._blame.violations.clear()
            outcome = Withheld()
        _flush()
        return outcome


def _load_what_backward_loads(texts: Iterable[str]) -> None:
    """Load what PyTorch would load within a case where a submission sends gradients back itself.

    It takes a second on a busy machine, which would count as the submission's time.
    """
    if "torch" in sys.modules and any(map(_SENDS_GRADIENTS_BACK.search, texts)):
        with suppress(ImportError):
            importlib.import_module("torch.fx.experimental.symbolic_shapes")


def _read_submission(parts: SubmissionParts, pickled: bytes) -> Submission:
    return Submission(
        name=parts.name,
        cells=tuple(Cell(name, source) for name, source in parts.cells),
        notebook=parts.notebook,
        pickled=pickled or None,
        modules={name: Carried(source, package) for name, (source, package) in parts.modules.items()},
    )


@contextmanager
def _print_in_order() -> Iterator[None]:
    """Let what is printed leave line by line, so that the error a script ends with stands last."""
    stream: Any = sys.stdout
    with suppress(Exception):  # the submission may have put anything there
        stream.reconfigure(line_buffering=True)
    try:
        yield
    finally:
        with suppress(Exception):  # the submission may have closed it
            stream.reconfigure(line_buffering=False)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:  # noqa: S112 - the submission may have put anything there
            continue


def serve(channel: socket.socket, isolation: Isolation) -> None:
    """Answer the conductor until it hangs up: a problem, a submission, then cases by name or examples."""
    # taken now: a submission may replace the methods, and would wait for its own time-out
    send, write = channel.sendall, os.write
    prepared = Prepared(read_message(channel, Preparation))
    reasons = {str(layer): why for layer, why in isolation.reasons().items()}
    send(pack_message(Up(tuple(map(str, isolation.layers)), reasons)))
    worker = Worker(prepared, read_message(channel, WorkerJob, JuryJob, largest_body=LARGEST_JOB))
    if sys.platform != "win32":
        signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    prepare_last_words(channel.fileno())
    # the flags leave before a line of the submission runs, so that it cannot take them back
    send(pack_message(worker.find_flags()))
    send(pack_message(worker.load()))
    while True:
        match read_message(channel, RunCase, RunExample, TryInputs):
            case RunCase(case, seed, mark):
                outcome = worker.run(case, seed=seed)
                with suppress(BaseException):  # the submission may have closed it, or set an alarm
                    write(STDOUT, mark.encode())
                send(pack_message(outcome))
            case RunExample(name, code, seed):
                send(pack_message(worker.run_example(Cell(name, code), seed=seed)))
            case TryInputs(choices):
                send(pack_message(worker.try_inputs(choices)))
