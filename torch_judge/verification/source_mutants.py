"""Mutants of the jury solution: small changes by the operators of Cosmic Ray, each of which a case should notice."""

from __future__ import annotations

import ast
import difflib
import logging
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from torch_judge.model.errors import BankError, UsageError
from torch_judge.model.problem import Problem
from torch_judge.model.submission import Submission, from_source

EQUIVALENTS = "mutants.toml"
_KEYS = {"before", "after", "reason"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """The jury solution with one change: the line, what stood there and what stands there now."""

    line: int
    before: str
    after: str
    source: str

    @property
    def submission(self) -> Submission:
        """Return the mutant as a submission like any other."""
        return from_source(self.source, name=f"mutant of line {self.line}")


@dataclass(frozen=True, slots=True)
class Equivalent:
    """A change that no case can notice, and why not. It is known by its text, wherever the line is."""

    before: str
    after: str
    reason: str

    def covers(self, mutant: Mutant) -> bool:
        """Tell whether a mutant makes this change."""
        return (self.before, self.after) == (mutant.before, mutant.after)


def mutants(source: str) -> tuple[Mutant, ...]:
    """Return the mutants of a text, by line; those that say the same as the text or as another are left out.

    Raises UsageError where Cosmic Ray is not installed.
    """
    seen = {_meaning(source)}
    found = []
    for changed in _mutated(source):
        try:
            meaning = _meaning(changed)
        except SyntaxError:
            continue
        if meaning not in seen:
            seen.add(meaning)
            found.append(_mutant(source, changed))
    return tuple(sorted(found, key=lambda each: each.line))


def equivalents(problem: Problem) -> tuple[Equivalent, ...]:
    """Read the changes that the package lists as equivalent; none where it has no list."""
    path = problem.folder / EQUIVALENTS
    if not path.exists():
        return ()
    try:
        table = tomllib.loads(problem.read(EQUIVALENTS))
    except tomllib.TOMLDecodeError as error:
        raise BankError(f"{path}: {error}") from None
    entries = table.pop("equivalent", [])
    if table or not isinstance(entries, list):
        raise BankError(
            f"{path}: expected a list of [[equivalent]], found {', '.join(table) or 'equivalent'}"
        )
    for n, entry in enumerate(entries, 1):
        if (
            not isinstance(entry, dict)
            or set(entry) != _KEYS
            or not all(isinstance(each, str) for each in entry.values())
        ):
            raise BankError(f"{path}: entry {n}: expected the texts before, after and reason")
        if not entry["reason"].strip():
            raise BankError(f"{path}: entry {n}: reason is empty; say why no case can notice this change")
    return tuple(
        Equivalent(_joined(each["before"]), _joined(each["after"]), each["reason"]) for each in entries
    )


def _mutated(source: str) -> Iterator[str]:
    """Return the text with each operator applied in each place."""
    try:
        from cosmic_ray.ast import get_ast
        from cosmic_ray.mutating import mutate_code
        from cosmic_ray.operators.provider import OperatorProvider
    except ImportError:
        raise UsageError(
            'mutants need Cosmic Ray: pip install "torch-judge[verify]", or leave them out with --quick'
        ) from None
    logging.getLogger("cosmic_ray").setLevel(logging.WARNING)
    provider = OperatorProvider()
    nodes = list(_nodes(get_ast(source)))
    for name in provider:
        if provider[name].arguments():  # it would have to be told which variables to put where
            continue
        operator = provider[name]()
        for occurrence in range(sum(len(list(operator.mutation_positions(node))) for node in nodes)):
            yield mutate_code(source, operator, occurrence)


def _nodes(node: Any) -> Iterator[Any]:
    yield node
    for child in getattr(node, "children", ()):
        yield from _nodes(child)


def _meaning(source: str) -> str:
    """Return what a text says without its comments, docstrings and annotations."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and ast.get_docstring(node) is not None
        ):
            node.body = [*node.body[1:], ast.Pass()] if len(node.body) == 1 else node.body[1:]
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
        if isinstance(node, ast.arg):
            node.annotation = None
        if isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(None)
    return ast.dump(tree)


def _mutant(source: str, changed: str) -> Mutant:
    before, after = source.splitlines(), changed.splitlines()
    edits = [
        each
        for each in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
        if each[0] != "equal"
    ]
    (_, first, _, first_after, _), (_, _, last, _, last_after) = edits[0], edits[-1]
    return Mutant(first + 1, _lines(before[first:last]), _lines(after[first_after:last_after]), changed)


def _lines(lines: Sequence[str]) -> str:
    return _joined("\n".join(lines))


def _joined(text: str) -> str:
    """Return a text on one line: how it was indented and broken says nothing."""
    return " ".join(text.split())
