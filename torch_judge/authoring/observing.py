"""What cases do to observe: gradients, refusals, and results under the names that a learner reads.

What does not fit reads as the learner's mistake and not as ours. Imported in the worker and in the checker; a
server for NumPy problems never loads torch for it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from .backpropagation import load_engine
from .description import Library
from .libraries import load_library
from .observation import Say, find_changed
from .shield import load_torch
from .suite import WrongAnswer

if TYPE_CHECKING:
    from torch import Tensor

_NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six")


def require_gradients(tensors: Mapping[str, Tensor], *names: str) -> dict[str, Tensor]:
    """Let gradients flow to the tensors of these names, or to all, and return them by name."""
    return {name: tensors[name].requires_grad_() for name in names or tensors}


def gradients(output: Any, inputs: Mapping[str, Tensor], upstream: Tensor) -> dict[str, Tensor]:
    """Take the gradient of `(output * upstream).sum()` with respect to each input, as "gradient of NAME".

    Rejects with a sentence what cannot be differentiated, so that it reads as the learner's mistake; the
    sentence names every input that no gradient reaches.
    """
    torch = load_torch()

    if type(output) is not torch.Tensor:
        raise WrongAnswer(f"output: expected a tensor, found {type(output).__name__}")
    if output.shape != upstream.shape:
        raise WrongAnswer(f"output: expected shape {tuple(upstream.shape)}, found {tuple(output.shape)}")
    if fixed := [name for name, value in inputs.items() if not getattr(value, "requires_grad", False)]:
        raise WrongAnswer(f"{_join(fixed)}: expected requires_grad=True, found a value without gradient")
    if not output.requires_grad:
        raise WrongAnswer("output: no gradient can flow back from it, it is cut off from the graph")
    found = load_engine()([output], [upstream.to(output.dtype)], list(inputs.values()))
    reached: dict[str, Tensor | None] = dict(zip(inputs, found, strict=True))
    if apart := [name for name, gradient in reached.items() if gradient is None]:
        raise WrongAnswer(
            f"gradient of {_join(apart)}: expected a tensor, found no path from the output to {_join(apart)}"
        )
    return {f"gradient of {name}": gradient for name, gradient in zip(inputs, found, strict=True)}


def _join(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def raised(call: Callable[..., Any], *arguments: Any, **named: Any) -> str:
    """Name what a call raises, "nothing" if it returns: for a case about a refusal.

    An error that PyTorch, NumPy or the submission derives from a built-in one counts as that one, so that a
    case may ask for "ValueError" and be content with each kind of it. Rejects with a sentence what leaves the
    caller's settings changed.
    """
    library = load_library(Library.TORCH if "torch" in sys.modules else Library.NUMPY)
    before, name = library.read_settings(), "nothing"
    try:
        call(*arguments, **named)
    except Exception as error:  # whatever a submission raises
        kinds = (kind for kind in type(error).__mro__ if kind.__module__ == "builtins")
        name = next(kinds).__name__
    for changed in find_changed(before, library.read_settings(), Say(f"a call that raises {name}")):
        raise changed
    return name


def name_arrays(result: Any, names: Sequence[str]) -> dict[str, npt.NDArray[Any]]:
    """Give the arrays of a tuple the names that a learner reads."""
    count = _NUMBERS[len(names)]
    if not isinstance(result, (tuple, list)):
        kind = type(result).__name__
        raise WrongAnswer(f"result: expected a tuple of {count} arrays, found a value of type {kind}")
    if len(result) != len(names):
        raise WrongAnswer(f"result: expected a tuple of {count} arrays, found {len(result)}")
    for name, value in zip(names, result, strict=True):
        if not isinstance(value, np.ndarray):
            raise WrongAnswer(f"{name}: expected an array, found a value of type {type(value).__name__}")
    return dict(zip(names, result, strict=True))


def narrow_to_float32(arrays: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
    """Take results for float32 arguments, which may be float32 or float64, as float32."""
    for name, values in arrays.items():
        if values.dtype not in (np.float32, np.float64):
            raise WrongAnswer(f"{name}: expected float32 or float64, found {values.dtype}")
    return {name: values.astype(np.float32) for name, values in arrays.items()}
