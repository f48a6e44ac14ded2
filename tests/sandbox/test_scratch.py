"""A scratch folder is private, writable, bounded, and gone with its worker, wherever the system keeps it."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

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
    """Start a server with each kind of scratch folder; what is in the way of the first kind is said."""
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
tries = lambda: os.listdir(above), lambda: open(above + '/kept', 'w'), lambda: os.mkdir(above + '/kept')
for attempt in tries:
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
tries = {"symlink": ("/", "soft"), "link": ("file", "hard"), "mkfifo": ("pipe",), "chmod": ("file", 0o777)}
for name, arguments in tries.items():
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
