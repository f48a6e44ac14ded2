"""Describe a call once: the standard cases and the space of small inputs come from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .battery import KEPT_FROM_INFERENCE_MODE, OF_INFERENCE_MODE, list_standard_cases
from .description import Argument, Description, Option, Result, Size, find_faults, read_library, suggest
from .drawing import Drawer
from .inputs import InputSpace
from .libraries import NumpyLibrary, load_library
from .observation import Say, find_changed
from .playing import Player
from .small_inputs import make_space
from .standard_case import Play, leave_out
from .suite import Case, StandardSuite, Tolerance, WrongAnswer


def describe(
    *,
    arguments: Sequence[Argument],
    sizes: Mapping[str, int | Size] | None = None,
    options: Sequence[Option] = (),
    results: Sequence[str | Result] = ("output",),
    made_with: Sequence[str] | Mapping[str, str] | None = None,
    also_by_name: bool = False,
    make: Callable[..., Any] | None = None,
    parts: Callable[..., Mapping[str, Any]] | None = None,
    unrefused: Sequence[str] = (),
    parameters: Sequence[Argument] = (),
    buffers: Sequence[Argument] = (),
    modes: bool = True,
    call: Callable[..., Any] | None = None,
    unpack: Callable[[Any], Sequence[Any]] | None = None,
    library: str = "torch",
    float32: bool = True,
    chance: bool = False,
    draws: bool = False,
    tolerance: Tolerance | None = None,
    tolerance_in_float32: Tolerance | None = None,
    without: Mapping[str, str] | None = None,
    rejects: Mapping[str, Sequence[str]] | None = None,
) -> StandardSuite:
    """Describe how a call is made; the standard cases and the space of small inputs are made of it.

    Of a class, `made_with` names the sizes that the constructor takes by position, or by position and by name
    in turn where they are `also_by_name`; a mapping names the parameters. `options` are the constructor's,
    `parameters` and `buffers` are filled by name, and `modes` says whether it is looked at in training mode
    and in eval mode. `make` makes an object of the class and of these sizes in another way. `parts` is given
    the object and the sizes, and names layers that the learner names freely.

    `call` makes the call otherwise than by passing the arguments by position. `without` leaves standard cases
    out, by name, or one condition, as "works_with_small_sizes: rows 1", each with its reason. In those that
    are `unrefused` an exception is a wrong answer like any other. Of `chance`, no values are compared. A call
    that `draws` may take numbers from the generators of random numbers.

    Raises ValueError with a sentence for what does not fit together.
    """
    known = {name: size if isinstance(size, Size) else Size(size) for name, size in (sizes or {}).items()}
    if not sizes:
        words = [word for each in arguments for shape in (each.shape, *each.also) for word in shape.split()]
        odd = (7, 5, 3, 2)
        known = {name: Size(odd[n % 4]) for n, name in enumerate(dict.fromkeys(words)) if name.isidentifier()}
    described = Description(
        sizes=known,
        arguments=tuple(arguments),
        results=tuple(Result(each) if isinstance(each, str) else each for each in results),
        options=tuple(options),
        made_with=_name_sizes(made_with),
        also_by_name=also_by_name,
        make=make,
        parts=parts,
        unrefused=tuple(unrefused),
        parameters=tuple(parameters),
        buffers=tuple(buffers),
        modes=modes,
        call=call,
        unpack=unpack,
        library=read_library(library),
        float32=float32,
        chance=chance,
        draws=draws or chance,
        tolerance=tolerance,
        tolerance_in_float32=tolerance_in_float32,
        without=dict(without or {}),
        rejects=dict(rejects or {}),
    )
    if fault := next(find_faults(described), None):
        raise ValueError(f"describe: {fault}")
    space = make_space(described)
    return StandardSuite(make_cases(described, space), space)


def _name_sizes(made_with: Sequence[str] | Mapping[str, str] | None) -> Mapping[str, str] | None:
    if made_with is None or isinstance(made_with, Mapping):
        return made_with
    return {size: size for size in made_with}


@dataclass(frozen=True, slots=True)
class StandardFunction:
    """What a standard case runs."""

    description: Description
    library: NumpyLibrary
    passed: Drawer
    held: Drawer
    play: Play
    unrefused: bool
    """An exception is a wrong answer like any other."""
    space: InputSpace
    """Of the same description; a suite may have no case but the standard ones."""

    def __call__(self, entry_point: Any, rng: np.random.Generator) -> Any:
        """Run it on an entry point."""
        library = self.library
        library.stir()
        before = library.read_slow_settings()
        player = Player(self.description, library, self.passed, self.held, entry_point, rng)
        complaints = player.complaints
        try:
            seen = self.play(player)
        except Exception as error:
            # what it must not do came first, and may well be why it stops
            if complaints.first:
                raise complaints.first from None
            if OF_INFERENCE_MODE in str(error).lower():
                raise WrongAnswer(KEPT_FROM_INFERENCE_MODE) from None
            if isinstance(error, WrongAnswer) or not self.unrefused:
                raise
            raise WrongAnswer(f"expected a result, found {type(error).__name__}: {error}") from None
        for changed in find_changed(before, library.read_slow_settings(), Say()):
            complaints.note(changed)
        return complaints.attach(seen)


def make_cases(description: Description, space: InputSpace) -> tuple[Case, ...]:
    """Make the standard cases of a description, but for those that it leaves out.

    Raises ValueError for a name that is not there, and for a reason that says nothing.
    """
    standard = list(list_standard_cases(description))
    names = [case.name for case in standard]
    left = list(leave_out(standard, description.without))
    for word, listed in (("rejects at", description.rejects), ("unrefused names", description.unrefused)):
        for name in listed:
            if name not in names:
                raise ValueError(
                    f"describe: {word} {name!r}, which is no standard case here{suggest(name, names)}"
                )
    library = load_library(description.library, draws=description.draws, making=description.is_object)
    passed, held = Drawer(description.arguments), Drawer(description.held)
    return tuple(
        Case(
            case.name,
            case.sentence,
            StandardFunction(
                description, library, passed, held, case.play, case.name in description.unrefused, space
            ),
            tuple(description.rejects.get(case.name, ())),
            case.tolerance or description.tolerance,
            standard=True,
            own_title=case.own_title,
        )
        for case in left
    )
