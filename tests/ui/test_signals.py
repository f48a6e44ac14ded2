"""A signal that ends a process unwinds its blocks."""

from __future__ import annotations

import os
import signal

import pytest

from torch_judge.ui.signals import unwind_on_signals


def test_a_signal_that_ends_a_process_unwinds_its_blocks_and_its_handler_goes_with_them() -> None:
    before = signal.getsignal(signal.SIGTERM)
    unwound = []

    def wait_to_be_ended() -> None:
        with unwind_on_signals():
            try:
                os.kill(os.getpid(), signal.SIGTERM)
                signal.pause()
            finally:
                unwound.append("block")

    with pytest.raises(SystemExit) as ended:
        wait_to_be_ended()
    assert ended.value.code == 128 + signal.SIGTERM
    assert unwound == ["block"]
    assert signal.getsignal(signal.SIGTERM) is before
