"""What the standard cases do to tensors and to arrays: make, copy and compare them, and see what they share.

What PyTorch and NumPy are asked with is taken when the suite is loaded, before any line of a submission runs.
"""

from __future__ import annotations

import ctypes
import random
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final

import numpy as np

from .backpropagation import load_engine
from .description import Argument, Array, Library
from .scene import AFTER_A_PART, BEFORE_A_PART, Grad, Layout, Scene, Upstream, lay_out
from .shield import load_torch
from .suite import WrongAnswer

Settings = dict[str, Any]
Particulars = tuple[Any, ...]
MOST_REFILLS: Final = 1000
WORDS_OF_A_TWISTER: Final = 624
SECOND_TIME: Final = "backward through the graph a second time"


class StateOfAGenerator:
    """What a generator of random numbers draws next."""

    draws = False

    def tell_change(self, name: str) -> str:
        """Say what a call did that did not leave it as it was."""
        did = "seeds" if self.draws else "draws from"
        return f"the call {did} {name}, which it must leave as it was"


class GeneratorState(StateOfAGenerator):
    """The words of a Mersenne twister, and which of them is next.

    Where it `draws`, it is equal to what drawing leads to, but not to a new seed's.
    """

    def __init__(self, words: tuple[int, ...] | bytes, place: int, *, draws: bool) -> None:
        # as they came: they are read twice in each case, and only looked into where something was drawn
        self._words, self._place, self.draws = words, place, draws

    def __hash__(self) -> int:
        return hash(self._words)

    def __eq__(self, later: object) -> bool:
        if not isinstance(later, GeneratorState):
            return NotImplemented
        if self._words == later._words:
            return self.draws or self._place == later._place
        if not self.draws:
            return False
        key, wanted = self._read_words(), later._read_words()
        if key.size != WORDS_OF_A_TWISTER:  # another generator has been put in its place
            return False
        source = np.random.MT19937()
        source.state = {"bit_generator": "MT19937", "state": {"key": key, "pos": key.size}}
        for _ in range(MOST_REFILLS):
            source.random_raw(key.size)
            if np.array_equal(source.state["state"]["key"], wanted):
                return True
        return False

    def _read_words(self) -> Array:
        if isinstance(self._words, bytes):
            return np.frombuffer(self._words, dtype=np.uint32)
        return np.array(self._words, dtype=np.uint32)


def _read_state(source: Any, *, draws: bool) -> GeneratorState:
    """Read the state of NumPy's generator, where it lies: to ask for it takes 50 times as long."""
    if type(source) is not np.random.MT19937:
        return GeneratorState((), 0, draws=False)
    raw = ctypes.string_at(source.ctypes.state_address, 4 * (WORDS_OF_A_TWISTER + 1))
    return GeneratorState(raw[:-4], int.from_bytes(raw[-4:], sys.byteorder), draws=draws)


class NumpyLibrary:
    """What is done to arrays."""

    noun = "NumPy array"
    particulars: tuple[str, ...] = ("its strides", "whether it may be written to")
    """What a call must leave as it is of an argument, besides its numbers."""

    def __init__(self, *, draws: bool = False, making: bool = False) -> None:
        self._draws, self._draws_words = draws, draws or making
        self._equal, self._copy = np.array_equal, np.array
        self._get_source = np.random.mtrand.get_bit_generator  # learners draw from it, and may seed it
        self._get_words = random.getstate
        self._draw_number, self._draw_word = np.random.random, random.random

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

    def read_particulars(self, value: Any) -> Particulars:
        """Read what `particulars` names."""
        return value.strides, value.flags.writeable

    def let_learn(self, value: Any) -> Any:
        """Let an argument require a gradient, if it can; no array does."""
        return value

    def requires_grad(self, _value: Any) -> bool:
        """Tell whether a value requires a gradient."""
        return False

    def is_floating(self, _value: Any) -> bool:
        """Tell whether a value may have a gradient."""
        return False

    def has_gradient(self, _value: Any) -> bool:
        """Tell whether a value has a gradient already."""
        return False

    def give_gradient(self, value: Any) -> Any:
        """Give a leaf a gradient, as of a call before, and return that."""
        raise NotImplementedError

    def takes_gradient(self, value: Any, given: Any) -> bool:
        """Take away a gradient that was given; tell whether it was there and as it was."""
        raise NotImplementedError

    def shares(self, first: Any, second: Any) -> bool:
        """Tell whether two arrays lie in the same memory."""
        if not (isinstance(first, np.ndarray) and isinstance(second, np.ndarray)):
            return False
        return _find_root(first) is _find_root(second) or bool(np.may_share_memory(first, second))

    def send_back(
        self, outputs: Sequence[Any], upstreams: Sequence[Any], *, keeps_graph: bool = False
    ) -> None:
        """Send gradients back from outputs to all that requires one; there are none."""

    def take_gradients(self, tensors: Iterable[Any]) -> list[Any]:
        """Take what has arrived, and leave nothing behind."""
        return [None for _ in tensors]

    def make_upstream(self, drawn: Array, value: Any, upstream: Upstream) -> Any:
        """Make of drawn numbers what flows back into a result; into an array nothing does."""
        raise NotImplementedError

    def narrow(self, value: Any) -> Any:
        """Take a float64 result of float32 arguments as float32."""
        return value.astype(np.float32) if value.dtype == np.float64 else value

    def switch(self, _grad: Grad) -> AbstractContextManager[Any]:
        """Return what switches gradients; there are none."""
        return nullcontext()

    def read_settings(self) -> Settings:
        """Read what belongs to the caller and not to a call."""
        return {}

    def stir(self) -> None:
        """Draw from all generators, so that a new seed does not bring them back to where they are."""
        self._draw_number(), self._draw_word()

    def read_slow_settings(self, *, strictly: bool = False) -> Settings:
        """Read those of them that take long to read, and that nothing resets on the way.

        Read `strictly`, generators may be drawn from only where a call may.
        """
        draws = self._draws if strictly else self._draws_words
        words = self._get_words()[1]  # and behind them which is next
        return {
            "what NumPy does about overflows": tuple(np.geterr().values()),
            "NumPy's generator": _read_state(self._get_source(), draws=draws),
            "Python's generator": GeneratorState(words[:-1], words[-1], draws=draws),
        }


def _kind_of(values: Array, scene: Scene) -> Any:
    return scene.dtype if values.dtype == np.float64 else values.dtype


def _find_root(values: Any) -> Any:
    while isinstance(getattr(values, "base", None), np.ndarray):
        values = values.base
    return values


class TorchState(StateOfAGenerator):
    """The state of PyTorch's generator, another one after each draw and after each seed."""

    def __init__(self, state: bytes) -> None:
        self._state = state

    def __hash__(self) -> int:
        return hash(self._state)

    def __eq__(self, later: object) -> bool:
        return self._state == later._state if isinstance(later, TorchState) else NotImplemented


class TorchLibrary(NumpyLibrary):
    """What is done to tensors.

    Of a tensor nothing is asked by a name of its class, which a submission may have given another meaning.
    """

    noun = "tensor"
    particulars = (
        "requires_grad",
        "retains_grad",
        "its hooks",
        "its strides",
        "its place in memory",
        "how often it was written to",
    )

    def __init__(self, *, draws: bool = False, making: bool = False) -> None:
        torch = load_torch()

        super().__init__(draws=draws, making=making)
        self.torch = torch
        self._tensors_equal, self._all_close = torch.equal, torch.allclose
        self._backpropagate = load_engine()
        self._generator = torch.default_generator
        self._seed, self._get_generator_state = self._generator.initial_seed, self._generator.get_state
        base: Any = torch._C.TensorBase
        self._clone, self._detach, self._is_floating = base.clone, base.detach, base.is_floating_point
        self._make_inference_mode, self._is_inference = torch.inference_mode, base.is_inference
        self._requires_grad, self._retains_grad, self._is_leaf, self._grad, self._hooks, self._version = (
            getattr(base, name).__get__
            for name in ("requires_grad", "retains_grad", "is_leaf", "grad", "_backward_hooks", "_version")
        )
        self._set_gradient, self._forget_gradient = base.grad.__set__, base.grad.__delete__
        self._draw = torch.rand
        self._strides, self._place = base.stride, base.data_ptr
        storage: Any = torch.UntypedStorage
        self._storage, self._begins = base.untyped_storage, storage.data_ptr
        self._settings: tuple[tuple[str, Callable[[], Any]], ...] = (
            ("whether gradients are recorded", torch.is_grad_enabled),
            ("inference mode", torch.is_inference_mode_enabled),
            ("the default dtype", torch.get_default_dtype),
            ("deterministic algorithms", torch.are_deterministic_algorithms_enabled),
            ("the number of threads", torch.get_num_threads),
            ("the seed of the caller's generator", self._seed),
        )
        self._contexts: Mapping[Grad, Callable[[], AbstractContextManager[Any]]] = {
            Grad.ON: nullcontext,
            Grad.NO_GRAD: torch.no_grad,
            Grad.INFERENCE: torch.inference_mode,
        }

    def make(self, values: Array, scene: Scene, argument: Argument) -> Any:
        """Make an argument of drawn values."""
        values = np.array(values, dtype=_kind_of(values, scene), order="C")
        if scene.layout is Layout.PLAIN and scene.grad is not Grad.INFERENCE:
            return self.torch.from_numpy(values)
        if scene.layout is Layout.PART and argument.views and values.ndim:
            return self._make_part(values, scene, argument)
        laid = lay_out(values, scene, argument)
        if 0 in laid.strides and laid.size > 1 and not laid.flags.writeable:
            # of a whole row's memory and more, so that who reads it in another order reads other numbers
            wide = self.torch.from_numpy(np.arange(laid.size, dtype=laid.dtype).reshape(laid.shape))
            wide[:1] = self.torch.from_numpy(np.array(laid[:1]))
            return wide[:1].expand(laid.shape)
        if scene.layout is Layout.OFFSET and argument.views:
            return self._make_offset(laid)
        made = self.torch.from_numpy(laid)
        if scene.grad is Grad.INFERENCE and not argument.changes:
            with self._make_inference_mode():  # what comes out of a layer there is such a tensor
                return self._clone(made)
        return made

    def _make_part(self, values: Array, scene: Scene, argument: Argument) -> Any:
        """Make a tensor that lies within a larger one: neither at its beginning nor side by side."""
        wide = lay_out(values, scene, argument).base
        # cut by PyTorch, which then knows of the rest
        return self.torch.from_numpy(wide)[..., BEFORE_A_PART:-AFTER_A_PART]

    def _make_offset(self, values: Array) -> Any:
        """Make a tensor whose numbers lie side by side, but not at the beginning of their memory."""
        wide = np.full(BEFORE_A_PART + values.size, 7, dtype=values.dtype)
        wide[BEFORE_A_PART:] = values.ravel()
        return self.torch.from_numpy(wide)[BEFORE_A_PART:].view(values.shape)

    def let_learn(self, value: Any) -> Any:
        """Let an argument require a gradient, if it can: no tensor of inference mode does."""
        return value if self._is_inference(value) else value.requires_grad_()

    def is_right(self, value: Any) -> bool:
        """Tell whether a result is a tensor, and of no subclass."""
        return type(value) is self.torch.Tensor

    def copy(self, value: Any) -> Any:
        """Copy a value, free of any graph."""
        return self._clone(self._detach(value))

    def is_same(self, first: Any, second: Any) -> bool:
        """Tell whether two values are the same in type, shape and numbers; nan is the same as nan."""
        if first.dtype != second.dtype or first.shape != second.shape:
            return False
        return bool(self._tensors_equal(first, second)) or (
            self._is_floating(first) and self._all_close(first, second, rtol=0.0, atol=0.0, equal_nan=True)
        )

    def read_particulars(self, value: Any) -> Particulars:
        """Read what `particulars` names."""
        return (
            self._requires_grad(value),
            self._retains_grad(value),
            len(self._hooks(value) or ()),
            self._strides(value),
            self._place(value),
            0 if self._is_inference(value) else self._version(value),  # these do not count
        )

    def requires_grad(self, value: Any) -> bool:
        """Tell whether a value requires a gradient."""
        return bool(self._requires_grad(value))

    def is_floating(self, value: Any) -> bool:
        """Tell whether a value may have a gradient."""
        return bool(self._is_floating(value))

    def has_gradient(self, value: Any) -> bool:
        """Tell whether a value has a gradient already."""
        return self._is_leaf(value) and self._grad(value) is not None

    def shares(self, first: Any, second: Any) -> bool:
        """Tell whether two tensors lie in the same memory."""
        place = self._begins(self._storage(first))
        return place != 0 and bool(place == self._begins(self._storage(second)))

    def narrow(self, value: Any) -> Any:
        """Take a float64 result of float32 arguments as float32."""
        return value.float() if value.dtype == self.torch.float64 else value

    def switch(self, grad: Grad) -> AbstractContextManager[Any]:
        """Return what switches gradients as a scene says."""
        return self._contexts[grad]()

    def give_gradient(self, value: Any) -> Any:
        """Give a leaf a gradient, as of a call before, and return that."""
        gradient = self.torch.ones(value.shape, dtype=value.dtype)
        self._set_gradient(value, gradient)
        return gradient

    def takes_gradient(self, value: Any, given: Any) -> bool:
        """Take away a gradient that was given; tell whether it was there and as it was."""
        found = self._grad(value)
        self._forget_gradient(value)
        return found is given and bool((given == 1).all())

    def stir(self) -> None:
        """Draw from all generators, so that a new seed does not bring them back to where they are."""
        super().stir()
        self._draw(1)

    def read_settings(self) -> Settings:
        """Read what belongs to the caller and not to a call."""
        settings = {name: read() for name, read in self._settings}
        if not self._draws:
            settings["PyTorch's generator"] = TorchState(self._get_generator_state().numpy().tobytes())
        return settings

    def send_back(
        self, outputs: Sequence[Any], upstreams: Sequence[Any], *, keeps_graph: bool = False
    ) -> None:
        """Send gradients back from outputs to all that requires one."""
        try:
            self._backpropagate(outputs, upstreams, keeps_graph=keeps_graph)
        except RuntimeError as error:
            if SECOND_TIME not in str(error):
                raise
            raise WrongAnswer(
                "gradients flow back into an earlier call: something with a graph is remembered between calls"
            ) from None

    def make_upstream(self, drawn: Array, value: Any, upstream: Upstream) -> Any:
        """Make of drawn numbers what flows back into a result: of its shape and dtype."""
        if upstream is Upstream.ZEROS:
            drawn = np.zeros_like(drawn)
        if upstream is Upstream.TRANSPOSED and drawn.ndim > 1:
            drawn = np.asfortranarray(drawn)
        made = self.torch.from_numpy(drawn).to(value.dtype)
        if upstream is Upstream.SUM and drawn.size:
            return made.reshape(-1)[:1].reshape(()).expand(drawn.shape)
        if upstream is Upstream.ROW and drawn.ndim and drawn.size:
            return made[:1].expand(drawn.shape)
        return made

    def take_gradients(self, tensors: Iterable[Any]) -> list[Any]:
        """Take what has arrived, and leave nothing behind."""
        found = []
        for tensor in tensors:
            found.append(self._grad(tensor))
            self._forget_gradient(tensor)
        return found


def load_library(library: Library, *, draws: bool = False, making: bool = False) -> NumpyLibrary:
    """Return what is done to values of a library; a NumPy problem never loads torch for it.

    Where there are `draws`, a call may take numbers from the generators. Where objects are made, that may
    take some from those of NumPy and Python.
    """
    kind = TorchLibrary if library is Library.TORCH else NumpyLibrary
    return kind(draws=draws, making=making)
