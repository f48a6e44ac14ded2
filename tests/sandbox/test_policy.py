"""What is readable is worked out once: what is hidden stays hidden inside a folder that is not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.sandbox.harness import Server, need
from torch_judge.model.isolation import Layer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the sandbox's server needs fork")


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """Make a folder of packages, one of them hidden, one link out of it, and a checkout beside it."""
    folder = tmp_path / "site-packages"
    for name in ("shown", "hidden", "half"):
        (folder / name / "inner").mkdir(parents=True)
        (folder / name / "__init__.py").write_text(f"value = '{name}'\n")
        (folder / name / "inner" / "file").write_text(name)
    checkout = tmp_path / "checkout"
    (checkout / "bank").mkdir(parents=True)
    (checkout / "theirs.py").write_text("value = 1\n")
    (folder / "linked.py").symlink_to(checkout / "theirs.py")
    return folder


def test_a_hidden_folder_inside_a_readable_one(
    packages: Path, held: tuple[list[str], dict[str, str]]
) -> None:
    """Its siblings can be imported and read; it cannot, nor can what a link points to, nor a checkout."""
    need(held, Layer.FILES)
    server = Server(
        before=f"sys.path += [{str(packages)!r}, {str(packages.parent / 'checkout')!r}]",
        forbidden=(
            str(packages / "hidden"),
            str(packages / "half" / "inner"),
            str(packages.parent / "checkout" / "bank"),
        ),
    )
    reads = [
        f"open({str(packages / name)!r}).read()"
        for name in ("hidden/__init__.py", "hidden/inner/file", "half/inner/file", "linked.py")
    ]
    lists = [f"import os; os.listdir({str(packages / name)!r})" for name in ("hidden", "half/inner", "")]
    refused = [
        *reads,
        *lists,
        f"open({str(packages.parent / 'checkout/theirs.py')!r})",
        "import hidden",
        "import theirs",
    ]
    for each in server.run(refused):
        assert each.get("error") == "PermissionError", each
    shown = f"open({str(packages / 'shown/inner/file')!r}).read()"
    assert server.ask(f"import shown, half; answer = [shown.value, half.value, {shown}]")["answer"] == [
        "shown",
        "half",
        "shown",
    ]


def test_a_library_outside_the_package_folders_can_be_imported_and_not_written(
    tmp_path: Path, held: tuple[list[str], dict[str, str]]
) -> None:
    """An editable install, a `.pth` file or PYTHONPATH put such a folder on `sys.path`."""
    need(held, Layer.FILES)
    library = tmp_path / "src"
    library.mkdir()
    (library / "theirs.py").write_text("value = 1\n")
    server = Server(before=f"sys.path += [{str(library)!r}]")
    assert server.ask("import theirs; answer = theirs.value")["answer"] == 1
    assert server.ask(f"open({str(library / 'new')!r}, 'w')").get("error") == "PermissionError"


def test_without_a_hidden_folder_all_are_readable(packages: Path) -> None:
    """The test above can fail: it is the list of hidden folders that hides."""
    answer = Server(before=f"sys.path.append({str(packages)!r})").ask("import hidden; answer = hidden.value")
    assert answer["answer"] == "hidden"


def test_a_forbidden_package_cannot_be_opened(held: tuple[list[str], dict[str, str]]) -> None:
    """For a NumPy problem, torch itself can be put out of reach."""
    torch = pytest.importorskip("torch")
    need(held, Layer.FILES)
    hidden, shown = Server(forbidden=(str(Path(torch.__file__).parent),)).run(
        ["import torch", "import numpy; answer = numpy.__name__"]
    )
    assert hidden["error"] == "PermissionError"
    assert shown["answer"] == "numpy"
