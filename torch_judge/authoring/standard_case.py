"""A standard case before it is a case: its name, its sentence, and what is played."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .playing import Player
from .scene import Scene
from .suite import Tolerance

Play = Callable[[Player], Any]


@dataclass(frozen=True, slots=True)
class StandardCase:
    """A standard case before it is one: its name, its sentence, and what is played."""

    name: str
    sentence: str
    play: Play
    tolerance: Tolerance | None = None


def make_case(
    name: str, sentence: str, scenes: Mapping[str, Scene], tolerance: Tolerance | None = None
) -> StandardCase:
    """Make a standard case of scenes by their labels."""

    def play(player: Player) -> dict[str, Any]:
        return {label: player.play(scene._replace(label=label)) for label, scene in scenes.items()}

    return StandardCase(name, sentence, play, tolerance)
