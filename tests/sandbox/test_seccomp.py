"""System calls that no list of names can name."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from tests.sandbox.harness import PRELUDE, Server, need
from torch_judge.model.isolation import Layer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the sandbox's server needs fork")


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="only x86-64 has a second set of system calls")
def test_calls_of_another_architecture_end_the_process(held: tuple[list[str], dict[str, str]]) -> None:
    """`int 0x80` means other calls by the same numbers; using it is the end."""
    need(held, Layer.CALLS)
    body = """import ctypes, mmap
code = mmap.mmap(-1, 4096, prot=7)
code.write(bytes.fromhex("b814000000cd80c3"))  # mov eax, 20 (getpid); int 0x80; ret
answer = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()"""
    assert Server().ask(body)["status"] in {-signal.SIGSYS, -signal.SIGSEGV}


def test_calls_of_another_width_do_not_exist(held: tuple[list[str], dict[str, str]]) -> None:
    """An x32 call is the same call with a bit set, and a call of a kernel to come has no name yet."""
    need(held, Layer.CALLS)
    numbers = (0x40000000 | 39, 0x40000000 | 520, 999, -2)
    answers = Server().run(
        [f"{PRELUDE}\ncalled(libc.syscall(ctypes.c_long({number})))" for number in numbers]
    )
    assert [each["errno"] for each in answers] == [38] * 4
