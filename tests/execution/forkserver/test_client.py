"""The fork server: start, talk, end; nothing outlives its block, however it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from tests.support import ROOT
from tests.support.packages import write_package
from torch_judge.execution.forkserver import client as server_module
from torch_judge.execution.forkserver.channel import OutOfTime
from torch_judge.execution.forkserver.client import START_VARIABLE, ForkServer, Start
from torch_judge.model.errors import JudgeError, UsageError
from torch_judge.model.problem import Framework

LOOP = "def double(x, scale=2.0):\n    while True: pass\n"


def programs() -> set[int]:
    """Return the ids of our warm servers and of everything below them."""
    mine = psutil.Process().children(recursive=True)
    return {process.pid for process in mine}


def gone(pids: set[int]) -> bool:
    """Wait a little for processes to end; tell whether all did."""
    for _ in range(200):
        if not any(
            psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE for pid in pids
        ):
            return True
        time.sleep(0.05)
    return False


def test_a_server_starts_on_first_use_only() -> None:
    before = programs()
    with ForkServer(Framework.NUMPY) as server:
        assert programs() == before
        with server.child("checker"):
            assert len(programs() - before) == 2
    assert programs() == before


def test_a_child_that_says_nothing_runs_out_of_time() -> None:
    with ForkServer(Framework.NUMPY) as server, server.child("checker") as child, pytest.raises(OutOfTime):
        child.receive(deadline=time.monotonic() + 0.2)


def test_a_child_is_gone_when_its_block_raises() -> None:
    with ForkServer(Framework.NUMPY) as server:
        counts = []

        def fail() -> None:
            with server.child("checker"):
                counts.append(len(programs()))
                raise KeyError

        with pytest.raises(KeyError):
            fail()
        assert len(programs()) == counts[0] - 1


def test_a_server_that_was_killed_is_started_again() -> None:
    with ForkServer(Framework.NUMPY) as server:
        with server.child("checker"):
            pass
        (warm,) = programs()
        os.kill(warm, signal.SIGKILL)
        assert gone({warm})
        with server.child("checker"):
            assert warm not in programs()


def test_ctrl_c_in_the_middle_of_an_answer_stays_a_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: object) -> bytes:
        raise KeyboardInterrupt

    with ForkServer(Framework.NUMPY) as server:

        def kill_a_child() -> None:
            with server.child("worker") as child, server.child("checker"):
                (program,) = server._programs.values()
                monkeypatch.setattr(type(program), "_read_line", interrupt)
                child.kill()

        with pytest.raises(KeyboardInterrupt):
            kill_a_child()
        monkeypatch.undo()
        with server.child("checker"):  # a new server serves
            assert len(programs()) == 2


def test_a_server_without_its_framework_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "torch_judge").symlink_to(ROOT / "torch_judge")
    (tmp_path / "cloudpickle.py").write_text("raise ImportError('no cloudpickle here')\n")
    monkeypatch.setattr("torch_judge.execution.forkserver.client.PACKAGE", tmp_path / "torch_judge")
    with ForkServer(Framework.NUMPY) as server, pytest.raises(JudgeError, match="no cloudpickle here"):
        server.start("checker")


def start_a_check_that_never_ends(bank: Path) -> subprocess.Popen[str]:
    """Start `torch-judge run` on an endless loop and wait until its worker is at it."""
    toml = (write_package(bank) / "problem.toml").read_text()
    toml = toml.replace("seconds_per_case = 1", "seconds_per_case = 60").replace(
        "seconds_in_all = 4", "seconds_in_all = 60"
    )
    (bank / "double" / "problem.toml").write_text(toml)
    (bank / "loop.py").write_text(LOOP)
    command = [
        sys.executable,
        "-m",
        "torch_judge",
        "run",
        "double",
        str(bank / "loop.py"),
        "--bank",
        str(bank),
        "--format",
        "json",
    ]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for _ in range(600):
        if len(psutil.Process(process.pid).children(recursive=True)) >= 3:
            time.sleep(0.3)
            return process
        time.sleep(0.05)
    raise AssertionError("the check did not start")


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL, signal.SIGTERM])
def test_nothing_is_left_running_after_a_signal(tmp_path: Path, sent: signal.Signals) -> None:
    process = start_a_check_that_never_ends(tmp_path)
    below = {child.pid for child in psutil.Process(process.pid).children(recursive=True)}
    process.send_signal(sent)
    output, complaint = process.communicate(timeout=30)
    assert gone(below)
    if sent == signal.SIGINT:
        assert process.returncode == 130
        assert complaint.strip() == "torch-judge: interrupted"
    assert output == ""


def test_a_fork_of_the_conductor_gets_a_server_of_its_own(tmp_path: Path) -> None:
    write_package(tmp_path)
    (tmp_path / "right.py").write_text("def double(x, scale=2.0):\n    return x * scale\n")
    script = (
        "import os, sys, json\n"
        "from torch_judge import check\n"
        "def double(x, scale=2.0): return x * scale\n"
        "def passed(): return check('double').passed\n"
        "first = passed()\n"
        "pid = os.fork()\n"
        "if pid == 0: os._exit(0 if passed() else 1)\n"
        "child = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])\n"
        "print(json.dumps([first, child, passed()]))\n"
    )
    (tmp_path / "script.py").write_text(script)
    environment = {**os.environ, "TORCH_JUDGE_BANK": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, str(tmp_path / "script.py")],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout.splitlines()[-1]) == [True, 0, True]


def test_whoever_dials_without_the_word_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a process dials back, anyone on the machine may dial; only the right one is talked to."""
    monkeypatch.setenv(START_VARIABLE, Start.DIAL)
    monkeypatch.setattr(
        server_module,
        "_BOOTSTRAP",
        server_module._BOOTSTRAP.replace("import sys;", "import sys, time; time.sleep(1.0);"),
    )
    strangers: list[bytes] = []

    def knock() -> None:
        while not strangers:
            listening = [
                each.laddr.port
                for each in psutil.Process().net_connections("tcp")
                if each.status == psutil.CONN_LISTEN
            ]
            for port in listening:
                with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
                    line.sendall(b"x" * 32)
                    strangers.append(line.recv(100))
            time.sleep(0.01)

    thread = threading.Thread(target=knock)
    thread.start()
    with ForkServer(Framework.NUMPY) as server:
        assert server.describe().layers
    thread.join()
    assert strangers[0] == b""


def test_an_unknown_way_to_start_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(START_VARIABLE, "frok")
    with pytest.raises(UsageError, match="TORCH_JUDGE_START is 'frok'; it may be fork, spawn, dial"):
        ForkServer(Framework.NUMPY)


@pytest.mark.skipif(sys.platform == "win32", reason="signals, and what is said on stderr, are POSIX's")
@pytest.mark.parametrize(
    ("act", "said"),
    [
        ("os.kill(os.getpid(), 9)", "it was killed, as the system does when memory runs out"),
        ("os.abort()", "it crashed: Aborted"),
        ("sys.exit(3)", "it ended with exit status 3"),
        ("sys.exit('first\\nlast\\x1b[2J')", "it ended with exit status 1; last\\x1b[2J"),
        ("os.write(2, b'x' * 1000000); sys.exit(3)", "it ended with exit status 3; xxxx"),
    ],
    ids=["killed", "aborted", "exited", "with words", "with too many words"],
)
def test_how_a_server_ended_that_does_not_start_is_said(
    monkeypatch: pytest.MonkeyPatch, act: str, said: str
) -> None:
    bootstrap = server_module._BOOTSTRAP.replace("import site, sys;", f"import os, site, sys; {act};")
    assert bootstrap != server_module._BOOTSTRAP
    monkeypatch.setattr(server_module, "_BOOTSTRAP", bootstrap)
    with ForkServer(Framework.NUMPY) as server, pytest.raises(JudgeError) as failure:
        server.start("checker")
    assert str(failure.value).startswith(f"the warm server could not start: {said}")


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_how_a_server_ended_that_had_started_is_said() -> None:
    with ForkServer(Framework.NUMPY) as server, server.child("checker") as child:
        (warm,) = {process.pid for process in psutil.Process().children()}
        os.kill(warm, signal.SIGKILL)
        with pytest.raises(JudgeError, match=r"^the warm server is gone: it was killed"):
            child.end()


def test_warming_up_raises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It happens when a notebook imports us; the first check says what is wrong."""
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with ForkServer(Framework.NUMPY) as server:
        server.warm_up()
        with pytest.raises(JudgeError, match=r"could not start: FileNotFoundError: .*/nonexistent/python"):
            server.start("checker")


def test_a_relative_folder_of_pythonpath_is_taken_from_where_the_program_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "_FOLDER_AT_START", str(tmp_path / "started"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(("lib", "", "/elsewhere", "../lib")))
    places = [str(tmp_path / "started/lib"), "/elsewhere", str(tmp_path / "lib")]
    assert server_module._find_paths()["given"] == places


def test_the_folder_that_the_caller_works_in_is_no_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other people's answers may lie there; nor is one in which that folder is a package."""
    (tmp_path / "week" / "lib").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "week")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, (tmp_path, Path.cwd(), Path.cwd() / "lib"))))
    assert server_module._find_paths()["given"] == [str(tmp_path), str(tmp_path / "week" / "lib")]
    (tmp_path / "week" / "__init__.py").touch()
    assert server_module._find_paths()["given"] == [str(tmp_path / "week" / "lib")]


def test_a_server_that_was_ended_is_not_started_anew_by_a_thread_that_still_judges() -> None:
    with ForkServer(Framework.NUMPY) as server:
        server.describe()
        server.close()
        with pytest.raises(JudgeError, match="was ended"):
            server.start("worker")
        server.close()
