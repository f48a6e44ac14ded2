"""Describe a call once: the standard cases and the space of small inputs come from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .battery import list_standard_cases
from .description import Argument, Description, Option, Result, Size, find_faults, read_library, suggest
from .drawing import Drawer
from .inputs import InputSpace
from .libraries import NumpyLibrary, load_library
from .observation import Say, find_changed
from .playing import Player
from .small_inputs import make_space
from .standard_case import Play
from .suite import Case, StandardSuite, Tolerance


def describe(
    *,
    arguments: Sequence[Argument],
    sizes: Mapping[str, int | Size] | None = None,
    options: Sequence[Option] = (),
    results: Sequence[str | Result] = ("output",),
    made_with: Sequence[str] | None = None,
    parameters: Sequence[Argument] = (),
    buffers: Sequence[Argument] = (),
    modes: bool = True,
    call: Callable[..., Any] | None = None,
    unpack: Callable[[Any], Sequence[Any]] | None = None,
    library: str = "torch",
    float32: bool = True,
    chance: bool = False,
    tolerance: Tolerance | None = None,
    tolerance_in_float32: Tolerance | None = None,
    without: Mapping[str, str] | None = None,
    rejects: Mapping[str, Sequence[str]] | None = None,
) -> StandardSuite:
    """Describe how a call is made; the standard cases and the space of small inputs are made of it.

    Of a class, `made_with` names the sizes that the constructor takes by position, `options` are the
    constructor's, `parameters` and `buffers` are filled by name, and `modes` says whether it is looked at in
    training mode and in eval mode. `call` makes the call otherwise than by passing the arguments by position.
    `without` leaves standard cases out, by name, each with its reason. Of `chance`, no values are compared.

    Raises ValueError with a sentence for what does not fit together.
    """
    known = {name: size if isinstance(size, Size) else Size(size) for name, size in (sizes or {}).items()}
    if not sizes:
        words = [word for each in arguments for shape in (each.shape, *each.also) for word in shape.split()]
        odd = (7, 5, 3, 2)
        known = {name: Size(odd[n % 4]) for n, name in enumerate(dict.fromkeys(words)) if name.isidentifier()}
    described = Description(
        known,
        tuple(arguments),
        tuple(options),
        tuple(Result(each) if isinstance(each, str) else each for each in results),
        None if made_with is None else tuple(made_with),
        tuple(parameters),
        tuple(buffers),
        modes,
        call,
        unpack,
        read_library(library),
        float32,
        chance,
        tolerance,
        tolerance_in_float32,
        dict(without or {}),
        dict(rejects or {}),
    )
    if fault := next(find_faults(described), None):
        raise ValueError(f"describe: {fault}")
    space = make_space(described)
    return StandardSuite(make_cases(described, space), space)


@dataclass(frozen=True, slots=True)
class StandardFunction:
    """What a standard case runs."""

    description: Description
    library: NumpyLibrary
    passed: Drawer
    held: Drawer
    play: Play
    space: InputSpace
    """Of the same description; a suite may have no case but the standard ones."""

    def __call__(self, entry_point: Any, rng: np.random.Generator) -> Any:
        """Run it on an entry point."""
        before, library = self.library.read_slow_settings(), self.library
        player = Player(self.description, library, self.passed, self.held, entry_point, rng)
        complaints = player.complaints
        try:
            seen = self.play(player)
        except Exception:
            # what it must not do came first, and may well be why it stops
            if complaints.first:
                raise complaints.first from None
            raise
        for error in find_changed(before, library.read_slow_settings(), Say()):
            complaints.note(error)
        return complaints.attach(seen)


def make_cases(description: Description, space: InputSpace) -> tuple[Case, ...]:
    """Make the standard cases of a description, but for those that it leaves out.

    Raises ValueError for a name that is no standard case's, and for a reason that says nothing.
    """
    standard = list(list_standard_cases(description))
    names = [case.name for case in standard]
    for name, reason in description.without.items():
        if name not in names:
            raise ValueError(
                f"describe: without {name!r}, which is no standard case here{suggest(name, names)}"
            )
        if not reason.strip():
            raise ValueError(f"describe: without {name!r}: say the reason")
    for name in description.rejects:
        if name not in names:
            raise ValueError(
                f"describe: rejects at {name!r}, which is no standard case here{suggest(name, names)}"
            )
    library = load_library(description.library)
    passed, held = Drawer(description.arguments), Drawer(description.held)
    return tuple(
        Case(
            case.name,
            case.sentence,
            StandardFunction(description, library, passed, held, case.play, space),
            tuple(description.rejects.get(case.name, ())),
            case.tolerance or description.tolerance,
            standard=True,
        )
        for case in standard
        if case.name not in description.without
    )
