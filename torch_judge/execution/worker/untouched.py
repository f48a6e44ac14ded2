"""Whether what looks at a submission's results is still as it was loaded.

It runs in the submission's process, where a class can be found among all that are loaded and its functions
be replaced. Whoever does that has nothing honest in mind. It raises the price and is no wall: what was put
back in time is not noticed here, and what counts as a verdict is compared in the checker.
"""

from __future__ import annotations

import builtins
import sys
import types
from collections.abc import Iterable, Iterator
from functools import cache
from operator import attrgetter, is_
from typing import Any, Final

from torch_judge.authoring.shield import list_copies
from torch_judge.authoring.suite import Case

from .python_forms import unwrap

AUTHORING: Final = "torch_judge.authoring"
SAYS: Final = (
    "the submission has changed what looks at its results, such as a method of torch.Tensor or nn.Module"
)
_KEPT: Final = (types.FunctionType, type, property, classmethod, staticmethod)
_PARTS: Final = tuple(map(attrgetter, ("__code__", "__defaults__", "__kwdefaults__")))
_ALL, _MAP = all, map
"""Python's own, whatever is put in their place later."""
_MADE_LATE: Final = {"__annotations__", "__annotations_cache__", "__weakref__"}
"""What Python itself may add to a class that is in use."""
_SHOWS: Final = {"__repr__", "__str__", "__format__", "__dir__", "__doc__", "extra_repr", *_MADE_LATE}
"""What a learner may write for a class of PyTorch's: it says how it is shown."""
_SAYS_OR_ENDS: Final = {"print", "input", "help", "exit", "quit", "breakpoint", "display"}
"""What a notebook or a learner may replace of Python's own."""
_OF_MODULES: Final = (
    *("__call__", "_call_impl", "_wrapped_call_impl", "__getattr__", "__setattr__"),
    *("train", "eval", "apply", "to", "double", "float", "requires_grad_", "zero_grad"),
    *("modules", "named_modules", "children", "named_children"),
    *("parameters", "named_parameters", "buffers", "named_buffers", "state_dict", "load_state_dict"),
)
"""What cases ask a module for; PyTorch's compiler itself replaces others when it is loaded."""
_CONTEXTS: Final = ("no_grad", "enable_grad", "set_grad_enabled", "inference_mode")
_LAYERS: Final = ("Linear", "Sequential", "Dropout", "Embedding", "Identity", "ReLU", "BatchNorm1d")
"""Layers that cases put beside a submission, of which they call `forward`."""


Watched = tuple[Any, Iterable[str], frozenset[str]]
"""A namespace, the names in it that must mean what they meant, and those that must not be added."""


class Untouched:
    """What there was when it was loaded: functions and classes of ours, and what cases call of PyTorch's.

    Of modules everything is watched.
    """

    def __init__(self, modules: Iterable[types.ModuleType] = ()) -> None:
        self._held: list[tuple[Any, tuple[str, ...], list[Any]]] = []
        self._names: list[tuple[Any, frozenset[str]]] = []
        self._refused: list[tuple[Any, frozenset[str]]] = []
        self.functions: list[types.FunctionType] = []
        for module in modules:
            self._keep_all(vars(module), module.__name__)
        self._code = self._read_code()

    def watch(self, others: Iterable[Watched]) -> Untouched:
        """Watch what is listed besides; return the same object."""
        for namespace, names, refused in others:
            self._keep(namespace, names)
            self._refused.append((namespace, refused))
        self._code = self._read_code()
        return self

    def _keep_all(self, namespace: Any, home: str) -> None:
        held = [name for name, value in list(namespace.items()) if isinstance(value, _KEPT)]
        self._keep(namespace, held)
        for value in map(namespace.get, held):
            if isinstance(value, type) and value.__module__ == home:
                members = vars(value)
                self._names.append((members, frozenset(members)))
                self._keep_all(members, home)

    def _keep(self, namespace: Any, names: Iterable[str]) -> None:
        values = {name: namespace[name] for name in names if name in namespace}
        self._held.append((namespace, tuple(values), list(values.values())))
        for value in values.values():
            self.functions += unwrap(value)

    def _read_code(self) -> list[list[Any]]:
        return [[*_MAP(part, self.functions)] for part in _PARTS]

    def __bool__(self) -> bool:
        """Tell whether all of it is as it was."""
        every, run = _ALL, _MAP
        return (
            self._read_code() == self._code
            and every(every(run(is_, run(space.get, names), values)) for space, names, values in self._held)
            and every(members.keys() - names <= _MADE_LATE for members, names in self._names)
            and every(space.keys().isdisjoint(names) for space, names in self._refused)
        )


@cache
def watch_package(package: str) -> Untouched:
    """Keep what the loaded modules of a package hold, and what these call; the server does it once.

    Before it forks, so that no worker pays for it.
    """
    modules = [module for name, module in list(sys.modules.items()) if f"{name}.".startswith(f"{package}.")]
    untouched = Untouched(modules)
    names = [name for function in untouched.functions for name in _list_names(function.__code__)]
    return untouched.watch([*_watch_python(), *_watch_torch(), *_watch_copies(names)])


def watch_suite(suite: Iterable[Case], code: types.CodeType) -> Untouched:
    """Keep what cases by hand find by the names in their text: of their own, and of PyTorch's and NumPy's.

    A submission is called by them, and may find all of it by the frame of the call.
    """
    own = [case.function.__globals__ for case in suite if isinstance(case.function, types.FunctionType)]
    others: list[Watched] = [(own[0], tuple(own[0]), frozenset())] if own else []
    return Untouched().watch([*others, *_watch_copies(_list_names(code))])


def _list_names(code: types.CodeType) -> Iterator[str]:
    """List the names of globals and attributes in a text, and in all functions in it."""
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield from _list_names(inner)


def _watch_copies(names: Iterable[str]) -> Iterator[Watched]:
    wanted = frozenset(names)
    for copy in list_copies():
        yield vars(copy), wanted, frozenset()


def _watch_python() -> Iterator[Watched]:
    yield vars(builtins), vars(builtins).keys() - _SAYS_OR_ENDS, frozenset()


def _watch_torch() -> Iterator[Watched]:
    """List the classes of PyTorch's by whose methods a case sees what a submission has done."""
    torch: Any = sys.modules.get("torch")
    if torch is None:
        return
    for kind, names in (
        (torch.Tensor, vars(torch.Tensor).keys() - _SHOWS),
        (torch.nn.Parameter, vars(torch.nn.Parameter).keys() - _SHOWS),
        (torch.nn.Module, _OF_MODULES),
    ):
        inherited = {name for base in kind.__mro__[1:] for name in vars(base)}
        yield vars(kind), names, frozenset(inherited - vars(kind).keys() - _SHOWS)
    for name in _CONTEXTS:
        yield vars(getattr(torch, name)), ["__init__", "__enter__", "__exit__"], frozenset()
    for name in _LAYERS:
        yield vars(getattr(torch.nn, name)), ["forward"], frozenset({"__call__", "__getattr__"})
