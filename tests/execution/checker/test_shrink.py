"""Shrinking: fewer and plainer choices that still differ, within a bound on the tries."""

from __future__ import annotations

from torch_judge.authoring.inputs import Choices, Choose, Draw
from torch_judge.execution.checker.shrink import shrink


def search(choices: Choices, *, most_calls: int = 140, seed: int = 0) -> list[list[int]]:
    """Shrink numbers of which the last must be at least 3, and return the choices of all that were."""
    found: list[list[int]] = []

    def differs(choose: Choose) -> bool:
        draw = Draw(choose)
        numbers = [draw.integer(0, 9) for _ in range(draw.integer(1, 4))]
        if numbers[-1] >= 3:
            found.append(draw.choices)
            return True
        return False

    shrink(choices, differs, seed=seed, most_calls=most_calls)
    return found


def test_fewer_and_plainer_choices_are_found() -> None:
    assert min(search((3, 7, 8, 2, 9)), key=lambda choices: (len(choices), choices)) == [0, 3]


def test_the_same_seed_tries_the_same() -> None:
    assert search((3, 7, 8, 2, 9), seed=4) == search((3, 7, 8, 2, 9), seed=4)


def test_choices_that_do_not_differ_are_left_alone() -> None:
    assert search((0, 1)) == []
