"""Stand-ins: who imports what they stand for gets on, and whatever is called in them refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.support.routes import try_routes
from torch_judge.execution.worker.stand_ins import list_texts_behind

SETUP = """
import importlib, json, sys
from torch_judge.execution.worker.stand_ins import put_stand_ins
record = []
put_stand_ins(lambda name: lambda *_arguments, **_options: record.append(name))
"""
DECOMPOSITION = "torch._inductor.decomposition"
KERNELS = "torch._vendor.quack.rmsnorm"
ROUTES = {
    "a function": f"importlib.import_module({DECOMPOSITION!r}).clamp('x', 0.0)",
    "a name it has not": f"importlib.import_module({DECOMPOSITION!r}).nothing()",
    "a module of a package": f"importlib.import_module({KERNELS!r}).rmsnorm('x')",
    "what imports it": "importlib.import_module('torch.distributed.tensor.parallel').loss_parallel()",
    "an operator of ONNX": "importlib.import_module('torch.onnx.ops').attention('q', 'k', 'v')",
    "loaded anew": f"importlib.reload(importlib.import_module({DECOMPOSITION!r})).clamp('x', 0.0)",
}


def test_whatever_is_called_in_a_stand_in_refuses_under_its_name() -> None:
    found, said = try_routes(SETUP, ROUTES, [])
    assert {name: outcome["raised"] for name, outcome in found.items()} == dict.fromkeys(ROUTES, ""), said
    assert [outcome["record"] for outcome in found.values()] == [
        [f"{DECOMPOSITION}.clamp"],
        [f"{DECOMPOSITION}.nothing"],
        [f"{KERNELS}.rmsnorm"],
        ["torch.distributed.tensor.parallel.loss.loss_parallel"],
        ["torch.onnx.ops._impl.attention_23"],
        [f"{DECOMPOSITION}.clamp"],
    ]


@pytest.mark.parametrize("ci", ["", "true"])
def test_the_compiler_can_be_imported_beside_them(ci: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where `CI` is set, it asks for decompositions while it is imported."""
    monkeypatch.setenv("CI", ci)
    found, said = try_routes(SETUP, {"it": "importlib.import_module('torch._inductor.compile_fx')"}, [])
    assert found == {"it": {"raised": "", "record": []}}, said


def test_the_texts_behind_them_are_there_to_be_hidden() -> None:
    texts = list_texts_behind(Path(torch.__file__).parent)
    names = [path.name for path in texts]
    assert names[:3] == ["decomposition.py", "quack", "loss.py"]
    assert "symbolic_opset9.py" in names[3:]
    assert all(path.exists() for path in (texts[0], texts[2]))  # an older PyTorch has not all of them
