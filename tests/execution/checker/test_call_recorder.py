"""The jury solution under observation: what is given, what is left, and what an answer is made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from torch_judge.execution.checker.call_recorder import (
    CallRecord,
    Recorder,
    find_answering_method,
    list_defaulted,
    load_promised,
)


def promised(x, scale=2.0, eps=None):
    raise NotImplementedError


def multiply(x, scale=2.0, eps=None):
    return x * scale + (eps or 0)


def test_a_parameter_is_given_left_or_given_its_default() -> None:
    recorder = Recorder(multiply, promised)
    assert recorder.entry_point(3.0, scale=4.0) == 12.0
    assert recorder.take() == CallRecord(("scale",), ("eps",), ("number",), ("scale", "eps"))
    recorder.entry_point(3.0, 2.0, None)  # passed, and the default all the same
    assert recorder.take() == CallRecord((), (), ("number",), ("scale", "eps"))


def test_what_was_taken_is_gone() -> None:
    recorder = Recorder(multiply, promised)
    recorder.entry_point(1.0, scale=5.0)
    recorder.take()
    assert recorder.take() == CallRecord((), (), (), ("scale", "eps"))


def test_a_call_that_does_not_fit_is_the_cases_business() -> None:
    recorder = Recorder(multiply, promised)
    with pytest.raises(TypeError):
        recorder.entry_point()
    assert recorder.take().left == ()


class Layer(nn.Module):
    """A class with a default in its constructor and in a method."""

    def __init__(self, size, bias=1.0):
        super().__init__()
        self.size, self.bias = size, bias

    def forward(self, x, mask=1.0):
        """Answer."""
        return x * self.size * mask + self.bias


def test_a_class_stays_the_class_it_is_and_its_methods_are_watched() -> None:
    jury = type("Jury", (Layer,), dict(Layer.__dict__))
    recorder = Recorder(jury, Layer)
    assert recorder.entry_point is jury
    layer = jury(2, bias=0.5)
    assert isinstance(layer, nn.Module)
    layer(torch.ones(1))
    assert recorder.take() == CallRecord(("bias",), ("forward.mask",), ("numbers",), ("bias", "forward.mask"))


@pytest.mark.parametrize(
    ("answer", "parts"),
    [
        (torch.ones(2), ("numbers",)),
        (torch.ones(2, dtype=torch.bfloat16), ("numbers",)),
        (np.ones(2), ("numbers",)),
        (torch.tensor([1]), ("integers",)),
        (1.5, ("number",)),
        (nn.Linear(1, 1), ("module",)),
        ("text", ("other",)),
        (None, ("nothing",)),
        ((torch.ones(1), [1.0, None]), ("numbers", "number", "nothing")),
        ({"a": torch.ones(1), "b": 2}, ("numbers", "other")),
    ],
)
def test_each_part_of_an_answer_is_named(answer: Any, parts: tuple[str, ...]) -> None:
    recorder = Recorder(lambda: answer, lambda: None)
    recorder.entry_point()
    assert recorder.take().parts == parts


def test_an_argument_that_is_returned_is_told_from_new_numbers() -> None:
    recorder = Recorder(lambda x, fresh=False: x + 1 if fresh else x, lambda x, fresh=False: (x, fresh))
    recorder.entry_point(torch.ones(2))
    assert recorder.take().parts == ("argument",)
    for fresh in (False, True, False):
        recorder.entry_point(torch.ones(2), fresh=fresh)
    assert recorder.take().parts == ("numbers",)


def test_of_several_answers_the_one_with_the_most_parts_counts() -> None:
    recorder = Recorder(lambda count: [1.0] * count, lambda count: count)
    for count in (1, 3, 2):
        recorder.entry_point(count)
    assert recorder.take().parts == ("number",) * 3


def test_the_parameters_of_constructor_and_methods_are_listed() -> None:
    assert list(list_defaulted(promised)) == ["scale", "eps"]
    assert list(list_defaulted(Layer)) == ["bias", "forward.mask"]


def test_a_class_answers_by_forward_or_by_being_called() -> None:
    assert find_answering_method(Layer) == "forward"
    assert find_answering_method(type("Plain", (), {"__call__": lambda self: self})) == "__call__"


def test_the_starter_must_define_what_it_promises() -> None:
    starter = compile("def double(x):\n    raise NotImplementedError\n", "starter.py", "exec")
    assert load_promised(starter, "double").__name__ == "double"
    with pytest.raises(LookupError, match=r"starter\.py defines no triple"):
        load_promised(starter, "triple")
