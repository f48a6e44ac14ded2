"""The jury solution under observation: what a case passes to it, and what comes back.

Runs in the checker, when `verify` rehearses a suite.
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Any, Final

from torch_judge.execution.protocol.codec import DTYPES
from torch_judge.execution.protocol.messages import measure_parts

FLOATING: Final = frozenset(name for name in DTYPES if name.startswith(("float", "bfloat", "complex")))


@dataclass(frozen=True, slots=True)
class CallRecord:
    """What a case did with the parameters that have a default, and what the parts of the answer are."""

    given: tuple[str, ...]
    """The parameters that were given another value."""
    left: tuple[str, ...]
    """The parameters that were left at their default."""
    parts: tuple[str, ...]
    defaulted: tuple[str, ...]
    """All parameters that have a default."""


class Recorder:
    """Wraps the jury's entry point, and notes how a case calls it and what is returned.

    A function is wrapped; a class stays the class it is, with its methods wrapped in place.
    """

    def __init__(self, jury: Any, promised: Any) -> None:
        self._given: dict[str, None] = {}
        self._left: dict[str, None] = {}
        self._parts: list[str] = []
        self._defaulted = tuple(list_defaulted(promised))
        self.entry_point = jury
        if isinstance(jury, type):
            self._wrap_methods(jury, promised)
        else:
            self.entry_point = self._wrap(jury, inspect.signature(promised), "", returns=True)

    def take(self) -> CallRecord:
        """Take what was noted since the last call."""
        record = CallRecord(tuple(self._given), tuple(self._left), tuple(self._parts), self._defaulted)
        self._given, self._left, self._parts = {}, {}, []
        return record

    def _wrap_methods(self, jury: type, promised: type) -> None:
        answering = find_answering_method(jury)
        own = [name for name, value in vars(promised).items() if inspect.isfunction(value)]
        for name in dict.fromkeys(["__init__", *own, answering]):
            method = inspect.getattr_static(jury, name, None)
            if not inspect.isfunction(method):
                continue
            # what the starter promises counts: the jury's method may take more
            signature = inspect.signature(vars(promised).get(name, method))
            prefix = "" if name == "__init__" else f"{name}."
            setattr(jury, name, self._wrap(method, signature, prefix, returns=name == answering))

    def _wrap(
        self, function: Callable[..., Any], signature: inspect.Signature, prefix: str, *, returns: bool
    ) -> Callable[..., Any]:
        @functools.wraps(function)
        def recorded(*arguments: Any, **named: Any) -> Any:
            self._note(signature, prefix, arguments, named)
            answer = function(*arguments, **named)
            if returns:
                parts = list(_describe_parts(answer, (*arguments, *named.values())))
                self._parts = max(self._parts, parts, key=measure_parts)
            return answer

        return recorded

    def _note(
        self, signature: inspect.Signature, prefix: str, arguments: tuple[Any, ...], named: dict[str, Any]
    ) -> None:
        try:
            bound = signature.bind(*arguments, **named).arguments
        except TypeError:  # the case tries what happens then
            return
        for name, parameter in signature.parameters.items():
            if parameter.default is parameter.empty:
                continue
            if name not in bound:
                self._left[prefix + name] = None
            elif _differs(bound[name], parameter.default):
                self._given[prefix + name] = None


def load_promised(starter: CodeType, name: str) -> Any:
    """Load what the starter promises: its function or class, of which only the signature matters."""
    module = types.ModuleType("starter")
    exec(starter, vars(module))  # noqa: S102 - the bank is trusted
    if name not in vars(module):
        raise LookupError(f"starter.py defines no {name}")
    return vars(module)[name]


def list_defaulted(promised: Any) -> Iterator[str]:
    """List the parameters with a default: of a function, or of a class's constructor and methods."""
    if not isinstance(promised, type):
        yield from _list_defaulted(promised, "")
        return
    for name, value in vars(promised).items():
        if inspect.isfunction(value):
            yield from _list_defaulted(value, "" if name == "__init__" else f"{name}.")


def find_answering_method(jury: type) -> str:
    """Find which method of a class gives its answer: `forward` of a module, else `__call__`."""
    return "forward" if hasattr(jury, "forward") else "__call__"


def _list_defaulted(function: Callable[..., Any], prefix: str) -> Iterator[str]:
    for parameter in inspect.signature(function).parameters.values():
        if parameter.default is not parameter.empty:
            yield prefix + parameter.name


def _differs(value: Any, default: Any) -> bool:
    return value is not default and (type(value) is not type(default) or bool(value != default))


def _describe_parts(answer: Any, arguments: Sequence[Any]) -> Iterator[str]:
    """Say of each part of an answer what it is."""
    if isinstance(answer, dict):
        answer = tuple(answer.values())
    if isinstance(answer, list | tuple):
        for part in answer:
            yield from _describe_parts(part, arguments)
    elif hasattr(answer, "dtype") and hasattr(answer, "shape"):
        floating = str(answer.dtype).removeprefix("torch.") in FLOATING
        passed_in = floating and any(answer is each for each in arguments)
        yield "argument" if passed_in else "numbers" if floating else "integers"
    elif isinstance(answer, float):
        yield "number"
    elif hasattr(answer, "register_forward_hook"):
        yield "module"
    else:
        yield "nothing" if answer is None else "other"
