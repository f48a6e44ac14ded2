"""The signs of an audit: every one has a sentence, and a path has the sign that it begins with."""

from __future__ import annotations

import pytest

import torch_judge
from torch_judge.execution.worker.signs import (
    ASSIGNED,
    DEFINED,
    FAMILIES,
    NAMES,
    PUBLIC,
    SAYS,
    USED,
    find_signs_of_path,
)


def test_every_sign_has_a_sentence() -> None:
    assert SAYS.keys() >= USED | ASSIGNED | DEFINED
    assert set(FAMILIES) <= NAMES.keys()
    assert all(says.endswith(".") and "\n" not in says for says in SAYS.values())


def test_all_public_names_of_the_judge_are_honest() -> None:
    assert set(torch_judge.__all__) <= PUBLIC


PATHS = {
    "gc": ["gc"],
    "gc.collect": ["gc"],
    "builtins.eval": ["eval"],
    "torch._C._nn": ["torch._C"],
    "torch._something": ["torch._"],
    "torch.__version__": [],
    "torch.nn.functional": [],
    "torch_judge.judging": ["torch_judge."],
    "torch_judge.check": [],
    "os.execv": ["os.exec"],
    "os.path.join": [],
    "gcc": [],
    "my.gc": [],
}


@pytest.mark.parametrize(("path", "signs"), PATHS.items(), ids=PATHS.keys())
def test_a_path_has_the_sign_that_it_begins_with(path: str, signs: list[str]) -> None:
    assert list(find_signs_of_path(path)) == signs
