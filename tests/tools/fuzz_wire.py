"""Fuzz the protocol, guided by coverage: `python -m tests.tools.fuzz_wire [SECONDS]`.

It needs `pip install atheris`.

What the fuzzer makes is read as the conductor and the checker read it: a frame, the answer in it, the
observation, the comparison with a jury answer. Nothing but WireError and a channel that ended may come of it.
"""

from __future__ import annotations

import json
import sys
import tempfile
from functools import partial
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["torch_judge", "json"]):
    import numpy as np

    from torch_judge.authoring.suite import Tolerance
    from torch_judge.execution.checker import comparison
    from torch_judge.execution.protocol import codec, messages
    from torch_judge.execution.protocol import frames as wire
    from torch_judge.execution.protocol.messages import (
        ExampleRan,
        ExampleStopped,
        Failure,
        Flags,
        Loaded,
        Observation,
        Refused,
    )
    from torch_judge.judging import worker_session
    from torch_judge.model.errors import WireError
    from torch_judge.model.report import Verdict

SECONDS = 600
LONGEST_INPUT = 4096
LOOSE = Tolerance(relative=1e-3, of_scale=1e-4)
JURY = {
    "output": np.arange(6.0).reshape(2, 3),
    "gradient of x": [1, (True, None, "text", 0.5)],
    "empty": np.zeros((0, 2), np.float32),
}
ANSWERS = (
    worker_session._read_flags,
    worker_session._read_loading,
    worker_session._read_example,
    partial(worker_session._read_outcome, "a case"),
)


def observation(tree: object, body: bytes) -> None:
    """Decode an observation and compare it; what decodes must encode again to no more than it was."""
    found = codec.decode(tree, body)
    comparison.find_difference(_EXPECTED, found, tolerance=LOOSE)
    comparison.find_difference(found, _EXPECTED, tolerance=LOOSE)


def frame(raw: bytes) -> None:
    """Read a frame and whatever it may hold."""
    left = memoryview(raw)

    def read(count: int) -> bytes:
        nonlocal left
        if count > len(left):
            raise EOFError
        chunk, left = bytes(left[:count]), left[count:]
        return chunk

    header, body = wire.read_frame(read)
    packed = wire.pack(header, body)
    if len(packed) > len(raw):
        raise AssertionError(f"{len(raw)} bytes became {len(packed)}")
    for answer in ANSWERS:
        try:
            outcome = answer(header, body)
        except WireError:
            continue
        if isinstance(outcome, Observation):
            observation(outcome.tree, outcome.body)


def one_input(raw: bytes) -> None:
    """Take the bytes as they are, as a header and a body, or as an observation."""
    kind, split, rest = raw[:1], int.from_bytes(raw[1:3], "big"), raw[3:]
    try:
        if kind == b"f":
            frame(rest)
        elif kind == b"h":
            frame(wire.PREFIX.pack(wire.MAGIC, len(rest[:split]), len(rest[split:])) + rest)
        else:
            observation(wire.parse_header(b'{"o":' + rest[:split] + b"}")["o"], rest[split:])
    except (WireError, EOFError):
        return


def seeds() -> list[bytes]:
    """Return inputs from which the fuzzer starts: what honest workers send, in each of the three kinds."""
    tree, body = codec.encode(JURY)
    text = json.dumps(tree).encode()
    sent = [
        Observation("a case", tree, body),
        Failure("a case", Verdict.RUN_TIME_ERROR, "x"),
        Loaded(returns_nothing=False),
        Refused(Verdict.COMPILE_ERROR, "x", exited=False),
        Flags((("gc", "says", 1, "file", "import gc"),)),
        ExampleRan("1", is_cut=False),
        ExampleStopped(Verdict.RUN_TIME_ERROR, "x"),
    ]
    packed = [messages.pack_message(message) for message in sent]
    pairs = [(json.dumps(header).encode(), body) for header, body in map(messages.write, sent)]
    return [
        *(b"f\0\0" + each for each in packed),
        *(b"h" + len(head).to_bytes(2, "big") + head + rest for head, rest in pairs),
        b"o" + len(text).to_bytes(2, "big") + text + body,
    ]


_EXPECTED = codec.decode(*codec.encode(JURY))


def main(arguments: list[str]) -> None:
    """Fuzz for so many seconds; a finding is an uncaught exception, which atheris prints with its input."""
    seconds = int(arguments[0]) if arguments else SECONDS
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(seeds()):
            Path(folder, f"seed_{number}").write_bytes(seed)
        options = {
            "artifact_prefix": f"{tempfile.gettempdir()}/fuzz_wire_",
            "max_total_time": seconds,
            "max_len": LONGEST_INPUT,
            "rss_limit_mb": 1024,
            "timeout": 10,
            "print_final_stats": 1,
        }
        atheris.Setup(
            [sys.argv[0], *(f"-{name}={value}" for name, value in options.items()), folder], one_input
        )
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
