"""The runtime: what worker and checker have in common, so that a case starts alike in both."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from torch_judge.execution.protocol.frames import pack
from torch_judge.execution.protocol.messages import Loaded, RunCase, Search, TryInputs, pack_message
from torch_judge.execution.runtime import (
    load_code,
    name_classes,
    read_exactly,
    read_message,
    reset_settings,
    send_message,
)
from torch_judge.judging.jobs import compile_text
from torch_judge.model.errors import WireError


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_as_many_bytes_are_read_as_are_asked_for(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    sent = bytes(range(256)) * 20_000
    writing = threading.Thread(target=lambda: (ours.sendall(sent), ours.close()))
    writing.start()
    assert read_exactly(theirs, len(sent) - 3) == sent[:-3]
    with pytest.raises(EOFError):
        read_exactly(theirs, 4)
    writing.join()


def test_a_message_is_read_if_its_turn_has_come(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    send_message(ours, RunCase("a", 7, ""))
    assert read_message(theirs, TryInputs, RunCase) == RunCase("a", 7, "")
    for wrong in (pack_message(Loaded(returns_nothing=False)), pack({"case": "a"}), pack_message(Search(1))):
        ours.sendall(wrong)
        with pytest.raises(WireError):
            read_message(theirs, TryInputs, RunCase)


def test_code_comes_back_as_it_was_compiled() -> None:
    scope: dict[str, object] = {}
    exec(load_code(compile_text("x = 6 * 7", "cases.py")), scope)
    assert scope["x"] == 42


def test_a_case_starts_with_the_same_settings_whatever_ran_before() -> None:
    state, numbers = torch.get_rng_state(), np.random.get_state()  # noqa: NPY002 - it is the global one
    with np.errstate(all="ignore"):
        reset_settings(7)
        first = torch.rand(3), np.random.rand(3), torch.zeros(1).dtype  # noqa: NPY002 - likewise
        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(False)
        np.seterr(all="raise")
        reset_settings(7)
        again = torch.rand(3), np.random.rand(3), torch.zeros(1).dtype  # noqa: NPY002 - likewise
        assert torch.is_grad_enabled()
        assert np.geterr()["over"] == "warn"
    assert torch.equal(first[0], again[0])
    assert np.array_equal(first[1], again[1])
    assert first[2] is again[2] is torch.float32
    torch.set_rng_state(state)
    np.random.set_state(numbers)  # noqa: NPY002 - likewise


def test_an_error_is_named_by_all_its_classes() -> None:
    assert name_classes(KeyError(1)) == ("KeyError", "LookupError", "Exception", "BaseException", "object")
