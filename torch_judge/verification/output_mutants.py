"""Output mutants: the jury solution with one part of its answer corrupted, as a submission.

What is printed calls them bent answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

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


APPLICABLE: Final = {
    "numbers": tuple(Corruption),
    # what it computes is corrupted, but for the last two, which take the place of the module
    "module": tuple(Corruption),
    # what was passed in, filled, and returned: to return the input is right
    "argument": tuple(each for each in Corruption if each is not Corruption.INPUT),
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
    """A corruption of one part of the answer."""

    corruption: Corruption
    part: int
    parts: int

    @property
    def name(self) -> str:
        """What it is called in a complaint."""
        part = "" if self.parts == 1 else f" as part {self.part + 1} of {self.parts}"
        return f"{self.corruption.value}{part}"

    def submission(self, solution: str, entry_point: str) -> Submission:
        """Write the jury solution with its entry point wrapped."""
        wrapped = f"_corrupt({entry_point}, {self.corruption.name!r}, {self.part})"
        text = f"{solution}\n\n{_WRAPPER}\n\n{entry_point} = {wrapped}\n"
        return from_source(text, name=f"{self.name}.py")


def make_output_mutants(parts: Sequence[str]) -> Iterator[OutputMutant]:
    """Make every mutant that applies to an answer of these parts."""
    for part, kind in enumerate(parts):
        yield from (OutputMutant(corruption, part, len(parts)) for corruption in APPLICABLE[kind])


def describe_inapplicable(parts: Sequence[str]) -> Iterator[str]:
    """Say which corruptions do not apply."""
    if not parts:
        yield "bent answers: none, for no case saw the entry point return anything"
    for part, kind in enumerate(parts):
        if missing := [corruption.value for corruption in Corruption if corruption not in APPLICABLE[kind]]:
            where = f"part {part + 1} of {len(parts)}"
            yield f"bent answers: {where} is {kind}, which leaves out {', '.join(missing)}"


_WRAPPER: Final = '''
def _corrupt(entry_point, corruption, corrupted_part):
    """Wrap the entry point so that one part of its answer is corrupted; of a class, its method."""
    import functools
    import sys

    import numpy as np

    torch = sys.modules.get("torch")

    def is_numbers(value):
        return hasattr(value, "dtype") and hasattr(value, "shape")

    def corrupt(value, arguments):
        if corruption == "NONE":
            return None
        if corruption == "INPUT":
            return next((given for given in arguments if is_numbers(given)), next(iter(arguments), None))
        if isinstance(value, float):
            numbers = {"NAN": float("nan"), "RELATIVE_ERROR": value * 1.001, "SHAPE": [value], "ZEROS": 0.0}
            return numbers[corruption]
        if hasattr(value, "register_forward_hook"):
            value.register_forward_hook(lambda _module, inputs, output: corrupt(output, inputs))
            return value
        return corrupt_numbers(value) if is_numbers(value) else value

    def corrupt_numbers(value):
        wide = "float64" in str(value.dtype)
        if corruption == "NAN":
            spoilt = np.zeros(tuple(value.shape), "float32")
            spoilt.flat[:1] = np.nan
            return value + (torch.from_numpy(spoilt).to(value.dtype) if torch else spoilt.astype(value.dtype))
        if corruption == "RELATIVE_ERROR":
            # a few times what the comparison lets pass
            return value * (1.000001 if wide else 1.05 if "float16" in str(value.dtype) else 1.001)
        if corruption == "DTYPE":
            if torch:
                return value.to(torch.float32 if wide else torch.float64)
            return value.astype("float32" if wide else "float64")
        if corruption == "SHAPE":
            return value[None]
        return value * 0

    def rebuild(value, arguments, count):
        if isinstance(value, dict):
            return {key: rebuild(part, arguments, count) for key, part in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)([rebuild(part, arguments, count) for part in value])
        count[0] += 1
        return corrupt(value, arguments) if count[0] == corrupted_part else value

    def wrap(function, skipped):
        @functools.wraps(function)
        def answer(*arguments, **named):
            given = [*arguments[skipped:], *named.values()]
            return rebuild(function(*arguments, **named), given, [-1])

        return answer

    if not isinstance(entry_point, type):
        return wrap(entry_point, 0)
    method = "forward" if hasattr(entry_point, "forward") else "__call__"
    setattr(entry_point, method, wrap(getattr(entry_point, method), 1))
    return entry_point
'''
