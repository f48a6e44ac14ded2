"""The shield: a suite asks of PyTorch, NumPy and Python what they were when it was loaded."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np
import pytest
import torch

import torch_judge.authoring.observation as looks
from torch_judge.authoring.shield import SHIELDED, keep_libraries, load_torch, shield
from torch_judge.authoring.suite import load_suite

CASES = """
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch_judge.authoring import case


@case()
def all_is_as_it_was(entry_point, rng):
    \"\"\"All is as it was.\"\"\"
    entry_point()
    values = torch.ones(2)
    return {
        "equal": torch.equal(values, values + 1),
        "relu": F.relu(-values),
        "layer": nn.Identity()(values),
        "parts": torch.nn.functional.relu(-values),
        "rounded": np.round(1.2),
        "norm": float(np.linalg.norm(np.ones(1))),
        "any": all([False]),
    }
"""


def test_what_is_replaced_later_is_not_seen_by_a_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    (case,) = load_suite(compile(CASES, "cases.py", "exec"))
    before = case.observe(lambda: None, seed=1)

    def replace() -> None:
        for owner, name in (
            *((torch, "equal"), (torch.nn.functional, "relu"), (torch.nn, "Identity"), (torch, "nn")),
            *((np, "round"), (np.linalg, "norm"), (builtins, "all")),
        ):
            monkeypatch.setattr(owner, name, lambda *_arguments, **_options: "replaced")

    after = case.observe(replace, seed=1)
    monkeypatch.undo()
    assert repr(after) == repr(before)
    assert before["equal"] is False


def test_our_own_modules_see_the_copies() -> None:
    keep_libraries()
    assert vars(looks)["np"] is not np
    assert vars(looks)["np"].ndarray is np.ndarray


def test_a_copy_holds_the_same_things_and_copies_of_the_other_modules() -> None:
    kept = load_torch()
    assert kept is load_torch() is not torch
    assert (kept.Tensor, kept.nn.Module, kept.float64) == (torch.Tensor, torch.nn.Module, torch.float64)
    assert kept.nn.functional is not torch.nn.functional
    assert kept.nn.functional.softmax is torch.nn.functional.softmax
    assert kept.optim is torch.optim
    assert {"torch", "numpy"} <= set(SHIELDED)


def test_only_names_of_modules_are_replaced() -> None:
    names: dict[str, Any] = {"torch": torch, "np": np, "words": "torch", "kind": torch.Tensor}
    shield(names)
    assert names["torch"] is load_torch()
    assert names["words"] == "torch" and names["kind"] is torch.Tensor
