"""The optimisers of `torch.optim`, made ready once, so that no child waits for a compiler to load.

Their methods are decorated to keep PyTorch's compiler out of them, and to do so they load it: some 300 of its
modules, seconds of time, and Python forms of what other problems forbid. Nothing is compiled here, so it is
left out.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any, Final

_PLAIN: Final = "__dynamo_disable"
"""Where a method that keeps the compiler out looks for what to call instead of itself."""
_SETS_GRADIENT_MODE: Final = "_use_grad"
"""The wrapper of `step`, which loads the compiler to break its graph."""


def ready_optimisers() -> None:
    """Have all optimisers be made and step without the compiler, and make one.

    Where PyTorch is written otherwise, as older ones are, they work as it has them, and load what that takes.
    """
    marked = [_leave_out_the_compiler(method) for method in _list_methods()]
    if not any(marked):
        return
    with contextlib.suppress(ImportError):  # the first step would load it
        importlib.import_module("torch.profiler._cupti_monitor")
    import torch

    # of no numbers, for this process must not compute
    torch.optim.SGD([torch.nn.Parameter(torch.empty(0))], lr=1.0).zero_grad()


def _list_methods() -> Iterator[types.FunctionType]:
    """List the methods of the classes that `torch.optim` and its modules define."""
    modules = [module for name, module in sys.modules.items() if f"{name}.".startswith("torch.optim.")]
    classes = {value for module in modules for value in vars(module).values() if isinstance(value, type)}
    for owner in classes:
        if owner.__module__.startswith("torch.optim"):
            yield from (value for value in vars(owner).values() if isinstance(value, types.FunctionType))


def _leave_out_the_compiler(method: types.FunctionType) -> bool:
    """Have a method do its work at once; tell whether it would have loaded the compiler."""
    code = method.__code__
    inner: Any = getattr(method, "__wrapped__", None)
    if inner is None:
        return False
    if code.co_name == _SETS_GRADIENT_MODE and code.co_freevars == _STEP.co_freevars:
        method.__code__ = _STEP
    elif _PLAIN in code.co_consts:
        setattr(inner, _PLAIN, inner)
    else:
        return False
    return True


def _set_gradient_mode(func: Callable[..., Any]) -> Any:
    """Do what PyTorch's wrapper does: a step has gradients on if the optimiser is to be differentiated."""

    def _use_grad(*args: Any, **kwargs: Any) -> Any:
        import torch

        before = torch.is_grad_enabled()
        try:
            torch.set_grad_enabled(args[0].defaults["differentiable"])
            return func(*args, **kwargs)
        finally:
            torch.set_grad_enabled(before)

    return _use_grad


_STEP: Final[types.CodeType] = _set_gradient_mode(lambda: None).__code__
