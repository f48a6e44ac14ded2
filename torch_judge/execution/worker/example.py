"""An example: code of the learner's own, run as a notebook runs a cell below the answer."""

from __future__ import annotations

import ast
import sys
import types
from typing import Any, Final

import numpy as np

from torch_judge.execution.runtime import remember_text
from torch_judge.model.submission import Cell

from .loader import read_own_names
from .notebook import name_cell
from .running import execute, make_python

LONGEST_VALUE: Final = 16 << 10
_MAIN: Final = "__main__"
_VALUE: Final = "__value_of_the_cell__"


def compile_cell(cell: Cell) -> types.CodeType:
    """Compile a cell, so that what its last expression is worth can be had; raises SyntaxError."""
    text = make_python(cell)
    remember_text(cell.name, text)
    with name_cell(cell):
        tree = ast.parse(text, cell.name)
        _keep_value(tree, text)
        code: types.CodeType = compile(
            tree, cell.name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True
        )
    return code


def _keep_value(tree: ast.Module, text: str) -> None:
    """Turn the last expression into an assignment, unless a semicolon after it asks for silence."""
    if not tree.body or not isinstance(last := tree.body[-1], ast.Expr):
        return
    line = text.encode("utf-8", "surrogatepass").split(b"\n")[(last.end_lineno or 1) - 1]
    if line[last.end_col_offset :].lstrip().startswith(b";"):
        return
    kept = ast.Assign([ast.Name(_VALUE, ast.Store())], last.value)
    tree.body[-1] = ast.fix_missing_locations(ast.copy_location(kept, last))


def run_cell(code: types.CodeType, name: str, entry_point: Any) -> Any:
    """Run a compiled cell with the entry point under its name, and return the value that it shows.

    As in a notebook, what the submission has defined and imported is there too, and so are torch and NumPy.
    """
    # a module, for what a cell defines is looked up there: by dataclasses, by pickle
    module = sys.modules[_MAIN] = types.ModuleType(_MAIN)
    namespace = vars(module)
    namespace["np"] = np
    if "torch" in sys.modules:
        namespace["torch"] = sys.modules["torch"]
    namespace |= read_own_names() | {name: entry_point}
    execute(code, namespace)
    return namespace.pop(_VALUE, None)


def show(value: Any) -> tuple[str | None, bool]:
    """Write a value as a notebook shows it, None as nothing, and say whether that had to be cut."""
    if value is None:
        return None, False
    text = repr(value)
    # whatever `repr` returned, what is sent is a string of no class of the submission's
    return str.__getitem__(text, slice(LONGEST_VALUE)), str.__len__(text) > LONGEST_VALUE
