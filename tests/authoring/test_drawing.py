"""Drawing: the numbers of a scene, as one row that is cut into arguments."""

from __future__ import annotations

import numpy as np
import pytest

from torch_judge.authoring import Argument
from torch_judge.authoring.drawing import Drawer
from torch_judge.authoring.scene import Scene

X = Argument("x", "rows columns", between=(1.0, 2.0))
SIZES = {"rows": 7, "columns": 5}


def draw(scene: Scene, argument: Argument = X) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return Drawer([argument]).draw(scene, SIZES, np.random.default_rng(1))[0]


def test_one_number_lies_far_out_and_the_others_where_they_belong() -> None:
    magnitudes = np.sort(np.abs(draw(Scene())).ravel())
    assert magnitudes[0] >= 1.0 and magnitudes[-2] <= 2.0
    assert magnitudes[-1] >= 3000.0
    assert np.abs(draw(Scene(far=False))).max() <= 2.0
    assert 100.0 <= np.abs(draw(Scene(dtype="float32"))).max() <= 200.0


@pytest.mark.parametrize(("how", "number"), [("zeros", 0.0), ("ones", 1.0)])
def test_an_argument_may_be_one_number_throughout(how: str, number: float) -> None:
    assert (draw(Scene(values={"x": how})) == number).all()


def test_equal_numbers_are_neither_0_nor_1() -> None:
    drawn = draw(Scene(values={"x": "equal"}))
    assert np.unique(drawn).size == 1 and abs(drawn[0, 0]) not in {0.0, 1.0}


def test_negative_numbers_are_below_0() -> None:
    assert (draw(Scene(values={"x": "negative"})) < 0).all()


def test_all_numbers_follow_the_magnitude_by_their_power() -> None:
    squared = Argument("var", "columns", between=(1.0, 2.0), positive=True, scales=2)
    assert np.allclose(draw(Scene(magnitude=0.1), squared), 0.01 * draw(Scene(), squared))


def test_each_argument_has_its_own_numbers_shape_and_bounds() -> None:
    drawer = Drawer(
        [
            X,
            Argument("variance", "columns", between=(5.0, 6.0), positive=True),
            Argument("labels", "rows", integers=(0, "columns")),
            Argument("steps", "rows", draw=lambda _rng, shape: np.arange(shape[0])),
        ]
    )
    rng, scene = np.random.default_rng(1), Scene(far=False)
    x, variance, labels, steps = drawer.draw(scene, SIZES, rng)
    assert [each.shape for each in (x, variance, labels, steps)] == [(7, 5), (5,), (7,), (7,)]
    assert (x < 0).any() and (x > 0).any() and np.abs(x).min() >= 1.0 and np.abs(x).max() <= 2.0
    assert variance.min() >= 5.0 and variance.max() <= 6.0
    assert labels.min() >= 0 and labels.max() < 5 and steps.tolist() == list(range(7))
    again = drawer.draw(scene, SIZES, rng)[0]
    assert not (again == x).any()


def test_a_row_is_laid_anew_for_other_sizes_and_shapes() -> None:
    drawer = Drawer([Argument("x", "rows columns", also=["columns"])])
    rng = np.random.default_rng(1)
    calls = [
        (Scene(), SIZES),
        (Scene(shape=1), SIZES),
        (Scene(), {"rows": 1, "columns": 5}),
        (Scene(), SIZES),
    ]
    assert [drawer.draw(scene, sizes, rng)[0].shape for scene, sizes in calls] == [
        (7, 5),
        (5,),
        (1, 5),
        (7, 5),
    ]
