"""What the standard cases do to tensors and to arrays: make, copy and compare them, and see what they share.

What PyTorch and NumPy are asked with is taken when the suite is loaded, before any line of a submission runs.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final

import numpy as np

from .backpropagation import load_engine
from .description import Argument, Array, Library
from .scene import Grad, Scene, lay_out
from .suite import WrongAnswer

Settings = dict[str, Any]
MOST_REFILLS: Final = 1000
SECOND_TIME: Final = "backward through the graph a second time"


class GeneratorState:
    """The words of a Mersenne twister; equal to those that drawing leads to, but not to a new seed's."""

    def __init__(self, words: Array) -> None:
        self._words = words

    def __repr__(self) -> str:
        return f"in a state that begins with {self._words[0]}"

    def __hash__(self) -> int:
        return hash(self._words.tobytes())

    def __eq__(self, later: object) -> bool:
        if not isinstance(later, GeneratorState):
            return NotImplemented
        if np.array_equal(self._words, later._words):
            return True
        source = np.random.MT19937()
        source.state = {"bit_generator": "MT19937", "state": {"key": self._words, "pos": self._words.size}}
        for _ in range(MOST_REFILLS):
            source.random_raw(self._words.size)
            if np.array_equal(source.state["state"]["key"], later._words):
                return True
        return False


class NumpyLibrary:
    """What is done to arrays."""

    noun = "NumPy array"

    def __init__(self) -> None:
        self._equal, self._copy = np.array_equal, np.array
        self._get_state = np.random.get_state  # learners draw from it, and may seed it
        self._get_words = random.getstate

    def make(self, values: Array, scene: Scene, argument: Argument) -> Any:
        """Make an argument of drawn values."""
        return lay_out(values.astype(_kind_of(values, scene)), scene, argument)

    def is_right(self, value: Any) -> bool:
        """Tell whether a result is an array, and of no subclass."""
        return type(value) is np.ndarray or isinstance(value, np.generic)

    def copy(self, value: Any) -> Any:
        """Copy a value, free of any graph."""
        return self._copy(value)

    def is_same(self, first: Any, second: Any) -> bool:
        """Tell whether two values are the same in type, shape and numbers; nan is the same as nan."""
        if first.dtype != second.dtype:
            return False
        of_floats = first.dtype.kind in "fc"
        return self._equal(first, second) or (of_floats and self._equal(first, second, equal_nan=True))

    def shares(self, first: Any, second: Any) -> bool:
        """Tell whether two arrays lie in the same memory."""
        if not (isinstance(first, np.ndarray) and isinstance(second, np.ndarray)):
            return False
        return _find_root(first) is _find_root(second) or bool(np.may_share_memory(first, second))

    def send_back(self, outputs: Sequence[Any], upstreams: Sequence[Any]) -> None:
        """Send gradients back from outputs to all that requires one; there are none."""

    def take_gradients(self, tensors: Iterable[Any]) -> list[Any]:
        """Take what has arrived, and leave nothing behind."""
        return [None for _ in tensors]

    def make_like(self, drawn: Array, value: Any) -> Any:
        """Make a value of drawn numbers, of the dtype of another."""
        return drawn.astype(value.dtype)

    def narrow(self, value: Any) -> Any:
        """Take a float64 result of float32 arguments as float32."""
        return value.astype(np.float32) if value.dtype == np.float64 else value

    def switch(self, _grad: Grad) -> AbstractContextManager[Any]:
        """Return what switches gradients; there are none."""
        return nullcontext()

    def read_settings(self) -> Settings:
        """Read what belongs to the caller and not to a call."""
        return {}

    def read_slow_settings(self) -> Settings:
        """Read those of them that take long to read, and that nothing resets on the way."""
        state: Any = self._get_state(legacy=False)
        words = self._get_words()[1][:-1]  # the last one says how many of them are used up
        return {
            "what NumPy does about overflows": tuple(np.geterr().values()),
            "NumPy's generator": GeneratorState(state["state"]["key"]),
            "Python's generator": GeneratorState(np.array(words, dtype=np.uint32)),
        }


def _kind_of(values: Array, scene: Scene) -> Any:
    return np.dtype(scene.dtype) if values.dtype == np.float64 else values.dtype


def _find_root(values: Any) -> Any:
    while isinstance(getattr(values, "base", None), np.ndarray):
        values = values.base
    return values


class TorchLibrary(NumpyLibrary):
    """What is done to tensors."""

    noun = "tensor"

    def __init__(self) -> None:
        import torch

        super().__init__()
        self.torch = torch
        self._tensors_equal, self._all_close = torch.equal, torch.allclose
        self._backpropagate = load_engine()
        self._seed = torch.default_generator.initial_seed
        self._contexts: Mapping[Grad, Callable[[], AbstractContextManager[Any]]] = {
            Grad.ON: nullcontext,
            Grad.NO_GRAD: torch.no_grad,
            Grad.INFERENCE: torch.inference_mode,
        }

    def make(self, values: Array, scene: Scene, argument: Argument) -> Any:
        """Make an argument of drawn values."""
        laid = lay_out(values.astype(_kind_of(values, scene)), scene, argument)
        if 0 in laid.strides and laid.size > 1 and not laid.flags.writeable:
            # of a whole row's memory and more, so that who reads it in another order reads other numbers
            wide = self.torch.from_numpy(np.arange(laid.size, dtype=laid.dtype).reshape(laid.shape))
            wide[:1] = self.torch.from_numpy(np.array(laid[:1]))
            return wide[:1].expand(laid.shape)
        return self.torch.from_numpy(laid)

    def is_right(self, value: Any) -> bool:
        """Tell whether a result is a tensor, and of no subclass."""
        return type(value) is self.torch.Tensor

    def copy(self, value: Any) -> Any:
        """Copy a value, free of any graph."""
        return value.detach().clone()

    def is_same(self, first: Any, second: Any) -> bool:
        """Tell whether two values are the same in type, shape and numbers; nan is the same as nan."""
        if first.dtype != second.dtype or first.shape != second.shape:
            return False
        return bool(self._tensors_equal(first, second)) or (
            first.is_floating_point() and self._all_close(first, second, rtol=0.0, atol=0.0, equal_nan=True)
        )

    def shares(self, first: Any, second: Any) -> bool:
        """Tell whether two tensors lie in the same memory."""
        place = first.untyped_storage().data_ptr()
        return place != 0 and bool(place == second.untyped_storage().data_ptr())

    def narrow(self, value: Any) -> Any:
        """Take a float64 result of float32 arguments as float32."""
        return value.float() if value.dtype == self.torch.float64 else value

    def switch(self, grad: Grad) -> AbstractContextManager[Any]:
        """Return what switches gradients as a scene says."""
        return self._contexts[grad]()

    def read_settings(self) -> Settings:
        """Read what belongs to the caller and not to a call."""
        torch = self.torch
        return {
            "whether gradients are recorded": torch.is_grad_enabled(),
            "inference mode": torch.is_inference_mode_enabled(),
            "the default dtype": torch.get_default_dtype(),
            "deterministic algorithms": torch.are_deterministic_algorithms_enabled(),
            "the number of threads": torch.get_num_threads(),
            "the seed of the caller's generator": self._seed(),
        }

    def send_back(self, outputs: Sequence[Any], upstreams: Sequence[Any]) -> None:
        """Send gradients back from outputs to all that requires one."""
        try:
            self._backpropagate(outputs, upstreams, ())
        except RuntimeError as error:
            if SECOND_TIME not in str(error):
                raise
            raise WrongAnswer(
                "gradients flow back into an earlier call: something with a graph is remembered between calls"
            ) from None

    def make_like(self, drawn: Array, value: Any) -> Any:
        """Make a value of drawn numbers, of the dtype of another."""
        return self.torch.from_numpy(drawn).to(value.dtype)

    def take_gradients(self, tensors: Iterable[Any]) -> list[Any]:
        """Take what has arrived, and leave nothing behind."""
        found = []
        for tensor in tensors:
            found.append(tensor.grad)
            tensor.grad = None
        return found


def load_library(library: Library) -> NumpyLibrary:
    """Return what is done to values of a library; a NumPy problem never loads torch for it."""
    return TorchLibrary() if library is Library.TORCH else NumpyLibrary()
