"""A worker has a session, an environment and descriptors of its own, and ends with its server."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.sandbox.harness import SERVER, Server
from tests.support import ROOT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the sandbox's server needs fork")


def test_no_descriptor_of_the_server_is_left() -> None:
    """Only the standard three and the one kept are open."""
    server = Server(before="leaks = [os.open('/etc/passwd', os.O_RDONLY) for _ in range(80)]")
    opened = server.ask("answer = [each for each in range(1024) if probe._is_open(each)]")["answer"]
    assert opened[:3] == [0, 1, 2]
    assert len(opened) == 4


def test_a_kept_channel_works_both_ways() -> None:
    """The socket that a worker was given still carries frames, with a timeout too."""
    server = Server(
        before="import socket; ours, theirs = socket.socketpair(); ours.sendall(b'a job')",
        prepared="""
def enter(*arguments, entered=sandbox.enter, keep, **options):
    return entered(*arguments, keep=[*keep, theirs.fileno()], **options)
sandbox.enter = enter""",
    )
    body = """import socket
from __main__ import theirs
line = socket.socket(fileno=theirs.detach())
line.settimeout(1.0)
buffer = bytearray(3)
answer = [line.recv(2).decode(), line.recv_into(buffer), buffer.decode()]
answer += [line.sendall(b"observations"), line.shutdown(socket.SHUT_WR)]"""
    assert server.ask(body)["answer"] == ["a ", 3, "job", None, None]


def test_the_environment_is_from_scratch(tmp_path: Path) -> None:
    """Nothing of the caller's environment is visible, in Python or in C."""
    body = "import ctypes, os\nc = ctypes.CDLL(None); c.getenv.restype = ctypes.c_char_p\n"
    body += "answer = [sorted(os.environ), repr(c.getenv(b'A_SECRET'))]"
    names, secret = Server().ask(body, scratch=tmp_path)["answer"]
    folders = ["HOME", "TMPDIR", "TORCHINDUCTOR_CACHE_DIR"]
    assert names == sorted(
        [
            *folders,
            "CUDA_VISIBLE_DEVICES",
            "LANG",
            "MKL_NUM_THREADS",
            "OMP_NUM_THREADS",
            "PYTORCH_JIT",
            "TORCH_COMPILE_DISABLE",
            "USER",
        ]
    )
    assert secret == "None"


def test_a_worker_has_a_session_of_its_own() -> None:
    """It leads its own session, and its memory cannot be dumped."""
    body = "import ctypes, os\nanswer = [os.getsid(0) == os.getpid(), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)]"
    assert Server().ask(body)["answer"] == [True, 0]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_a_worker_ends_with_its_server() -> None:
    """Kill the server, and a worker that never reads again is gone too."""
    body = "import os, signal, time\nos.write(1, b'%d\\n' % os.getpid())\ntime.sleep(60)"
    program = SERVER.format(paths=[str(ROOT)], before="", prepared="", forbidden=[], limits={})
    with subprocess.Popen(
        [sys.executable, "-I", "-B", "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin
        assert server.stdout
        server.stdin.write(json.dumps([[body], True, None]))
        server.stdin.close()
        worker = int(server.stdout.readline())
        assert alive(worker)
        server.kill()
        server.wait()
        deadline = time.monotonic() + 10
        while alive(worker) and time.monotonic() < deadline:
            time.sleep(0.01)
    assert not alive(worker)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_a_worker_whose_server_is_gone_does_not_start() -> None:
    """The parent may have ended before the request to end with it."""
    assert Server(prepared="prepared = replace(prepared, server=1)").ask("answer = 1") == {"status": 1}


def test_what_a_parent_ignored_or_blocked_ends_a_program_again() -> None:
    """Python's own choices stay: a closed pipe is an error, Ctrl-C an exception; the umask is ours."""
    body = (
        "import json, os, signal, subprocess\n"
        "from torch_judge.sandbox.process import leave_parent\n"
        "for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGALRM):\n"
        "    signal.signal(number, signal.SIG_IGN)\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())\n"
        "os.umask(0o777)\n"
        "leave_parent()\n"
        "ignored = [n for n in signal.valid_signals() if signal.getsignal(n) is signal.SIG_IGN]\n"
        "child = os.fork() or os._exit(7)\n"
        "print(json.dumps({\n"
        "    'ignored': sorted(signal.Signals(n).name for n in ignored),\n"
        "    'blocked': len(signal.pthread_sigmask(signal.SIG_BLOCK, ())),\n"
        "    'interrupts': signal.getsignal(signal.SIGINT) is signal.default_int_handler,\n"
        "    'umask': os.umask(0),\n"
        "    'status': os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]),\n"
        "}))\n"
    )
    done = subprocess.run([sys.executable, "-c", body], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {
        "ignored": ["SIGPIPE", "SIGXFSZ"],
        "blocked": 0,
        "interrupts": True,
        "umask": 0o077,
        "status": 7,
    }
