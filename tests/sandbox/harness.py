"""A fresh, single-threaded `python -I` that prepares a sandbox and runs what it is told to, in or out.

Pytest's own process never enters anything.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT
from torch_judge.model.isolation import Layer

SYSTEM_PYTHON = Path("/usr/bin/python3")


SERVER = """
import json, os, signal, sys, time
sys.path[:0] = {paths!r}
{before}
from pathlib import Path
from dataclasses import replace
from torch_judge.sandbox import probe
from torch_judge.sandbox import enter as sandbox
from torch_judge.sandbox.identity import User
from torch_judge.sandbox.limits import ProcessLimits
from torch_judge.sandbox.policy import prepare
bodies, enters, where = json.load(sys.stdin)
prepared = prepare(forbidden=[Path(each) for each in {forbidden!r}])
limits = ProcessLimits(**{limits!r})
{prepared}

def run(body):
    readable, writable = os.pipe()
    server, child = os.getpid(), os.fork()
    if child == 0:
        os.close(readable)
        try:
            isolation = None
            if enters:
                scratch = where and Path(where)
                isolation = sandbox.enter(prepared, limits=limits, scratch=scratch, keep=[writable])
            scope = dict(isolation=isolation, server=server, answer=None, sandbox=sandbox, probe=probe)
            exec(compile(body, "body", "exec"), scope)
            answer = {{"answer": scope["answer"]}}
            if isolation:
                answer |= dict(layers=isolation.layers, missing=isolation.reasons())
        except OSError as error:
            answer = {{"error": type(error).__name__, "errno": error.errno, "text": str(error)}}
        except BaseException as error:
            answer = {{"error": type(error).__name__, "errno": None, "text": str(error)}}
        os.write(writable, json.dumps(answer).encode())
        os._exit(0)
    os.close(writable)
    with open(readable, "rb") as said:
        answer = json.loads(said.read() or b"{{}}")
    return answer | {{"status": os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}}

print(json.dumps([run(body) for body in bodies]))
"""


@dataclass(frozen=True, slots=True)
class Server:
    """How the fresh process is started in which bodies are run."""

    python: str = sys.executable
    user: str | None = None
    before: str = ""
    prepared: str = ""
    forbidden: tuple[str, ...] = ()
    limits: tuple[tuple[str, int], ...] = ()
    paths: tuple[str, ...] = (str(ROOT),)

    def run(
        self, bodies: Sequence[str], *, enters: bool = True, scratch: Path | None = None
    ) -> list[dict[str, Any]]:
        """Run each body in a child of its own and return what each answered."""
        program = SERVER.format(
            paths=list(self.paths),
            before=self.before,
            prepared=self.prepared,
            forbidden=list(self.forbidden),
            limits=dict(self.limits),
        )
        command = [self.python, "-I", "-B", "-c", program]
        if self.user:
            command = ["runuser", "-u", self.user, "--", *command]
        done = subprocess.run(
            command,
            input=json.dumps([list(bodies), enters, str(scratch) if scratch else None]),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            cwd="/",
            env={"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1", "A_SECRET": "of the caller"},
        )
        assert (done.returncode, done.stderr) == (0, "")
        answers: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
        return answers

    def ask(self, body: str, *, scratch: Path | None = None) -> dict[str, Any]:
        """Run one body inside and return what it answered."""
        return self.run([body], scratch=scratch)[0]


PROBE = """
import json, os, sys, time
sys.path[:0] = {paths!r}
{before}
from pathlib import Path
from dataclasses import replace
from torch_judge.model import isolation
from torch_judge.sandbox import probe
from torch_judge.sandbox import enter as sandbox
from torch_judge.sandbox.limits import ProcessLimits
from torch_judge.sandbox.policy import prepare
prepared = prepare(forbidden=[])
{prepared}
found = probe.probe(prepared, limits=ProcessLimits())
print(json.dumps([found.layers, {{each.layer: each.why for each in found.missing}}]))
"""


def run_probe(*, before: str = "", prepared: str = "") -> tuple[list[str], dict[str, str]]:
    program = PROBE.format(paths=[str(ROOT)], before=before, prepared=prepared)
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    layers, missing = json.loads(done.stdout)
    return layers, missing


def need(held: tuple[list[str], dict[str, str]], *layers: Layer) -> None:
    for layer in layers:
        if layer not in held[0]:
            pytest.skip(f"{layer}: {held[1][layer]}")


def system_server(**options: Any) -> Server:
    """Make a server on the system's Python, which others can read, and lend it landlockpy and seccompy."""
    landlockpy = pytest.importorskip("landlockpy")
    pytest.importorskip("seccompy")
    if (
        not hasattr(os, "geteuid")
        or os.geteuid() != 0
        or not SYSTEM_PYTHON.exists()
        or not shutil.which("runuser")
    ):
        pytest.skip("needs root, runuser and a system Python")
    paths = [str(ROOT), str(Path(landlockpy.__file__).parent.parent)]
    works = [
        str(SYSTEM_PYTHON),
        "-I",
        "-c",
        f"import sys; sys.path[:0] = {paths!r}; import torch_judge.sandbox.enter, landlockpy, seccompy",
    ]
    if subprocess.run(
        ["runuser", "-u", "nobody", "--", *works], capture_output=True, check=False, cwd="/"
    ).returncode:
        pytest.skip("the system's Python is too old, or another user cannot read this checkout")
    return Server(python=str(SYSTEM_PYTHON), paths=tuple(paths), **options)


PRELUDE = """
import ctypes, errno, fcntl, os, signal, socket, subprocess, sys, threading, time
from pathlib import Path
libc = ctypes.CDLL(None, use_errno=True)
def called(result):
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
def syscall(name, *arguments):
    from seccompy import syscall_nr
    wide = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    return called(libc.syscall(ctypes.c_long(syscall_nr(name)), *wide))
def child_of(pid):
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
"""
