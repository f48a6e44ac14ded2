"""Messages: what conductor, worker and checker say to each other, one frozen type for each.

A message travels in one frame: its `kind` and fields are the header, its `body` is the body. Who reads one
names the kinds that may come now; any other kind, a field that is missing or unknown, a value of another type
is a WireError. What a right message may *say* (which verdict, which case) is checked by the session that
reads it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, ClassVar, TypeVar

import msgspec

from torch_judge.model.errors import WireError
from torch_judge.model.report import Rows, Verdict

from .frames import Header, pack

Tree = list[Any]
"""An observation as `codec` writes it into a header; nobody but `codec` looks into it."""
Names = tuple[str, ...]
Choices = tuple[int, ...]


def _kind(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name).lower()


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag=_kind):
    """What one process says to another."""

    writer: ClassVar[str]


class ToWorker(Message, frozen=True):
    """What the conductor says to a worker."""

    writer = "conductor"


class ToChecker(Message, frozen=True):
    """What the conductor says to a checker."""

    writer = "conductor"


class FromWorker(Message, frozen=True):
    """What a worker says; once a submission is loaded, anything may be written in its name."""

    writer = "worker"


class FromChecker(Message, frozen=True):
    """What a checker says."""

    writer = "checker"


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value inside a message."""


M = TypeVar("M", bound=Message)


# --- conductor to worker ---


class SubmissionParts(Part, frozen=True):
    """The learner's code; a pickled object is the body of the job."""

    name: str
    cells: tuple[tuple[str, str], ...]
    """The name and the source of each."""
    notebook: bool
    modules: dict[str, tuple[str, bool]]
    """Of each helper module the source, and whether it is a package."""


class Preparation(ToWorker, frozen=True):
    """What a worker is told first: the problem, before there is a submission; the answer is Up."""

    cases: str
    """Compiled, as the other texts of the bank that run; empty where no case is to be run."""
    starter: str
    entry_point: str
    forbidden: Names
    packages: Names
    forbidden_rule: str


class WorkerJob(ToWorker, frozen=True):
    """What a worker is told next: the submission; the answers are Flags, and Loaded or Refused."""

    seed: int
    submission: SubmissionParts
    body: bytes


class JuryJob(WorkerJob, frozen=True):
    """What a worker is told next that is to run examples on the jury solution, in a submission's place."""

    solution: str
    """Compiled: whoever looks through that process finds no source of it."""


class RunCase(ToWorker, frozen=True):
    """Run one case; the answer is an Observation or a Failure.

    `mark` is printed after all that the case has printed: the next case may have begun when that is read.
    """

    case: str
    seed: int
    mark: str


class RunExample(ToWorker, frozen=True):
    """Run code of the learner's own on the entry point; the answer is ExampleRan or ExampleStopped."""

    name: str
    """What its lines are called in a message."""
    code: str
    seed: int


# --- worker to conductor ---


class Up(FromWorker, frozen=True):
    """The sandbox is shut, and no line of the submission has run."""

    layers: Names
    missing: dict[str, str]


class Flags(FromWorker, frozen=True):
    """What in the submission's text is worth a look: sign, what it says, line, file and text of each."""

    flags: tuple[tuple[str, str, int, str, str], ...]


class Loaded(FromWorker, frozen=True):
    """The entry point is there."""

    returns_nothing: bool
    """By its code, it returns None whatever it is given."""


class Refused(FromWorker, frozen=True):
    """The submission could not be loaded."""

    verdict: Verdict
    message: str
    exited: bool
    """It ended by itself; what it printed says why."""


class Observation(FromWorker, frozen=True):
    """What a case returned."""

    case: str
    tree: Tree
    body: bytes


class Failure(FromWorker, frozen=True):
    """Why a case returned nothing."""

    case: str
    verdict: Verdict
    message: str


class ExampleRan(FromWorker, frozen=True):
    """An example ran to its end."""

    value: str | None
    """What its last expression is worth, as text; None where there is nothing to show."""
    is_cut: bool


class ExampleStopped(FromWorker, frozen=True):
    """Why an example did not run to its end."""

    verdict: Verdict
    message: str


class Returned(FromWorker, frozen=True):
    """What came of small inputs; handed on to the checker."""

    tree: Tree
    body: bytes


class Raised(FromWorker, frozen=True):
    """What small inputs made the submission raise, its classes and words; handed on to the checker."""

    classes: Names
    words: str


class Withheld(FromWorker, frozen=True):
    """What came of small inputs is not to be shown."""


# --- conductor to checker ---


class CheckerJob(ToChecker, frozen=True):
    """What a checker is told first; the answer is a Suite or Broken."""

    seed: int
    cases: str
    solution: str
    folder: str
    entry_point: str


class RehearsalJob(CheckerJob, frozen=True):
    """What a checker is told first where a suite is tried on the jury solution alone."""

    starter: str


class Compare(ToChecker, frozen=True):
    """Compare an observation with the jury's; the answer is a Decision."""

    case: str
    seed: int
    tree: Tree
    body: bytes


class Expect(ToChecker, frozen=True):
    """Make the jury answer under a seed while there is nothing else to do; it needs no answer."""

    seed: int


class Forget(ToChecker, frozen=True):
    """Drop what was kept for a diagnosis: what comes next is another submission's. There is no answer."""


class Candidate(Part, frozen=True):
    """A gotcha that may be what the submission is, or two in one text, and the cases to run it through."""

    name: str
    mistakes: Names
    code: str
    plan: Names


class Question(ToChecker, frozen=True):
    """What every question about gotchas says: how the submission failed, and how long an answer may take.

    `raised` are the sentences with which cases rejected, `stopped` is what the submission raised in them.
    """

    candidates: tuple[Candidate, ...]
    failed: Names
    raised: dict[str, str]
    stopped: dict[str, str]
    seed: int
    milliseconds: int


class FindAlike(Question, frozen=True):
    """Find the gotchas that agree in every case of their plans; the answer is Matches or NothingToSay."""


class Weigh(Question, frozen=True):
    """Say of each gotcha how much of what the submission does wrong it does too; the answer is Weights."""


class Examine(ToChecker, frozen=True):
    """Run a sample through the suite, or each case alone too; the answer is Examined or NothingToSay."""

    name: str
    code: str
    order: Names
    alone: bool
    seed: int
    text: str
    """Its source, for TorchScript, which reads it; empty where that is not needed."""


class Search(ToChecker, frozen=True):
    """Look for small inputs that tell both apart; the answer is TryInputs and Difference, then SearchOver."""

    milliseconds: int


class Rehearse(ToChecker, frozen=True):
    """Run a case on the jury solution, compare with an earlier run; the answer is Rehearsed or Broken."""

    case: str
    seed: int
    generators: int
    expected: Tree | None
    body: bytes


class TrySpace(ToChecker, frozen=True):
    """Try the space of small inputs on the jury solution; the answer is SpaceTried."""


class TryFaults(ToChecker, frozen=True):
    """Try the jury solution under conditional faults; the answer is FaultsTried or Broken."""

    seeds: tuple[int, ...]


# --- checker to conductor ---


class CaseFacts(Part, frozen=True):
    """What the conductor may know of a case."""

    name: str
    title: str
    sentence: str
    rejects: Names
    standard: bool


class Suite(FromChecker, frozen=True):
    """The cases, in the order of the file."""

    cases: tuple[CaseFacts, ...]


class Broken(FromChecker, frozen=True):
    """The bank's own code raised."""

    why: str


class ErrorMapFields(Part, frozen=True):
    """Where in a tensor the values are wrong."""

    where: str
    shape: tuple[int, ...]
    wrong: int
    grid: Names


class Decision(FromChecker, frozen=True):
    """The verdict on one observation."""

    case: str
    verdict: Verdict
    message: str
    error_map: ErrorMapFields | None


class Matches(FromChecker, frozen=True):
    """The gotchas that do as the submission did in every case of their plans."""

    names: Names


class Weights(FromChecker, frozen=True):
    """For each gotcha and each case of its plan how much is the same: those that the time was enough for.

    Which of the submission's wrong fields are wrong in the same way, how many are wrong in whichever way, how
    many of them there are, and how many fields are wrong in either.
    """

    likeness: dict[str, dict[str, tuple[tuple[int, ...], int, int, int]]]


class NothingToSay(FromChecker, frozen=True):
    """The question about gotchas has no answer: too little time, or a fault of theirs or of ours."""


class Examined(FromChecker, frozen=True):
    """What a sample did: the cases it fails, and whether it remembers the cases before."""

    fails: Names
    remembers: bool


class TryInputs(FromChecker, frozen=True):
    """Run the entry point on small inputs, in the worker; the answer is Returned, Raised or Withheld."""

    choices: Choices


class Difference(FromChecker, frozen=True):
    """The smallest inputs so far on which the submission and the jury differ, as texts."""

    inputs: Rows
    yours: Rows
    expected: Rows
    differs: Names


class SearchOver(FromChecker, frozen=True):
    """There will be no more inputs to try."""


class Rehearsed(FromChecker, frozen=True):
    """What the jury solution did in a case, and what was noted beside it."""

    case: str
    tree: Tree
    difference: str | None
    given: Names
    left: Names
    parts: Names
    defaulted: Names
    body: bytes


def measure_parts(parts: Sequence[str]) -> tuple[int, int]:
    """Say how much an answer of these parts shows: that of most parts, of which fewest were passed in."""
    return len(parts), -parts.count("argument")


class SpaceTried(FromChecker, frozen=True):
    """What is wrong with the space of small inputs, empty if nothing is; None if there is no space."""

    fault: str | None


class FaultsTried(FromChecker, frozen=True):
    """What became of the conditional faults: a row of marks for each condition, a mark for each effect."""

    conditions: tuple[tuple[str, str], ...]
    """The name of each, and the words that say it."""
    effects: tuple[tuple[str, str], ...]
    met: tuple[int, ...]
    """In how many cases each condition is met."""
    rows: Names
    skipped: Names
    """Cases that do not accept the jury solution where its calls are watched."""
    spoilt: Names
    """Cases that keep what a fault has changed."""
    runs: int


def write(message: Message) -> tuple[Header, bytes]:
    """Write a message as the header and the body of a frame."""
    fields: Header = {"kind": message.__struct_config__.tag}
    for name in message.__struct_fields__:
        value = getattr(message, name)
        # a tree is plain already, and may be large: it is not copied
        fields[name] = value if type(value) in {list, bytes} else msgspec.to_builtins(value)
    return fields, fields.pop("body", b"")


def pack_message(message: Message) -> bytes:
    """Write a message as the bytes of a frame."""
    return pack(*write(message))


def read(header: Header, body: bytes, *expected: type[M]) -> M:
    """Read a message of one of these kinds.

    Raises WireError for everything that `write` would not have made of one.
    """
    kind = header.get("kind")
    for message in expected:
        if kind == message.__struct_config__.tag:
            return _convert(header, body, message)
    raise WireError(f"a frame that no {expected[0].writer} wrote")


def _convert(header: Header, body: bytes, message: type[M]) -> M:
    carries = "body" in message.__struct_fields__
    try:
        if "body" in header or (body and not carries):
            raise WireError(f"a frame that no {message.writer} wrote")
        return msgspec.convert({**header, "body": body} if carries else header, message)
    except (msgspec.ValidationError, UnicodeError):  # a name that is no text has no UTF-8
        raise WireError(f"a frame that no {message.writer} wrote") from None


def _resolve(message: type[Message]) -> None:
    """Have msgspec look the types of all fields up."""
    with suppress(msgspec.ValidationError):
        msgspec.convert({}, message)
    for kind in message.__subclasses__():
        _resolve(kind)


# Before the first fork, so that no child pays for it, and before a worker takes the judge's modules out of
# sys.modules: msgspec looks for the names of types there.
_resolve(Message)
