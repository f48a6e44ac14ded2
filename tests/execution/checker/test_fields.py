"""Fields: what of an observation is wrong, and what of that is wrong in the same way."""

from __future__ import annotations

from typing import Any

import numpy as np

from torch_judge.authoring.complaints import COMPLAINTS, SEEN
from torch_judge.execution.checker.fields import (
    Likeness,
    compare_wrong_fields,
    find_wrong_fields,
    list_fields,
)
from torch_judge.execution.protocol.codec import Array


def array(*numbers: float) -> Array:
    return Array("tensor", "float64", np.array(numbers))


RIGHT = {"call": {"output": array(1, 2), "mean": array(5), "kind": "float64"}, "more": [array(3), 4]}


def change(**parts: Any) -> dict[str, Any]:
    return {"call": {**RIGHT["call"], **parts}, "more": RIGHT["more"]}  # type: ignore[dict-item]


def find(value: Any) -> frozenset[str]:
    return find_wrong_fields(list_fields(RIGHT), list_fields(value), None)


def compare(found: Any, gotcha: Any) -> Likeness:
    return compare_wrong_fields(
        list_fields(RIGHT), list_fields(found), list_fields(gotcha), find(found), None
    )


def test_fields_are_named_by_their_places() -> None:
    assert list(list_fields(RIGHT)) == [
        "call.output",
        "call.mean",
        "call.kind",
        "more#",
        "more[0]",
        "more[1]",
    ]


def test_what_differs_in_values_kind_or_presence_is_wrong() -> None:
    assert find(RIGHT) == frozenset()
    assert find(change(output=array(1, 2 + 1e-12))) == frozenset()
    assert find(change(output=array(1, 3), kind="float32")) == {"call.output", "call.kind"}
    assert find(change(mean=array(5, 5))) == {"call.mean"}
    assert find({"call": {"output": array(1, 2), "kind": "float64"}, "more": [array(3)]}) == {
        "call.mean",
        "more#",
        "more[1]",
    }


def test_what_is_wrong_in_the_same_way_is_counted() -> None:
    found = change(output=array(1, 9), mean=array(7))
    assert compare(found, change(output=array(1, 9))) == Likeness((1,), 1, 2, 2)
    assert compare(found, change(output=array(1, 9), mean=array(7))) == Likeness((0, 1), 2, 2, 2)
    assert compare(found, change(output=array(0, 9), kind="float32")) == Likeness((), 1, 2, 3)
    assert compare(found, RIGHT) == Likeness((), 0, 2, 2)


def test_what_is_off_by_the_rounding_of_float32_is_the_same_however_it_was_rounded() -> None:
    rounded = change(output=array(1 + 1e-6, 2))
    assert compare(rounded, change(output=array(1, 2 - 1e-6))) == Likeness((0,), 1, 1, 1)
    assert compare(rounded, change(output=array(1, 2 - 1e-4))) == Likeness((), 1, 1, 1)


def test_what_is_off_to_one_side_is_not_what_rounding_does() -> None:
    rounded, shrunk = change(output=array(1 + 1e-7, 2 - 1e-7)), change(output=array(1 - 1e-7, 2 - 2e-7))
    assert compare(rounded, change(output=array(1 - 2e-7, 2 + 1e-7))) == Likeness((0,), 1, 1, 1)
    assert compare(rounded, shrunk) == compare(shrunk, rounded) == Likeness((), 1, 1, 1)


def test_what_a_call_must_not_do_is_a_field_by_its_words_and_all_else_stays_in_its_place() -> None:
    says = "x[0] after the call: expected 1 as before, found 2.5"
    found = list_fields({COMPLAINTS: [says], SEEN: RIGHT})
    assert list(found)[: len(list_fields(RIGHT))] == list(list_fields(RIGHT))
    name = f"{COMPLAINTS}: x[#] after the call: expected # as before, found #"
    assert found[name] == says
    assert find({COMPLAINTS: [says], SEEN: RIGHT}) == {name}


def test_what_is_missing_in_both_is_the_same() -> None:
    short = {"call": RIGHT["call"], "more": [array(3)]}
    assert compare(short, short) == Likeness((0, 1), 2, 2, 2)
