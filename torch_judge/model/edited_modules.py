"""Modules edited after a session imported them: the session runs the old text, the file holds the new."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import _lru_cache_wrapper
from importlib.machinery import SourceFileLoader
from types import CodeType, FunctionType, ModuleType
from typing import Final

MOST_WRAPPERS: Final = 8


def describe_edited(names: Iterable[str]) -> Iterator[str]:
    """Say which modules of this session differ from their files, which are what is carried."""
    for name in names:
        module = sys.modules.get(name)
        if module is not None and _is_edited(module):
            yield (
                f"{module.__file__} was edited after this session imported it. What was judged is the file; "
                f"to use it here too, run importlib.reload({name}) or restart the kernel."
            )


def _is_edited(module: ModuleType) -> bool:
    """Tell whether a module runs code that its file no longer holds."""
    loader = getattr(module, "__loader__", None)
    if type(loader) is not SourceFileLoader:  # another may change what it loads
        return False
    try:
        held = set(list_codes(loader.source_to_code(loader.get_data(loader.path), loader.path)))
    except Exception:  # the file is gone, or no Python any more
        return True
    return any(code.co_filename == loader.path and code not in held for code in _list_own_codes(module))


def _list_own_codes(module: ModuleType) -> Iterator[CodeType]:
    """List the code of a module's functions and methods, wrapped ones too."""
    members = list(vars(module).values())
    classes = [value for value in members if isinstance(value, type) and value.__module__ == module.__name__]
    for value in [*members, *(member for kind in classes for member in vars(kind).values())]:
        yield from _list_wrapped(value)


def _list_wrapped(value: object) -> Iterator[CodeType]:
    """List the code of a function and of those that it wraps."""
    for _ in range(MOST_WRAPPERS):  # what says that it wraps itself is no obstacle
        if isinstance(value, FunctionType):
            yield value.__code__
        value = (
            vars(value).get("__wrapped__") if isinstance(value, FunctionType | _lru_cache_wrapper) else None
        )


def list_codes(code: CodeType) -> Iterator[CodeType]:
    """List a code object and all that is defined inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from list_codes(constant)
