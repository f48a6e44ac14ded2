"""What cases ask of PyTorch and NumPy, as it was before a submission ran.

A submission may put another function in the place of `torch.equal`, for all who look for it in the module.
So a suite looks in copies of the modules: its names mean what they meant when it was loaded. What hangs on
classes cannot be copied; the worker watches that.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterable, MutableMapping
from types import ModuleType
from typing import Any, Final

SHIELDED: Final = (
    *("numpy", "numpy.linalg", "numpy.random"),
    *("torch", "torch.autograd", "torch.linalg", "torch.nn", "torch.nn.functional", "torch.nn.utils"),
)
"""The modules that suites use, and this package."""
_copies: Final[dict[str, ModuleType]] = {}
_OURS: Final = f"{__package__}."


def keep_libraries() -> None:
    """Copy those of the modules that are loaded, once; the server does it before it forks.

    Modules of this package see the copies from then on.
    """
    fresh = [name for name in SHIELDED if name in sys.modules and name not in _copies]
    for name in fresh:
        _copies[name] = copy = ModuleType(name)
        vars(copy).update(vars(sys.modules[name]))
    if fresh:
        _replace(map(vars, _copies.values()))
        _replace(vars(module) for name, module in list(sys.modules.items()) if name.startswith(_OURS))


def shield(namespace: MutableMapping[str, Any]) -> None:
    """Have the names of a module see the copies."""
    keep_libraries()
    _replace([namespace])


def load_torch() -> Any:
    """Return PyTorch as it was; loads it where it is not loaded."""
    if "torch" not in _copies:
        import torch  # noqa: F401 - it is copied

        keep_libraries()
    return _copies["torch"]


def list_copies() -> tuple[ModuleType, ...]:
    """List the copies: who runs a submission watches them, for it may find them where a suite does."""
    return tuple(_copies.values())


def copy_builtins() -> dict[str, Any]:
    """Copy what Python itself has: a suite that holds it does not see what is put there later."""
    return dict(vars(builtins))


def _replace(namespaces: Iterable[MutableMapping[str, Any]]) -> None:
    for namespace in namespaces:
        for name, value in list(namespace.items()):
            if type(value) is ModuleType and value.__name__ in _copies:
                namespace[name] = _copies[value.__name__]
