"""The trusted process's side: run the jury solution through the cases, compare, give verdicts."""

from __future__ import annotations

import select
import socket
import sys
import traceback
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import CodeType
from typing import Any, ClassVar, Final

from torch_judge.authoring.checkers import JuryChecker, OneOf
from torch_judge.authoring.complaints import read_complaints
from torch_judge.authoring.inputs import space_beside
from torch_judge.authoring.suite import Case, WrongAnswer, load_suite
from torch_judge.execution.protocol import codec
from torch_judge.execution.protocol.frames import LARGEST_JOB
from torch_judge.execution.protocol.messages import (
    Broken,
    CaseFacts,
    CheckerJob,
    Compare,
    Decision,
    ErrorMapFields,
    Examine,
    Examined,
    Expect,
    FaultsTried,
    FindAlike,
    Forget,
    FromChecker,
    Matches,
    NothingToSay,
    RehearsalJob,
    Rehearse,
    Rehearsed,
    Search,
    SpaceTried,
    Suite,
    ToChecker,
    TryFaults,
    TrySpace,
    Weigh,
    Weights,
)
from torch_judge.execution.runtime import load_code, read_message, reset_settings, send_message
from torch_judge.model.errors import WireError
from torch_judge.model.report import Verdict

from .call_recorder import Recorder, load_promised
from .comparison import find_difference, find_misfit, find_nearest_difference
from .error_map import make_error_map
from .falsify import answer_search, find_fault
from .fault_calls import CallStage
from .fault_grid import try_grid
from .fault_wrapping import wrap
from .fields import list_fields
from .matching import Rejected, answer_question, examine_sample
from .sample_runner import SampleRunner

BANK_FILES: Final = ("cases.py", "solution.py")
LARGEST_MEMORY: Final = 128 << 20
"""Of jury answers so much is kept: a checker that stays for thousands of seeds would fill its memory."""
LONGEST_SAID: Final = 2000
"""More than is shown of why an answer is wrong: what a submission sent may be quoted in it."""
SECONDS_TO_LET_OTHERS_GO_FIRST: Final = 0.005
LARGEST_MAPPED: Final = 4 << 20
"""Of an observation with more bytes no error map is made."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The verdict on an observation, the sentence that goes with it, and the value that was compared."""

    verdict: Verdict
    message: str = ""
    value: Any = None
    """Decoded once, and handed on; nothing where it was not needed or is no observation."""


@dataclass(frozen=True)
class _Answer:
    """A jury answer, as it travels and as it is compared."""

    tree: codec.Tree
    body: bytes

    @property
    def size(self) -> int:
        """How many bytes it holds, but for its names."""
        return len(self.body)

    @cached_property
    def value(self) -> Any:
        """Decode it, where a submission's is not the same to the bit."""
        return codec.decode(self.tree, self.body)

    @cached_property
    def fields(self) -> Mapping[str, Any]:
        """Take it apart."""
        return list_fields(self.value)


@dataclass(frozen=True, slots=True)
class _NoAnswer:
    """In the place of a jury answer: why there is none."""

    why: str
    size: ClassVar[int] = 0


class Checker:
    """The jury's side of one check."""

    def __init__(self, job: CheckerJob) -> None:
        self._job = job
        self.cases = {case.name: case for case in load_suite(load_code(job.cases))}
        self._jury = _load_jury(load_code(job.solution), job.entry_point)
        self._solution = vars(sys.modules["solution"])
        self._recorder: Recorder | None = None
        self._answers: dict[tuple[int, str], _Answer | _NoAnswer] = {}
        self._others: dict[tuple[int, str, str], _Answer] = {}
        self._bytes_kept = 0
        self.rejected = Rejected()

    def prepare(self, name: str, seed: int) -> _Answer | _NoAnswer:
        """Make the jury answer to a case, once, by the same way that an observation takes."""
        if (seed, name) not in self._answers:
            answer = self._make_answer(self.cases[name], seed)
            self._forget_old_answers(seed, answer.size)
            self._answers[seed, name] = answer
        return self._answers[seed, name]

    def _forget_old_answers(self, seed: int, size: int) -> None:
        """Make room for an answer under a seed: those under other seeds go, the oldest first."""
        self._bytes_kept += size
        while self._bytes_kept > LARGEST_MEMORY:
            oldest = next((key for key in self._answers if key[0] != seed), None)
            if oldest is None:
                return
            self._bytes_kept -= self._answers.pop(oldest).size
            self._others.clear()

    def _make_answer(self, case: Case, seed: int) -> _Answer | _NoAnswer:
        reset_settings(case.seed(seed))
        try:
            return _Answer(*_observe_jury(case, self._jury, seed))
        except Exception as error:  # whatever the bank's own code raises is a broken bank
            return _NoAnswer(locate(error, self._job.folder))

    def compare(self, name: str, tree: codec.Tree, body: bytes, *, seed: int) -> Comparison:
        """Give the verdict on one observation, and the first difference if it is wrong."""
        answer = self.prepare(name, seed)
        if isinstance(answer, _NoAnswer):
            return Comparison(Verdict.JUDGE_ERROR, answer.why)
        # most right answers are the jury's to the bit, and then nothing has to be decoded
        if (tree, body) == (answer.tree, answer.body):
            return Comparison(Verdict.ACCEPTED)
        try:
            value = codec.decode(tree, body)
        except WireError as error:
            return Comparison(Verdict.RUN_TIME_ERROR, f"the submission disturbed its channel: {error}")
        try:
            difference = self._find_fault(self.cases[name], answer.value, value, seed)
        except Exception as error:  # a checker of the bank's, or one of ours
            # of what the jury answered it must know what to think; what else is sent may be anything
            self._find_fault(self.cases[name], answer.value, answer.value, seed)
            difference = f"what came back cannot be compared: {type(error).__name__}: {error}"
        if difference is None:
            return Comparison(Verdict.ACCEPTED)
        return Comparison(Verdict.WRONG_ANSWER, f"{self.cases[name].sentence}\n{difference}", value)

    def decide(self, request: Compare) -> Decision:
        """Answer with the verdict on one observation, and keep it for a diagnosis if it is wrong."""
        name = request.case
        try:
            comparison = self.compare(name, request.tree, request.body, seed=request.seed)
        except Exception as error:  # a checker of the bank's, or one of ours
            comparison = Comparison(Verdict.JUDGE_ERROR, locate(error, self._job.folder))
        error_map = None
        if comparison.verdict is Verdict.WRONG_ANSWER:
            self.rejected.keep(name, request.tree, request.body)
            error_map = self._map_errors(request, comparison.value)
        # who sends more before we are heard waits for us, and we for them
        return Decision(name, comparison.verdict, comparison.message[:LONGEST_SAID], error_map)

    def _map_errors(self, request: Compare, value: Any) -> ErrorMapFields | None:
        """Make a map of where a wrong observation is wrong, of those that are compared value by value."""
        answer, case = self.prepare(request.case, request.seed), self.cases[request.case]
        if case.checker or isinstance(answer, _NoAnswer) or len(request.body) > LARGEST_MAPPED:
            return None
        found = make_error_map(answer.value, value, tolerance=case.tolerance)
        return None if found is None else ErrorMapFields(found.where, found.shape, found.wrong, found.grid)

    def make_sample_runner(self, seed: int) -> SampleRunner:
        """Return what it takes to run gotchas under a seed."""

        def judge(name: str, tree: codec.Tree, body: bytes) -> tuple[Verdict, str]:
            comparison = self.compare(name, tree, body, seed=seed)
            return comparison.verdict, comparison.message

        def expect(name: str) -> Mapping[str, Any] | None:
            answer = self.prepare(name, seed)
            if isinstance(answer, _NoAnswer) or self.cases[name].checker is not None:
                return None
            return answer.fields

        return SampleRunner(self.cases, seed, self._job.entry_point, judge, self._find_difference, expect)

    def answer_about_gotchas(
        self, request: FindAlike | Weigh | Examine
    ) -> Matches | Weights | Examined | NothingToSay:
        """Answer a question about gotchas; after a fault of theirs or of ours there is nothing to say."""
        runner = self.make_sample_runner(request.seed)
        try:
            if isinstance(request, Examine):
                return examine_sample(runner, request)
            return answer_question(runner, self.rejected, request)
        except Exception:  # whatever goes wrong, the verdicts stand
            return NothingToSay()

    def search(self, channel: socket.socket, *, seconds: float) -> None:
        """Look for the smallest inputs on which the submission and the jury differ."""
        space = space_beside(self.cases.values())
        answer_search(channel, space, self._jury, seed=self._job.seed, seconds=seconds)

    def rehearse(self, request: Rehearse) -> Rehearsed | Broken:
        """Run a case on the jury solution under observation and compare with an earlier run; keep nothing."""
        case, recorder = self.cases[request.case], self._open_recorder()
        reset_settings(request.generators)
        recorder.take()
        try:
            tree, body = _observe_jury(case, recorder.entry_point, request.seed)
            record = recorder.take()
            difference = None
            if request.expected is not None and (tree, body) != (request.expected, request.body):
                first, again = codec.decode(request.expected, request.body), codec.decode(tree, body)
                difference = self._find_fault(case, first, again, request.seed)
        except Exception as error:  # whatever the bank's own code raises is a broken bank
            return Broken(locate(error, self._job.folder))
        noted = (record.given, record.left, record.parts, record.defaulted)
        return Rehearsed(case.name, tree, difference, *noted, body)

    def _open_recorder(self) -> Recorder:
        if self._recorder is None:
            if not isinstance(self._job, RehearsalJob):
                raise WireError("a rehearsal without a starter")
            promised = load_promised(load_code(self._job.starter), self._job.entry_point)
            self._recorder = Recorder(self._jury, promised)
        return self._recorder

    def try_space(self) -> SpaceTried:
        """Try the space of small inputs on the jury solution, and say what is wrong with it."""
        space = space_beside(self.cases.values())
        try:
            fault = None if space is None else find_fault(space, self._jury, seed=self._job.seed)
            return SpaceTried(fault)
        except Exception as error:  # whatever the bank's own code raises is a broken bank
            return SpaceTried(f"raises {locate(error, self._job.folder)}")

    def try_faults(self, seeds: tuple[int, ...]) -> FaultsTried | Broken:
        """Try the jury solution under conditional faults, on a copy of its own."""
        stage, plain = CallStage(), sys.modules.get("solution")
        for seed in seeds:  # while pickles find the classes of the jury that answers
            for name in self.cases:
                self.prepare(name, seed)
        try:
            jury = _load_jury(load_code(self._job.solution), self._job.entry_point)
            stage.entry_point = wrap(stage, jury)
            grid = try_grid(stage, self.make_sample_runner, seeds)
        except Exception as error:  # whatever the bank's own code raises is a broken bank
            return Broken(locate(error, self._job.folder))
        finally:
            if plain is not None:
                sys.modules["solution"] = plain
        return FaultsTried(
            tuple((condition.name, condition.says) for condition in grid.conditions),
            tuple((effect.name, effect.says) for effect in grid.effects),
            grid.met,
            grid.rows,
            grid.skipped,
            grid.spoilt,
            grid.runs,
        )

    def _find_fault(self, case: Case, expected: Any, found: Any, seed: int) -> str | None:
        """Say what is wrong with an answer to a case; None if it will do."""
        match case.checker:
            case OneOf(names):
                others = [self._answer_otherwise(case, name, seed) for name in names]
                return find_nearest_difference([expected, *others], found, tolerance=case.tolerance)
            case JuryChecker() as checker:
                beside = _compare_beside(case, checker, expected, found)
                return beside or checker.find_fault(expected, found, self._solution)
        return self._find_difference(case, expected, found)

    def _answer_otherwise(self, case: Case, name: str, seed: int) -> Any:
        """Answer a case as another entry point of the jury solution does, once."""
        if (seed, case.name, name) not in self._others:
            if name not in self._solution:
                raise LookupError(f"solution.py defines no {name}, which {case.name} accepts as well")
            reset_settings(case.seed(seed))
            self._others[seed, case.name, name] = _Answer(*_observe_jury(case, self._solution[name], seed))
        return self._others[seed, case.name, name].value

    def _find_difference(self, case: Case, first: Any, second: Any) -> str | None:
        """Say how two answers to a case differ, of which neither has to be right."""
        match case.checker:
            case None | OneOf():
                return find_difference(first, second, tolerance=case.tolerance)
            case JuryChecker() as checker:
                return _compare_beside(case, checker, first, second) or checker.tell_apart(first, second)
            case checker:
                # a checker of an author's may rely on what is right in kind and shape
                return find_misfit(first, second) or checker(first, second)


def _compare_beside(case: Case, checker: JuryChecker, expected: Any, found: Any) -> str | None:
    """Compare all that a checker does not judge."""
    if misfit := find_misfit(expected, found):
        return misfit
    if not isinstance(expected, dict):
        raise TypeError(f"{case.name} returns no dict, of which its checker could judge a field")
    rest = [
        {name: value for name, value in seen.items() if name not in checker.fields}
        for seen in (expected, found)
    ]
    return find_difference(*rest, tolerance=case.tolerance)


def _load_jury(code: CodeType, entry_point: str) -> Any:
    module = types.ModuleType("solution")
    sys.modules["solution"] = module
    exec(code, vars(module))  # noqa: S102 - the bank is trusted
    if entry_point not in vars(module):
        raise LookupError(f"solution.py defines no {entry_point}")
    return vars(module)[entry_point]


def locate(error: BaseException, folder: str) -> str:
    """Say what the bank's code raised, and in which file and line."""
    places = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    own = [
        f"{folder}/{file}:{line}: {type(error).__name__}: {error}"
        for file, line in places
        if file in BANK_FILES
    ]
    return own[-1] if own else f"{folder}/{error}"  # our own complaints begin with the file's name


def serve(channel: socket.socket) -> None:
    """Answer the conductor until it hangs up: a job first, then one question after another."""
    job = read_message(channel, CheckerJob, RehearsalJob, largest_body=LARGEST_JOB)
    try:
        checker = Checker(job)
    except Exception as error:  # whatever the bank's own code raises is a broken bank
        send_message(channel, Broken(locate(error, job.folder)))
        return
    send_message(channel, Suite(tuple(map(_describe, checker.cases.values()))))
    # a rehearsal decides itself what runs when, for it looks for what one case leaves to another
    upcoming = iter([] if isinstance(job, RehearsalJob) else list(checker.cases))
    seed = job.seed
    while True:
        _prepare_while_idle(checker, upcoming, seed, channel)
        request = read_message(channel, *_QUESTIONS)
        if isinstance(request, Expect):
            upcoming, seed = iter(list(checker.cases)), request.seed
            # whoever said this goes on first: where processors are few, we would take theirs
            select.select([channel], [], [], SECONDS_TO_LET_OTHERS_GO_FIRST)
        elif (answer := _answer(checker, request, channel)) is not None:
            send_message(channel, answer)


def _observe_jury(case: Case, jury: Any, seed: int) -> tuple[codec.Tree, bytes]:
    """Observe a case of the jury's; complaints of it are of the bank."""
    seen = case.observe(jury, seed=seed)
    if complaints := read_complaints(seen):
        raise WrongAnswer(complaints[0])
    return codec.encode(seen)


_QUESTIONS: Final[tuple[type[ToChecker], ...]] = (
    Compare,
    Expect,
    Forget,
    FindAlike,
    Weigh,
    Examine,
    Search,
    Rehearse,
    TrySpace,
    TryFaults,
)


def _answer(checker: Checker, request: ToChecker, channel: socket.socket) -> FromChecker | None:
    """Answer one question; a search has spoken for itself by then, and to forget needs no answer."""
    match request:
        case Compare():
            return checker.decide(request)
        case FindAlike() | Weigh() | Examine():
            return checker.answer_about_gotchas(request)
        case Rehearse():
            return checker.rehearse(request)
        case TrySpace():
            return checker.try_space()
        case TryFaults(seeds):
            return checker.try_faults(seeds)
        case Search(milliseconds):
            checker.search(channel, seconds=milliseconds / 1000)
        case Forget():
            checker.rejected = Rejected()
    return None


def _prepare_while_idle(checker: Checker, upcoming: Iterator[str], seed: int, channel: socket.socket) -> None:
    """Make jury answers ahead of time for as long as there is nothing to compare."""
    while not select.select([channel], [], [], 0)[0]:
        name = next(upcoming, None)
        if name is None:
            return
        checker.prepare(name, seed)


def _describe(case: Case) -> CaseFacts:
    return CaseFacts(case.name, case.title, case.sentence, case.rejects, case.standard)
