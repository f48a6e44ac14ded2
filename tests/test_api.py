"""What `import torch_judge` gives: the public names, their types, and what help opens with."""

from __future__ import annotations

import dataclasses
import enum
import pydoc
import types
import typing
from collections.abc import Iterator
from typing import Any

import pytest

import torch_judge


def find_types(hint: Any, seen: set[Any]) -> Iterator[type]:
    """Find our own types in a type's hint, and in the fields of those that are dataclasses."""
    for inner in typing.get_args(hint):
        yield from find_types(inner, seen)
    if not isinstance(hint, type) or isinstance(hint, types.GenericAlias) or hint in seen:
        return
    seen.add(hint)
    if hint.__module__.startswith("torch_judge"):
        yield hint
    if dataclasses.is_dataclass(hint):
        for field in typing.get_type_hints(hint).values():
            yield from find_types(field, seen)


@pytest.mark.parametrize("whole", [torch_judge.Report, torch_judge.Problem])
def test_every_type_in_what_is_returned_is_public(whole: type) -> None:
    found = list(find_types(whole, set()))
    assert len(found) >= 5
    assert {kind.__name__ for kind in found} <= set(torch_judge.__all__)
    assert all(getattr(torch_judge, kind.__name__) is kind for kind in found)


def test_every_public_name_is_there_and_listed() -> None:
    assert set(torch_judge.__all__) <= set(dir(torch_judge))
    assert set(torch_judge.__all__) == torch_judge._HOMES.keys() - {"__version__"}
    for name in torch_judge.__all__:
        value = getattr(torch_judge, name)
        assert value.__doc__, name
        assert callable(value) or isinstance(value, enum.EnumMeta), name
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        torch_judge.nothing  # noqa: B018 - it is the look-up that raises


def test_help_opens_with_what_a_user_needs() -> None:
    opening = pydoc.plain(pydoc.render_doc(torch_judge)).partition("PACKAGE CONTENTS")[0]
    calls = ("check", "hint", "solution", "status", "history", "reset", "judge", "problems")
    assert all(f"{name}(" in opening for name in calls)
    assert "from torch_judge import check" in opening and "torch-judge --help" in opening
    assert len(opening.splitlines()) <= 28
