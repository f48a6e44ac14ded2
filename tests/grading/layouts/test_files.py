"""Folders and zips are read, bounded, and nothing is written by the names in them."""

from __future__ import annotations

import os
import stat
import zipfile
from pathlib import Path

import pytest

from tests.support.classes import write_files, write_zip
from torch_judge.grading.layouts import files
from torch_judge.grading.layouts.files import UnreadableError, open_exports, open_zip_in
from torch_judge.model.errors import UsageError


@pytest.mark.parametrize("name", ["../out.py", "/etc/out.py", "a/../../out.py", "C:\\out.py", "a//b.py"])
def test_a_name_that_leads_outside_is_refused(tmp_path: Path, name: str) -> None:
    path = write_zip(tmp_path / "e.zip", {name: "x", "ada/hw.py": "x = 1"})
    with open_exports([str(path)]) as (export,):
        assert [file.path for file in export.files] == ["ada/hw.py"]
        ((_, why),) = export.refused
    assert why == "its name leads outside the zip"


def test_a_link_in_a_zip_or_a_folder_is_not_followed(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("ada/hw.py")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "e.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    folder = write_files(tmp_path / "c", {"ada/real.py": ""})
    (folder / "ada" / "link.py").symlink_to("/etc/passwd")
    with open_exports([str(tmp_path / "e.zip"), str(folder)]) as (packed, plain):
        assert packed.refused == (("ada/hw.py", "a link"),)
        assert [file.path for file in plain.files] == ["ada/real.py"]


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "e.zip", {"ada/hw.ipynb": b"0" * (32 << 20)})
    with open_exports([str(path)]) as (export,), pytest.raises(UnreadableError, match="500 times"):
        export.files[0].read()


def test_what_is_larger_than_a_notebook_can_be_is_not_read(tmp_path: Path) -> None:
    path = write_files(tmp_path / "c", {"hw.ipynb": ""})
    os.truncate(path / "hw.ipynb", 65 << 20)
    with open_exports([str(path)]) as (export,), pytest.raises(UnreadableError, match="larger than 64 MiB"):
        export.files[0].read()


def test_all_zips_together_have_a_bound() -> None:
    allowance = files._Allowance(100)
    allowance.take(60)
    with pytest.raises(UnreadableError, match="more than 4 GiB"):
        allowance.take(60)


def test_too_many_files_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_FILES", 2)
    path = write_zip(tmp_path / "e.zip", dict.fromkeys("abc", ""))
    with pytest.raises(UsageError, match="more than 2 files"), open_exports([str(path)]):
        pass


def test_a_damaged_member_is_said_and_the_others_are_read(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "e.zip", {"ada.py": "a = 1\n" * 99, "bob.py": "b = 1\n" * 99})
    raw = bytearray(path.read_bytes())
    raw[40:50] = b"\xff" * 10
    path.write_bytes(raw)
    with open_exports([str(path)]) as (export,):
        ada, bob = export.files
        with pytest.raises(UnreadableError, match="damaged"):
            ada.read()
        assert bob.read().startswith(b"b = 1")


def test_a_member_with_a_password_is_said(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "e.zip", {"ada.py": "a = 1\n"})
    raw = bytearray(path.read_bytes())
    raw[6] |= 1  # the flag stands in both headers
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(raw)
    with open_exports([str(path)]) as (export,), pytest.raises(UnreadableError, match="password"):
        export.files[0].read()


@pytest.mark.parametrize("name", ["none", "broken.zip"])
def test_a_path_that_is_nothing_is_said(tmp_path: Path, name: str) -> None:
    (tmp_path / "broken.zip").write_text("PK no zip")
    with (
        pytest.raises(UsageError, match=f"{name}: (no such|this is no zip)"),
        open_exports([str(tmp_path / name)]),
    ):
        pass


def test_a_zip_that_a_student_handed_in_is_opened_where_it_is_one(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "c", {"ada/broken.zip": "no"})
    write_zip(folder / "ada" / "hw.zip", {"src/hw.py": "x = 1"})
    with open_exports([str(folder)]) as (export,):
        broken, whole = export.files
        assert [file.path for file in open_zip_in(whole).files] == ["src/hw.py"]
        with pytest.raises(UnreadableError, match="no zip"):
            open_zip_in(broken)


def test_hidden_folders_caches_and_environments_are_not_searched(tmp_path: Path) -> None:
    names = (
        ".git/a.py",
        "ada/.ipynb_checkpoints/a.ipynb",
        "ada/__pycache__/a.py",
        "v/lib/a.py",
        "v/pyvenv.cfg",
    )
    folder = write_files(tmp_path / "c", dict.fromkeys((*names, "ada/hw.py"), ""))
    with open_exports([str(folder)]) as (export,):
        assert [file.path for file in export.files] == ["ada/hw.py"]
