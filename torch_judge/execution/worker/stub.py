"""The stand-in for the judge inside a worker: a file that calls `check` at its end can be judged."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from functools import cache
from itertools import takewhile
from typing import Any, Final

from torch_judge.model.version import __version__

HOMES: Final = (
    "torch_judge",
    "torch_judge.model.errors",
    "torch_judge.model.problem",
    "torch_judge.model.report",
    "torch_judge.model.reveals",
    "torch_judge.model.topic",
    "torch_judge.model.version",
    "torch_judge.ui.document",
    "torch_judge.ui.notebook.check",
    "torch_judge.ui.notebook.learning",
    "torch_judge.ui.notebook.scripting",
)
"""The modules by which a live function's pickle may name a public thing; no other of ours can be imported."""


def hide_the_judge() -> list[types.ModuleType]:
    """Put a `torch_judge` in place whose functions do nothing, and no other module of ours.

    Returns the modules that were hidden; to let go of them would take longer than to keep them.
    """
    names, last = list_own_modules()
    late = [name for name in takewhile(lambda name: name != last, reversed(sys.modules)) if _is_ours(name)]
    hidden = [sys.modules.pop(name) for name in (*names, *late) if name in sys.modules]
    stand_in = types.ModuleType("torch_judge")
    stand_in.__path__ = []  # or `import torch_judge.ui` would look for its files
    stand_in.__dict__.update(__getattr__=_answer_any_name, __version__=__version__)
    sys.modules.update(dict.fromkeys(HOMES, stand_in))
    return hidden


@cache
def list_own_modules() -> tuple[tuple[str, ...], str]:
    """List the judge's modules that are loaded, and the name of the module that was loaded last of all.

    The server does it once, before it forks: to look at thousands of names costs a child a copy of each page.
    """
    return tuple(filter(_is_ours, sys.modules)), next(reversed(sys.modules))


def _is_ours(name: str) -> bool:
    return name == "torch_judge" or name.startswith("torch_judge.")


def _answer_any_name(name: str) -> _Silence:
    if name.startswith("__"):
        raise AttributeError(name)
    return _Silence()


class _Silence:
    """In the place of `check` and of the report that it returns: whatever is asked of it, nothing happens."""

    def __call__(self, *_arguments: Any, **_options: Any) -> _Silence:
        return self

    def __getattr__(self, name: str) -> _Silence:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __getitem__(self, _index: Any) -> _Silence:
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return True

    def __format__(self, _spec: str) -> str:
        return ""
