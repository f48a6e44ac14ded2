"""Bent answers: the jury solution with one part of its answer spoilt, as a submission."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from torch_judge.model.submission import Submission, from_source


class Corruption(StrEnum):
    """What is done to a part of an answer."""

    NAN = "one NaN"
    RELATIVE_ERROR = "a small relative error"
    DTYPE = "another dtype"
    SHAPE = "another shape"
    ZEROS = "zeros"
    INPUT = "the input itself"
    NONE = "None"


APPLICABLE = {
    "numbers": tuple(Corruption),
    "module": tuple(Corruption),  # what it computes is bent, but for the last two, which take its place
    "integers": (Corruption.DTYPE, Corruption.SHAPE, Corruption.ZEROS, Corruption.INPUT, Corruption.NONE),
    "number": (
        Corruption.NAN,
        Corruption.RELATIVE_ERROR,
        Corruption.SHAPE,
        Corruption.ZEROS,
        Corruption.INPUT,
        Corruption.NONE,
    ),
    "other": (Corruption.NONE,),
    "nothing": (),
}


@dataclass(frozen=True, slots=True)
class OutputMutant:
    """A bend of one part of the answer."""

    bend: Corruption
    part: int
    parts: int

    @property
    def name(self) -> str:
        """Return what it is called in a complaint."""
        return (
            self.bend.value
            if self.parts == 1
            else f"{self.bend.value} as part {self.part + 1} of {self.parts}"
        )

    def submission(self, solution: str, entry_point: str) -> Submission:
        """Return the jury solution, bent so."""
        text = f"{solution}\n\n{_WRAPPER}\n\n{entry_point} = _bent({entry_point}, {self.bend.name!r}, {self.part})\n"
        return from_source(text, name=f"{self.name}.py")


def bent_answers(parts: Sequence[str]) -> Iterator[OutputMutant]:
    """Return every bend that applies to an answer of these parts."""
    for part, kind in enumerate(parts):
        yield from (OutputMutant(bend, part, len(parts)) for bend in APPLICABLE[kind])


def inapplicable(parts: Sequence[str]) -> Iterator[str]:
    """Say which bends do not apply."""
    if not parts:
        yield "bent answers: none, for no case saw the entry point return anything"
    for part, kind in enumerate(parts):
        if missing := [bend.value for bend in Corruption if bend not in APPLICABLE[kind]]:
            yield f"bent answers: part {part + 1} of {len(parts)} is {kind}, which leaves out {', '.join(missing)}"


_WRAPPER = '''
def _bent(entry_point, bend, bent_part):
    """Return the entry point with one part of its answer bent; of a class, the method that answers."""
    import functools
    import sys

    import numpy as np

    torch = sys.modules.get("torch")

    def is_numbers(value):
        return hasattr(value, "dtype") and hasattr(value, "shape")

    def bent(value, arguments):
        if bend == "NONE":
            return None
        if bend == "INPUT":
            return next((each for each in arguments if is_numbers(each)), next(iter(arguments), None))
        if isinstance(value, float):
            return {"NAN": float("nan"), "RELATIVE_ERROR": value * 1.001, "SHAPE": [value], "ZEROS": 0.0}[bend]
        if hasattr(value, "register_forward_hook"):
            value.register_forward_hook(lambda _module, inputs, output: bent(output, inputs))
            return value
        if not is_numbers(value):
            return value
        wide = "float64" in str(value.dtype)
        if bend == "NAN":
            spoilt = np.zeros(tuple(value.shape), "float32")
            spoilt.flat[:1] = np.nan
            return value + (torch.from_numpy(spoilt).to(value.dtype) if torch else spoilt.astype(value.dtype))
        if bend == "RELATIVE_ERROR":
            return value * (1.000001 if wide else 1.05 if "float16" in str(value.dtype) else 1.001)
        if bend == "DTYPE":
            return value.to(torch.float32 if wide else torch.float64) if torch else value.astype("float32" if wide else "float64")
        if bend == "SHAPE":
            return value[None]
        return value * 0

    def rebuilt(value, arguments, count):
        if isinstance(value, dict):
            return {key: rebuilt(each, arguments, count) for key, each in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)([rebuilt(each, arguments, count) for each in value])
        count[0] += 1
        return bent(value, arguments) if count[0] == bent_part else value

    def wrapped(function, skipped):
        @functools.wraps(function)
        def answer(*arguments, **named):
            given = [*arguments[skipped:], *named.values()]
            return rebuilt(function(*arguments, **named), given, [-1])

        return answer

    if not isinstance(entry_point, type):
        return wrapped(entry_point, 0)
    method = "forward" if hasattr(entry_point, "forward") else "__call__"
    setattr(entry_point, method, wrapped(getattr(entry_point, method), 1))
    return entry_point
'''
