"""What conductor and program say to each other: a message comes back as it was, and nothing else is one."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import get_args

import pytest

from torch_judge.execution.forkserver import requests
from torch_judge.execution.forkserver.requests import Confinement, Role, decode_answer, decode_request, encode
from torch_judge.model.errors import JudgeError
from torch_judge.model.isolation import Layer

CONFINEMENT = Confinement(
    bank="/a bank",
    packages=("torch",),
    operators=("batch_norm",),
    memory_mib=1,
    seconds=0.5,
    required=(Layer.FILES,),
)
REQUESTS: list[requests.Request] = [
    requests.StartChild(Role.WORKER, CONFINEMENT),
    requests.StartChild(Role.CHECKER, Confinement()),
    requests.Kill((1, 2)),
    requests.End(3, 0.25),
    requests.End(3, 0),
    requests.Describe(),
]
ANSWERS: list[requests.Answer] = [
    requests.Started(7, ""),
    requests.Started(7, "/tmp/scratch", "only 1 of its 2 MiB are to be had here"),
    requests.Lacking("files: gone"),
    requests.Killed(()),
    requests.Ended(None, "it put too much there"),
    requests.Ended(-9, ""),
    requests.Described((Layer.PROCESS,), {"files": "no \N{SNOWMAN} here"}, bounded=True, scratch="1 MiB"),
    requests.Unable("BlockingIOError: no process left"),
    requests.Failed("ImportError: no torch"),
]


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request_: type(request_).__name__)
def test_a_request_comes_back_as_it_was(request_: requests.Request) -> None:
    line = encode(request_)
    assert decode_request(line) == request_
    assert line.count(b"\n") == 1 and line.endswith(b"\n")


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: type(answer).__name__)
def test_an_answer_comes_back_as_it_was(answer: requests.Answer) -> None:
    assert decode_answer(encode(answer)) == answer


def test_every_kind_of_message_is_tried() -> None:
    assert {type(message) for message in REQUESTS} == set(get_args(requests.Request))
    assert {type(message) for message in ANSWERS} == set(get_args(requests.Answer))


WRONG = {
    "no JSON": b"{",
    "no object": b"[1]\n",
    "no kind": b'{"pids": [1]}',
    "another kind": b'{"kind": "Fork", "pids": [1]}',
    "an answer": b'{"kind": "Killed", "pids": [1]}',
    "a field too few": b'{"kind": "End", "pid": 1}',
    "a field too many": b'{"kind": "Kill", "pids": [1], "why": ""}',
    "a text for a number": b'{"kind": "End", "pid": "1", "grace": 0.0}',
    "a flag for a number": b'{"kind": "End", "pid": true, "grace": 0.0}',
    "a number for a list": b'{"kind": "Kill", "pids": 1}',
    "texts for numbers": b'{"kind": "Kill", "pids": ["1"]}',
    "another role": encode(requests.StartChild(Role.WORKER, CONFINEMENT)).replace(b'"worker"', b'"judge"'),
    "another confinement": encode(requests.Describe()).replace(b'"bank"', b'"Bank"'),
    "nothing": b"",
}


@pytest.mark.parametrize("line", WRONG.values(), ids=WRONG.keys())
def test_nothing_else_is_a_request(line: bytes) -> None:
    with pytest.raises(JudgeError, match="out of step"):
        decode_request(line)


def test_a_request_is_no_answer() -> None:
    with pytest.raises(JudgeError, match="out of step"):
        decode_answer(encode(requests.Kill((1,))))


def test_the_messages_cost_the_conductor_next_to_nothing() -> None:
    """They are imported before the first check: the standard library and our errors alone."""
    script = (
        "import __future__, sys, json, dataclasses, enum, typing; before = set(sys.modules)\n"
        "import torch_judge.execution.forkserver.requests\n"
        "print('\\n'.join(sorted(name for name in set(sys.modules) - before)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "torch_judge.execution.forkserver.requests" in loaded
    assert [name for name in loaded if name.partition(".")[0] != "torch_judge"] == []


def test_a_message_shows_as_plain_json() -> None:
    assert json.loads(encode(requests.End(3, 0.5))) == {"kind": "End", "pid": 3, "grace": 0.5}
