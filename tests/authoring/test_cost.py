"""Cost: what was computed is recorded as a fact, and too much of it is a sentence."""

from __future__ import annotations

import os

import pytest
import torch

from torch_judge.authoring.cost import count_calls, record_cost
from torch_judge.authoring.suite import WrongAnswer


def test_the_largest_tensor_that_an_operator_was_given_is_kept() -> None:
    x = torch.ones(6, 2)
    with record_cost() as cost:
        (x @ x.t()).sum()
    assert cost.largest == (6, 6)
    cost.refuse_tensors_of(37)
    with pytest.raises(
        WrongAnswer, match=r"^a tensor of 6 x 6 numbers was made, and none may have 36 or more$"
    ):
        cost.refuse_tensors_of(36)


def test_tensors_in_a_list_are_seen_once_they_are_one() -> None:
    parts = [torch.ones(2, 3), torch.ones(5, 3)]
    with record_cost() as cost:
        torch.cat(parts).sum()
    assert cost.largest == (7, 3)


def test_operators_are_counted_without_those_that_they_call() -> None:
    x = torch.ones(3)
    with record_cost() as cost:
        x.add(1).mul(2)
        torch.nn.functional.linear(x, torch.ones(2, 3))
    assert cost.operators == 4  # ones, too
    cost.refuse_operators_beyond(4)
    with pytest.raises(WrongAnswer, match=r"^4 operators were called, and 3 are enough$"):
        cost.refuse_operators_beyond(3)


def test_where_nothing_is_computed_nothing_is_refused() -> None:
    with record_cost() as cost:
        pass
    assert (cost.operators, cost.largest) == (0, ())
    cost.refuse_tensors_of(2)


def test_what_is_raised_ends_the_recording_and_goes_on() -> None:
    with pytest.raises(ZeroDivisionError), record_cost():
        raise ZeroDivisionError
    with record_cost() as cost:
        torch.ones(2).sum()
    assert cost.operators == 2


def test_the_recorder_writes_nothing_where_the_learners_errors_go(capfd: pytest.CaptureFixture[str]) -> None:
    with record_cost():
        os.write(2, b"the learner's")
    assert capfd.readouterr().err == "the learner's"


def test_calls_of_a_function_are_counted() -> None:
    counted = count_calls(lambda x, by=1: x + by)
    assert [counted(1), counted(1, by=2)] == [2, 3]
    counted.refuse_more_than(2, "log_prob_fn")
    with pytest.raises(WrongAnswer, match=r"^log_prob_fn was called 2 times, and 1 are enough$"):
        counted.refuse_more_than(1, "log_prob_fn")
