"""What runs a graph past the dispatcher, or folds layers in it, found by kind rather than one by one.

PyTorch has runtimes of its own for compiled graphs, with kernels that no dispatcher is asked for. A name in a
module is not the only way to a class: each can be found among all that are loaded. So the classes refuse too.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import BuiltinFunctionType
from typing import Any, Final

_BEGINNINGS: Final = (
    *("_jit_pass_", "_jit_to_static_module", "_fuse_to_static_module", "_jit_to_backend"),
    *("_jit_set_te_", "_jit_set_texpr_", "_jit_texpr_set_", "_jit_override_can_fuse_"),
    *("_jit_set_llga", "_jit_set_nvfuser", "_jit_set_num_profiled_runs", "_jit_set_profiling_"),
    *("_jit_onnx_convert", "_jit_register_decomposition"),
    *("parse_ir", "_create_function_from_graph", "_jit_interpret_graph"),
)
"""How the functions of `torch._C` begin that rewrite a graph, build one, or have another runtime run it."""
_NEEDED: Final = {
    *("_jit_pass_inline", "_jit_pass_lint", "_jit_pass_dce", "_jit_pass_peephole"),
    *("_jit_pass_constant_propagation", "_jit_pass_canonicalize", "_jit_pass_erase_shape_information"),
}
"""What `torch.jit.script` and `torch.jit.trace` ask for themselves, or what only shows a graph."""
_CLASSES: Final = {
    *("StaticModule", "PyModelRunner", "AOTIModelContainerRunnerCpu", "AOTIModelPackageLoader"),
    *("TensorExprKernel", "LoopNest", "CodeGen", "SimpleIREvaluator"),
}
"""What runs a graph by itself, wherever it lies."""
_NODES_BY_HAND: Final = {
    "Graph": ("create", "createClone", "createFusionGroup", "createCudaFusionGroup", "insertGraph"),
    "Block": ("addNode",),
    "Node": ("g_", "gs_", "copyAttributes"),
}
"""What makes a node of a graph, which may run a graph of its own past the dispatcher."""


def list_other_runtimes() -> list[tuple[Any, str, str]]:
    """List what has to refuse, as owner and attribute, and what is said to have been called.

    Of a class that is its constructor.
    """
    import torch

    bindings: Any = torch._C
    compiler: Any = getattr(bindings, "_te", None)
    found = [(bindings, name, name) for name in vars(bindings) if _is_closed(name)]
    parts = vars(compiler).items() if compiler is not None else ()
    found += [(compiler, name, name) for name, part in parts if isinstance(part, BuiltinFunctionType)]
    classes = [*_list_classes(bindings), *(part for _, part in parts if isinstance(part, type))]
    found += [(kind, "__init__", kind.__name__) for kind in dict.fromkeys(classes)]
    for kind, names in _NODES_BY_HAND.items():
        owner = getattr(bindings, kind)
        found += [(owner, name, name) for name in names if hasattr(owner, name)]
    return found


def _is_closed(name: str) -> bool:
    return name.startswith(_BEGINNINGS) and name not in _NEEDED


def _list_classes(bindings: Any) -> Iterator[type]:
    """List the classes that run graphs by themselves, of all that C++ has brought."""
    waiting: list[type] = list(bindings.Graph.__mro__[1].__subclasses__())
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__name__ in _CLASSES:
            yield kind
