"""Memory, time, files, descriptors and threads run out, each in its own way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sandbox.harness import Server, need
from tests.support import ROOT
from torch_judge.model.isolation import Layer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the sandbox's server needs fork")


def test_memory_runs_out_as_an_exception(held: tuple[list[str], dict[str, str]]) -> None:
    """A list or a tensor too many raises; the machine does not notice."""
    pytest.importorskip("torch")
    need(held, Layer.LIMITS)
    bodies = [
        "bytearray(600 << 20)",
        "import torch\nkept = [torch.ones(1 << 26) for _ in range(9)]",
        "answer = len(bytearray(64 << 20))",
    ]
    python, torch, small = Server(before="import torch", limits=(("memory_mib", 512),)).run(bodies)
    assert python["error"] == "MemoryError"
    assert torch["error"] == "RuntimeError"
    assert "memory" in torch["text"]
    assert small["answer"] == 64 << 20


def test_memory_cannot_be_had_by_recursion(held: tuple[list[str], dict[str, str]]) -> None:
    """Python's recursion eats the heap; the limit ends it."""
    need(held, Layer.LIMITS)
    body = "import sys\nsys.setrecursionlimit(10**9)\ndef f(): f()\nf()"
    answer = Server(limits=(("memory_mib", 256),)).ask(body)
    assert answer.get("error") or answer["status"] in {-signal.SIGSEGV, -signal.SIGABRT}, answer


def test_processor_time_ends(held: tuple[list[str], dict[str, str]]) -> None:
    """A loop ends by SIGXCPU, one that ignores that by SIGKILL a second later."""
    need(held, Layer.LIMITS)
    loop = "import signal\nsignal.signal(signal.SIGXCPU, signal.{})\nwhile True: pass"
    plain, stubborn = Server(limits=(("cpu_seconds", 1),)).run(
        [loop.format("SIG_DFL"), loop.format("SIG_IGN")]
    )
    assert plain["status"] == -signal.SIGXCPU
    assert stubborn["status"] == -signal.SIGKILL


def test_a_file_ends_at_its_limit(tmp_path: Path, held: tuple[list[str], dict[str, str]]) -> None:
    """Where Landlock is missing, a file can be made, and grows no further than this."""
    need(held, Layer.LIMITS)
    server = Server(before="sys.modules['landlockpy'] = None", limits=(("file_mib", 1),))
    answer = server.ask(
        "with open('file', 'wb', buffering=0) as f:\n    answer = [f.write(bytes(1 << 20)), f.write(b'x')]",
        scratch=tmp_path,
    )
    assert answer["errno"] == 27, answer
    assert (tmp_path / "file").stat().st_size == 1 << 20


def test_descriptors_run_out(held: tuple[list[str], dict[str, str]]) -> None:
    """Sixty-four descriptors, and then an exception."""
    need(held, Layer.LIMITS)
    assert Server().ask("import os\nkept = [open(os.devnull) for _ in range(70)]")["errno"] == 24


def test_threads_end(held: tuple[list[str], dict[str, str]]) -> None:
    """A bomb of threads runs into the limit on memory, or on the threads of its user."""
    need(held, Layer.LIMITS)
    body = "import threading, time\nfor _ in range(2000):\n"
    body += "    threading.Thread(target=time.sleep, args=(2,), daemon=True).start()"
    assert Server(limits=(("memory_mib", 256),)).ask(body)["error"] == "RuntimeError"


def run_below(limit: str, body: str) -> str:
    """Run a body below a limit, `RLIMIT_NAME, (soft, hard)`, and return what it prints."""
    program = f"import resource\nresource.setrlimit(resource.{limit})\n{body}"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="becomes another user")
def test_a_limit_on_processes_that_is_lower_already_stays() -> None:
    """It is no reason to do without the layer of identity: nobody but root can raise it again."""
    body = (
        "import os\n"
        "from torch_judge.sandbox.limits import ProcessLimits, limit_threads\n"
        "os.setresuid(1_654_322, 1_654_322, 1_654_322)\n"
        "limit_threads(ProcessLimits(threads=64))\n"
        "print(resource.getrlimit(resource.RLIMIT_NPROC))\n"
    )
    assert run_below("RLIMIT_NPROC, (20, 20)", body) == "(20, 20)"


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ("RLIMIT_AS, (1 << 30, 1 << 30)", "what is allowed here is 1024 MiB of memory (ulimit -v)"),
        ("RLIMIT_NPROC, (7, 9)", "what is allowed here is 7 processes (ulimit -u)"),
        ("RLIMIT_CPU, (90, 90)", "what is allowed here is 90 seconds of processor time (ulimit -t)"),
        ("RLIMIT_NOFILE, (1000, 1000)", ""),
    ],
)
def test_a_tight_limit_is_named(limit: str, said: str) -> None:
    body = "from torch_judge.sandbox.limits import describe_tight_limits\nprint(describe_tight_limits())"
    assert run_below(limit, body) == said
