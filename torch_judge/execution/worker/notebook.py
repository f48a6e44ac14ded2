"""A notebook is judged by what it defines: its cells as plain Python, and the statements that are needed.

Nothing is run here: names are followed as far as a text tells.
"""

from __future__ import annotations

import ast
import re
import symtable
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from torch_judge.model.submission import Cell

_CELL_MAGIC: Final = re.compile(r"\s*%%(\w+)[^\n]*\n?")
_KEPT_CELL_MAGICS: Final = {"time", "timeit", "capture", "prun"}
_LINE_MAGIC: Final = re.compile(r"([ \t]*)(?:[%!?]|[\w., ]+=[ \t]*[%!]|[\w.]+\?{1,2}\s*$)")
_MUTATORS: Final = {
    *("add", "append", "clear", "discard", "extend", "insert"),
    *("pop", "remove", "reverse", "setdefault", "sort", "update"),
}
_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(frozen=True, slots=True)
class Statement:
    """A top-level statement of a notebook, the names it sets and the names it reads.

    `leaves` are the names that the functions which it defines set when they are called.
    """

    cell: Cell
    node: ast.stmt
    sets: frozenset[str]
    reads: frozenset[str]
    leaves: frozenset[str] = frozenset()


@contextmanager
def name_cell(cell: Cell) -> Iterator[None]:
    """Turn what the compiler raises into a syntax error of this cell.

    On a NUL, a lone surrogate or bottomless nesting that is another error, or one without a file.
    """
    try:
        yield
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        if isinstance(error, SyntaxError) and error.filename:
            raise
        raise SyntaxError(str(error) or type(error).__name__, (cell.name, 1, None, None)) from None


def plain_python(source: str) -> str:
    """Take magics and shell lines out of a cell, each line staying where it was.

    A cell in another language is empty.
    """
    if cell_magic := _CELL_MAGIC.match(source):
        if cell_magic[1] not in _KEPT_CELL_MAGICS:
            return ""
        source = "\n" * cell_magic[0].count("\n") + source[cell_magic.end() :]
    lines = source.split("\n")
    while (wrong := _find_wrong_line(lines)) is not None and _silence(lines, wrong):
        pass
    return "\n".join(lines)


def _find_wrong_line(lines: Sequence[str]) -> int | None:
    """Find the line where a text stops being Python, None if it does not."""
    try:
        ast.parse("\n".join(lines))
    except SyntaxError as error:
        return (error.lineno or 1) - 1
    except (ValueError, RecursionError, MemoryError):
        return None
    return None


def _silence(lines: list[str], wrong: int) -> bool:
    """Replace the magic that begins on a line or goes on there, by `pass`; tell whether there is one.

    Only where Python stumbles: a line that begins with % inside a string is text.
    """
    first = wrong = min(wrong, len(lines) - 1)
    while first and lines[first - 1].endswith("\\"):
        first -= 1
    magic = _LINE_MAGIC.match(lines[first])
    if magic is None:
        return False
    last = first
    while last + 1 < len(lines) and lines[last].endswith("\\"):
        last += 1
    lines[first : last + 1] = [f"{magic[1]}pass", *[""] * (last - first)]
    return True


def parse_statements(cells: Sequence[Cell]) -> tuple[list[Statement], list[tuple[Cell, SyntaxError]]]:
    """Take the cells of a notebook apart; those that are no Python come with their errors."""
    parsed, broken = list[tuple[Cell, list[ast.stmt]]](), list[tuple[Cell, SyntaxError]]()
    for cell in cells:
        plain = Cell(cell.name, plain_python(cell.source))
        try:
            parsed.append((plain, _parse(plain)))
        except SyntaxError as error:
            broken.append((cell, error))
    statements = [(cell, statement) for cell, body in parsed for statement in body]
    nodes = (node for _, statement in statements for node in ast.walk(statement))
    imported = frozenset(_name_imported(node) for node in nodes if isinstance(node, ast.alias))
    return [_analyse(cell, statement, imported) for cell, statement in statements], broken


def _parse(cell: Cell) -> list[ast.stmt]:
    """Parse a cell, as far as can be known without running it that Python would take it."""
    with name_cell(cell):
        symtable.symtable(cell.source, cell.name, "exec")
        return ast.parse(cell.source, cell.name).body


def _name_imported(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


def _analyse(cell: Cell, node: ast.stmt, imported: frozenset[str]) -> Statement:
    if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
        return Statement(cell, node, frozenset({"*"}), frozenset())
    table = symtable.symtable(ast.unparse(node), cell.name, "exec")
    sets = {
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()
    }
    sets |= set(_find_mutated(node, imported))
    reads, leaves = frozenset(_find_globals(table)), frozenset(_find_left_behind(table))
    return Statement(cell, node, frozenset(sets), reads, leaves)


def _find_globals(table: symtable.SymbolTable) -> Iterator[str]:
    module_level = table.get_type() == "module"
    for symbol in table.get_symbols():
        if (module_level and symbol.is_referenced()) or (not module_level and symbol.is_global()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _find_globals(child)


def _find_left_behind(table: symtable.SymbolTable) -> Iterator[str]:
    """Find what functions set by a `global` statement."""
    for child in table.get_children():
        yield from (
            symbol.get_name()
            for symbol in child.get_symbols()
            if symbol.is_declared_global() and symbol.is_assigned()
        )
        yield from _find_left_behind(child)


def _find_mutated(node: ast.AST, imported: frozenset[str]) -> Iterator[str]:
    """Find the names whose objects a statement changes as it runs.

    It may do so by `a.b = ...`, `a[...] = ...` or `a.update(...)`.
    """
    if isinstance(node, _Function):
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield from _find_changed(node.value, imported)
    if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
        yield from _find_root(node)
    for inner in ast.iter_child_nodes(node):
        yield from _find_mutated(inner, imported)


def _find_changed(call: ast.Call, imported: frozenset[str]) -> Iterator[str]:
    """Find what a call that stands alone is there to change.

    A call of a module's function is most often a test of the learner's, unless its arguments are settings.
    """
    match call:
        case ast.Call(func=ast.Name("setattr" | "delattr"), args=[target, *_]):
            yield from _find_root(target)
        case ast.Call(func=ast.Attribute(attr=method) as function, args=arguments):
            if arguments and method.endswith("_"):  # so PyTorch names what changes its argument
                yield from _find_root(arguments[0])
            given = [*arguments, *(word.value for word in call.keywords)]
            setting = all(
                isinstance(value, ast.Constant) or not imported.isdisjoint(_find_root(value))
                for value in given
            )
            changes = setting or method in _MUTATORS
            yield from (name for name in _find_root(function) if changes or name not in imported)


def _find_root(node: ast.expr) -> Iterator[str]:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id


def choose_needed(statements: Sequence[Statement], name: str) -> list[Statement]:
    """Choose the statements that the entry point depends on, in the order of the notebook."""
    leaves = {
        function: statement.leaves
        for statement in statements
        if statement.leaves
        for function in statement.sets
    }
    sets = [statement.sets.union(*_find_called(statement, leaves)) for statement in statements]
    needed, chosen, grown = {name, "*"}, set[int](), True
    # To a fix point: a chosen statement reads names that others set, before it and after it. All that set a
    # needed name are chosen, not the last alone: `K += 1` and `CONFIG["a"] = 2` set what an earlier one made.
    while grown:
        grown = False
        for place, statement in enumerate(statements):
            if place not in chosen and not needed.isdisjoint(sets[place]):
                chosen.add(place)
                needed |= statement.reads
                grown = True
    return [statements[place] for place in sorted(chosen)]


def _find_called(statement: Statement, leaves: Mapping[str, frozenset[str]]) -> Iterator[frozenset[str]]:
    """Find what the functions that a statement may call leave behind; a definition calls none."""
    if not isinstance(statement.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield from (leaves[name] for name in statement.reads & leaves.keys())
