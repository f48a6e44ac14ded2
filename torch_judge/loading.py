"""From a submission to its entry point: inside the worker, where the learner's code runs.

A file is run as Python runs a module. A notebook is judged by what it defines: of its statements, only
those run that the entry point needs, directly or through other names.
"""

from __future__ import annotations

import ast
import difflib
import importlib.abc
import importlib.machinery
import inspect
import linecache
import pickle
import re
import symtable
import sys
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .submission import Carried, Cell, Submission

MODULE = "submission"
_CELL_MAGIC = re.compile(r"\s*%%(\w+)[^\n]*\n?")
_KEPT_CELL_MAGICS = {"time", "timeit", "capture", "prun"}
_LINE_MAGIC = re.compile(r"^([ \t]*)(?:[%!?].*|[\w, ]+=[ \t]*[%!].*|[\w.]+\?{1,2}[ \t]*)$", re.MULTILINE)


class Unfit(Exception):  # noqa: N818 - it is a verdict, not an error
    """The submission has no usable entry point; the text says why."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A top-level statement of a notebook, the names it sets and the names it reads."""

    cell: Cell
    node: ast.stmt
    sets: frozenset[str]
    reads: frozenset[str]


def load_entry_point(submission: Submission, name: str) -> Any:
    """Run what has to be run of a submission and return its entry point.

    Raises Unfit where there is none, SyntaxError where a text is no Python, and whatever the code raises.
    """
    _carry(submission.modules)
    _remember_sources(submission)
    entry_point = _unpickle(submission.pickled) if submission.pickled else _find(_run(submission, name), name, submission)
    if not callable(entry_point):
        raise Unfit(f"{name} is a value of type {type(entry_point).__name__}, not something that can be called")
    return entry_point


def _unpickle(pickled: bytes) -> Any:
    return pickle.loads(pickled)  # noqa: S301 - we are the sandbox


def misfit(entry_point: Any, name: str, starter: str) -> str | None:
    """Say how an entry point's signature differs from what the starter promises, if calls would fail."""
    try:
        signature = inspect.signature(entry_point)
    except Exception:  # no signature to be had, or a hostile one: the calls will tell
        return None
    required, defaulted = starter_parameters(starter, name)
    try:
        signature.bind(*required, **dict.fromkeys(defaulted))
    except TypeError as error:
        wanted = ", ".join([*required, *(f"{each}=..." for each in defaulted)])
        return f"{name} must take ({wanted}), yours takes {signature}: {error}"
    return None


def starter_parameters(starter: str, name: str) -> tuple[list[str], list[str]]:
    """Return the names of the entry point's parameters: those without and those with a default."""
    for node in ast.parse(starter).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return _parameters(node.args)
        if isinstance(node, ast.ClassDef) and node.name == name:
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and method.name == "__init__":
                    required, defaulted = _parameters(method.args)
                    return required[1:], defaulted
            return [], []
    raise ValueError(f"starter.py defines no {name}")


def _parameters(arguments: ast.arguments) -> tuple[list[str], list[str]]:
    names = [each.arg for each in arguments.posonlyargs + arguments.args]
    split = len(names) - len(arguments.defaults)
    keyword_only = [each.arg for each in arguments.kwonlyargs]
    return names[:split], names[split:] + keyword_only


# --- running ---


def _run(submission: Submission, name: str) -> dict[str, Any]:
    module = types.ModuleType(MODULE)
    module.__file__ = f"{MODULE}.py"
    sys.modules[MODULE] = module
    namespace = vars(module)
    if not submission.notebook:
        (cell,) = submission.cells
        exec(compile(cell.source, cell.name, "exec", dont_inherit=True), namespace)  # noqa: S102 - we are the sandbox
        return namespace
    statements, broken = _statements(submission.cells)
    if name not in {each for statement in statements for each in statement.sets}:
        _raise_broken(broken, name)
    failure: Exception | None = None
    for statement in _needed(statements, name):
        try:
            _run_statement(statement, namespace)
        except Exception as error:  # as in a notebook, a failed cell does not stop the next one
            failure = failure or error
    if failure is not None and name not in namespace:
        raise failure
    return namespace


def _run_statement(statement: Statement, namespace: dict[str, Any]) -> None:
    tree = ast.Module([statement.node], [])
    exec(compile(tree, statement.cell.name, "exec", dont_inherit=True), namespace)  # noqa: S102 - we are the sandbox


def _raise_broken(broken: Sequence[tuple[Cell, SyntaxError]], name: str) -> None:
    """Raise the syntax error that explains why a notebook lacks its entry point, if one does."""
    for cell, error in broken:
        if re.search(rf"\b(?:def|class)[ \t]+{re.escape(name)}\b|^{re.escape(name)}[ \t]*=", cell.source, re.MULTILINE):
            raise error


def _find(namespace: Mapping[str, Any], name: str, submission: Submission) -> Any:
    if name in namespace:
        return namespace[name]
    if submission.notebook:
        statements, _ = _statements(submission.cells)
        defined = [each.node.name for each in statements if isinstance(each.node, ast.FunctionDef | ast.ClassDef)]
    else:
        defined = [key for key, value in namespace.items() if getattr(value, "__module__", None) == MODULE and callable(value)]
    found = f"; it defines {', '.join(dict.fromkeys(defined))}" if defined else "; it defines no function or class"
    near = difflib.get_close_matches(name, defined, n=1)
    suggestion = f" (rename {near[0]} to {name}?)" if near else ""
    raise Unfit(f"{submission.name} defines no {name}{found}{suggestion}")


# --- notebooks ---


def plain_python(source: str) -> str:
    """Return a cell without magics and shell lines, its lines where they were; a cell in another language is empty."""
    if cell_magic := _CELL_MAGIC.match(source):
        if cell_magic[1] not in _KEPT_CELL_MAGICS:
            return ""
        source = "\n" * cell_magic[0].count("\n") + source[cell_magic.end() :]
    try:
        ast.parse(source)
    except SyntaxError:
        return _LINE_MAGIC.sub(r"\1pass", source)
    return source


def _statements(cells: Sequence[Cell]) -> tuple[list[Statement], list[tuple[Cell, SyntaxError]]]:
    statements, broken = [], []
    for cell in cells:
        source = plain_python(cell.source)
        try:
            body = ast.parse(source, cell.name).body
        except SyntaxError as error:
            broken.append((cell, error))
            continue
        statements += [_analyse(Cell(cell.name, source), node) for node in body]
    return statements, broken


def _analyse(cell: Cell, node: ast.stmt) -> Statement:
    if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
        return Statement(cell, node, frozenset({"*"}), frozenset())
    table = symtable.symtable(ast.unparse(node), cell.name, "exec")
    sets = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()}
    return Statement(cell, node, frozenset(sets | set(_mutated(node))), frozenset(_globals(table)))


def _globals(table: symtable.SymbolTable) -> Iterator[str]:
    module_level = table.get_type() == "module"
    for symbol in table.get_symbols():
        if (module_level and symbol.is_referenced()) or (not module_level and symbol.is_global()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _globals(child)


def _mutated(node: ast.stmt) -> Iterator[str]:
    """Find the names whose objects a statement changes: `a.b = ...`, `a[...] = ...`, `a.update(...)`."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
        yield from _root(node.value.func)
    for each in ast.walk(node):
        if isinstance(each, ast.Attribute | ast.Subscript) and isinstance(each.ctx, ast.Store):
            yield from _root(each)
    if isinstance(node, ast.For | ast.While | ast.If | ast.With | ast.Try):
        for inner in ast.iter_child_nodes(node):
            if isinstance(inner, ast.stmt):
                yield from _mutated(inner)


def _root(node: ast.expr) -> Iterator[str]:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id


def _needed(statements: Sequence[Statement], name: str) -> list[Statement]:
    """Choose the statements that the entry point depends on, in the order of the notebook."""
    needed, chosen, grown = {name, "*"}, set[int](), True
    while grown:
        grown = False
        for n, statement in enumerate(statements):
            if n not in chosen and not needed.isdisjoint(statement.sets):
                chosen.add(n)
                needed |= statement.reads
                grown = True
    return [statements[n] for n in sorted(chosen)]


# --- what stands beside a submission ---


class _Beside(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Import the helper modules that were carried along."""

    def __init__(self, modules: Mapping[str, Carried]) -> None:
        self._modules = modules

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> importlib.machinery.ModuleSpec | None:
        carried = self._modules.get(name)
        if carried is None:
            return None
        return importlib.machinery.ModuleSpec(name, self, origin=_file(name), is_package=carried.package)

    def get_source(self, fullname: str) -> str:
        return self._modules[fullname].source

    def get_code(self, fullname: str) -> types.CodeType:
        return compile(self.get_source(fullname), _file(fullname), "exec", dont_inherit=True)

    def is_package(self, fullname: str) -> bool:
        return self._modules[fullname].package


def _file(module: str) -> str:
    return f"{module.replace('.', '/')}.py"


def _carry(modules: Mapping[str, Carried]) -> None:
    for name in modules:
        sys.modules.pop(name, None)
    sys.meta_path.insert(0, _Beside(modules))


def _remember_sources(submission: Submission) -> None:
    """Let tracebacks, `inspect` and TorchScript find the text of what runs here."""
    texts = {cell.name: plain_python(cell.source) if submission.notebook else cell.source for cell in submission.cells}
    texts |= {_file(name): carried.source for name, carried in submission.modules.items()}
    for name, text in texts.items():
        linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)


def files(submission: Submission) -> frozenset[str]:
    """Return the file names by which a traceback knows the submission's own code."""
    return frozenset([cell.name for cell in submission.cells] + [_file(name) for name in submission.modules])


def hide_the_judge() -> list[types.ModuleType]:
    """Put a `torch_judge` in place whose functions do nothing, so that a file which calls `check` can be judged.

    Returns the modules that were hidden; to let go of them would take longer than to keep them.
    """
    package = sys.modules.pop("torch_judge")
    names = [f"torch_judge.{name}" for name, value in vars(package).items() if isinstance(value, types.ModuleType)]
    hidden = [package, *(sys.modules.pop(name) for name in names if name in sys.modules)]
    stand_in = types.ModuleType("torch_judge")
    stand_in.__path__ = []
    stand_in.__dict__["__getattr__"] = _nothing
    sys.modules["torch_judge"] = sys.modules["torch_judge.notebook"] = stand_in
    return hidden


def _nothing(name: str) -> Callable[..., None]:
    if name.startswith("__"):
        raise AttributeError(name)
    return lambda *_arguments, **_options: None
