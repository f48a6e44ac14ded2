"""The words for what keeps a submission apart: layers, levels, what is missing, and what may be required."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .errors import UsageError

REQUIRE_VARIABLE: Final = "TORCH_JUDGE_REQUIRE_ISOLATION"


class Layer(StrEnum):
    """A part of the sandbox, from what every system has to what only root can do."""

    PROCESS = "process"
    LIMITS = "limits"
    FILES = "files"
    CALLS = "calls"
    NETWORK = "network"
    SIGNALS = "signals"
    IDENTITY = "identity"

    @property
    def sentence(self) -> str:
        """What this layer does, for a person."""
        return _SENTENCES[self]


_SENTENCES: Final[Mapping[Layer, str]] = {
    Layer.PROCESS: (
        "The submission runs in a process and session of its own, and holds no descriptor but its own."
    ),
    Layer.LIMITS: "Memory, CPU time, file size and descriptors are limited.",
    Layer.FILES: (
        "No file can be read but Python's, its libraries' and a few of the system; "
        "none written outside a private scratch folder."
    ),
    Layer.CALLS: "No program and no process can be started, and no other process reached into.",
    Layer.NETWORK: "No socket of any kind can be opened.",
    Layer.SIGNALS: "No other process can be signalled.",
    Layer.IDENTITY: "The submission runs as a user of its own, who owns nothing.",
}


class Level(StrEnum):
    """How much of the sandbox holds, in steps that mean something; each includes those before it."""

    PROCESS = "process"
    SANDBOX = "sandbox"
    FULL = "full"

    @property
    def layers(self) -> frozenset[Layer]:
        """The layers that make up this level."""
        return _LEVELS[self]


_LEVELS: Final[Mapping[Level, frozenset[Layer]]] = {
    Level.PROCESS: frozenset({Layer.PROCESS}),
    Level.SANDBOX: frozenset(Layer) - {Layer.IDENTITY},
    Level.FULL: frozenset(Layer),
}


@dataclass(frozen=True, slots=True)
class Missing:
    """A layer that does not hold here, and why."""

    layer: Layer
    why: str


@dataclass(frozen=True, slots=True)
class Isolation:
    """The layers that hold, and why the others do not; each in the order of `Layer`."""

    layers: tuple[Layer, ...] = ()
    missing: tuple[Missing, ...] = ()

    @property
    def level(self) -> Level | None:
        """The highest level whose layers all hold, if there is one."""
        return next((level for level in reversed(Level) if level.layers <= set(self.layers)), None)

    def less(self, reasons: Mapping[Layer, str]) -> Isolation:
        """Take away the layers for which there is a reason."""
        return isolation_without({**self.reasons(), **reasons})

    def confirmed_by(self, probed: Isolation) -> Isolation:
        """Take away the layers that a probe found missing."""
        return self.less({layer: why for layer, why in probed.reasons().items() if layer in self.layers})

    def reasons(self) -> dict[Layer, str]:
        """Say why each missing layer is missing."""
        return {missing.layer: missing.why for missing in self.missing}

    def lacks(self, required: Iterable[Layer]) -> str:
        """Say which of the required layers are missing and why; empty if none is."""
        wanted, reasons = set(required), self.reasons()
        lacking = [layer for layer in Layer if layer in wanted and layer not in self.layers]
        return "; ".join(f"{layer}: {reasons.get(layer, 'it does not hold here')}" for layer in lacking)


def isolation_without(reasons: Mapping[Layer, str]) -> Isolation:
    """Make the isolation that is left when each layer with a reason does not hold."""
    return Isolation(
        tuple(layer for layer in Layer if layer not in reasons),
        tuple(Missing(layer, reasons[layer]) for layer in Layer if layer in reasons),
    )


def required_layers(text: str) -> frozenset[Layer]:
    """Read a requirement: a level by name or number, or layers with commas between them.

    Raises UsageError for any other word: a requirement that was mistyped must not be none.
    """
    words = filter(None, (part.strip().lower() for part in text.split(",")))
    return frozenset[Layer]().union(*map(_read_layers, words))


def _read_layers(word: str) -> frozenset[Layer]:
    levels = {str(number): level for number, level in enumerate(Level)} | {
        level.value: level for level in Level
    }
    if word in levels:
        return levels[word].layers
    if word in list(Layer):
        return frozenset({Layer(word)})
    names = ", ".join(f"{level} ({number})" for number, level in enumerate(Level))
    raise UsageError(f"no isolation level {word!r}; levels are {names}, and layers {', '.join(Layer)}")
