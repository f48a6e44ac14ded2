"""Mutants of the jury solution: small changes by the operators of Cosmic Ray.

A case should notice each.
"""

from __future__ import annotations

import ast
import difflib
import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from torch_judge.model.errors import BankError, UsageError
from torch_judge.model.files import parse_toml
from torch_judge.model.problem import Problem
from torch_judge.model.submission import Submission, from_source

EQUIVALENTS: Final = "mutants.toml"
_DEFINITIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_KEYS: Final = {"before", "after", "reason"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """The jury solution with one change: the line, what stood there and what stands there now."""

    line: int
    before: str
    after: str
    source: str

    @property
    def submission(self) -> Submission:
        """The mutant as a submission like any other."""
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


def make_mutants(source: str, entry_point: str) -> tuple[Mutant, ...]:
    """Make the mutants of a text, by line; those that say the same as the text or as another are left out.

    What the entry point does not reach is left alone: a law of chance, or a convention that is right as well,
    says what others may answer, and the jury's own answer shows nothing of it.

    Raises UsageError where Cosmic Ray is not installed.
    """
    unreached = _list_unreached(source, entry_point)
    seen = {_read_meaning(source, unreached)}
    mutants = []
    for changed in _mutate(source):
        try:
            meaning = _read_meaning(changed, unreached)
        except SyntaxError:
            continue
        if meaning not in seen:
            seen.add(meaning)
            mutants.append(_compare(source, changed))
    return tuple(sorted(mutants, key=lambda mutant: mutant.line))


def _list_unreached(source: str, entry_point: str) -> set[str]:
    """List the functions and classes that the entry point uses neither itself nor through others."""
    body = ast.parse(source).body
    definitions = {each.name: each for each in body if isinstance(each, _DEFINITIONS)}
    # what stands outside of them runs too, and may call any
    left = [entry_point, *_list_names(each for each in body if not isinstance(each, _DEFINITIONS))]
    reached = set[str]()
    while left:
        name = left.pop()
        if name in definitions and name not in reached:
            reached.add(name)
            left += _list_names([definitions[name]])
    return set(definitions) - reached


def _list_names(nodes: Iterable[ast.AST]) -> list[str]:
    return [each.id for node in nodes for each in ast.walk(node) if isinstance(each, ast.Name)]


def read_equivalents(problem: Problem) -> tuple[Equivalent, ...]:
    """Read the changes that the package lists as equivalent; none where it has no list."""
    path = problem.folder / EQUIVALENTS
    if not path.exists():
        return ()
    table = parse_toml(problem.read(EQUIVALENTS), path)
    entries = table.pop("equivalent", [])
    if table or not isinstance(entries, list):
        raise BankError(
            f"{path}: expected a list of [[equivalent]], found {', '.join(table) or 'equivalent'}"
        )
    return tuple(_read_entry(entry, f"{path}: entry {number}") for number, entry in enumerate(entries, 1))


def _read_entry(entry: Any, where: str) -> Equivalent:
    match entry:
        case {"before": str(before), "after": str(after), "reason": str(reason)} if set(entry) == _KEYS:
            if not reason.strip():
                raise BankError(f"{where}: reason is empty; say why no case can notice this change")
            return Equivalent(_join(before), _join(after), reason)
    raise BankError(f"{where}: expected the texts before, after and reason")


def _mutate(source: str) -> Iterator[str]:
    """Apply each operator in each place, one at a time."""
    try:
        from cosmic_ray.ast import get_ast
        from cosmic_ray.mutating import mutate_code
        from cosmic_ray.operators.provider import OperatorProvider
    except ImportError:
        raise UsageError(
            'mutants need Cosmic Ray: pip install "torch-judge[verify]>=2.0", or leave them out with --quick'
        ) from None
    logging.getLogger("cosmic_ray").setLevel(logging.WARNING)
    provider = OperatorProvider()
    nodes = list(_walk(get_ast(source)))
    for name in provider:
        if provider[name].arguments():  # it would have to be told which variables to put where
            continue
        operator = provider[name]()
        for occurrence in range(sum(len(list(operator.mutation_positions(node))) for node in nodes)):
            yield mutate_code(source, operator, occurrence)


def _walk(node: Any) -> Iterator[Any]:
    yield node
    for child in getattr(node, "children", ()):
        yield from _walk(child)


def _read_meaning(source: str, unreached: Collection[str]) -> str:
    """Read what a text says without its comments, docstrings and annotations, and what is not reached."""
    tree = ast.parse(source)
    tree.body = [each for each in tree.body if getattr(each, "name", None) not in unreached]
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


def _compare(source: str, changed: str) -> Mutant:
    before, after = source.splitlines(), changed.splitlines()
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    edits = [edit for edit in matcher.get_opcodes() if edit[0] != "equal"]
    # one change may touch lines that lie apart: from the first to the last of them is what is shown
    (_, first, _, first_after, _), (_, _, last, _, last_after) = edits[0], edits[-1]
    return Mutant(
        first + 1, _join_lines(before[first:last]), _join_lines(after[first_after:last_after]), changed
    )


def _join_lines(lines: Sequence[str]) -> str:
    return _join("\n".join(lines))


def _join(text: str) -> str:
    """Put a text on one line: how it was indented and broken says nothing."""
    return " ".join(text.split())
