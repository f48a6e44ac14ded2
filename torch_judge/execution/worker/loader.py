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
import io
import linecache
import pickle
import re
import symtable
import sys
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from torch_judge.model.submission import Carried, Cell, Submission

MODULE = "__submission__"
_CELL_MAGIC = re.compile(r"\s*%%(\w+)[^\n]*\n?")
_KEPT_CELL_MAGICS = {"time", "timeit", "capture", "prun"}
_LINE_MAGIC = re.compile(r"([ \t]*)(?:[%!?]|[\w., ]+=[ \t]*[%!]|[\w.]+\?{1,2}\s*$)")
_MUTATORS = {
    "add",
    "append",
    "clear",
    "discard",
    "extend",
    "insert",
    "pop",
    "remove",
    "reverse",
    "setdefault",
    "sort",
    "update",
}
_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


class Unfit(Exception):  # noqa: N818 - it is a verdict, not an error
    """The submission has no usable entry point; the text says why."""


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


def load_entry_point(submission: Submission, name: str) -> Any:
    """Run what has to be run of a submission and return its entry point.

    Raises Unfit where there is none, SyntaxError where a text is no Python, and whatever the code raises.
    """
    _carry(submission.modules)
    _remember_sources(submission)
    entry_point = (
        _unpickle(submission.pickled)
        if submission.pickled
        else _find(_run(submission, name), name, submission)
    )
    if not callable(entry_point):
        raise Unfit(
            f"{name} is a value of type {type(entry_point).__name__}, not something that can be called"
        )
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
        exec(_compiled(cell), namespace)  # noqa: S102 - we are the sandbox
        return namespace
    statements, broken = _statements(submission.cells)
    if name not in {each for statement in statements for each in statement.sets}:
        _raise_broken(broken, name)
    failure: BaseException | None = None
    for statement in _needed(statements, name):
        try:
            _run_statement(statement, namespace)
        except (Exception, SystemExit) as error:  # as in a notebook, a failed cell does not stop the next one
            failure = failure or error
    if failure is not None and name not in namespace:
        raise failure
    return namespace


def _compiled(cell: Cell) -> types.CodeType:
    with _naming(cell):
        return compile(cell.source, cell.name, "exec", dont_inherit=True)


@contextmanager
def _naming(cell: Cell) -> Iterator[None]:
    """Turn what the compiler raises on a NUL, a lone surrogate or bottomless nesting into a syntax error of this cell."""
    try:
        yield
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        if isinstance(error, SyntaxError) and error.filename:
            raise
        raise SyntaxError(str(error) or type(error).__name__, (cell.name, 1, None, None)) from None


def _run_statement(statement: Statement, namespace: dict[str, Any]) -> None:
    tree = ast.Module([statement.node], [])
    exec(compile(tree, statement.cell.name, "exec", dont_inherit=True), namespace)  # noqa: S102 - we are the sandbox


def _raise_broken(broken: Sequence[tuple[Cell, SyntaxError]], name: str) -> None:
    """Raise the syntax error that explains why a notebook lacks its entry point, if one does."""
    for cell, error in broken:
        if re.search(
            rf"\b(?:def|class)[ \t]+{re.escape(name)}\b|^{re.escape(name)}[ \t]*=", cell.source, re.MULTILINE
        ):
            raise error


def _find(namespace: Mapping[str, Any], name: str, submission: Submission) -> Any:
    if name in namespace:
        return namespace[name]
    if submission.notebook:
        statements, _ = _statements(submission.cells)
        defined = [
            each.node.name for each in statements if isinstance(each.node, ast.FunctionDef | ast.ClassDef)
        ]
    else:
        defined = [
            key
            for key, value in namespace.items()
            if getattr(value, "__module__", None) == MODULE and callable(value)
        ]
    found = (
        f"; it defines {', '.join(dict.fromkeys(defined))}"
        if defined
        else "; it defines no function or class"
    )
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
    lines = source.split("\n")
    while (wrong := _wrong_line(lines)) is not None and _silence(lines, wrong):
        pass
    return "\n".join(lines)


def _wrong_line(lines: Sequence[str]) -> int | None:
    """Return where a text stops being Python, None if it does not."""
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


def _statements(cells: Sequence[Cell]) -> tuple[list[Statement], list[tuple[Cell, SyntaxError]]]:
    parsed, broken = list[tuple[Cell, list[ast.stmt]]](), list[tuple[Cell, SyntaxError]]()
    for cell in cells:
        plain = Cell(cell.name, plain_python(cell.source))
        try:
            parsed.append((plain, _body(plain)))
        except SyntaxError as error:
            broken.append((cell, error))
    imported = frozenset(
        _imported(node)
        for _, body in parsed
        for each in body
        for node in ast.walk(each)
        if isinstance(node, ast.alias)
    )
    return [_analyse(cell, node, imported) for cell, body in parsed for node in body], broken


def _body(cell: Cell) -> list[ast.stmt]:
    """Parse a cell, as far as can be known without running it that Python would take it."""
    with _naming(cell):
        symtable.symtable(cell.source, cell.name, "exec")
        return ast.parse(cell.source, cell.name).body


def _imported(alias: ast.alias) -> str:
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
    sets |= set(_mutated(node, imported))
    return Statement(cell, node, frozenset(sets), frozenset(_globals(table)), frozenset(_left_behind(table)))


def _globals(table: symtable.SymbolTable) -> Iterator[str]:
    module_level = table.get_type() == "module"
    for symbol in table.get_symbols():
        if (module_level and symbol.is_referenced()) or (not module_level and symbol.is_global()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _globals(child)


def _left_behind(table: symtable.SymbolTable) -> Iterator[str]:
    """Find what functions set by a `global` statement."""
    for child in table.get_children():
        yield from (
            symbol.get_name()
            for symbol in child.get_symbols()
            if symbol.is_declared_global() and symbol.is_assigned()
        )
        yield from _left_behind(child)


def _mutated(node: ast.AST, imported: frozenset[str]) -> Iterator[str]:
    """Find the names whose objects a statement changes as it runs: `a.b = ...`, `a[...] = ...`, `a.update(...)`."""
    if isinstance(node, _Function):
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield from _changed_by(node.value, imported)
    if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
        yield from _root(node)
    for inner in ast.iter_child_nodes(node):
        yield from _mutated(inner, imported)


def _changed_by(call: ast.Call, imported: frozenset[str]) -> Iterator[str]:
    """Find what a call that stands alone is there to change; a call of a module's function is most often a test of the learner's."""
    match call:
        case ast.Call(func=ast.Name("setattr" | "delattr"), args=[target, *_]):
            yield from _root(target)
        case ast.Call(func=ast.Attribute(attr=method) as function, args=arguments):
            if arguments and method.endswith("_"):
                yield from _root(arguments[0])
            given = [*arguments, *(word.value for word in call.keywords)]
            setting = all(
                isinstance(each, ast.Constant) or not imported.isdisjoint(_root(each)) for each in given
            )
            yield from (
                name for name in _root(function) if setting or method in _MUTATORS or name not in imported
            )


def _root(node: ast.expr) -> Iterator[str]:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id


def _needed(statements: Sequence[Statement], name: str) -> list[Statement]:
    """Choose the statements that the entry point depends on, in the order of the notebook."""
    needed, chosen, grown = {name, "*"}, set[int](), True
    leaves = {
        each: statement.leaves for statement in statements if statement.leaves for each in statement.sets
    }
    sets = [statement.sets.union(*_called(statement, leaves)) for statement in statements]
    while grown:
        grown = False
        for n, statement in enumerate(statements):
            if n not in chosen and not needed.isdisjoint(sets[n]):
                chosen.add(n)
                needed |= statement.reads
                grown = True
    return [statements[n] for n in sorted(chosen)]


def _called(statement: Statement, leaves: Mapping[str, frozenset[str]]) -> Iterator[frozenset[str]]:
    """Find what the functions that a statement may call leave behind; a definition calls none."""
    if not isinstance(statement.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield from (leaves[name] for name in statement.reads & leaves.keys())


# --- what stands beside a submission ---


class _Beside(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Import the helper modules that were carried along."""

    def __init__(self, modules: Mapping[str, Carried]) -> None:
        self._modules = modules

    def find_spec(
        self, name: str, _path: object = None, _target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
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
    linecache.clearcache()  # of our own lines, if a warning showed one
    for name, text in texts(submission).items():
        linecache.cache[name] = (len(text), None, io.StringIO(text, newline=None).readlines(), name)


def texts(submission: Submission) -> dict[str, str]:
    """Return each text of a submission as Python sees it, under the name of its cell or file."""
    own = {
        cell.name: plain_python(cell.source) if submission.notebook else cell.source
        for cell in submission.cells
    }
    return own | {_file(name): carried.source for name, carried in submission.modules.items()}


def files(submission: Submission) -> frozenset[str]:
    """Return the file names by which a traceback knows the submission's own code."""
    return frozenset([cell.name for cell in submission.cells] + [_file(name) for name in submission.modules])


def hide_the_judge() -> list[types.ModuleType]:
    """Put a `torch_judge` in place whose functions do nothing, so that a file which calls `check` can be judged.

    Returns the modules that were hidden; to let go of them would take longer than to keep them.
    """
    names = [name for name in sys.modules if name == "torch_judge" or name.startswith("torch_judge.")]
    hidden = [sys.modules.pop(name) for name in names]
    stand_in = types.ModuleType("torch_judge")
    stand_in.__path__ = []
    stand_in.__dict__["__getattr__"] = _nothing
    sys.modules["torch_judge"] = sys.modules["torch_judge.ui.notebook.check"] = stand_in
    return hidden


def _nothing(name: str) -> Callable[..., Any]:
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
