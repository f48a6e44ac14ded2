"""The learner's files: nothing is ever written over."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT
from torch_judge.learning.workspace import lay_out, put_back
from torch_judge.model.errors import UsageError


def test_laying_out_refuses_whatever_is_there(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("file", "folder", "link"):
        with pytest.raises(UsageError, match="is there already, and is left as it is"):
            lay_out(tmp_path / name, "new")
    assert (tmp_path / "file").read_text() == "mine"
    assert not (tmp_path / "nowhere").exists()


def test_a_full_disk_leaves_no_half_of_a_file_and_the_old_answer_where_it_was(tmp_path: Path) -> None:
    (tmp_path / "old.py").write_text("mine")
    script = (
        "import resource, sys\nfrom pathlib import Path\nfrom torch_judge.learning.workspace import *\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "for work, name in ((lay_out, 'new.py'), (put_back, 'old.py')):\n"
        "    try: work(Path(sys.argv[1]) / name, 'x' * 5000)\n"
        "    except UsageError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert len(done.stdout.splitlines()) == 2
    assert all("cannot be written: File too large" in line for line in done.stdout.splitlines())
    assert [path.name for path in tmp_path.iterdir()] == ["old.py"]
    assert (tmp_path / "old.py").read_text() == "mine"


def test_what_is_no_file_is_not_put_back(tmp_path: Path) -> None:
    (tmp_path / "double.py").mkdir()
    with pytest.raises(UsageError, match="cannot be put back: Is a directory"):
        put_back(tmp_path / "double.py", "x")
