"""A question that only a child can answer: whoever tries a layer out cannot leave it again."""

from __future__ import annotations

import json
import os
import select
import signal
import time
from collections.abc import Callable
from typing import NoReturn

from torch_judge.model.errors import JudgeError


def answer_of_child(question: Callable[[int], object], *, seconds: float) -> object:
    """Fork and ask; raise JudgeError if no answer comes in time.

    The child's answer is JSON on the descriptor that the question is given, or a sentence if it failed.
    """
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        _answer(question, writable)
    os.close(writable)
    try:
        answer = _read_all(readable, time.monotonic() + seconds)
    finally:
        os.close(readable)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    if not answer:
        raise JudgeError(f"a child that tries out the sandbox gave no answer within {seconds:g} seconds")
    return json.loads(answer)


def _answer(question: Callable[[int], object], writable: int) -> NoReturn:
    try:
        answer = question(writable)
    except BaseException as error:  # the answer to every error is its text
        answer = f"{type(error).__name__}: {error}"
    os.write(writable, json.dumps(answer).encode())
    os._exit(0)


def _read_all(descriptor: int, deadline: float) -> bytes:
    """Read to the end; nothing if that is not reached by the deadline."""
    answer = b""
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([descriptor], [], [], left)[0]:
            break
        chunk = os.read(descriptor, 1 << 16)
        if not chunk:
            return answer
        answer += chunk
    return b""
