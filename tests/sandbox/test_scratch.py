"""A scratch folder is private, writable, bounded, and gone with its worker, wherever the system keeps it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT
from tests.support.packages import write_package
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.judging.judge import judge
from torch_judge.model.bank import Bank
from torch_judge.model.problem import Framework, Problem
from torch_judge.model.report import Verdict
from torch_judge.model.submission import from_source
from torch_judge.sandbox.scratch import MEBIBYTES, MOST_ENTRIES

WITHOUT_NAMESPACES = (
    "assert scratch._why_no_namespace; scratch._why_no_namespace = lambda: 'switched off by a test'"
)


@pytest.fixture(params=["in memory", "on disk"])
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a server with each kind of scratch folder: what is in the way of the first kind is said when it is missing."""
    from torch_judge.execution.forkserver import client as module

    if request.param == "on disk":
        entry = "from torch_judge.execution.forkserver.program import main"
        monkeypatch.setattr(
            module,
            "_BOOTSTRAP",
            module._BOOTSTRAP.replace(
                entry, f"from torch_judge.sandbox import scratch; {WITHOUT_NAMESPACES}; {entry}"
            ),
        )
    with ForkServer(Framework.NUMPY) as server:
        described = server.describe()
        if request.param == "in memory" and not described.bounded:
            pytest.skip(described.scratch)
        assert described.bounded == (request.param == "in memory")
        yield server


@pytest.fixture
def problem(tmp_path: Path) -> Problem:
    write_package(tmp_path, framework="numpy")
    return Bank(tmp_path).load("double")


def judged(body: str, problem: Problem, server: ForkServer) -> list[str]:
    """Run lines within a submission's call; return what it printed. It answers rightly."""
    source = "def double(x, scale=2.0):\n    import os, tempfile\n" + "".join(
        f"    {line}\n" for line in body.splitlines()
    )
    report = judge(problem, from_source(source + "    return x * scale\n"), server=server)
    assert report.passed, report.cases
    return report.cases[0].stdout.split()


def test_files_are_made_read_renamed_and_removed(problem: Problem, server: ForkServer) -> None:
    """All that honest code does with temporary files works."""
    body = """
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "one")
    open(path, "w").write("text")
    os.rename(path, os.path.join(folder, "two")); os.mkdir(os.path.join(folder, "inner"))
    os.replace(os.path.join(folder, "two"), os.path.join(folder, "inner", "three"))
    print(open(os.path.join(folder, "inner", "three")).read(), os.listdir(folder))
with tempfile.NamedTemporaryFile("w+") as file:
    file.write("named"); file.flush(); print(open(file.name).read())
with tempfile.TemporaryFile() as file:
    print(file.write(b"nameless"))
open("here", "w").close(); print(os.listdir("."), os.getcwd() == tempfile.gettempdir() == os.environ["HOME"])
"""
    assert judged(body, problem, server) == ["text", "['inner']", "named", "8", "['here']", "True"]


def test_nothing_of_it_is_there_for_the_next_one(problem: Problem, server: ForkServer) -> None:
    """Each worker has a folder of its own; nobody can list the others, add to them, or find one again."""
    (first,) = judged("open('left', 'w').close(); print(os.getcwd())", problem, server)
    body = f"""
print(os.listdir('.'), os.getcwd() != {first!r}, os.path.exists({first!r}))
above = os.path.dirname(os.getcwd())
for attempt in (lambda: os.listdir(above), lambda: open(above + '/kept', 'w'), lambda: os.mkdir(above + '/kept')):
    try:
        attempt(); print('got-through')
    except PermissionError:
        print('refused')
"""
    assert judged(body, problem, server) == ["[]", "True", "False", "refused", "refused", "refused"]


def test_links_pipes_and_sockets_are_not_made(problem: Problem, server: ForkServer) -> None:
    """Plain files and folders are all that a scratch holds."""
    body = """
open("file", "w").close()
for name, arguments in (("symlink", ("/", "soft")), ("link", ("file", "hard")), ("mkfifo", ("pipe",)), ("chmod", ("file", 0o777))):
    try:
        getattr(os, name)(*arguments); print('got-through')
    except PermissionError:
        print('refused')
"""
    assert judged(body, problem, server) == ["refused"] * 4


@pytest.mark.parametrize(
    "body",
    [
        "for n in range(64):\n    with open(str(n), 'wb') as file: file.write(bytes(8 << 20))",
        "for n in range(20_000):\n    open(str(n), 'w').close()",
        "for n in range(20_000):\n    os.mkdir('d'); os.chdir('d')",
    ],
    ids=["large files", "many files", "deep folders"],
)
def test_it_cannot_be_overfilled(body: str, problem: Problem, server: ForkServer) -> None:
    """The disk does not notice, the submission is told, and the next one has room."""
    before = shutil.disk_usage("/tmp").free
    source = "def double(x, scale=2.0):\n    import os, time\n" + "".join(
        f"    {line}\n" for line in body.splitlines()
    )
    report = judge(
        problem, from_source(source + "    time.sleep(0.5)\n    return x * scale\n"), server=server
    )
    assert report.verdict is Verdict.RUN_TIME_ERROR
    assert "scratch folder" in report.cases[0].message or "space" in report.cases[0].message
    assert before - shutil.disk_usage("/tmp").free < 2 * MEBIBYTES << 20
    assert judged("print(len(os.listdir('.')))", problem, server) == ["0"]


def test_a_program_in_the_scratch_cannot_be_run(problem: Problem, server: ForkServer) -> None:
    """Writing does not give what the other layers take."""
    body = """
import subprocess
open("program", "w").write("#!/bin/sh\\ntrue")
try:
    subprocess.run(["./program"]); print("ran")
except OSError as error:
    print(type(error).__name__)
"""
    assert judged(body, problem, server) == ["PermissionError"]


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells which folders are left")
def test_a_killed_server_leaves_no_folder(problem: Problem, server: ForkServer) -> None:
    """What the server could not remove, the conductor does."""
    (folder,) = judged("print(os.getcwd())", problem, server)
    server._programs[0]._process.kill()
    server._programs[0]._process.wait()
    server.close()
    assert not Path(folder).exists()
    assert folder.startswith("/dev/shm/") or not Path(folder).parent.exists()


def test_the_limits_of_a_scratch_are_those_that_are_said(server: ForkServer) -> None:
    """What `doctor` prints is what the server holds to."""
    described = server.describe().scratch
    assert described == "switched off by a test" or (
        str(MEBIBYTES) in described and str(MOST_ENTRIES) in described
    )


# --- removing ----------------------------------------------------------------------------------------------------


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
from torch_judge.sandbox.scratch import remove_tree
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
