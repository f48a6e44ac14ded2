"""The hidden suite: what an author writes in `cases.py`, and how it is loaded.

Imported in the worker and in the checker, never in the conductor.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

CompareFunction = Callable[[Any, Any], str | None]
"""Compares the jury's observation with the submission's: None if it will do, else a sentence."""


class WrongAnswer(Exception):  # noqa: N818 - it is a verdict, not an error
    """What a case raises to reject with a sentence of its own."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a number may be from the jury's: `relative * |expected| + of_scale * max |expected|`."""

    relative: float
    of_scale: float


@dataclass(frozen=True, slots=True)
class Case:
    """One hidden test."""

    name: str
    sentence: str
    function: Callable[[Any, np.random.Generator], Any]
    rejects: tuple[str, ...] = ()
    tolerance: Tolerance | None = None
    checker: CompareFunction | None = None

    @property
    def title(self) -> str:
        """Return the name as a person reads it."""
        return self.name.replace("_", " ")

    def observe(self, entry_point: Any, *, seed: int) -> Any:
        """Run the case on an entry point, with inputs drawn from the seed of the check."""
        return self.function(entry_point, np.random.default_rng(self.seed(seed)))

    def seed(self, seed: int) -> int:
        """Return this case's own seed, the same whatever the order of cases."""
        digest = hashlib.sha256(f"{seed}/{self.name}".encode()).digest()
        return int.from_bytes(digest[:8], "big") >> 1


def case(
    *, rejects: Sequence[str] = (), tolerance: Tolerance | None = None, checker: CompareFunction | None = None
) -> Callable[[Callable[[Any, np.random.Generator], Any]], Case]:
    """Make a function of `(entry_point, rng)` a case; its docstring is what a learner reads when it fails."""

    def declare(function: Callable[[Any, np.random.Generator], Any]) -> Case:
        if isinstance(function.__globals__.get(function.__name__), Case):
            raise ValueError(  # noqa: TRY004 - the name is taken, whatever by
                f"cases.py declares two cases of the name {function.__name__}"
            )
        sentence = " ".join((function.__doc__ or "").split())
        return Case(function.__name__, sentence, function, tuple(rejects), tolerance, checker)

    return declare


def load_suite(code: CodeType) -> tuple[Case, ...]:
    """Run the compiled text of a `cases.py` and return its cases in the order of the file.

    Raises whatever the text raises, and ValueError where a case is declared badly.
    """
    filename = code.co_filename
    namespace: dict[str, Any] = {"__name__": "cases", "__file__": filename}
    exec(code, namespace)  # noqa: S102 - the bank is trusted
    cases = tuple(value for value in namespace.values() if isinstance(value, Case))
    if not cases:
        raise ValueError(f"{filename} declares no case")
    if unsaid := [each.name for each in cases if not each.sentence]:
        raise ValueError(f"{filename}: these cases have no docstring: {', '.join(unsaid)}")
    return cases


def raised(call: Callable[..., Any], *arguments: Any, **named: Any) -> str:
    """Return the name of what a call raises, "nothing" if it returns: for a case about a refusal.

    An error that PyTorch, NumPy or the submission derives from a built-in one counts as that one, so that a case may
    ask for "ValueError" and be content with each kind of it.
    """
    try:
        call(*arguments, **named)
    except Exception as error:  # whatever a submission raises
        kinds = (each for each in type(error).__mro__ if each.__module__ == "builtins")
        return next(kinds).__name__
    return "nothing"


def gradients(output: Any, inputs: Mapping[str, Tensor], upstream: Tensor) -> dict[str, Tensor]:
    """Return the gradient of `(output * upstream).sum()` with respect to each input, as "gradient of NAME".

    Rejects with a sentence what cannot be differentiated, so that it reads as the learner's mistake; the sentence
    names every input that no gradient reaches.
    """
    import torch

    if type(output) is not torch.Tensor:
        raise WrongAnswer(f"output: expected a tensor, found {type(output).__name__}")
    if output.shape != upstream.shape:
        raise WrongAnswer(f"output: expected shape {tuple(upstream.shape)}, found {tuple(output.shape)}")
    if fixed := [name for name, value in inputs.items() if not getattr(value, "requires_grad", False)]:
        raise WrongAnswer(f"{_listed(fixed)}: expected requires_grad=True, found a value without gradient")
    if not output.requires_grad:
        raise WrongAnswer("output: no gradient can flow back from it, it is cut off from the graph")
    found = torch.autograd.grad(output, list(inputs.values()), upstream.to(output.dtype), allow_unused=True)
    reached: dict[str, Tensor | None] = dict(zip(inputs, found, strict=True))
    if apart := [name for name, gradient in reached.items() if gradient is None]:
        raise WrongAnswer(
            f"gradient of {_listed(apart)}: expected a tensor, found no path from the output to {_listed(apart)}"
        )
    return {f"gradient of {name}": gradient for name, gradient in zip(inputs, found, strict=True)}


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
