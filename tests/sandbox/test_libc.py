"""What Python has no function for is called in C, and fails as Python's own functions do."""

from __future__ import annotations

import errno
import sys

import pytest

from torch_judge.sandbox.libc import libc, prctl

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")

PR_SET_TIMERSLACK, PR_GET_TIMERSLACK = 29, 30


def test_an_attribute_is_set() -> None:
    before = libc.prctl(PR_GET_TIMERSLACK)
    try:
        prctl(PR_SET_TIMERSLACK, before + 1)
        assert libc.prctl(PR_GET_TIMERSLACK) == before + 1
    finally:
        prctl(PR_SET_TIMERSLACK, before)


def test_a_call_that_fails_says_which_and_why() -> None:
    with pytest.raises(OSError, match=r"prctl\(-1, 0\): Invalid argument") as caught:
        prctl(-1, 0)
    assert caught.value.errno == errno.EINVAL
