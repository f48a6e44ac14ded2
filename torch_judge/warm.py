"""The warm server's program: import once, then fork a worker or a checker whenever the conductor asks.

It never computes, holds no problem file and no jury code, and ends when the conductor hangs up.
Started by `server` as a program of its own, so that no learner's script is ever imported again.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import math
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from . import checker, worker
from .problem import Framework
from .rules import rules, unreadable
from .sandbox import Isolation, Limits, Prepared, become_subreaper, enter, prepare, probe, reap_orphans

LONGEST_REQUEST = 8192
MOST_DESCRIPTORS = 4096
SECONDS_OF_IDLENESS = 0.1
LARGE_PAGE = 2 << 20
MADV_COLLAPSE = 25
LENGTH_OF_A_NAMED_LINE = 6
CHANNEL = 3


@dataclass(frozen=True, slots=True)
class Sandbox:
    """What a worker may touch, and what trying it has shown."""

    prepared: Prepared
    probed: Isolation

    def enter(self, *, memory_mib: int, seconds: float) -> list[str]:
        """Shut this process in for good; return the layers that hold."""
        limits = Limits(memory_mib=memory_mib, cpu_seconds=math.ceil(seconds) + 1)
        entered = enter(self.prepared, limits=limits, scratch=None, keep=[CHANNEL])
        return list(entered.confirmed_by(self.probed).layers)


class Warm:
    """The server's state: the conductor's line and the children that are alive."""

    def __init__(self, control: socket.socket, *, forks: bool) -> None:
        self._control = control
        self._forks = forks
        self._children: set[int] = set()
        self._served = self._pages_gathered = False
        self._sandboxes: dict[str, Sandbox] = {}
        become_subreaper()

    def serve(self) -> None:
        """Answer requests until the conductor hangs up, then leave no child behind."""
        try:
            while True:
                self._prepare_while_idle()
                raw, descriptors, _, _ = socket.recv_fds(self._control, LONGEST_REQUEST, 4)
                if not raw:
                    return
                self._control.sendall(json.dumps(self._answer(json.loads(raw), descriptors)).encode() + b"\n")
        except (ConnectionError, BrokenPipeError):
            return
        finally:
            for pid in list(self._children):
                self._end(pid, 0.0)

    def _prepare_while_idle(self) -> None:
        """Make forks cheap before the second check, or before the first if there is time."""
        if self._pages_gathered or not self._forks or self._children:
            return
        if select.select([self._control], [], [], SECONDS_OF_IDLENESS)[0]:
            hung_up = not self._control.recv(1, socket.MSG_PEEK)
            if hung_up or not self._served:
                return
        gather_pages()
        self._pages_gathered = True

    def _answer(self, request: dict[str, Any], descriptors: Sequence[int]) -> dict[str, Any]:
        if "kill" in request:
            return {"killed": [pid for pid in request["kill"] if self._kill(pid)]}
        if "end" in request:
            return {"status": self._end(request["end"], request["grace"])}
        return {"pid": self._start(request, descriptors)}

    def _start(self, request: dict[str, Any], descriptors: Sequence[int]) -> int:
        sandbox = None
        if request["fork"] == "worker":
            sandbox = self._sandbox(request["bank"])
            rules(tuple(request["forbidden"]))  # found once here, not in each child
        pid = os.fork() if self._forks else 0
        if pid == 0:
            self._become(request, descriptors, sandbox)
        for descriptor in descriptors:
            os.close(descriptor)
        self._children.add(pid)
        self._served = True
        return pid

    def _sandbox(self, bank: str) -> Sandbox:
        """Work out and try, once for each bank, what a worker may touch."""
        if bank not in self._sandboxes:
            prepared = prepare(forbidden=[Path(__file__).resolve().parent, Path(bank), *unreadable()])
            self._sandboxes[bank] = Sandbox(prepared, probe(prepared, limits=Limits()))
        return self._sandboxes[bank]

    def _become(self, request: dict[str, Any], descriptors: Sequence[int], sandbox: Sandbox | None) -> NoReturn:
        """Turn this process into a worker or a checker; it never comes back."""
        if self._forks:
            self._control.close()
        else:
            self._control.sendall(json.dumps({"pid": os.getpid()}).encode() + b"\n")
        channel, output = descriptors
        become_child(channel, output, request, sandbox)

    def _kill(self, pid: int) -> bool:
        """Have a child die; it is reaped when it is ended."""
        if pid in self._children:
            os.kill(pid, signal.SIGKILL)
        return pid in self._children

    def _end(self, pid: int, grace: float) -> int | None:
        """Wait so long for a child to end by itself, then kill it; return its exit status, None if we killed it."""
        if pid not in self._children:
            return None
        deadline = time.monotonic() + grace
        status = _reaped(pid, deadline)
        if status is None:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        self._children.discard(pid)
        reap_orphans(self._children)
        return status


def gather_pages() -> None:
    """Have the kernel gather this process's memory into large pages, where it can.

    A fork copies an entry for each page and its end drops them again: with large pages both take a few times less.
    """
    if sys.platform != "linux":
        return
    advise = ctypes.CDLL(None).madvise
    for line in Path("/proc/self/maps").read_text(errors="replace").splitlines():
        words = line.split(maxsplit=5)
        first, last = (int(each, 16) for each in words[0].split("-"))
        first, last = -(-first // LARGE_PAGE) * LARGE_PAGE, last // LARGE_PAGE * LARGE_PAGE
        if words[1].startswith("rw") and (len(words) < LENGTH_OF_A_NAMED_LINE or words[5] == "[heap]") and first < last:
            advise(ctypes.c_void_p(first), ctypes.c_size_t(last - first), MADV_COLLAPSE)


def _reaped(pid: int, deadline: float) -> int | None:
    pause = 0.0005
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() >= deadline:
            return None
        time.sleep(pause)
        pause = min(pause * 2, 0.02)


def become_child(channel: int, output: int, request: dict[str, Any], sandbox: Sandbox | None) -> NoReturn:
    """Give this process a worker's descriptors and limits, and let it serve until it ends."""
    status = 1
    try:
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.dup2(channel, CHANNEL)
        torch = sys.modules.get("torch")
        if torch is not None:
            torch.set_num_threads(1)
        if sandbox is None:
            os.closerange(CHANNEL + 1, MOST_DESCRIPTORS)
            gc.disable()  # a checker lives for a moment and makes no cycles that matter
            checker.serve(socket.socket(fileno=CHANNEL))
        else:
            isolation = sandbox.enter(memory_mib=request["memory_mib"], seconds=request["seconds"])
            worker.serve(socket.socket(fileno=CHANNEL), isolation)
    except (EOFError, ConnectionError):
        status = 0  # the conductor hung up: the check is over
    except BaseException as error:  # the last word before the process ends
        with contextlib.suppress(BaseException):
            os.write(2, f"{request['fork']}: {type(error).__name__}: {error}\n".encode("utf-8", "replace"))
    finally:
        os._exit(status)


def main(arguments: Sequence[str]) -> None:
    """Serve on an inherited socket: `FRAMEWORK DESCRIPTOR fork|spawn`."""
    framework, descriptor, method = arguments
    gc.disable()  # nothing that is imported here is garbage
    control = socket.socket(fileno=int(descriptor))
    try:
        _import(Framework(framework))
    except BaseException as error:  # the conductor says what is missing
        _refuse(control, f"{type(error).__name__}: {error}")
    gc.freeze()
    gc.enable()
    Warm(control, forks=method == "fork").serve()


def _import(framework: Framework) -> None:
    import cloudpickle  # noqa: F401 - a live object's pickle needs it in the worker
    import numpy.random  # noqa: F401 - every case draws its inputs, and NumPy imports this late

    if framework is Framework.TORCH:
        import torch.fx.experimental.symbolic_shapes  # noqa: F401 - the first gradient would import it, in every child


def _refuse(control: socket.socket, reason: str) -> NoReturn:
    """Answer the first request with the reason why this server cannot serve."""
    select.select([control], [], [])
    control.recv(LONGEST_REQUEST)
    control.sendall(json.dumps({"error": reason}).encode() + b"\n")
    raise SystemExit(1)
