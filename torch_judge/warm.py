"""The warm server's program: import once, then fork a worker or a checker whenever the conductor asks.

It never computes, holds no problem file and no jury code, and ends when the conductor hangs up.
Started by `server` as a program of its own, so that no learner's script is ever imported again.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Sequence
from typing import Any, NoReturn

from . import checker, worker
from .problem import Framework

LONGEST_REQUEST = 4096


class Warm:
    """The server's state: the conductor's line and the children that are alive."""

    def __init__(self, control: socket.socket, *, forks: bool) -> None:
        self._control = control
        self._forks = forks
        self._children: dict[int, int | None] = {}

    def serve(self) -> None:
        """Answer requests until the conductor hangs up, then leave no child behind."""
        try:
            while True:
                raw, descriptors, _, _ = socket.recv_fds(self._control, LONGEST_REQUEST, 4)
                if not raw:
                    return
                self._control.sendall(json.dumps(self._answer(json.loads(raw), descriptors)).encode() + b"\n")
        except (ConnectionError, BrokenPipeError):
            return
        finally:
            for pid in list(self._children):
                self._end(pid, 0.0)

    def _answer(self, request: dict[str, Any], descriptors: Sequence[int]) -> dict[str, Any]:
        if "end" in request:
            return {"status": self._end(request["end"], request["grace"])}
        return {"pid": self._start(request, descriptors)}

    def _start(self, request: dict[str, Any], descriptors: Sequence[int]) -> int:
        pid = os.fork() if self._forks else 0
        if pid == 0:
            self._become(request, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        self._children[pid] = None
        return pid

    def _become(self, request: dict[str, Any], descriptors: Sequence[int]) -> NoReturn:
        """Turn this process into a worker or a checker; it never comes back."""
        if self._forks:
            self._control.close()
        else:
            self._control.sendall(json.dumps({"pid": os.getpid()}).encode() + b"\n")
        channel, output = descriptors
        become_child(channel, output, request)

    def _end(self, pid: int, grace: float) -> int | None:
        """Wait so long for a child to end by itself, then kill it; return its exit status, None if we killed it."""
        if pid not in self._children:
            return None
        deadline = time.monotonic() + grace
        status = _reaped(pid, deadline)
        if status is None:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        del self._children[pid]
        return status


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


def become_child(channel: int, output: int, request: dict[str, Any]) -> NoReturn:
    """Give this process a worker's descriptors and limits, and let it serve until it ends."""
    status = 1
    try:
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.dup2(channel, 3)
        os.closerange(4, 1024)
        torch = sys.modules.get("torch")
        if torch is not None:
            torch.set_num_threads(1)
        line = socket.socket(fileno=3)
        if request["fork"] == "worker":
            worker.serve(line, ["process"])
        else:
            checker.serve(line)
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
    control = socket.socket(fileno=int(descriptor))
    try:
        _import(Framework(framework))
    except BaseException as error:  # the conductor says what is missing
        _refuse(control, f"{type(error).__name__}: {error}")
    gc.collect()
    gc.freeze()
    Warm(control, forks=method == "fork").serve()


def _import(framework: Framework) -> None:
    import cloudpickle  # noqa: F401 - a live object's pickle needs it in the worker

    if framework is Framework.TORCH:
        import torch.fx.experimental.symbolic_shapes  # noqa: F401 - the first gradient would import it, in every child


def _refuse(control: socket.socket, reason: str) -> NoReturn:
    """Answer the first request with the reason why this server cannot serve."""
    select.select([control], [], [])
    control.recv(LONGEST_REQUEST)
    control.sendall(json.dumps({"error": reason}).encode() + b"\n")
    raise SystemExit(1)
