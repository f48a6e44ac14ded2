"""The running session: its IPython shell, whether that is a notebook's, and what a name stands for in it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any, Final

from torch_judge.model.bank import find_bank
from torch_judge.model.errors import UsageError
from torch_judge.model.problem import Problem

MISSING: Final = object()
"""What a name stands for that nobody has defined; None may be a learner's value."""


def load_problem(name: Any, *, bank: str | Path | None = None) -> Problem:
    """Read the facts of the problem that a call names first.

    Raises UsageError where something else comes first, such as the learner's function.
    """
    known = find_bank(bank)
    if not isinstance(name, str):
        own = getattr(name, "__name__", None)
        fitting = (problem.slug for problem in known.problems() if problem.entry_point == own)
        example = next(fitting, "batchnorm")
        found = f"{own}, " if isinstance(own, str) else ""
        raise UsageError(
            f"the problem's name comes first, a text such as '{example}'; "
            f"found {found}a value of type {type(name).__name__}"
        )
    return known.load(name)


def find_shell() -> Any:
    """Find the running IPython shell; None in any other session."""
    ipython: Any = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def find_kernel() -> Any:
    """Find the IPython shell of a notebook kernel; None in any other session."""
    shell = find_shell()
    return shell if hasattr(shell, "kernel") else None


def look_up(name: str, caller: FrameType) -> Any:
    """Find what a name stands for where `caller` is; MISSING where it stands for nothing."""
    for namespace in _list_namespaces(caller):
        if name in namespace:
            return namespace[name]
    return MISSING


def _list_namespaces(caller: FrameType) -> Iterator[Mapping[str, Any]]:
    """List where a name is looked for: at the call, then in the notebook, then in the main module."""
    yield caller.f_locals
    yield caller.f_globals
    shell = find_shell()
    if shell is not None:
        yield shell.user_ns
    yield vars(sys.modules["__main__"])
