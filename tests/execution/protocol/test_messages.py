"""Messages: each comes back as it was, and whatever is missing, unknown or of another type is refused."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.execution.protocol.test_frames import reader
from torch_judge.execution.protocol import messages
from torch_judge.execution.protocol.frames import Header, read_frame
from torch_judge.execution.protocol.messages import (
    Broken,
    Candidate,
    CaseFacts,
    CheckerJob,
    Compare,
    Decision,
    Difference,
    ErrorMapFields,
    Examine,
    Examined,
    ExampleRan,
    ExampleStopped,
    Expect,
    Failure,
    FaultsTried,
    FindAlike,
    Flags,
    Forget,
    JuryJob,
    Loaded,
    Matches,
    Message,
    NothingToSay,
    Observation,
    Preparation,
    Raised,
    Refused,
    RehearsalJob,
    Rehearse,
    Rehearsed,
    Returned,
    RunCase,
    RunExample,
    Search,
    SearchOver,
    SpaceTried,
    SubmissionParts,
    Suite,
    TryFaults,
    TryInputs,
    TrySpace,
    Up,
    Weigh,
    Weights,
    Withheld,
    WorkerJob,
    pack_message,
    read,
    write,
)
from torch_judge.model.errors import WireError
from torch_judge.model.report import Verdict

TREE = ["dict", [["output", ["tensor", "float32", [1]]], ["says", ["str", "\ud800"]]]]
PARTS = SubmissionParts(
    "mine.py", (("mine.py", "x = 1"),), notebook=False, modules={"helper": ("y = 2", True)}
)
CANDIDATE = Candidate("adds@hand", ("adds",), "code", ("a", "b"))
QUESTION = ((CANDIDATE,), ("a",), {"a": "\ud800 said"}, {"b": "KeyError"}, 7, 600)
ROWS = (("x", "[1.]"),)
EXAMPLES: list[Message] = [
    Preparation("cases", "starter", "double", ("batch_norm",), ("torch",), "rule"),
    WorkerJob(7, PARTS, b"pickled"),
    RunCase("a", 7, ""),
    Up(("process", "files"), {"network": "why"}),
    Flags((("gc", "says", 3, "mine.py", "import gc"),)),
    Loaded(returns_nothing=True),
    Refused(Verdict.COMPILE_ERROR, "why", exited=True),
    Observation("a", TREE, b"0000"),
    Failure("a", Verdict.RUN_TIME_ERROR, "why \ud800"),
    Returned(TREE, b"0000"),
    Raised(("ValueError", "Exception"), "words"),
    Withheld(),
    CheckerJob(7, "cases", "solution", "/bank/double", "double"),
    RehearsalJob(7, "cases", "solution", "/bank/double", "double", "starter"),
    Compare("a", 7, TREE, b"0000"),
    Forget(),
    Expect(7),
    FindAlike(*QUESTION),
    Weigh(*QUESTION),
    Examine("adds", "code", ("a", "b"), alone=True, seed=7, text="text"),
    Search(750),
    Rehearse("a", 7, 8, TREE, b"0000"),
    Rehearse("a", 7, 8, None, b""),
    TrySpace(),
    Suite((CaseFacts("a", "title", "sentence", ("adds",), standard=False),)),
    Broken("why"),
    Decision("a", Verdict.WRONG_ANSWER, "why", ErrorMapFields("output", (2, 3), 1, ("010", "000"))),
    Decision("a", Verdict.ACCEPTED, "", None),
    Matches(("adds", "adds@hand")),
    NothingToSay(),
    Weights({"adds": {"a": ((0, 2), 2, 3, 4), "b": ((), 0, 0, 1)}}),
    Examined(("a",), remembers=False),
    TryInputs((0, 3, 1)),
    Difference(ROWS, ROWS, ROWS, ("x",)),
    SearchOver(),
    Rehearsed("a", TREE, None, ("scale",), (), ("numbers",), ("scale",), b"0000"),
    SpaceTried(None),
    SpaceTried("raises"),
    TryFaults((1, 2)),
    FaultsTried((("a", "b"),), (("c", "d"), ("e", "f")), (3,), ("#o",), ("a case",), (), 5),
    JuryJob(7, PARTS, b"", "solution"),
    RunExample("the example", "double(\ud800)", 7),
    ExampleRan("tensor([2.])", is_cut=False),
    ExampleRan(None, is_cut=True),
    ExampleStopped(Verdict.RUN_TIME_ERROR, "why \ud800"),
]
IDS = [f"{n}-{type(message).__name__}" for n, message in enumerate(EXAMPLES)]
VALUES: list[Any] = [None, True, 7, "7", [None], {"7": None}]
"""One of each kind of JSON; of these at most two fit any field."""


def kinds_below(kind: type[Message]) -> Iterator[type[Message]]:
    for below in kind.__subclasses__():
        yield below
        yield from kinds_below(below)


FAMILIES = {
    messages.ToWorker,
    messages.FromWorker,
    messages.ToChecker,
    messages.FromChecker,
    messages.Question,
}


def test_every_kind_has_an_example_and_a_name_of_its_own() -> None:
    kinds = set(kinds_below(Message)) - FAMILIES
    assert {type(message) for message in EXAMPLES} == kinds
    assert len({write(message)[0]["kind"] for message in EXAMPLES}) == len(kinds)


@pytest.mark.parametrize("message", EXAMPLES, ids=IDS)
def test_a_message_comes_back_as_it_was(message: Message) -> None:
    assert read(*read_frame(reader(pack_message(message))), type(message)) == message


def as_sent(message: Message) -> tuple[Header, bytes]:
    """Return the header and body as they arrive: of JSON's own types."""
    return read_frame(reader(pack_message(message)))


def is_refused(header: Header, body: bytes, *kinds: type[Message]) -> bool:
    """Tell whether a header is refused; one that is not must be what its message writes."""
    try:
        message = read(header, body, *kinds)
    except WireError as error:
        return str(error) == f"a frame that no {kinds[0].writer} wrote"
    assert as_sent(message) == (header, body)
    return False


@pytest.mark.parametrize("message", EXAMPLES, ids=IDS)
def test_a_field_that_is_missing_or_unknown_is_refused(message: Message) -> None:
    header, body = as_sent(message)
    for name in header:
        assert is_refused({key: header[key] for key in header if key != name}, body, type(message)), name
    for name in ("more", "", "\ud800", "body", "Kind"):
        assert is_refused({**header, name: ""}, body, type(message)), name


@pytest.mark.parametrize("message", EXAMPLES, ids=IDS)
def test_a_field_of_another_type_is_refused(message: Message) -> None:
    header, body = as_sent(message)
    for name in header:
        refused = [is_refused({**header, name: value}, body, type(message)) for value in VALUES]
        assert refused.count(True) >= len(VALUES) - 2, name
        assert is_refused({**header, name: 1.5}, body, type(message)), name


@pytest.mark.parametrize("message", EXAMPLES, ids=IDS)
def test_a_body_comes_only_with_what_carries_one(message: Message) -> None:
    header, _ = as_sent(message)
    assert is_refused(header, b"more", type(message)) is not hasattr(message, "body")


@pytest.mark.parametrize("message", EXAMPLES, ids=IDS)
def test_a_message_out_of_turn_is_refused(message: Message) -> None:
    header, body = as_sent(message)
    others = {type(other) for other in EXAMPLES} - {type(message)}
    assert is_refused(header, body, *others)
    assert read(header, body, *others, type(message)) == message
    for kind in (None, True, 7, [], ["loaded"], {}, "", "no kind", "\ud800", type(message).__name__):
        assert is_refused({**header, "kind": kind}, body, type(message))


def find_example(kind: type[Message], field: str) -> Message:
    return next(each for each in EXAMPLES if type(each) is kind and getattr(each, field))


NESTED = {
    field: (find_example(kind, field), field)
    for kind, field in (
        (Suite, "cases"),
        (FindAlike, "candidates"),
        (Decision, "error_map"),
        (WorkerJob, "submission"),
    )
}


@pytest.mark.parametrize(("message", "field"), NESTED.values(), ids=NESTED.keys())
def test_a_value_inside_a_message_is_read_as_strictly(message: Message, field: str) -> None:
    header, body = as_sent(message)
    is_list = isinstance(header[field], list)
    inner: dict[str, Any] = header[field][0] if is_list else header[field]

    def refused(changed: dict[str, Any]) -> bool:
        return is_refused({**header, field: [changed] if is_list else changed}, body, type(message))

    assert not refused(inner)
    assert refused({**inner, "more": 1})
    for name in inner:
        assert refused({key: inner[key] for key in inner if key != name}), name
        assert [refused({**inner, name: value}) for value in VALUES].count(True) >= len(VALUES) - 2, name


def test_a_flag_has_five_parts_each_of_its_type() -> None:
    flag = ["gc", "says", 3, "mine.py", "import gc"]
    assert not is_refused({"kind": "flags", "flags": [flag]}, b"", Flags)
    for wrong in (flag[:4], [*flag, "more"], [*flag[:2], True, *flag[3:]], [*flag[:2], "3", *flag[3:]]):
        assert is_refused({"kind": "flags", "flags": [wrong]}, b"", Flags)


def test_a_verdict_is_one_of_the_words() -> None:
    for word in ("", "ACCEPTED", "Accepted", "accepted ", "passed", "\ud800"):
        header = {"kind": "refused", "verdict": word, "message": ""}
        assert is_refused(header, b"", Refused)


def test_a_tree_is_handed_on_untouched() -> None:
    """What a hostile worker sends as an observation is looked at by the checker alone."""
    tree = [["no", {"encoder": [None, True, 10**400]}], "wrote this"]
    message = read({"kind": "observation", "case": "a", "tree": tree}, b"", Observation)
    assert write(Compare("a", 7, message.tree, message.body))[0]["tree"] == tree


def test_messages_are_read_where_the_judges_modules_are_hidden() -> None:
    """A worker takes them out of sys.modules, where msgspec would look for the names of the types."""
    script = (
        "import sys\nfrom torch_judge.execution.protocol.messages import *\n"
        "from torch_judge.execution.protocol.messages import read, write\n"
        "hidden = [sys.modules.pop(name) for name in list(sys.modules) if name.startswith('torch_judge')]\n"
        "question = RunCase('a', 7, '')\nassert read(*write(question), RunCase, TryInputs) == question\n"
        "question = TryInputs((1, 2))\nheader, body = write(question)\nassert header['choices'] == (1, 2)\n"
        "assert read(header, body, RunCase, TryInputs) == question\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
