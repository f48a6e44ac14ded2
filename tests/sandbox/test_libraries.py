"""The caller's own libraries: modules and packages can be read there, and nothing of a bank's."""

from __future__ import annotations

import os
import sys
import types
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.harness import Server, need
from torch_judge.model.isolation import Layer
from torch_judge.model.version import PACKAGE
from torch_judge.sandbox import libraries
from torch_judge.sandbox.libraries import list_own_libraries

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the sandbox's server needs fork")


def write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("value = 1\n")


def list_from(entry: Path, monkeypatch: pytest.MonkeyPatch, *, forbidden: tuple[Path, ...] = ()) -> list[str]:
    """List what is opened of an entry of `sys.path`, relative to it."""
    monkeypatch.setattr(sys, "path", [str(entry)])
    return [str(path.relative_to(entry)) for path in list_own_libraries(forbidden, [])]


@pytest.mark.parametrize("entry", ["/", "/tmp", "/root", "/home", "relative", ""])
def test_no_folder_with_homes_or_the_scratch_folders_in_it_is_a_library(
    entry: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [entry])
    assert list(list_own_libraries([], [])) == []


def test_a_folder_with_the_bank_in_it_is_no_library_and_one_beside_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "a.py", "project/b.py", "project/src/c.py", "project/bank/d.py", "project/bank/in/e.py")
    bank = tmp_path / "project" / "bank"
    for closed in (tmp_path, tmp_path / "project", bank, bank / "in"):
        assert list_from(closed, monkeypatch, forbidden=(bank,)) == []
    assert list_from(tmp_path / "project" / "src", monkeypatch, forbidden=(bank,)) == ["c.py"]
    assert list_from(tmp_path / "project", monkeypatch) == ["b.py"]


def test_only_what_can_be_imported_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A teacher's answers and secrets in the same folder are no library of anybody's."""
    write(tmp_path, "tools.py", "kit/__init__.py", "kit/data/table.json", "google/cloud/__init__.py")
    write(
        tmp_path, "solutions/batchnorm.py", "google/loose.py", ".env", "notes.txt", "grades.csv", ".git/x.py"
    )
    (tmp_path / "linked").symlink_to(tmp_path / "solutions")
    (tmp_path / "linked.py").symlink_to(tmp_path / "notes.txt")
    assert list_from(tmp_path, monkeypatch) == ["google/cloud", "kit", "tools.py"]


def test_a_link_to_a_library_is_judged_by_where_it_leads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "lib/tools.py", "bank/norm/batchnorm/problem.toml", "bank/norm/batchnorm/tools.py")
    (tmp_path / "to_lib").symlink_to(tmp_path / "lib")
    (tmp_path / "to_bank").symlink_to(tmp_path / "bank/norm/batchnorm")
    assert list_from(tmp_path / "to_lib", monkeypatch) == ["tools.py"]
    assert list_from(tmp_path / "to_bank", monkeypatch) == []


@pytest.mark.parametrize(
    "sign",
    [
        "problems/norm/batchnorm/problem.toml",
        "course/weeks/one/bank/norm/batchnorm/problem.toml",
        "torch_judge/__init__.py",
        "src/torch_judge/__init__.py",
        "dist/torch_judge-2.0.0-py3-none-any.whl",
        "kit/data/torch-judge-2.0.0.tar.gz",
    ],
)
def test_another_bank_or_checkout_is_known_by_its_looks(
    sign: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the judged bank is named to the server; the suites of others are as secret."""
    write(tmp_path, "tools.py", "tests/support.py", "kit/__init__.py")
    assert list_from(tmp_path, monkeypatch) == ["kit", "tools.py"]
    write(tmp_path, sign)
    assert list_from(tmp_path, monkeypatch) == []


@pytest.mark.parametrize(
    "files", [("cases.py", "solution.py"), ("cases.py", "starter.py"), ("problem.toml",)]
)
def test_a_folder_in_a_problem_is_no_library(
    files: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A problem that is being written has no manifest yet."""
    write(tmp_path, "samples/right.py")
    assert list_from(tmp_path / "samples", monkeypatch) == ["right.py"]
    write(tmp_path, *files)
    assert list_from(tmp_path / "samples", monkeypatch) == []


def test_a_project_with_its_own_environment_is_a_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The judge may be installed in there; what is in an environment is opened by other rules."""
    write(tmp_path, "tools.py", ".venv/pyvenv.cfg", "env/pyvenv.cfg")
    for name in (".venv", "env"):
        write(tmp_path, f"{name}/lib/python3/site-packages/torch_judge/__init__.py")
    assert list_from(tmp_path, monkeypatch) == ["tools.py"]


def test_a_folder_that_is_too_large_to_look_through_stays_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "tools.py", *(f"kit/{number}.py" for number in range(20)))
    assert list_from(tmp_path, monkeypatch) == ["tools.py"]
    monkeypatch.setattr(libraries, "MOST_ENTRIES", 20)
    assert list_from(tmp_path, monkeypatch) == []


def test_what_every_check_may_read_is_not_looked_through_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interpreter's own folders may hold tens of thousands of files."""
    write(tmp_path, "lib/site-packages/kit/__init__.py", "mine/tools.py")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "lib" / "site-packages"), str(tmp_path / "mine")])
    looked_at: list[str] = []
    scandir = os.scandir

    def look(folder: str | os.PathLike[str]) -> Iterator[os.DirEntry[str]]:
        looked_at.append(os.fspath(folder))
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", look)
    assert list(list_own_libraries([], [str(tmp_path / "lib")])) == [tmp_path / "mine" / "tools.py"]
    assert set(looked_at) == {str(tmp_path / "mine")}


def test_an_archive_is_no_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "lib.zip", "w") as archive:
        archive.writestr("tools.py", "value = 1\n")
    assert list_from(tmp_path / "lib.zip", monkeypatch) == []


def test_the_folder_this_package_lies_in_is_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkout on `sys.path` would have its suites and this code read, even where nobody forbids it."""
    monkeypatch.setattr(sys, "path", [str(PACKAGE.parent), str(PACKAGE), str(PACKAGE / "model")])
    assert list(list_own_libraries([], [])) == []


def test_what_the_finder_of_an_editable_install_maps_to_is_opened_by_the_same_rules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "project/kit/__init__.py", "project/one.py", "bank/problem.toml", "bank/kit/__init__.py")
    finder = types.ModuleType("__editable___kit_0_1_finder")
    names = ("project/kit", "project/one", "bank/kit", "gone")
    vars(finder)["MAPPING"] = {name: str(tmp_path / name) for name in names} | {"judge": str(PACKAGE)}
    monkeypatch.setitem(sys.modules, finder.__name__, finder)
    monkeypatch.setattr(sys, "path", [])
    assert list(list_own_libraries([], [])) == [tmp_path / "project/kit", tmp_path / "project/one.py"]


def test_packages_in_an_opened_folder_are_imported_and_what_is_beside_them_is_not_read(
    tmp_path: Path, held: tuple[list[str], dict[str, str]]
) -> None:
    need(held, Layer.FILES)
    write(tmp_path, "tools.py", "kit/__init__.py", "google/cloud/__init__.py", "solutions/batchnorm.py")
    server = Server(before=f"sys.path.append({str(tmp_path)!r})")
    imported = "import tools, kit, google.cloud; answer = [tools.value, kit.value, google.cloud.value]"
    assert server.ask(imported)["answer"] == [1, 1, 1]
    for body in (
        f"open({str(tmp_path / 'solutions/batchnorm.py')!r})",
        f"import os; os.listdir({str(tmp_path)!r})",
        "import solutions.batchnorm",
    ):
        assert server.ask(body)["error"] in {"PermissionError", "ModuleNotFoundError"}, body
