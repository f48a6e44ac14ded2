"""Complaints: a standard case goes on after what a call must not do, and rejects with the first of it."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from torch_judge.authoring import Argument, WrongAnswer, describe
from torch_judge.authoring.complaints import (
    COMPLAINTS,
    LONGEST_SENTENCE,
    MOST_SENTENCES,
    SEEN,
    Complaints,
    leave_out_complaints,
    read_complaints,
)
from torch_judge.authoring.suite import Case
from torch_judge.execution.checker.comparison import find_difference
from torch_judge.execution.protocol import codec

SUITE = describe(arguments=[Argument("x", "rows columns")])


def find(name: str) -> Case:
    return next(case for case in SUITE.cases if case.name == name)


def observe(case: Case, function: Any) -> Any:
    return codec.decode(*codec.encode(case.observe(function, seed=3)))


def double(x: torch.Tensor) -> torch.Tensor:
    return x * 2


def change_and_detach(x: torch.Tensor) -> torch.Tensor:
    x.data[0] += 1
    return (x * 3).detach()


def test_all_that_was_done_is_seen_and_the_first_is_what_rejects() -> None:
    case = find("float64_in_gives_float64_out")
    right, wrong = observe(case, double), observe(case, change_and_detach)
    says = read_complaints(wrong)
    assert "x[0, 0] after the call" in says[0]
    assert any("cut off from the graph" in each for each in says)
    assert find_difference(right, wrong) == says[0]
    assert leave_out_complaints(wrong).keys() == right.keys()  # the values are there besides


def test_what_a_right_answer_gives_holds_no_complaints() -> None:
    assert all(read_complaints(observe(case, double)) == () for case in SUITE.cases)


def test_an_error_after_a_complaint_is_a_rejection_with_it() -> None:
    calls: list[int] = []

    def change_and_stop(x: torch.Tensor) -> torch.Tensor:
        x.data[0] += 1
        calls.append(1)
        if len(calls) > 1:
            raise ZeroDivisionError
        return x * 2

    with pytest.raises(WrongAnswer, match="after the call"):
        find("float64_in_gives_float64_out").observe(change_and_stop, seed=3)


def test_an_error_without_one_is_an_error() -> None:
    def stop(x: torch.Tensor) -> torch.Tensor:
        raise ZeroDivisionError(x.shape)

    with pytest.raises(ZeroDivisionError):
        find("float64_in_gives_float64_out").observe(stop, seed=3)


def test_two_that_do_the_same_do_not_differ() -> None:
    case = find("float64_in_gives_float64_out")
    first, second = (observe(case, change_and_detach) for _ in range(2))
    assert find_difference(first, second) is None
    assert find_difference(first, observe(case, lambda x: (x * 2).detach())) is not None


def test_a_dictionary_of_an_authors_is_none() -> None:
    assert read_complaints({COMPLAINTS: ["said"]}) == ()
    assert leave_out_complaints({"a": 1}) == {"a": 1}
    complaints = Complaints()
    assert complaints.first is None
    assert complaints.attach(7) == 7
    complaints.note(WrongAnswer("why"))
    assert complaints.attach(7) == {COMPLAINTS: ["why"], SEEN: 7}


@pytest.mark.parametrize("said", [5, None, "said", ["said", 5], {"said": "said"}])
def test_what_is_no_list_of_sentences_is_no_complaint(said: Any) -> None:
    forged = {COMPLAINTS: said, SEEN: 7}
    assert read_complaints(forged) == ()
    assert leave_out_complaints(forged) == forged
    assert find_difference(7, forged) is not None


def test_of_what_a_worker_says_only_so_much_is_read() -> None:
    says = read_complaints({COMPLAINTS: ["A" * 10_000] * 1000, SEEN: 7})
    assert (len(says), {len(each) for each in says}) == (MOST_SENTENCES, {LONGEST_SENTENCE})
