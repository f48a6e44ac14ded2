"""A worker's folder goes with all that it holds, and nothing outside it is touched."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support import ROOT
from torch_judge.sandbox.removal import remove_tree


def test_links_are_removed_and_not_followed(tmp_path: Path) -> None:
    """What a link points to stays as it was, mode included."""
    treasure = tmp_path / "treasure"
    treasure.mkdir(mode=0o750)
    (treasure / "gold").write_text("x")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (scratch / "folder").symlink_to(treasure)
    (scratch / "file").symlink_to(treasure / "gold")
    (scratch / "loop").symlink_to(scratch)
    (scratch / "inner").mkdir()
    (scratch / "inner" / "up").symlink_to("../..")
    assert remove_tree(scratch)
    assert (treasure / "gold").read_text() == "x"
    assert treasure.stat().st_mode & 0o777 == 0o750


def test_a_scratch_folder_that_became_a_link(tmp_path: Path) -> None:
    """The link goes, its target stays."""
    treasure = tmp_path / "treasure"
    treasure.mkdir()
    (treasure / "gold").write_text("x")
    (tmp_path / "scratch").symlink_to(treasure)
    assert remove_tree(tmp_path / "scratch")
    assert (treasure / "gold").exists()
    assert not (tmp_path / "scratch").is_symlink()


LOCKED = """
import json, os, sys, tempfile
from pathlib import Path
sys.path[:0] = {paths!r}
from torch_judge.sandbox.removal import remove_tree
where = Path(tempfile.mkdtemp())
os.chdir(where)
for name in ("locked", "locked/inner", "read-only"):
    os.mkdir(name)
open("locked/inner/file", "w").close(); open("read-only/file", "w").close()
os.chmod("locked/inner", 0); os.chmod("locked", 0); os.chmod("read-only", 0o400); os.chmod(".", 0)
os.chdir("/")
print(json.dumps([remove_tree(where), where.exists()]))
"""


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0 or not shutil.which("runuser"),
    reason="needs root to be somebody else",
)
def test_locked_folders_are_removed(tmp_path: Path) -> None:
    """A mode of 000 keeps nobody out who owns the folder; tried as a user whom modes bind."""
    copy = Path("/tmp") / f"judge_for_nobody_{os.getpid()}"
    shutil.copytree(ROOT / "torch_judge", copy / "torch_judge", ignore=shutil.ignore_patterns("__pycache__"))
    try:
        subprocess.run(["chmod", "-R", "a+rX", str(copy)], check=True)
        command = [
            "runuser",
            "-u",
            "nobody",
            "--",
            "/usr/bin/python3",
            "-B",
            "-c",
            LOCKED.format(paths=[str(copy)]),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
        if "SyntaxError" in done.stderr or "ImportError" in done.stderr:
            pytest.skip("the system's Python is too old")
        assert json.loads(done.stdout) == [True, False], done.stderr
    finally:
        shutil.rmtree(copy)


def test_a_deep_tree_is_removed(tmp_path: Path) -> None:
    """Deeper than any stack and any path."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    level = os.open(scratch, os.O_RDONLY)
    for _ in range(5000):
        os.mkdir("d", dir_fd=level)
        inner = os.open("d", os.O_RDONLY, dir_fd=level)
        os.close(level)
        level = inner
    os.close(level)
    assert remove_tree(scratch, seconds=60)
    assert not scratch.exists()


def test_a_huge_tree_is_left_in_time(tmp_path: Path) -> None:
    """Removing ends at its deadline and says that it did not finish."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    for number in range(100):
        (scratch / str(number)).write_text("")
    assert not remove_tree(scratch, seconds=0.0)
    assert scratch.exists()
    assert remove_tree(scratch)
