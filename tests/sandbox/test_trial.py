"""A question to a child is answered, fails with a sentence, or is given up in time; no child is left."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.support import ROOT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a trial needs fork")

ASK = """
import sys; sys.path[:0] = [{root!r}]
import os, time
from torch_judge.sandbox.trial import answer_of_child
def left():
    try:
        return os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return None
try:
    print(repr(answer_of_child({question}, seconds={seconds})), left())
except Exception as error:
    print(type(error).__name__, error, left())
"""


def ask(question: str, *, seconds: float = 10.0) -> str:
    """Ask in a fresh process of one thread, which may fork."""
    program = ASK.format(root=str(ROOT), question=question, seconds=seconds)
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-c", program], capture_output=True, text=True, check=True, cwd=os.sep
    )
    return done.stdout.strip()


def test_an_answer_of_any_length_is_json() -> None:
    assert ask("lambda _: {'a': [1, None]}") == "{'a': [1, None]} None"
    assert ask("lambda _: len(str(os.getpid())) > 0 and 'x' * 200_000") == f"{'x' * 200_000!r} None"


def test_an_error_in_the_child_is_a_sentence() -> None:
    assert ask("lambda _: 1 / 0") == "'ZeroDivisionError: division by zero' None"


def test_a_child_that_dies_or_hangs_is_a_judge_error() -> None:
    for question, seconds in (("lambda _: os._exit(3)", 10.0), ("lambda _: time.sleep(60)", 0.2)):
        said = ask(question, seconds=seconds)
        assert said.startswith("JudgeError a child that tries out the sandbox gave no answer"), said
        assert said.endswith("None")
