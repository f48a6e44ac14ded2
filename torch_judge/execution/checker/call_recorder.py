"""The jury solution under observation: what a case passes to it, and what comes back.

Runs in the checker, when `verify` rehearses a suite.
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

from torch_judge.execution.protocol.codec import DTYPES

FLOATING = frozenset(name for name in DTYPES if name.startswith(("float", "bfloat", "complex")))


class Recorder:
    """Wraps the jury's entry point, and notes which defaulted parameters a case gives a value, which it leaves, and what is returned.

    A function is wrapped; a class stays the class it is, with its methods wrapped in place.
    """

    def __init__(self, jury: Any, promised: Any) -> None:
        self._given: dict[str, None] = {}
        self._left: dict[str, None] = {}
        self._parts: list[str] = []
        self._defaulted = defaulted_parameters(promised)
        self.entry_point = jury
        if isinstance(jury, type):
            self._wrap_methods(jury, promised)
        else:
            self.entry_point = self._wrapped(jury, inspect.signature(promised), "", returns=True)

    def take(self) -> dict[str, Any]:
        """Return what was noted since the last call."""
        noted = {
            "given": list(self._given),
            "left": list(self._left),
            "parts": self._parts,
            "defaulted": self._defaulted,
        }
        self._given, self._left, self._parts = {}, {}, []
        return noted

    def _wrap_methods(self, jury: type, promised: type) -> None:
        answering = answering_method(jury)
        for name in dict.fromkeys(
            [
                "__init__",
                *(key for key, value in vars(promised).items() if inspect.isfunction(value)),
                answering,
            ]
        ):
            method = inspect.getattr_static(jury, name, None)
            if not inspect.isfunction(method):
                continue
            signature = inspect.signature(vars(promised).get(name, method))
            prefix = "" if name == "__init__" else f"{name}."
            setattr(jury, name, self._wrapped(method, signature, prefix, returns=name == answering))

    def _wrapped(
        self, function: Callable[..., Any], signature: inspect.Signature, prefix: str, *, returns: bool
    ) -> Callable[..., Any]:
        @functools.wraps(function)
        def recorded(*arguments: Any, **named: Any) -> Any:
            self._note(signature, prefix, arguments, named)
            answer = function(*arguments, **named)
            if returns:
                self._parts = max(self._parts, list(_parts(answer)), key=len)
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


def promised_entry_point(starter: CodeType, name: str) -> Any:
    """Return what the starter promises: its function or class, of which only the signature matters."""
    module = types.ModuleType("starter")
    exec(starter, vars(module))  # noqa: S102 - the bank is trusted
    if name not in vars(module):
        raise LookupError(f"starter.py defines no {name}")
    return vars(module)[name]


def defaulted_parameters(promised: Any) -> list[str]:
    """Return the names of the parameters with a default: of a function, or of a class's constructor and methods."""
    if not isinstance(promised, type):
        return _defaulted(promised, "")
    found = []
    for name, value in vars(promised).items():
        if inspect.isfunction(value):
            found += _defaulted(value, "" if name == "__init__" else f"{name}.")
    return found


def answering_method(jury: type) -> str:
    """Return which method of a class gives its answer: `forward` of a module, else `__call__`."""
    return "forward" if hasattr(jury, "forward") else "__call__"


def _defaulted(function: Callable[..., Any], prefix: str) -> list[str]:
    return [
        prefix + each.name
        for each in inspect.signature(function).parameters.values()
        if each.default is not each.empty
    ]


def _differs(value: Any, default: Any) -> bool:
    return value is not default and (type(value) is not type(default) or bool(value != default))


def _parts(answer: Any) -> Iterator[str]:
    """Say of each part of an answer what it is."""
    if isinstance(answer, dict):
        answer = tuple(answer.values())
    if isinstance(answer, list | tuple):
        for each in answer:
            yield from _parts(each)
    elif hasattr(answer, "dtype") and hasattr(answer, "shape"):
        yield "numbers" if str(answer.dtype).removeprefix("torch.") in FLOATING else "integers"
    elif isinstance(answer, float):
        yield "number"
    elif hasattr(answer, "register_forward_hook"):
        yield "module"
    else:
        yield "nothing" if answer is None else "other"
