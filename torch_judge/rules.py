"""Forbidden operators, enforced where every route to them ends: at PyTorch's dispatcher.

The kernels of a forbidden operator are replaced, in the worker, by one that raises. That holds for
functions, modules, TorchScript, threads, disabled modes and custom autograd functions alike, and costs
nothing per call. PyTorch also ships Python forms of some operators, made of allowed ones; they are
replaced as well.
"""

from __future__ import annotations

import sys
import types
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

DISPATCH_KEYS = (
    "CPU",
    "MkldnnCPU",
    "QuantizedCPU",
    "NestedTensorCPU",
    "CompositeImplicitAutograd",
    "CompositeExplicitAutograd",
    "CompositeExplicitAutogradNonFunctional",
)
NAMESPACES = ("aten", "quantized", "mkldnn")
_PYTHON_FORMS = ("torch._decomp.decompositions", "torch._refs", "torch._refs.nn.functional", "torch._prims")


class ForbiddenOperator(Exception):  # noqa: N818 - it is a verdict, not an error
    """Raised in the place of a forbidden operator's result."""


def forbid(operators: Sequence[str], report: Callable[[str], None]) -> None:
    """Make every kernel of the operators call `report` with the operator's name and then raise.

    `operators` are names without namespace and overload: `native_batch_norm`.
    """
    if not operators or "torch" not in sys.modules:  # a NumPy problem's processes never load it
        return
    import torch

    libraries = {name: torch._C._dispatch_library("IMPL", name, "") for name in NAMESPACES}
    with _quiet():
        for operator in operators:
            for namespace, name in registered_operators().get(operator, ()):
                for key in _keys(f"{namespace}::{name}"):
                    libraries[namespace].impl(name, key, _refusal(operator, report))
    _never_free(libraries.values())
    _forbid_python_forms(operators, report)


@cache
def registered_operators() -> dict[str, tuple[tuple[str, str], ...]]:
    """Return the namespace and the name with overload of all that is registered under an operator's name.

    The server calls this once, before it forks.
    """
    import torch

    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for full in torch._C._dispatch_get_all_op_names():
        namespace, _, name = full.partition("::")
        if namespace in NAMESPACES:
            operator = name.partition(".")[0]
            found[operator] = (*found.get(operator, ()), (namespace, name))
    return found


def _keys(full: str) -> list[str]:
    """Return the dispatch keys under which an operator has a kernel that a CPU can reach."""
    import torch

    return [key for key in DISPATCH_KEYS if torch._C._dispatch_has_kernel_for_dispatch_key(full, key)]


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep PyTorch's remark that a kernel was replaced away from the learner: it is what we want."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _refusal(operator: str, report: Callable[[str], None]) -> Callable[..., None]:
    def refuse(*_arguments: Any, **_options: Any) -> None:
        report(operator)
        raise ForbiddenOperator(operator)

    return refuse


def _never_free(libraries: Any) -> None:
    """Leak the registrations, so that no object is left through which they could be undone."""
    import ctypes

    for library in libraries:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(library))


def _forbid_python_forms(operators: Sequence[str], report: Callable[[str], None]) -> None:
    for module in _PYTHON_FORMS:
        namespace = vars(sys.modules[module]) if module in sys.modules else {}
        for operator in operators:
            for name in {operator, operator.lstrip("_"), f"_{operator}"} & namespace.keys():
                _gut(namespace[name], operator, _refusal(operator, report))


def _gut(value: Any, operator: str, refusal: Callable[..., None]) -> None:
    """Replace what a function does wherever it is referred to, through all its wrappers."""
    while value is not None:
        if isinstance(value, types.FunctionType):
            _replace_code(value, f"refuse_{operator}", refusal)
        value = getattr(value, "__wrapped__", None)


def _replace_code(function: types.FunctionType, name: str, refusal: Callable[..., None]) -> None:
    free = ", ".join(function.__code__.co_freevars)
    lines = [
        f"def outer({free}):",
        "    def refused(*arguments, **options):",
        f"        ({free},)" if free else "        pass",
        f"        return {name}(*arguments, **options)",
    ]
    outer = compile("\n".join(lines), "rules", "exec").co_consts[0]
    function.__defaults__ = function.__kwdefaults__ = None
    function.__globals__[name] = refusal
    function.__code__ = next(each for each in outer.co_consts if isinstance(each, types.CodeType))
