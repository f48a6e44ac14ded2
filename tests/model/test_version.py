"""The release, and the one place that knows where the package lies."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import torch_judge
from torch_judge.model.version import PACKAGE, __version__


def uses_its_own_place(text: str) -> bool:
    """Tell whether a module asks for its own `__file__`; that of another module is no question about it."""
    return any(isinstance(node, ast.Name) and node.id == "__file__" for node in ast.walk(ast.parse(text)))


def test_the_package_is_the_folder_of_all_rooms() -> None:
    assert (PACKAGE / "model" / "version.py").is_file()
    assert Path(torch_judge.__file__).resolve().parent == PACKAGE


def test_the_release_is_three_numbers_and_public() -> None:
    assert all(part.isdecimal() for part in __version__.split("."))
    assert len(__version__.split(".")) == 3
    assert torch_judge.__version__ == __version__


def test_no_other_module_asks_where_it_lies() -> None:
    """A module that moves would hide, or look for, another folder than before; the sandbox depends on it."""
    modules = {path.relative_to(PACKAGE).as_posix(): path.read_text() for path in PACKAGE.rglob("*.py")}
    asking = {name for name, text in modules.items() if uses_its_own_place(text)}
    assert asking == {"model/version.py"}


@pytest.mark.parametrize(
    ("text", "uses"),
    [
        ("from pathlib import Path\nHERE = Path(__file__).parent\n", True),
        ("import os\n\ndef f():\n    return os.path.dirname(__file__)\n", True),
        ("def f(module):\n    return module.__file__\n", False),
        ('"""About __file__."""\n', False),
    ],
)
def test_asking_is_seen(text: str, *, uses: bool) -> None:
    assert uses_its_own_place(text) == uses
