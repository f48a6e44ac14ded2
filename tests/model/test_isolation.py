"""`isolation`: layers and levels, and what a requirement means."""

from __future__ import annotations

import itertools

import pytest

from torch_judge.model.errors import UsageError
from torch_judge.model.isolation import Isolation, Layer, Level, Missing, isolation_without, required_layers


def test_every_layer_has_a_sentence() -> None:
    assert all(layer.sentence.endswith(".") for layer in Layer)
    assert len({layer.sentence for layer in Layer}) == len(Layer)


def test_each_level_includes_those_before_it() -> None:
    levels = list(Level)
    assert all(lower.layers < higher.layers for lower, higher in itertools.pairwise(levels))
    assert levels[-1].layers == set(Layer)


@pytest.mark.parametrize(
    ("missing", "level"),
    [
        ((), Level.FULL),
        ((Layer.IDENTITY,), Level.SANDBOX),
        ((Layer.IDENTITY, Layer.NETWORK), Level.PROCESS),
        ((Layer.PROCESS,), None),
    ],
)
def test_the_level_is_the_highest_that_holds_whole(missing: tuple[Layer, ...], level: Level | None) -> None:
    assert isolation_without(dict.fromkeys(missing, "why")).level is level


@pytest.mark.parametrize(
    ("text", "layers"),
    [
        ("", set()),
        ("process", {Layer.PROCESS}),
        ("0", {Layer.PROCESS}),
        ("sandbox", set(Layer) - {Layer.IDENTITY}),
        ("1", set(Layer) - {Layer.IDENTITY}),
        ("FULL", set(Layer)),
        ("2", set(Layer)),
        ("files, network", {Layer.FILES, Layer.NETWORK}),
        ("sandbox,identity", set(Layer)),
    ],
)
def test_a_requirement_names_a_level_or_layers(text: str, layers: set[Layer]) -> None:
    assert required_layers(text) == layers


@pytest.mark.parametrize("text", ["sandbx", "3", "-1", "files network", "none"])
def test_a_mistyped_requirement_is_an_error_and_not_none(text: str) -> None:
    with pytest.raises(UsageError, match="levels are process"):
        required_layers(text)


def test_what_is_lacking_is_said_with_its_reason() -> None:
    isolation = isolation_without({Layer.NETWORK: "no seccomp"})
    assert isolation.lacks({Layer.FILES}) == ""
    assert isolation.lacks({Layer.FILES, Layer.NETWORK}) == "network: no seccomp"


def test_an_isolation_of_which_nothing_is_known_lacks_everything() -> None:
    assert Isolation().lacks({Layer.FILES}) == "files: it does not hold here"


def test_layers_keep_their_order() -> None:
    isolation = isolation_without({Layer.SIGNALS: "b", Layer.LIMITS: "a"})
    assert isolation.missing == (Missing(Layer.LIMITS, "a"), Missing(Layer.SIGNALS, "b"))
    assert list(isolation.layers) == [layer for layer in Layer if layer in isolation.layers]
