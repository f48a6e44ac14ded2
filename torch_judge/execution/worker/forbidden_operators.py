"""Forbidden operators, enforced where every route to them ends: at PyTorch's dispatcher.

The kernels of a forbidden operator are replaced, in the worker, by one that raises. That holds for
functions, modules, TorchScript, threads, disabled modes and custom autograd functions alike, and costs
nothing per call. PyTorch also ships Python forms of some operators, made of allowed ones; they are
replaced as well, and so is what has no operator at all, as an optimiser has none (`python_forms`).
"""

from __future__ import annotations

import importlib.util
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from torch_judge.model.operator_families import CLOSED_MODULES

from .other_runtimes import list_other_runtimes
from .python_forms import Form, find_forms, list_sources, make_form, unwrap
from .stand_ins import list_texts_behind, put_stand_ins

DISPATCH_KEYS = (
    "CPU",
    "MkldnnCPU",
    "QuantizedCPU",
    "SparseCPU",
    "SparseCsrCPU",
    "NestedTensorCPU",
    *("FuncTorchBatched", "FuncTorchBatchedDecomposition", "FuncTorchVmapMode"),
    "FuncTorchDynamicLayerFrontMode",
    "CompositeImplicitAutograd",
    "CompositeExplicitAutograd",
    "CompositeExplicitAutogradNonFunctional",
)
NAMESPACES = (
    *("aten", "quantized", "mkldnn", "onednn", "static_runtime"),
    *("_quantized", "_test", "mkl", "mkldnn_prepacked", "sparse"),
)
_PYTHON_FORMS = (
    *(
        "torch._decomp.decompositions",
        "torch._refs",
        "torch._refs.nn.functional",
        "torch._prims",
        "torch.nn.utils.fusion",
    ),
    "torch.nested._internal.ops",  # normalises over a ragged dimension by itself
)
_FUNCTIONS = "torch.nn.functional"
_FORMS_OUT_OF_USE = (
    *(
        "testing/_internal/common_methods_invocations.py",
        "testing/_internal/common_modules.py",
        "testing/_internal/common_nn.py",
    ),
    *(
        "_inductor/fx_passes/efficient_conv_bn_eval.py",
        "_inductor/fx_passes/fuse_attention.py",
        "_decomp/decompositions_for_jvp.py",
    ),
    *("ao/nn/intrinsic/qat/modules/conv_fused.py", "ao/nn/intrinsic/qat/modules/linear_fused.py"),
)
"""Files with forms of operators that no submission needs: they are not loaded, and cannot be."""
_METHODS: dict[str, dict[str, tuple[str, ...]]] = {
    "torch.ao.nn.intrinsic.qat.modules.conv_fused": {"_ConvBnNd": ("_forward_slow", "_forward_approximate")},
    "torch.ao.nn.intrinsic.qat.modules.linear_fused": {"LinearBn1d": ("forward",)},
}
"""Layers that normalise a batch by themselves; where their modules are not loaded, they cannot be."""
_OPAQUE_KEY = "MkldnnCPU"


class ForbiddenOperator(Exception):  # noqa: N818 - it is a verdict, not an error
    """Raised in the place of a forbidden operator's result."""


@dataclass(frozen=True, slots=True)
class Rule:
    """All that has to be replaced so that an operator is out of reach."""

    operator: str
    kernels: tuple[tuple[str, str, str], ...]
    """Namespace, name with overload, dispatch key."""
    forms: tuple[Form, ...]
    """Functions that do the same in Python, and what they will do instead."""


def forbid(operators: Sequence[str], report: Callable[[str], None]) -> None:
    """Make every kernel of the operators call `report` with the operator's name and then raise.

    `operators` are names without namespace and overload, `native_batch_norm`, or names with dots of what is
    no operator, `torch.nn.init`.
    """
    if not operators or "torch" not in sys.modules:  # a NumPy problem's processes never load it
        return
    import torch

    libraries = {name: torch._C._dispatch_library("IMPL", name, "") for name in _list_namespaces()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a kernel is replaced is what we want
        for rule in find_rules(tuple(operators)):
            refusal = _make_refusal(rule.operator, report)
            for namespace, name, key in rule.kernels:
                libraries[namespace].impl(name, key, refusal)
            for form in rule.forms:
                form.replace(refusal if form.says == rule.operator else _make_refusal(form.says, report))
    _never_free(libraries.values())
    _close_what_goes_past().report = report


@dataclass(slots=True)
class _Listener:
    """Whom to tell of a call; what every rule closes is closed once in the server, for no worker yet."""

    report: Callable[[str], None] | None = None

    def hear(self, operator: str) -> None:
        if self.report is not None:
            self.report(operator)


@cache
def _close_what_goes_past() -> _Listener:
    """Close what goes past the dispatcher, whatever is forbidden: once, for it takes longer than a rule."""
    listener = _Listener()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _forbid_opaque_tensors(listener.hear)
    _forbid_other_runtimes(listener.hear)
    put_stand_ins(lambda name: _make_refusal(name, listener.hear))
    return listener


def _forbid_other_runtimes(report: Callable[[str], None]) -> None:
    """Close what runs a graph past the dispatcher, or folds layers in it; no learner's answer needs that."""
    for owner, name, says in list_other_runtimes():
        setattr(owner, name, _make_refusal(says, report))
    for module, classes in _METHODS.items():
        for kind, names in classes.items():
            for name in names if module in sys.modules else ():
                setattr(getattr(sys.modules[module], kind), name, _make_refusal(f"{kind}.{name}", report))


def _forbid_opaque_tensors(report: Callable[[str], None]) -> None:
    """Close oneDNN's own tensors: nodes of TorchScript normalise them past the dispatcher."""
    import torch

    libraries: dict[str, Any] = {}
    for namespace, name in _find_opaque_kernels():
        if namespace not in libraries:
            libraries[namespace] = torch._C._dispatch_library("IMPL", namespace, "")
        libraries[namespace].impl(name, _OPAQUE_KEY, _make_refusal(f"{namespace}::{name} of oneDNN", report))
    _never_free(libraries.values())


def _find_opaque_kernels() -> list[tuple[str, str]]:
    import torch

    full = torch._C._dispatch_get_registrations_for_dispatch_key(_OPAQUE_KEY)
    return [(namespace, name) for namespace, _, name in (name.partition("::") for name in full)]


@cache
def _list_operators() -> tuple[str, ...]:
    """List all operators of this PyTorch, with namespace and overload."""
    import torch

    return tuple(torch._C._dispatch_get_all_op_names())


@cache
def _list_namespaces() -> tuple[str, ...]:
    """List those of the namespaces that this PyTorch has."""
    there = {full.partition("::")[0] for full in _list_operators()}
    return tuple(name for name in NAMESPACES if name in there)


@cache
def find_rules(operators: tuple[str, ...]) -> tuple[Rule, ...]:
    """Find what has to be replaced; the server does it once, before it forks."""
    if "torch" not in sys.modules:
        return ()
    _list_namespaces()
    _close_what_goes_past()  # for a problem without rules too: what works must not depend on the one before
    return tuple(
        Rule(name, (), tuple(find_forms(name)))
        if "." in name
        else Rule(name, tuple(_find_kernels(name)), tuple(_find_python_forms(name)))
        for name in operators
    )


def list_unreadable() -> list[Path]:
    """List the files of PyTorch's Python forms: who may not call them may not run their text either."""
    sources = [sys.modules[name].__file__ or "" for name in _PYTHON_FORMS if name in sys.modules]
    if "torch" in sys.modules:
        folder = Path(sys.modules["torch"].__file__ or "").parent
        sources += [str(folder / file) for file in _FORMS_OUT_OF_USE]
        sources += map(str, list_texts_behind(folder))
    files = [Path(file) for source in sources for file in (source, importlib.util.cache_from_source(source))]
    return files + [path for module in CLOSED_MODULES for path in list_sources(module)]


def _find_kernels(operator: str) -> Iterator[tuple[str, str, str]]:
    """Find an operator's kernels that a CPU can reach."""
    import torch

    for namespace, name in _index_operators().get(operator, ()):
        for key in DISPATCH_KEYS:
            if torch._C._dispatch_has_kernel_for_dispatch_key(f"{namespace}::{name}", key):
                yield namespace, name, key


@cache
def _index_operators() -> dict[str, tuple[tuple[str, str], ...]]:
    """Map each operator to the namespaces and the names with overload under which it is registered."""
    index: dict[str, tuple[tuple[str, str], ...]] = {}
    for full in _list_operators():
        namespace, _, name = full.partition("::")
        if namespace in NAMESPACES:
            operator = name.partition(".")[0]
            index[operator] = (*index.get(operator, ()), (namespace, name))
    return index


def _make_refusal(operator: str, report: Callable[[str], None]) -> Callable[..., None]:
    def refuse(*_arguments: Any, **_options: Any) -> None:
        report(operator)
        raise ForbiddenOperator(operator)

    return refuse


def _never_free(libraries: Iterable[object]) -> None:
    """Leak the registrations, so that no object is left through which they could be undone."""
    import ctypes

    for library in libraries:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(library))


def _find_python_forms(operator: str) -> Iterator[Form]:
    """Find the functions that do what an operator does, through all their wrappers, and code that refuses."""
    # a function without an operator of its own, as local_response_norm is; of others, the operator raises
    public = {operator} - _index_operators().keys()
    forms = ((module, _guess_names_of_forms(operator)) for module in _PYTHON_FORMS)
    for module, names in ((_FUNCTIONS, public), *forms):
        namespace = vars(sys.modules[module]) if module in sys.modules else {}
        for name in names & namespace.keys():
            yield from (make_form(function, operator) for function in unwrap(namespace[name]))


def _guess_names_of_forms(operator: str) -> set[str]:
    bare = operator.lstrip("_")
    names = {operator, bare, f"_{bare}"}
    return names | {f"{name}_{kind}" for name in names for kind in ("decomposition", "helper", "default", "")}
