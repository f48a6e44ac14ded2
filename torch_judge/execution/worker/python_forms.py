"""What PyTorch does in Python, with no operator of its own: functions and classes, replaced where they are.

An initialisation, an optimiser and `flex_attention` are made of operators that anybody may use, so that
nothing can be refused at the dispatcher. Each of their functions is given code that raises, in the place
where it is: whoever imported it before, under whatever name, holds the same function.
"""

from __future__ import annotations

import importlib.util
import sys
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Form:
    """A function in Python that is refused."""

    function: types.FunctionType
    code: types.CodeType
    """What it will do instead."""
    says: str
    """What is said to have been called."""

    def replace(self, refusal: Callable[..., None]) -> None:
        """Have the function do nothing but call the refusal, whatever it is given."""
        self.function.__defaults__ = self.function.__kwdefaults__ = None
        self.function.__globals__[_name_refusal(self.says)] = refusal
        self.function.__code__ = self.code


def make_form(function: types.FunctionType, says: str) -> Form:
    """Compile code that can take the place of a function's, whatever variables that one closes over."""
    code = _compile_refusal(function.__code__.co_freevars)
    return Form(function, code.replace(co_names=(_name_refusal(says),)), says)


@cache
def _compile_refusal(variables: tuple[str, ...]) -> types.CodeType:
    """Compile code that closes over these variables and calls the one global that it names.

    Compiled once for many functions, each of which names its own: there are hundreds.
    """
    free = ", ".join(variables)
    lines = [
        f"def outer({free}):",
        "    def refused(*arguments, **options):",
        f"        ({free},)" if free else "        pass",
        "        return refusal(*arguments, **options)",
    ]
    outer = compile("\n".join(lines), "rules", "exec").co_consts[0]
    return next(code for code in outer.co_consts if isinstance(code, types.CodeType))


def find_forms(name: str) -> Iterator[Form]:
    """Find each function of a module and of those below it, of a class, or the one function of this name."""
    found = _look_up(name)
    seen: set[int] = set()
    for function in _list_functions(found):
        if id(function) not in seen:
            seen.add(id(function))
            yield make_form(function, _say(function))


def list_sources(module: str) -> list[Path]:
    """List what holds a module's text: a package's folder, or a file and what is compiled from it."""
    loaded = sys.modules.get(module)
    if loaded is None or not loaded.__file__:
        return []
    if hasattr(loaded, "__path__"):
        return [Path(loaded.__file__).parent]
    return [Path(loaded.__file__), Path(importlib.util.cache_from_source(loaded.__file__))]


def _look_up(name: str) -> Any:
    """Find what a name with dots stands for; None where this PyTorch has none, or has not loaded it."""
    if name in sys.modules:
        return sys.modules[name]
    owner, _, last = name.rpartition(".")
    return getattr(_look_up(owner), last, None) if owner else None


def _list_functions(found: Any) -> Iterator[types.FunctionType]:
    if isinstance(found, types.ModuleType):
        package = found.__name__
        for name, module in list(sys.modules.items()):
            if f"{name}.".startswith(f"{package}."):
                yield from _list_own(vars(module).values(), package)
    elif isinstance(found, type):
        yield from _list_own([found], found.__module__)
    else:
        yield from unwrap(found)


def _list_own(values: Any, package: str) -> Iterator[types.FunctionType]:
    """List the functions that are defined in a package, methods too, and none that it has from elsewhere.

    An enumeration holds functions of Python's own, `Enum.__new__` among them, which all others share.
    """
    root = package.partition(".")[0]
    for value in list(values):
        if not f"{getattr(value, '__module__', '')}.".startswith(f"{package}."):
            continue
        members = list(vars(value).values()) if isinstance(value, type) else [value]
        for function in (function for member in members for function in unwrap(member)):
            if function.__globals__.get("__name__", "").partition(".")[0] == root:
                yield function


def unwrap(member: Any) -> Iterator[types.FunctionType]:
    """List the functions behind a member of a class or module, through all wrappers."""
    if isinstance(member, property):
        for accessor in (member.fget, member.fset, member.fdel):
            yield from unwrap(accessor)
        return
    if isinstance(member, staticmethod | classmethod):
        member = member.__func__
    while member is not None:  # a wrapper may be called around, so each function on the way is changed
        if isinstance(member, types.FunctionType):
            yield member
        # an operator in Python keeps what it calls; its class has no name that is promised
        member = getattr(member, "__wrapped__", None) or getattr(member, "_init_fn", None)


def _say(function: types.FunctionType) -> str:
    """Name a function as a learner would: a class for its constructor."""
    return f"{function.__module__}.{function.__qualname__}".removesuffix(".__init__")


def _name_refusal(says: str) -> str:
    return "refuse_" + "".join(
        letter if letter.isidentifier() or letter.isdigit() else "_" for letter in says
    )
