"""A scene: the numbers that are drawn for it, and how they lie in memory."""

from __future__ import annotations

import numpy as np
import pytest

from torch_judge.authoring import Argument, Size
from torch_judge.authoring.libraries import GeneratorState, NumpyLibrary, TorchLibrary
from torch_judge.authoring.scene import Layout, Scene, draw_argument

X = Argument("x", "rows columns", between=(1.0, 2.0))
SIZES = {"rows": 7, "columns": 5}


def draw(scene: Scene, argument: Argument = X) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return draw_argument(argument, scene, SIZES, np.random.default_rng(1))


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


@pytest.mark.parametrize("layout", [Layout.GAPS, Layout.TRANSPOSED, Layout.EXPANDED])
def test_the_same_numbers_lie_in_memory_as_the_scene_says(layout: Layout) -> None:
    scene, values = Scene(layout=layout, far=False), draw(Scene(far=False))
    expected = np.broadcast_to(values[:1], values.shape) if layout is Layout.EXPANDED else values
    made = TorchLibrary().make(values, scene, X)
    assert not made.is_contiguous() and np.array_equal(made.numpy(), expected)
    array = NumpyLibrary().make(values, scene, X)
    assert not array.flags.c_contiguous and np.array_equal(array, expected)
    assert TorchLibrary().make(values, scene, Argument("x", "rows columns", views=False)).is_contiguous()


def test_drawing_from_a_generator_is_no_new_seed() -> None:
    source = np.random.RandomState(4)
    words = [GeneratorState(source.get_state(legacy=False)["state"]["key"]) for _ in (source.rand(0),)]  # type: ignore[call-overload,index]
    source.rand(5000)
    assert words[0] == GeneratorState(source.get_state(legacy=False)["state"]["key"])  # type: ignore[call-overload,index]
    source.seed(9)
    assert words[0] != GeneratorState(source.get_state(legacy=False)["state"]["key"])  # type: ignore[call-overload,index]


def test_a_size_is_large_unless_it_is_said_how_large() -> None:
    assert Size(7).large > 1024 and Size(7, large=40).large == 40
