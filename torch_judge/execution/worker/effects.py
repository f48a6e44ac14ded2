"""What a top-level statement does, as far as its text tells: what it sets, reads, changes and calls.

Nothing is run here. A name stands for its object: who changes the object of a name sets the name.
"""

from __future__ import annotations
import __future__

import ast
import re
import symtable
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from torch_judge.model.submission import Cell

_MUTATORS: Final = {
    *("add", "append", "clear", "discard", "extend", "insert"),
    *("pop", "remove", "reverse", "setdefault", "sort", "update"),
}
_ASYNC: Final = re.compile(r"\b(?:await|async)\s+")
Function: Final = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Definition: Final = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Statement:
    """A top-level statement of a notebook, the names it sets and the names it reads."""

    cell: Cell
    node: ast.stmt
    sets: frozenset[str]
    reads: frozenset[str]
    leaves: frozenset[str] = frozenset()
    """What the functions that it defines set when they are called, by `global`."""
    changes: frozenset[str] = frozenset()
    """The names whose objects these functions change when they are called."""
    changes_arguments: bool = False
    alters: frozenset[str] = frozenset()
    """Those of the names it sets that are bound already: it surely changes their objects."""
    calls: frozenset[str] = frozenset()
    """What may be called as it runs."""
    patches: frozenset[str] = frozenset()
    """The attributes that it sets on what was imported."""
    attributes: frozenset[str] = frozenset()
    flags: int = 0
    """The `__future__` that holds for it, for the compiler."""


def analyse(cell: Cell, node: ast.stmt, imported: frozenset[str], *, flags: int = 0) -> Statement:
    """Read off a statement what it does; `imported` are the names that imports of the notebook set."""
    attributes = frozenset(_find_attributes(node))
    if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
        return Statement(cell, node, frozenset({"*"}), frozenset(), flags=flags)
    table = _make_table(ast.unparse(node), cell.name)
    bound = {
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()
    }
    alters = frozenset(_find_altered(node, imported)) | frozenset(_find_decorated(node, imported))
    reads = frozenset(_find_globals(table))
    inside = frozenset(_find_changed_inside(node, imported))
    return Statement(
        cell,
        node,
        frozenset(bound | alters | set(_find_touched(node, imported))),
        reads,
        frozenset(_find_left_behind(table)),
        changes=inside & reads,
        changes_arguments=isinstance(node, Function | ast.Assign)
        and not inside.isdisjoint(_find_parameters(node)),
        alters=alters,
        calls=frozenset(_find_called(node)) if isinstance(node, Definition) else reads,
        patches=frozenset(_find_patches(node, imported)),
        attributes=attributes,
        flags=flags,
    )


def find_future_flags(node: ast.stmt) -> int:
    """Find what a `from __future__ import` asks of the compiler."""
    flags = 0
    if isinstance(node, ast.ImportFrom) and node.module == "__future__" and not node.level:
        for alias in node.names:
            flags |= getattr(getattr(__future__, alias.name, None), "compiler_flag", 0)
    return flags


def _make_table(text: str, name: str) -> symtable.SymbolTable:
    """Make the table of a text's names; of an `await` at the top level, which Python refuses there, too."""
    try:
        return symtable.symtable(text, name, "exec")
    except SyntaxError:
        return symtable.symtable(_ASYNC.sub("", text), name, "exec")


def find_root(node: ast.expr) -> Iterator[str]:
    """Find the name that an expression such as `a.b["c"]` starts from, if it starts from one."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id


# --- names ---


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


def _find_attributes(node: ast.stmt) -> Iterator[str]:
    """Find the attributes that a statement reads, also by a literal `getattr`."""
    for inner in ast.walk(node):
        match inner:
            case ast.Attribute(attr=name, ctx=ast.Load()):
                yield name
            case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=str(name)), *_]):
                yield name


def _find_parameters(node: ast.AST) -> Iterator[str]:
    yield from (inner.arg for inner in ast.walk(node) if isinstance(inner, ast.arg) and inner.arg != "self")


def _find_called(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Iterator[str]:
    """Find the names that a definition may call as it runs: its decorators, and the bases of a class."""
    heads = [*node.decorator_list]
    if isinstance(node, ast.ClassDef):
        heads += [*node.bases, *(word.value for word in node.keywords)]
    for head in heads:
        yield from (inner.id for inner in ast.walk(head) if isinstance(inner, ast.Name))


# --- changes ---


def _find_altered(node: ast.AST, imported: frozenset[str]) -> Iterator[str]:
    """Find the names whose objects a statement surely changes as it runs, by `a.b = ...` or `a[...] = ...`.

    A call counts where it stands alone and is named as one that changes something.
    """
    if isinstance(node, Function):
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield from _find_changed(node.value, imported)
    yield from _find_stored(node)
    for inner in ast.iter_child_nodes(node):
        yield from _find_altered(inner, imported)


def _find_touched(node: ast.AST, imported: frozenset[str]) -> Iterator[str]:
    """Find the names whose objects a call that stands alone may change, by the looks of it.

    A call of a module's function is most often a test of the learner's, unless its arguments are settings.
    """
    if isinstance(node, Function):
        return
    match node:
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr=method) as function) as call):
            given = [*call.args, *(word.value for word in call.keywords)]
            setting = all(
                isinstance(value, ast.Constant) or not imported.isdisjoint(find_root(value))
                for value in given
            )
            changes = setting or method in _MUTATORS
            yield from (name for name in find_root(function) if changes or name not in imported)
    for inner in ast.iter_child_nodes(node):
        yield from _find_touched(inner, imported)


def _find_stored(node: ast.AST) -> Iterator[str]:
    """Find the name in whose object a node stores something."""
    match node:
        case ast.Subscript(
            value=ast.Call(func=ast.Name(id="globals" | "vars" | "locals")), slice=key, ctx=ast.Store()
        ):
            yield key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else "*"
        case ast.Attribute(ctx=ast.Store() | ast.Del()) | ast.Subscript(ctx=ast.Store() | ast.Del()):
            yield from find_root(node)


def _find_changed(call: ast.Call, imported: frozenset[str]) -> Iterator[str]:
    """Find what a call is there to change, by its name."""
    match call:
        case ast.Call(func=ast.Name("setattr" | "delattr"), args=[target, *_]):
            yield from find_root(target)
        case ast.Call(func=ast.Attribute(attr=method) as function, args=arguments):
            in_place = method.endswith("_") and not method.endswith("__")  # so PyTorch names what changes
            if arguments and in_place:
                yield from find_root(arguments[0])
            if in_place or method in _MUTATORS:
                yield from (name for name in find_root(function) if name not in imported)


def _find_changed_inside(node: ast.AST, imported: frozenset[str]) -> Iterator[str]:
    """Find the names whose objects the functions in a statement change when they are called."""
    if not isinstance(node, Function):
        for part in ast.iter_child_nodes(node):
            yield from _find_changed_inside(part, imported)
        return
    for inner in ast.walk(node):
        yield from _find_stored(inner)
        if isinstance(inner, ast.Call):
            yield from _find_changed(inner, imported)


def _find_decorated(node: ast.stmt, imported: frozenset[str]) -> Iterator[str]:
    """Find what the decorators of a definition may add it to: `@add_to(Net)`, `@registry.register`."""
    if not isinstance(node, Definition):
        return
    for decorator in node.decorator_list:
        parts = [decorator]
        if isinstance(decorator, ast.Call):
            parts = [*decorator.args, *(word.value for word in decorator.keywords)]
            parts += [decorator.func] if isinstance(decorator.func, ast.Attribute) else []
        elif isinstance(decorator, ast.Name):
            continue  # what it changes is told by its own definition
        yield from (name for part in parts for name in find_root(part) if name not in imported)


def _find_patches(node: ast.stmt, imported: frozenset[str]) -> Iterator[str]:
    """Find the attributes that a statement sets on what was imported: `torch.Tensor.root = ...`."""
    if isinstance(node, Definition):
        arguments = [part for head in node.decorator_list if isinstance(head, ast.Call) for part in head.args]
        if any(not imported.isdisjoint(find_root(part)) for part in arguments):
            yield node.name
        return
    for inner in ast.walk(node):
        match inner:
            case ast.Attribute(attr=name, ctx=ast.Store()) if not imported.isdisjoint(find_root(inner)):
                yield name
            case ast.Call(func=ast.Name(id="setattr"), args=[target, ast.Constant(value=str(name)), *_]) if (
                not imported.isdisjoint(find_root(target))
            ):
                yield name
