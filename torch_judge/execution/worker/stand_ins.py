"""Stand-ins for modules of PyTorch that compute in Python what a rule may forbid, and that others import.

The compiler's decompositions and the losses of tensors in parallel come with `import torch._dynamo`, the
recipes and operators of ONNX with `import torch.onnx`, and an honest answer may have either. So they can be
imported, and what is in them refuses. Their files cannot be read.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import re
import sys
import types
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from .python_forms import find_forms

_MODULES: Final = (
    "torch._inductor.decomposition",
    "torch._vendor.quack",
    "torch.distributed.tensor.parallel.loss",
    "torch.onnx.ops._impl",
)
_OPSETS: Final = ("torch.onnx", "torch.onnx._internal.torchscript_exporter")
"""Where the recipes of ONNX lie, in an older PyTorch and a newer one: a module for each set of operators."""
_NAMES: Final = "|".join(
    [*map(re.escape, _MODULES), *(rf"{re.escape(package)}\.symbolic_opset\d+" for package in _OPSETS)]
)
_STANDS_IN: Final = re.compile(rf"(?:{_NAMES})(?:\..+)?")
"""What has a stand-in, or is in a package that has one."""
_TABLES: Final = {"decompositions", "extra_random_decomps"}
"""Names of tables, which who imports them looks things up in at once; there is nothing in them."""
_SELECTS: Final = "get_decompositions"
"""Selects from the tables; where `CI` is set, who imports the compiler calls it at once. It finds nothing."""

Refuse = Callable[[str], Callable[..., None]]


def put_stand_ins(make_refusal: Refuse) -> None:
    """Answer an import of these modules with a stand-in; it gives what `make_refusal` makes of a name.

    One that is loaded already is held by others under many names: its functions refuse.
    """
    for module in filter(_STANDS_IN.fullmatch, list(sys.modules)):
        for form in find_forms(module):
            form.replace(make_refusal(form.says))
    sys.meta_path.insert(0, _StandIns(make_refusal))


def list_texts_behind(folder: Path) -> list[Path]:
    """List the files, and a package's folder, that the stand-ins are for, below the folder of PyTorch."""
    places = [folder.joinpath(*module.split(".")[1:]) for module in _MODULES]
    texts = [place if place.is_dir() else place.with_suffix(".py") for place in places]
    for package in _OPSETS:
        texts += sorted(folder.joinpath(*package.split(".")[1:]).glob("symbolic_opset*.py"))
    return texts


class _StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the stand-ins, and makes them."""

    def __init__(self, make_refusal: Refuse) -> None:
        self._make_refusal = make_refusal

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None = None, _target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if _STANDS_IN.fullmatch(fullname):
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _StandIn(spec.name, self._make_refusal)

    def exec_module(self, module: types.ModuleType) -> None:
        """Run nothing."""


class _StandIn(types.ModuleType):
    """A module whose every name is a function that refuses, or an empty table, or selects from these."""

    def __init__(self, name: str, make_refusal: Refuse) -> None:
        super().__init__(name)
        self._make_refusal = make_refusal

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in _TABLES:
            return {}
        if name == _SELECTS:
            return lambda *_arguments, **_options: {}
        return self._make_refusal(f"{self.__name__}.{name}")
