"""From a submission to its entry point: inside the worker, where the learner's code runs.

A file is run as Python runs a module. Of a notebook's statements, only those run that the entry point needs,
directly or through other names.
"""

from __future__ import annotations

import ast
import difflib
import importlib.abc
import importlib.machinery
import inspect
import linecache
import pickle
import sys
import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from torch_judge.execution.runtime import remember_text
from torch_judge.model.submission import Carried, Cell, Submission

from .effects import Statement
from .notebook import choose_needed, choose_widely, find_defined, parse_statements, plain_python
from .running import Failed, Shell, is_exported, list_magic_cells, make_python, run_file, run_statements

MODULE: Final = "__submission__"
MISSING: Final = (NameError, KeyError, AttributeError)
"""What is raised where something is missing that more of a notebook may hold."""


class Unfit(Exception):  # noqa: N818 - it is a verdict, not an error
    """The submission has no usable entry point; the text says why."""


def load_entry_point(
    submission: Submission, name: str, *, widely: bool = False, failures: list[Failed] | None = None
) -> Any:
    """Run what has to be run of a submission and return its entry point.

    Of a notebook that is what the entry point needs, or `widely` all that it may need. The statements that
    fail on the way to it are added to `failures`.
    Raises Unfit where there is none, SyntaxError where a text is no Python, and whatever the code raises.
    """
    _carry(submission.modules)
    _remember_sources(submission)
    if submission.pickled:
        entry_point = _unpickle(submission.pickled)
    else:
        entry_point = _find(
            _run(submission, name, [] if failures is None else failures, widely=widely), name, submission
        )
    if not callable(entry_point):
        kind = type(entry_point).__name__
        raise Unfit(f"{name} is a value of type {kind}, not something that can be called")
    return entry_point


def load_jury(code: types.CodeType, name: str) -> Any:
    """Run the compiled jury solution in a submission's place and return its entry point.

    Raises Unfit where there is none, and whatever the code raises.
    """
    jury = Submission("the jury solution")
    _remember_sources(jury)
    namespace = _open_namespace(jury)
    exec(code, namespace)  # noqa: S102 - we are the sandbox
    return _find(namespace, name, jury)


def _unpickle(pickled: bytes) -> Any:
    return pickle.loads(pickled)  # noqa: S301 - we are the sandbox


def describe_misfit(entry_point: Any, name: str, starter: str) -> str | None:
    """Say how an entry point's signature differs from what the starter promises, if calls would fail."""
    try:
        signature = inspect.signature(entry_point)
    except Exception:  # no signature to be had, or a hostile one: the calls will tell
        return None
    required, defaulted = read_starter_parameters(starter, name)
    try:
        signature.bind(*required, **dict.fromkeys(defaulted))
    except TypeError as error:
        wanted = ", ".join([*required, *(f"{parameter}=..." for parameter in defaulted)])
        return f"{name} must take ({wanted}), yours takes {signature}: {error}"
    return None


def read_starter_parameters(starter: str, name: str) -> tuple[list[str], list[str]]:
    """Read the names of the entry point's parameters: those without and those with a default."""
    for node in ast.parse(starter).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return _split_parameters(node.args)
        if isinstance(node, ast.ClassDef) and node.name == name:
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and method.name == "__init__":
                    required, defaulted = _split_parameters(method.args)
                    return required[1:], defaulted
            return [], []
    raise ValueError(f"starter.py defines no {name}")


def _split_parameters(arguments: ast.arguments) -> tuple[list[str], list[str]]:
    names = [argument.arg for argument in arguments.posonlyargs + arguments.args]
    split = len(names) - len(arguments.defaults)
    keyword_only = [argument.arg for argument in arguments.kwonlyargs]
    return names[:split], names[split:] + keyword_only


# --- running ---


def _run(submission: Submission, name: str, failures: list[Failed], *, widely: bool) -> dict[str, Any]:
    namespace = _open_namespace(submission)
    if not submission.notebook:
        (cell,) = submission.cells
        run_file(cell, namespace)
        return namespace
    statements, broken = parse_statements(submission.cells)
    may_be_set = any(name in statement.sets for statement in statements)
    if not may_be_set:
        _raise_broken(broken, name)
    failures += _run_chosen(statements, name, namespace, widely=widely)
    if name in namespace or not failures:
        failures += [Failed(error, frozenset(find_defined(cell.source))) for cell, error in broken]
        return namespace
    # A name or an entry that is missing may be in what was left out; once, for then it is not there.
    if may_be_set and not widely and isinstance(failures[0].error, MISSING):
        wider = _open_namespace(submission)
        again = _run_chosen(statements, name, wider, widely=True)
        if name in wider:
            failures[:] = again
            return wider
    raise failures[0].error


def _run_chosen(
    statements: Sequence[Statement], name: str, namespace: dict[str, Any], *, widely: bool
) -> list[Failed]:
    needed = choose_needed(statements, name)
    if not widely:
        return list(run_statements(needed, namespace))
    wide = choose_widely(statements, name)
    return list(run_statements(wide, namespace, optional=set(map(id, wide)) - set(map(id, needed))))


def _open_namespace(submission: Submission) -> dict[str, Any]:
    """Put an empty module in the submission's place and return its names."""
    module = types.ModuleType(MODULE)
    module.__file__ = f"{MODULE}.py"
    sys.modules[MODULE] = module
    namespace = vars(module)
    if any(is_exported(cell.source) for cell in submission.cells):
        namespace["get_ipython"] = Shell(namespace, _list_magic_cells(submission))
    return namespace


def _raise_broken(broken: Sequence[tuple[Cell, SyntaxError]], name: str) -> None:
    """Raise the syntax error that explains why a notebook lacks its entry point, if one does."""
    for cell, error in broken:
        if name in find_defined(cell.source):
            raise error


def _find(namespace: Mapping[str, Any], name: str, submission: Submission) -> Any:
    if name in namespace:
        return namespace[name]
    if submission.notebook:
        statements, _ = parse_statements(submission.cells)
        nodes = [statement.node for statement in statements]
        defined = [node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    else:
        defined = [key for key, value in namespace.items() if _is_own(value) and callable(value)]
    what = ", ".join(dict.fromkeys(defined)) or "no function or class"
    near = difflib.get_close_matches(name, defined, n=1)
    suggestion = f" (rename {near[0]} to {name}?)" if near else ""
    raise Unfit(f"{submission.name} defines no {name}; it defines {what}{suggestion}")


def _is_own(value: Any) -> bool:
    return getattr(value, "__module__", None) == MODULE


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
        return importlib.machinery.ModuleSpec(name, self, origin=_name_file(name), is_package=carried.package)

    def get_source(self, fullname: str) -> str:
        return self._modules[fullname].source

    def get_code(self, fullname: str) -> types.CodeType:
        return compile(self.get_source(fullname), _name_file(fullname), "exec", dont_inherit=True)

    def is_package(self, fullname: str) -> bool:
        return self._modules[fullname].package


def _name_file(module: str) -> str:
    return f"{module.replace('.', '/')}.py"


def _carry(modules: Mapping[str, Carried]) -> None:
    for name in modules:
        sys.modules.pop(name, None)
    sys.meta_path.insert(0, _Beside(modules))


def _remember_sources(submission: Submission) -> None:
    """Let tracebacks, `inspect` and TorchScript find the text of what runs here."""
    linecache.clearcache()  # of our own lines, if a warning showed one
    for name, text in list_texts(submission).items():
        remember_text(name, text)


def read_own_names() -> dict[str, Any]:
    """Read what the submission has defined and imported; of a live object nothing is known but itself."""
    module = sys.modules.get(MODULE)
    names = {} if module is None else vars(module)
    return {name: value for name, value in names.items() if not name.startswith("__")}


def list_texts(submission: Submission) -> dict[str, str]:
    """List each text of a submission as Python sees it, under the name of its cell or file."""
    own = {
        cell.name: plain_python(cell.source) if submission.notebook else make_python(cell)
        for cell in submission.cells
    }
    own |= {cell.name: cell.source for cell in _list_magic_cells(submission)}
    return own | {_name_file(name): carried.source for name, carried in submission.modules.items()}


def _list_magic_cells(submission: Submission) -> Iterator[Cell]:
    for cell in submission.cells:
        yield from list_magic_cells(cell)


def list_files(submission: Submission) -> frozenset[str]:
    """List the file names by which a traceback knows the submission's own code."""
    return frozenset(
        [cell.name for cell in (*submission.cells, *_list_magic_cells(submission))]
        + [_name_file(name) for name in submission.modules]
    )
