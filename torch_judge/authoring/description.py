"""What an author describes once: how a call is made, from which the judge makes the standard cases.

Everything has a default that fits a function of tensors, so that only what is particular has to be said.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from .suite import Tolerance

Array = npt.NDArray[Any]
DrawValues = Callable[[np.random.Generator, tuple[int, ...]], Array]
Sizes = Mapping[str, int]
LARGE: Final = 1030
FAR: Final = 3000.0
ELEMENTS_WITH_ONE_FAR: Final = 4
"""In an argument of fewer numbers none lies far out."""


class Library(StrEnum):
    """Whose arrays a call takes."""

    TORCH = "torch"
    NUMPY = "numpy"


@dataclass(frozen=True, slots=True)
class Size:
    """A size by name: how large it is usually, whether it may be 1, how large it is where it is large."""

    usual: int
    one: bool | str = True
    """A mode, such as "eval", where it may be 1 in that mode only."""
    large: int = LARGE
    equal: bool = True
    """It may be as large as the others."""


@dataclass(frozen=True, slots=True)
class Argument:
    """A tensor or an array that is passed in, or that an object holds.

    `shape` names its sizes: "rows features", also "4*width"; "" has no dimensions; `also` are other legal
    shapes. Numbers are drawn `between` two magnitudes, of both signs unless it is `positive`, or by `draw`;
    `integers` from a number to below a number or a size. One of them lies `far` out. Where all numbers of a
    call are large or small, these are multiplied by the `scales`-th power.
    """

    name: str
    shape: str
    also: Sequence[str] = ()
    between: tuple[float, float] = (0.6, 2.4)
    positive: bool = False
    draw: DrawValues | None = None
    integers: tuple[int, int | str] | None = None
    differentiable: bool = True
    changes: bool = False
    """It is changed in place, in some mode at least; it never requires a gradient."""
    zeros: bool = True
    ones: bool = True
    far: float = FAR
    scales: float = 1.0
    views: bool = True
    """It need not be contiguous."""
    small: tuple[float, float] = (-2, 3)
    plainest: float = 0.0
    offset: float = 0.0
    """In small inputs, all of it may lie so far off."""

    @property
    def learns(self) -> bool:
        """Whether it may require a gradient."""
        return self.differentiable and not self.changes and self.integers is None

    def choose_shape(self, number: int) -> str:
        """Choose a legal shape by its number, the last one where there are not as many."""
        shapes = (self.shape, *self.also)
        return shapes[min(number, len(shapes) - 1)]

    def measure(self, sizes: Sizes, number: int = 0) -> tuple[int, ...]:
        """Find the lengths of one of its legal shapes."""
        return measure_shape(self.choose_shape(number), sizes)


def measure_shape(shape: str, sizes: Sizes) -> tuple[int, ...]:
    """Find the lengths of a shape for given sizes."""
    return tuple(
        math.prod(sizes[factor] if isinstance(factor, str) else factor for factor in factors)
        for factors in _split_shape(shape)
    )


@lru_cache(maxsize=256)
def _split_shape(shape: str) -> tuple[tuple[int | str, ...], ...]:
    """Split a shape into the factors of each dimension."""
    return tuple(
        tuple(int(part) if part.isdigit() else part for part in word.split("*")) for word in shape.split()
    )


@dataclass(frozen=True, slots=True)
class Option:
    """A parameter with a default, passed by name or left out.

    `usual` is a range of numbers, or a list to choose from; `also` are other legal values, each with a case
    of its own. A `mode` is a boolean option: every standard case looks at both of its values.
    """

    name: str
    default: Any
    usual: tuple[float, float] | Sequence[Any] = ()
    also: Sequence[Any] = ()
    mode: bool = False
    small: Sequence[Any] = ()
    """Its values in small inputs, besides being left out."""

    @property
    def is_range(self) -> bool:
        """Whether its usual values are a range of numbers."""
        match self.usual:
            case (float(), float()):
                return True
        return False

    def choose(self, rng: np.random.Generator) -> Any:
        """Draw an ordinary value."""
        match self.usual:
            case (float(low), float(high)):
                return float(rng.uniform(low, high))
            case [*values] if values:
                return values[int(rng.integers(len(values)))]
        return self.default


@dataclass(frozen=True, slots=True)
class Result:
    """One result, by the name that a learner reads.

    It is a new tensor that shares memory with nothing, but for what `may_share` names. Of float32 arguments
    it may be float64 where it `may_widen`. It may be a `number` in place of a tensor.
    """

    name: str
    shape: str | None = None
    """None for that of the first argument; only small inputs need it."""
    may_share: Sequence[str] = ()
    may_widen: bool = False
    number: bool = False


@dataclass(frozen=True, slots=True)
class Description:
    """How a call is made; see `describe` in `standard_suite`."""

    sizes: Mapping[str, Size]
    arguments: tuple[Argument, ...]
    results: tuple[Result, ...]
    options: tuple[Option, ...] = ()
    made_with: Mapping[str, str] | None = None
    """What the constructor takes: the name that is shown, and the size."""
    also_by_name: bool = False
    make: Callable[..., Any] | None = None
    parts: Callable[..., Mapping[str, Any]] | None = None
    unrefused: tuple[str, ...] = ()
    parameters: tuple[Argument, ...] = ()
    buffers: tuple[Argument, ...] = ()
    modes: bool = True
    call: Callable[..., Any] | None = None
    unpack: Callable[[Any], Sequence[Any]] | None = None
    library: Library = Library.TORCH
    float32: bool = True
    chance: bool = False
    draws: bool = False
    """A call may take numbers from the generators of random numbers."""
    tolerance: Tolerance | None = None
    tolerance_in_float32: Tolerance | None = None
    without: Mapping[str, str] = field(default_factory=dict)
    rejects: Mapping[str, Sequence[str]] = field(default_factory=dict)

    tensors: tuple[Argument, ...] = field(init=False)
    """All that is drawn."""
    learning: tuple[str, ...] = field(init=False)
    """The names of all that may require a gradient."""

    def __post_init__(self) -> None:
        tensors = self.arguments + self.held
        names = (each.name for each in tensors if each.learns and self.library is Library.TORCH)
        object.__setattr__(self, "tensors", tensors)
        object.__setattr__(self, "learning", tuple(names))

    @property
    def is_object(self) -> bool:
        """Whether the entry point is a class, of which objects are made and called."""
        return self.made_with is not None

    @property
    def held(self) -> tuple[Argument, ...]:
        """What an object holds."""
        return self.parameters + self.buffers

    @property
    def mode(self) -> Option | None:
        """The option that chooses the mode."""
        return next((option for option in self.options if option.mode), None)

    def choose_made_with(self, sizes: Sizes) -> dict[str, int]:
        """Choose what the constructor is given for some sizes, by the names that are shown."""
        return {name: measure_shape(size, sizes)[0] for name, size in (self.made_with or {}).items()}

    def draw_sizes(self, **given: int) -> dict[str, int]:
        """Return the usual sizes but for those that are given."""
        return {name: size.usual for name, size in self.sizes.items()} | given


def read_library(name: str) -> Library:
    """Read whose arrays a call takes; raises ValueError for any other name."""
    if name not in set(Library):
        raise ValueError(f"describe: library {name!r} is neither 'torch' nor 'numpy'")
    return Library(name)


def find_faults(described: Description) -> Iterator[str]:
    """Find what does not fit together; each a sentence."""
    names = [each.name for each in described.tensors] + [option.name for option in described.options]
    yield from (f"{name} is described twice" for name in dict.fromkeys(names) if names.count(name) > 1)
    for each in described.tensors:
        yield from _find_strange_sizes(each.name, _list_words(each), described)
    yield from _find_faults_of_a_class(described)
    tensors = {each.name for each in described.tensors}
    for result in described.results:
        for name in result.may_share:
            if name not in tensors:
                yield f"{result.name}: may_share names {name!r}, which is no argument{suggest(name, tensors)}"
    for option in described.options:
        if option.mode and not isinstance(option.default, bool):
            yield f"{option.name}: a mode is True or False, found {option.default!r}"
        if not option.mode and not option.usual and not option.also:
            yield f"{option.name}: say what other values than its default are legal, in usual or also"


def _find_faults_of_a_class(described: Description) -> Iterator[str]:
    made_with = described.made_with or {}
    yield from _find_strange_sizes("made_with", list(made_with.values()), described)
    for name in made_with:
        if not name.isidentifier():
            yield f"made_with: {name!r} needs the name of its parameter: made_with={{name: {name!r}}}"
    if not described.is_object:
        for word in ("parameters", "buffers", "make", "parts", "also_by_name"):
            if getattr(described, word):
                yield f"{word}: this is for a class; say with made_with what it is made with"


def _list_words(argument: Argument) -> list[str]:
    """List the words of its shapes, and the size below which it is drawn."""
    words = [word for shape in (argument.shape, *argument.also) for word in shape.split()]
    return words + [size for size in argument.integers or () if isinstance(size, str)]


def _find_strange_sizes(where: str, words: Sequence[str], described: Description) -> Iterator[str]:
    for part in (part for word in words for part in word.split("*")):
        if not part.isdigit() and part not in described.sizes:
            yield f"{where}: {part!r} is no size{suggest(part, described.sizes)}"


def suggest(name: str, names: Sequence[str] | Mapping[str, Any] | set[str]) -> str:
    """Ask whether a name like it was meant."""
    close = difflib.get_close_matches(name, list(names), 1)
    return f"; did you mean {close[0]!r}?" if close else f"; there are {', '.join(sorted(names)) or 'none'}"
