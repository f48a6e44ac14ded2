"""Memory, time, files, descriptors and threads run out, each in its own way."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from tests.sandbox.harness import Server, need
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
