"""Forbidden packages: an import is answered with a sentence, and the places they lie in are known."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from torch_judge.execution.worker.forbidden_packages import ForbiddenPackage, find_packages, forbid_packages


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder with some packages, and put it on the path."""
    (tmp_path / "lib_a" / "inner").mkdir(parents=True)
    for file in (
        "lib_a/__init__.py",
        "lib_a/inner/__init__.py",
        "lib_b.py",
        "lib_c.cpython-311.so",
        "lib_bb.py",
    ):
        (tmp_path / file).touch()
    (tmp_path / "lib_a.libs").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.fixture(autouse=True)
def importers() -> Iterator[None]:
    finders, modules = list(sys.meta_path), set(sys.modules)
    yield
    sys.meta_path[:] = finders
    for name in set(sys.modules) - modules:
        del sys.modules[name]


@pytest.mark.parametrize("name", ["lib_a", "lib_a.inner", "lib_b"])
def test_an_import_is_answered_with_a_sentence(name: str, folder: Path) -> None:
    forbid_packages(["lib_a", "lib_b"])
    with pytest.raises(ForbiddenPackage, match=r"lib_. cannot be imported here") as caught:
        importlib.import_module(name)
    assert caught.value.name == name.partition(".")[0]


def test_other_packages_are_imported_as_before(folder: Path) -> None:
    forbid_packages(["lib_a", "lib_b"])
    assert importlib.import_module("lib_bb").__name__ == "lib_bb"


def test_where_nothing_is_forbidden_nothing_changes() -> None:
    before = list(sys.meta_path)
    forbid_packages([])
    assert sys.meta_path == before


def test_every_place_of_a_package_is_found(folder: Path) -> None:
    places = {path.name for path in find_packages(["lib_a", "lib_b", "lib_c", "lib_d"])}
    assert places == {"lib_a", "lib_a.libs", "lib_b.py", "lib_c.cpython-311.so"}
