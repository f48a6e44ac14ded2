"""Cost as a fact and not as a time: the largest tensor, the number of operators, the calls of a function.

What is recorded is for honest code: other threads are not seen, and tensors in a list (of `torch.cat`) only
once an operator is given what was made of them.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from .suite import WrongAnswer

_ERRORS: Final = 2


@dataclass(slots=True)
class Cost:
    """What was computed, once the recording has ended."""

    operators: int = 0
    """How many operators were called, those that others call not counted."""
    largest: tuple[int, ...] = ()
    """The shape of the largest tensor that an operator was given."""

    def refuse_tensors_of(self, numbers: int) -> None:
        """Raise WrongAnswer if an operator was given a tensor of so many numbers or more."""
        if math.prod(self.largest) >= numbers:
            shape = " x ".join(map(str, self.largest)) or "1"
            raise WrongAnswer(f"a tensor of {shape} numbers was made, and none may have {numbers} or more")

    def refuse_operators_beyond(self, most: int) -> None:
        """Raise WrongAnswer if more operators than these were called."""
        if self.operators > most:
            raise WrongAnswer(f"{self.operators} operators were called, and {most} are enough")


@contextmanager
def record_cost() -> Iterator[Cost]:
    """Record what PyTorch computes in a `with` block; keep it below 500 operators, of 0.06 ms each."""
    from torch.autograd.profiler import profile

    cost = Cost()
    recorder: Any = profile(record_shapes=True, use_kineto=False)
    with _quiet():
        recorder.__enter__()
    try:
        yield cost
    finally:
        with _quiet():
            recorder.__exit__(None, None, None)
    events = [event for event in recorder.function_events if "::" in event.name]
    cost.operators = sum(event.cpu_parent is None for event in events)
    shapes = [tuple(shape) for event in events for shape in event.input_shapes or ()]
    cost.largest = max(shapes, key=math.prod, default=())


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep off the standard error what the recorder itself writes there when it starts and ends."""
    kept, nowhere = os.dup(_ERRORS), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, _ERRORS)
        yield
    finally:
        os.dup2(kept, _ERRORS)
        os.close(kept)
        os.close(nowhere)


class CallCounter:
    """Does what a function does, and counts; made by `count_calls`."""

    __slots__ = ("_function", "calls")

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self.calls = 0

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Call the function once more."""
        self.calls += 1
        return self._function(*arguments, **options)

    def refuse_more_than(self, most: int, name: str) -> None:
        """Raise WrongAnswer if it was called more often than that; `name` is how a learner knows it."""
        if self.calls > most:
            raise WrongAnswer(f"{name} was called {self.calls} times, and {most} are enough")


def count_calls(function: Callable[..., Any]) -> CallCounter:
    """Count the calls of a function that is handed to the submission."""
    return CallCounter(function)
