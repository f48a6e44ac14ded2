"""What many cases miss in the same way: a value that is returned, or a part of the learner's module."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from torch_judge.model.naming import enumerate_names
from torch_judge.model.problem import Problem
from torch_judge.model.report import CaseResult, Verdict

FEWEST_CASES: Final = 3
"""What fewer cases miss, they say themselves."""
MOST_NAMED: Final = 3
_NO_TENSOR: Final = re.compile(
    r"(?:^|: )([\w.]+) of the (?:module|object): expected a tensor, found NoneType$", re.MULTILINE
)


def say_what_is_missing(problem: Problem, cases: Sequence[CaseResult], *, returns_nothing: bool) -> str:
    """Say once, above all cases, what is missing in many of them; empty if nothing is."""
    if returns_nothing and _has_a_value(problem):
        return f"{problem.entry_point} returns nothing in any case; is a `return` missing?"
    missing = Counter(name for case in cases for name in _list_missing(problem, case))
    named = [(name, count) for name, count in missing.most_common(MOST_NAMED) if count >= FEWEST_CASES]
    if not named:
        return ""
    names = enumerate_names(f"`{name}`" for name, _ in named)
    return f"your {problem.entry_point} has no {names}; {named[0][1]} cases need it"


def _list_missing(problem: Problem, case: CaseResult) -> set[str]:
    """List the parts that a case did not find, in the words in which a worker says so."""
    if case.verdict is Verdict.WRONG_ANSWER:
        return set(_NO_TENSOR.findall(case.message))
    if case.verdict is Verdict.RUN_TIME_ERROR:
        said = rf"^AttributeError: '{re.escape(problem.entry_point)}' object has no attribute '(\w+)'"
        return set(re.findall(said, case.message))
    return set()


def _has_a_value(problem: Problem) -> bool:
    """Tell whether the jury's function returns a value: one that changes its arguments may rightly not."""
    for statement in ast.parse(problem.read_solution()).body:
        if isinstance(statement, ast.FunctionDef) and statement.name == problem.entry_point:
            return any(_list_values(statement.body))
    return False


def _list_values(statements: Sequence[ast.AST]) -> Iterator[bool]:
    """List for each `return` of a function, apart from those inside it, whether it returns a value."""
    for node in statements:
        if isinstance(node, ast.Return):
            yield node.value is not None
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            yield from _list_values(list(ast.iter_child_nodes(node)))
