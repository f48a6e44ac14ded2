"""Points: by cases or all or nothing, by weights, and brought to a total."""

from __future__ import annotations

import pytest

from torch_judge.grading.classroom.points import Points, Scheme, make_points, parse_weights, write_points
from torch_judge.grading.records import Record
from torch_judge.model.errors import UsageError

HALF = Record("double", "ada", passed=False, verdict="wrong answer", score=0.5)
RIGHT = Record("double", "ada", passed=True, verdict="accepted", score=1.0)
FAILED = Record("double", "ada", passed=None, verdict="judge error", score=None)


def test_by_cases_a_part_is_worth_its_share_and_by_all_or_nothing_nothing() -> None:
    for scheme, worth in ((Scheme.CASES, 1.5), (Scheme.ALL_OR_NOTHING, 0.0)):
        points = Points({"double": 3.0}, scheme)
        assert [points.score(record) for record in (HALF, RIGHT, FAILED)] == [worth, 3.0, None]


def test_weights_share_out_a_total() -> None:
    def share(weights: dict[str, float], total: float | None) -> dict[str, float]:
        return dict(make_points(["a", "b"], scheme=Scheme.CASES, weights=weights, total=total).most)

    assert share({}, None) == {"a": 1.0, "b": 1.0}
    assert share({"b": 3}, None) == {"a": 1.0, "b": 3.0}
    assert share({"b": 3}, 20) == {"a": 5.0, "b": 15.0}
    assert share({"a": 0}, None) == {"a": 0.0, "b": 1.0}


@pytest.mark.parametrize("text", ["a", "a=", "=2", "a=x", "a=-1", "a=nan", "a=inf"])
def test_a_weight_that_is_none_is_said(text: str) -> None:
    with pytest.raises(UsageError, match="expected PROBLEM=WEIGHT"):
        parse_weights([text])
    assert parse_weights(["a=2", "b=0.5"]) == {"a": 2.0, "b": 0.5}


@pytest.mark.parametrize(
    ("weights", "said"),
    [({"c": 1.0}, "c: is not among what is graded: a, b"), ({"a": 0.0, "b": 0.0}, "nothing is worth")],
)
def test_weights_that_fit_nothing_are_said(weights: dict[str, float], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        make_points(["a", "b"], scheme=Scheme.CASES, weights=weights, total=None)


def test_points_are_written_with_two_places_at_most() -> None:
    assert [write_points(value) for value in (0, 1.0, 1 / 3, 10, 2.5, 0.999)] == [
        "0",
        "1",
        "0.33",
        "10",
        "2.5",
        "1",
    ]
    assert write_points(2.5, comma=True) == "2,5"
