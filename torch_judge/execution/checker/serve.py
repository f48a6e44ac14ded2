"""The trusted process's side: run the jury solution through the cases, compare, give verdicts."""

from __future__ import annotations

import random
import select
import socket
import sys
import traceback
import types
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from types import CodeType
from typing import Any

from torch_judge.authoring.inputs import space_beside
from torch_judge.authoring.suite import Case, load_suite
from torch_judge.execution.protocol import codec, frames
from torch_judge.execution.runtime import compiled, read_exactly, reset_settings
from torch_judge.model.errors import WireError
from torch_judge.model.report import ErrorMap, Verdict

from .call_recorder import Recorder, promised_entry_point
from .comparison import first_difference, first_misfit
from .error_map import first_picture
from .falsify import answer_search, fault_of_space
from .matching import Rejected, SampleRunner, examine, likeness

BANK_FILES = ("cases.py", "solution.py")
LARGEST_PICTURED = 4 << 20


class Checker:
    """The jury's side of one check."""

    def __init__(self, job: frames.Header) -> None:
        self._job = job
        self._folder = job["folder"]
        self.cases = {case.name: case for case in load_suite(compiled(job["cases"]))}
        self._jury = _jury(compiled(job["solution"]), job["entry_point"])
        self._recorder: Recorder | None = None
        self._answers: dict[tuple[int, str], _Answer | _Broken] = {}
        self.rejected = Rejected()

    def prepare(self, name: str, seed: int) -> None:
        """Make the jury answer to a case, by the same way that an observation takes."""
        if (seed, name) in self._answers:
            return
        reset_settings(self.cases[name].seed(seed))
        try:
            tree, body = codec.encode(self.cases[name].observe(self._jury, seed=seed))
            self._answers[seed, name] = _Answer(tree, body, codec.decode(tree, body))
        except Exception as error:  # whatever the bank's own code raises is a broken bank
            self._answers[seed, name] = _Broken(_locate(error, self._folder))

    def compare(self, name: str, tree: Any, body: bytes, *, seed: int) -> tuple[Verdict, str]:
        """Give the verdict on one observation, and the first difference if it is wrong."""
        self.prepare(name, seed)
        answer = self._answers[seed, name]
        if isinstance(answer, _Broken):
            return Verdict.JUDGE_ERROR, answer.message
        if (tree, body) == (answer.tree, answer.body):  # the same to the bit
            return Verdict.ACCEPTED, ""
        try:
            found = codec.decode(tree, body)
        except WireError as error:
            return Verdict.RUN_TIME_ERROR, f"the submission disturbed its channel: {error}"
        difference = self._difference(self.cases[name], answer.value, found)
        if difference is None:
            return Verdict.ACCEPTED, ""
        return Verdict.WRONG_ANSWER, f"{self.cases[name].sentence}\n{difference}"

    def judge(self, request: frames.Header, body: bytes) -> frames.Header:
        """Answer with the verdict on one observation, and keep it for a diagnosis if it is wrong."""
        name, tree = request["case"], request["observation"]
        try:
            verdict, message = self.compare(name, tree, body, seed=request["seed"])
        except Exception as error:  # a checker of the bank's, or one of ours
            verdict, message = Verdict.JUDGE_ERROR, _locate(error, self._folder)
        told: frames.Header = {"case": name, "verdict": verdict, "message": message}
        if verdict is Verdict.WRONG_ANSWER:
            self.rejected.keep(name, tree, body)
            picture = self.picture(name, tree, body, seed=request["seed"])
            told |= {"picture": asdict(picture)} if picture else {}
        return told

    def bench(self, seed: int) -> SampleRunner:
        """Return what it takes to run gotchas under a seed."""
        return SampleRunner(
            self.cases, seed, self._job["entry_point"], partial(self.compare, seed=seed), self._difference
        )

    def picture(self, name: str, tree: Any, body: bytes, *, seed: int) -> ErrorMap | None:
        """Return where a wrong observation is wrong, for those that are compared value by value."""
        answer, case = self._answers[seed, name], self.cases[name]
        if case.checker is not None or isinstance(answer, _Broken) or len(body) > LARGEST_PICTURED:
            return None
        return first_picture(answer.value, codec.decode(tree, body), tolerance=case.tolerance)

    def search(self, channel: socket.socket, *, seconds: float) -> None:
        """Look for the smallest inputs on which the submission and the jury differ."""
        answer_search(
            channel, space_beside(self.cases.values()), self._jury, seed=self._job["seed"], seconds=seconds
        )

    def rehearse(self, request: frames.Header, body: bytes) -> tuple[frames.Header, bytes]:
        """Run a case on the jury solution under observation, and compare with what an earlier run gave; nothing is kept."""
        name, expected = request["rehearse"], request["expected"]
        self._recorder = self._recorder or Recorder(
            self._jury, promised_entry_point(compiled(self._job["starter"]), self._job["entry_point"])
        )
        reset_settings(request["generators"])
        random.seed(request["generators"])
        self._recorder.take()
        try:
            tree, raw = codec.encode(
                self.cases[name].observe(self._recorder.entry_point, seed=request["seed"])
            )
            noted = self._recorder.take()
            same = expected is None or (tree, raw) == (expected, body)
            difference = (
                None
                if same
                else self._difference(self.cases[name], codec.decode(expected, body), codec.decode(tree, raw))
            )
        except Exception as error:  # whatever the bank's own code raises is a broken bank
            return {"case": name, "broken": _locate(error, self._folder)}, b""
        return {"case": name, "observation": tree, "difference": difference, **noted}, raw

    def try_space(self) -> frames.Header:
        """Try the space of small inputs on the jury solution, and say what is wrong with it; None if there is none."""
        space = space_beside(self.cases.values())
        try:
            return {
                "space": None if space is None else fault_of_space(space, self._jury, seed=self._job["seed"])
            }
        except Exception as error:  # whatever the bank's own code raises is a broken bank
            return {"space": f"raises {_locate(error, self._folder)}"}

    def _difference(self, case: Case, expected: Any, found: Any) -> str | None:
        if case.checker is None:
            return first_difference(expected, found, tolerance=case.tolerance)
        return first_misfit(expected, found) or case.checker(expected, found)


@dataclass(frozen=True, slots=True)
class _Answer:
    """A jury answer, as it travels and as it is compared."""

    tree: codec.Tree
    body: bytes
    value: Any


@dataclass(frozen=True, slots=True)
class _Broken:
    """In the place of a jury answer: why there is none."""

    message: str


def _jury(code: CodeType, entry_point: str) -> Any:
    module = types.ModuleType("solution")
    sys.modules["solution"] = module
    exec(code, vars(module))  # noqa: S102 - the bank is trusted
    if entry_point not in vars(module):
        raise LookupError(f"solution.py defines no {entry_point}")
    return vars(module)[entry_point]


def _locate(error: BaseException, folder: str) -> str:
    """Say what the bank's code raised, and in which file and line."""
    places = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    own = [
        f"{folder}/{file}:{line}: {type(error).__name__}: {error}"
        for file, line in places
        if file in BANK_FILES
    ]
    return own[-1] if own else f"{folder}/{error}"  # our own complaints begin with the file's name


def serve(channel: socket.socket) -> None:
    """Answer the conductor until it hangs up: a job first, then one observation after another."""

    def read(count: int) -> bytes:
        return read_exactly(channel, count)

    job, _ = frames.read_frame(read, largest_body=frames.LARGEST_JOB)
    try:
        checker = Checker(job)
    except Exception as error:  # whatever the bank's own code raises is a broken bank
        channel.sendall(frames.pack({"broken": _locate(error, job["folder"])}))
        return
    channel.sendall(frames.pack({"cases": [_facts(case) for case in checker.cases.values()]}))
    upcoming = iter(
        list(checker.cases) if "starter" not in job else []
    )  # a rehearsal decides itself what runs when
    while True:
        _prepare_while_idle(checker, upcoming, job["seed"], channel)
        request, body = frames.read_frame(read)
        if "milliseconds_to_search" in request:
            checker.search(channel, seconds=request["milliseconds_to_search"] / 1000)
            continue
        if "forget" in request:
            checker.rejected = Rejected()  # the next observations are another submission's
            continue
        channel.sendall(frames.pack(*_answer(checker, request, body)))


def _answer(checker: Checker, request: frames.Header, body: bytes) -> tuple[frames.Header, bytes]:
    """Answer one question, whatever becomes of it."""
    if "rehearse" in request:
        return checker.rehearse(request, body)
    if "try_space" in request:
        return checker.try_space(), b""
    if "case" in request:
        return checker.judge(request, body), b""
    return _about_gotchas(checker, request), b""


def _about_gotchas(checker: Checker, request: frames.Header) -> frames.Header:
    """Answer a question about gotchas; a fault of theirs or of ours only means that there is nothing to say."""
    bench = checker.bench(request["seed"])
    try:
        if "examine" in request:
            return examine(bench, request)
        return likeness(bench, checker.rejected, request)
    except Exception:  # whatever goes wrong, the verdicts stand
        return {"found": None}


def _prepare_while_idle(checker: Checker, upcoming: Iterator[str], seed: int, channel: socket.socket) -> None:
    """Make jury answers ahead of time for as long as there is nothing to compare."""
    while not select.select([channel], [], [], 0)[0]:
        name = next(upcoming, None)
        if name is None:
            return
        checker.prepare(name, seed)


def _facts(case: Case) -> dict[str, Any]:
    return {"name": case.name, "title": case.title, "sentence": case.sentence, "rejects": list(case.rejects)}
