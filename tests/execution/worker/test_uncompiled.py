"""`torch.compile` gives back what it is given, unless it is asked for another backend than a compiler."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from torch_judge.execution.worker.uncompiled import leave_uncompiled


@pytest.fixture(autouse=True)
def _stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    def compile(model: Any = None, *, backend: str, **options: Any) -> Any:  # noqa: A001 - as it is called
        return "compiled", model, backend, options

    monkeypatch.setattr(torch, "compile", compile)
    leave_uncompiled()


def double(x: float) -> float:
    return 2 * x


def test_a_function_and_a_module_come_back_as_they_are() -> None:
    module = torch.nn.Linear(2, 2)
    assert torch.compile(double) is double
    assert torch.compile(module, mode="max-autotune") is module
    module.compile()
    assert module(torch.ones(1, 2)).shape == (1, 2)


def test_so_does_what_is_decorated_with_settings() -> None:
    assert torch.compile(fullgraph=True, dynamic=False)(double) is double


def test_a_backend_that_is_no_compiler_is_left_alone() -> None:
    assert torch.compile(double, backend="eager", fullgraph=True) == (  # type: ignore[comparison-overlap]
        "compiled",
        double,
        "eager",
        {"fullgraph": True},
    )
