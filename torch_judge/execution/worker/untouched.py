"""Whether what looks at a submission's results is still as it was loaded.

It runs in the submission's process, where a class can be found among all that are loaded and its functions
be replaced. Whoever does that has nothing honest in mind. It raises the price and is no wall: what was put
back in time is not noticed here, and what counts as a verdict is compared in the checker.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterable
from functools import cache
from operator import attrgetter
from typing import Any, Final

from .python_forms import unwrap

AUTHORING: Final = "torch_judge.authoring"
SAYS: Final = "the submission has changed what looks at its results"
_KEPT: Final = (types.FunctionType, type, property, classmethod, staticmethod)
_PARTS: Final = tuple(map(attrgetter, ("__code__", "__defaults__", "__kwdefaults__")))
_MADE_LATE: Final = {"__annotations__", "__annotations_cache__", "__weakref__"}
"""What Python itself may add to a class that is in use."""


class Untouched:
    """What modules held when they were loaded: their functions and classes, and the code of each."""

    def __init__(self, modules: Iterable[types.ModuleType]) -> None:
        self._held: list[tuple[Any, tuple[str, ...], list[Any]]] = []
        self._names: list[tuple[Any, frozenset[str]]] = []
        self._functions: list[types.FunctionType] = []
        for module in modules:
            self._keep(vars(module), module.__name__)
        self._code = [[*map(part, self._functions)] for part in _PARTS]

    def _keep(self, namespace: Any, home: str) -> None:
        held = {name: value for name, value in list(namespace.items()) if isinstance(value, _KEPT)}
        self._held.append((namespace, tuple(held), list(held.values())))
        for value in held.values():
            self._functions += unwrap(value)
            if isinstance(value, type) and value.__module__ == home:
                members = vars(value)
                self._names.append((members, frozenset(members)))
                self._keep(members, home)

    def __bool__(self) -> bool:
        """Tell whether all of it is as it was."""
        return (
            [[*map(part, self._functions)] for part in _PARTS] == self._code
            and all([*map(namespace.get, names)] == values for namespace, names, values in self._held)
            and all(members.keys() - names <= _MADE_LATE for members, names in self._names)
        )


@cache
def watch_package(package: str) -> Untouched:
    """Keep what the loaded modules of a package hold; the server does it once, before it forks."""
    return Untouched(
        module for name, module in list(sys.modules.items()) if f"{name}.".startswith(f"{package}.")
    )
