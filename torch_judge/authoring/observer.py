"""Observe everything about a call that a case makes by hand, as the standard cases do about theirs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .description import Argument, Description, Library, Result, read_library
from .libraries import NumpyLibrary, Settings, TorchLibrary, load_library
from .observation import Call, Say, Stage, find_changed
from .scene import Grad, Scene

if TYPE_CHECKING:
    from torch import nn


class Observer:
    """Observes calls: made where `cases.py` is loaded, so that no submission has touched what it asks with.

    `results` and `unpack` are those of `describe`; `changes` names what a call may change in place.
    """

    def __init__(
        self,
        results: Sequence[str | Result] = ("output",),
        *,
        changes: Collection[str] = (),
        unpack: Callable[[Any], Sequence[Any]] | None = None,
        library: str = "torch",
    ) -> None:
        self._results = tuple(Result(each) if isinstance(each, str) else each for each in results)
        self._changes, self._unpack = frozenset(changes), unpack
        self._library: NumpyLibrary = load_library(read_library(library))

    def observe(
        self,
        call: Callable[[], Any],
        tensors: Mapping[str, Any],
        rng: np.random.Generator,
        *,
        held: Callable[[], Mapping[str, Any]] | None = None,
        module: nn.Module | None = None,
        state: Callable[[], Settings] | None = None,
        where: str = "",
    ) -> dict[str, Any]:
        """Make a call; return its results, the gradients that it sends back, and what it changes, by name.

        `tensors` are what is passed in. `held` reads what an object holds; it is asked again after the call,
        which may bind anew what it may change. Where gradients are recorded, they are taken of each leaf that
        requires one, under a random upstream. Of `module` the modes, the hooks, and the names of parameters
        stay, and so does the `state` that the case reads; besides, the caller's settings and generators.

        Rejects with a sentence, `where` in front, what no right answer does: a result that is no tensor,
        shares memory or is cut off from the graph, an argument changed, a setting not put back.
        """
        library = self._library
        everything = dict(tensors) | dict(held() if held else {})
        scene = Scene(grad=_read_grad(library), far=False)
        stage = Stage(self._describe(everything, is_object=held is not None), library, rng)
        made = Call(
            call,
            everything,
            where,
            held=held,
            state=lambda: dict(_read_module(module)) | (state() if state else {}),
        )
        slow = library.read_slow_settings()
        try:
            seen = stage.observe(made, scene)
        finally:
            # what it must not do came first, and may well be why it stops
            if stage.complaints.first:
                raise stage.complaints.first from None
        for changed in find_changed(slow, library.read_slow_settings(), Say(where)):
            raise changed
        return seen

    def _describe(self, tensors: Mapping[str, Any], *, is_object: bool) -> Description:
        """Describe a call by the tensors that are there."""
        return Description(
            sizes={},
            arguments=tuple(self._describe_tensor(name, value) for name, value in tensors.items()),
            results=self._results,
            made_with={} if is_object else None,
            unpack=self._unpack,
            library=Library.TORCH if isinstance(self._library, TorchLibrary) else Library.NUMPY,
        )

    def _describe_tensor(self, name: str, value: Any) -> Argument:
        learns = bool(getattr(value, "requires_grad", False)) and value.is_leaf
        return Argument(name, "", changes=name in self._changes, differentiable=learns)


def _read_grad(library: NumpyLibrary) -> Grad:
    """Read how the case is run."""
    settings = library.read_settings()
    if settings.get("inference mode"):
        return Grad.INFERENCE
    return Grad.ON if settings.get("whether gradients are recorded", True) else Grad.NO_GRAD


def _read_module(module: nn.Module | None) -> Iterator[tuple[str, Any]]:
    """Read what a call must leave as it is in a module, besides tensors."""
    if module is None:
        return
    named = list(module.named_modules())
    yield "the mode of each module", {name: each.training for name, each in named}
    yield "the number of hooks of each module", {name: _count_hooks(each) for name, each in named}
    yield "the list of parameters", _list_names(module.named_parameters())
    yield "the list of buffers", _list_names(module.named_buffers())


def _list_names(named: Iterable[tuple[str, Any]]) -> list[str]:
    return [name for name, _ in named]


def _count_hooks(module: nn.Module) -> int:
    hooks = (module._forward_hooks, module._forward_pre_hooks, module._backward_hooks)
    return sum(map(len, hooks))
