"""The running session: its IPython shell, whether that is a notebook's, and what a name stands for in it."""

from __future__ import annotations

import os
import re
import sys
import tokenize
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any, Final

from torch_judge.model.bank import find_bank
from torch_judge.model.errors import UsageError
from torch_judge.model.problem import Problem
from torch_judge.model.submission import Cell

MISSING: Final = object()
"""What a name stands for that nobody has defined; None may be a learner's value."""
_SETTING: Final = re.compile(r"^([ \t]*)%(?:set_)?env[ \t]+(\w+)(?:[ \t]*=|[ \t])[ \t]*(\S.*)$", re.MULTILINE)


def load_problem(name: Any, *, bank: str | Path | None = None) -> Problem:
    """Read the facts of the problem that a call names first, by its name or its number.

    Raises UsageError where something else comes first, such as the learner's function.
    """
    known = find_bank(bank)
    if type(name) is int:
        return known.load(str(name))
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


def list_cells(name: str, value: Any) -> tuple[Cell, ...]:
    """List the sources of this session, from which `name` can be made to stand for `value` again.

    In IPython these are the cells as they were run, in a script its file. Empty where there are none, or
    where the value has no name at top level.
    """
    shell = find_shell()
    namespace = vars(sys.modules["__main__"]) if shell is None else shell.user_ns
    known = [name, *(key for key in list(namespace) if not key.startswith("_"))]
    own = next((key for key in known if namespace.get(key) is value), None)
    cells = _list_typed(shell) if shell is not None else _read_main_file()
    if own is None or not cells:
        return ()
    return cells if own == name else (*cells, Cell("check", f"{name} = {own}\n"))


def _list_typed(shell: Any) -> tuple[Cell, ...]:
    """List what was run in IPython, each cell under the number that stands beside it."""
    typed = enumerate(shell.history_manager.input_hist_raw)
    return tuple(
        Cell(f"cell {number}", _SETTING.sub(_set_in_python, source))
        for number, source in typed
        if source.strip()
    )


def _set_in_python(setting: re.Match[str]) -> str:
    """Write `%env NAME=value` as Python, since all other magics are left out."""
    space, name, given = setting.groups()
    return f"{space}import os; os.environ[{name!r}] = {os.environ.get(name, given)!r}"


def _read_main_file() -> tuple[Cell, ...]:
    file = getattr(sys.modules["__main__"], "__file__", None)
    if not (isinstance(file, str) and file.endswith(".py")):
        return ()
    try:
        with tokenize.open(file) as script:
            return (Cell(Path(file).name, script.read()),)
    except (OSError, SyntaxError, UnicodeDecodeError):  # moved away, or an encoding that nobody knows
        return ()
