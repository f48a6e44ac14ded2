"""A scene: the numbers that are drawn for it, and how they lie in memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from torch_judge.authoring import Argument, Size
from torch_judge.authoring.drawing import Drawer
from torch_judge.authoring.libraries import GeneratorState, NumpyLibrary, TorchLibrary
from torch_judge.authoring.scene import Layout, Scene

X = Argument("x", "rows columns", between=(1.0, 2.0))
SIZES = {"rows": 7, "columns": 5}


def draw(scene: Scene, argument: Argument = X) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return Drawer([argument]).draw(scene, SIZES, np.random.default_rng(1))[0]


@pytest.mark.parametrize("layout", [Layout.GAPS, Layout.TRANSPOSED, Layout.EXPANDED])
def test_the_same_numbers_lie_in_memory_as_the_scene_says(layout: Layout) -> None:
    scene, values = Scene(layout=layout, far=False), draw(Scene(far=False))
    expected = np.broadcast_to(values[:1], values.shape) if layout is Layout.EXPANDED else values
    made = TorchLibrary().make(values, scene, X)
    assert not made.is_contiguous() and np.array_equal(made.numpy(), expected)
    array = NumpyLibrary().make(values, scene, X)
    assert not array.flags.c_contiguous and np.array_equal(array, expected)
    assert TorchLibrary().make(values, scene, Argument("x", "rows columns", views=False)).is_contiguous()


@pytest.mark.parametrize("layout", list(Layout))
def test_a_number_without_dimensions_keeps_none(layout: Layout) -> None:
    number = Argument("number", "")
    for values in ("", "negative", "zeros"):
        scene = Scene(layout=layout, values={"number": values}, magnitude=3.0)
        assert TorchLibrary().make(draw(scene, number), scene, number).shape == ()
        assert NumpyLibrary().make(draw(scene, number), scene, number).shape == ()


@pytest.mark.parametrize("draws", [True, False])
def test_drawing_from_a_generator_is_no_new_seed(*, draws: bool) -> None:
    source = np.random.RandomState(4)

    def read() -> GeneratorState:
        state: Any = source.get_state(legacy=False)
        return GeneratorState(state["state"]["key"].tobytes(), state["state"]["pos"], draws=draws)

    source.rand(3)
    before = read()
    assert before == read()
    source.rand(1)
    assert (before == read()) is draws
    source.rand(5000)
    assert (before == read()) is draws
    source.seed(9)
    assert before != read()


def test_the_state_of_numpys_generator_is_what_numpy_says() -> None:
    for draw in (0, 1, 623, 624, 5000):
        np.random.random(draw)  # noqa: NPY002 - it is what is watched
        state: Any = np.random.get_state(legacy=False)  # noqa: NPY002
        said = GeneratorState(state["state"]["key"].tobytes(), state["state"]["pos"], draws=False)
        assert NumpyLibrary().read_slow_settings()["NumPy's generator"] == said


def test_another_generator_in_the_place_of_numpys_is_noticed() -> None:
    library, before = NumpyLibrary(draws=True), np.random.get_bit_generator()
    read = library.read_slow_settings()
    np.random.set_bit_generator(np.random.PCG64())
    try:
        assert library.read_slow_settings()["NumPy's generator"] != read["NumPy's generator"]
    finally:
        np.random.set_bit_generator(before)


def test_a_size_is_large_unless_it_is_said_how_large() -> None:
    assert Size(7).large > 1024 and Size(7, large=40).large == 40
