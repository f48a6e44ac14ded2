"""A module whose file is no longer what the session runs is named; any other is not."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from torch_judge.model.edited_modules import describe_edited

TEXT = (
    "import functools\n\n\n@functools.wraps(len)\ndef wrapped(x):\n    return len(x)\n\n\n"
    "class Scale:\n    def go(self, x):\n        return [x for _ in range(3)]\n"
)


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Import a module of a folder, and forget it."""
    file = tmp_path / "edited_here.py"
    file.write_text(TEXT)
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("edited_here")
    yield file
    del sys.modules["edited_here"]


def test_a_module_that_nobody_edited_is_not_named(module: Path) -> None:
    assert list(describe_edited(["edited_here", "not_imported_here", "torch_judge.model"])) == []


@pytest.mark.parametrize(
    ("old", "new"), [("range(3)", "range(4)"), ("len(x)", "len(x) + 1"), ("class", "what?")]
)
def test_a_module_that_was_edited_is_named_with_what_to_do(module: Path, old: str, new: str) -> None:
    module.write_text(TEXT.replace(old, new))
    (sentence,) = describe_edited(["edited_here"])
    assert sentence.startswith(f"{module} was edited after this session imported it.")
    assert "importlib.reload(edited_here)" in sentence


def test_a_module_that_was_read_again_is_not_named(module: Path) -> None:
    module.write_text(TEXT.replace("range(3)", "range(40)"))
    importlib.reload(sys.modules["edited_here"])
    assert list(describe_edited(["edited_here"])) == []
