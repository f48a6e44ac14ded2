"""The warm server's program: import once, then fork a worker or a checker whenever the conductor asks.

It never computes, holds no problem file and no jury code, and ends when the conductor hangs up.
Started by `client` as a program of its own, so that no learner's script is ever imported again.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import linecache
import math
import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, NoReturn

from torch_judge.authoring.shield import keep_libraries
from torch_judge.execution.checker import serve as checker
from torch_judge.execution.checker.shrink import load_hypothesis
from torch_judge.execution.worker import serve as worker
from torch_judge.execution.worker.forbidden_operators import find_rules, list_unreadable
from torch_judge.execution.worker.forbidden_packages import find_packages
from torch_judge.execution.worker.stub import list_own_modules
from torch_judge.execution.worker.untouched import AUTHORING, watch_package
from torch_judge.model.errors import JudgeError
from torch_judge.model.isolation import Isolation, Layer
from torch_judge.model.operator_families import CLOSED_MODULES
from torch_judge.model.problem import Framework
from torch_judge.model.version import PACKAGE
from torch_judge.sandbox.enter import enter
from torch_judge.sandbox.limits import ProcessLimits, describe_shortage
from torch_judge.sandbox.policy import Prepared, prepare
from torch_judge.sandbox.probe import probe
from torch_judge.sandbox.process import leave_parent
from torch_judge.sandbox.reaper import become_subreaper, reap_orphans
from torch_judge.sandbox.scratch import MEBIBYTES, MOST_ENTRIES, Scratches

from . import requests
from .optimisers import ready_optimisers

LONGEST_REQUEST: Final = 64 << 10
SECONDS_OF_IDLENESS: Final = 0.1
SECONDS_OF_IDLENESS_BESIDE_CHILDREN: Final = 2.0
"""Some children stay between checks; a check that is being made asks for something sooner, most often."""
SECONDS_BETWEEN_MEASURING: Final = 0.05
SECONDS_BETWEEN_RARE_MEASURING: Final = 1.0
SECONDS_OF_A_CHECK: Final = 120.0
"""Who has been asked nothing for so long has no child that is at work."""
LARGE_PAGE: Final = 2 << 20
MADV_COLLAPSE: Final = 25
LENGTH_OF_A_NAMED_LINE: Final = 6
CHANNEL: Final = 3
MOST_SANDBOXES: Final = 16
"""Each holds a descriptor; of more banks than this, the one that came first is worked out again."""


@dataclass(frozen=True, slots=True)
class TriedSandbox:
    """What a worker may touch, and what trying it has shown."""

    prepared: Prepared
    probed: Isolation

    def enter(self, confinement: requests.Confinement, scratch: Path | None) -> Isolation:
        """Shut this process in for good; return what holds, or raise if that is less than is required."""
        seconds = math.ceil(confinement.seconds) + 1
        limits = ProcessLimits(memory_mib=confinement.memory_mib, cpu_seconds=seconds)
        entered = enter(self.prepared, limits=limits, scratch=scratch, keep=[CHANNEL])
        entered = entered.confirmed_by(self.probed)
        if lacking := entered.lacks(map(Layer, confinement.required)):
            raise JudgeError(f"the isolation that is required does not hold: {lacking}")
        return entered


class Program:
    """The server's state: the conductor's line and the children that are alive."""

    def __init__(
        self, control: socket.socket, *, forks: bool, dial: Callable[[], socket.socket] | None = None
    ) -> None:
        self._control = control
        self._forks = forks
        self._dial = dial
        self._children: dict[int, _Child] = {}
        self._served = self._pages_gathered = False
        self._scratches = Scratches()
        self._sandboxes: dict[tuple[str, ...], TriedSandbox] = {}
        become_subreaper()

    def serve(self) -> None:
        """Answer requests until the conductor hangs up, then leave no child behind."""
        try:
            while True:
                self._prepare_while_idle()
                self._measure_until_asked()
                raw, descriptors = self._receive()
                if not raw:
                    return
                request = requests.decode_request(raw)
                self._control.sendall(requests.encode(self._answer(request, descriptors)))
        except (ConnectionError, BrokenPipeError):
            return
        finally:
            for pid in list(self._children):
                self._end(pid, 0.0)
            self._scratches.close()

    def _receive(self) -> tuple[bytes, Sequence[int]]:
        """Receive a request, and the descriptors of a child's channel and output where they can be passed."""
        if self._dial is not None:
            return self._control.recv(LONGEST_REQUEST), []
        raw, descriptors, _, _ = socket.recv_fds(self._control, LONGEST_REQUEST, 4)
        return raw, descriptors

    def _prepare_while_idle(self) -> None:
        """Make forks cheap before the second check, or before the first if there is time."""
        if not self._is_to_prepare or self._children:
            return
        if select.select([self._control], [], [], SECONDS_OF_IDLENESS)[0]:
            hung_up = not self._control.recv(1, socket.MSG_PEEK)
            if hung_up or not self._served:
                return
        self._prepare()

    @property
    def _is_to_prepare(self) -> bool:
        return self._forks and not self._pages_gathered

    def _prepare(self) -> None:
        """Load what a check may need, and make forks cheap; once."""
        if not self._is_to_prepare:
            return
        with contextlib.suppress(ImportError):  # without it, a counterexample is not made smaller
            load_hypothesis()
        if "torch" in sys.modules:  # for a submission that sends gradients back itself
            importlib.import_module("torch.fx.experimental.symbolic_shapes")
        linecache.clearcache()
        gather_pages()
        self._pages_gathered = True

    def _measure_until_asked(self) -> None:
        """Wait for a request; meanwhile end each worker whose scratch folder holds too much.

        What is to be prepared while idle, and was not for children that stay, is prepared here.
        """
        watched = not self._scratches.bounded and any(child.scratch for child in self._children.values())
        since = time.monotonic()
        while not select.select([self._control], [], [], self._choose_pause(watched=watched, since=since))[0]:
            self._end_overfull()
            if time.monotonic() - since >= SECONDS_OF_IDLENESS_BESIDE_CHILDREN:
                self._prepare()

    def _choose_pause(self, *, watched: bool, since: float) -> float | None:
        """Choose how long to wait for a request before something else is looked at; None for ever."""
        if watched:
            is_fresh = time.monotonic() - since < SECONDS_OF_A_CHECK
            return SECONDS_BETWEEN_MEASURING if is_fresh else SECONDS_BETWEEN_RARE_MEASURING
        return SECONDS_OF_IDLENESS_BESIDE_CHILDREN if self._is_to_prepare else None

    def _end_overfull(self) -> None:
        """End each worker whose scratch folder holds too much."""
        for pid, child in self._children.items():
            if child.scratch is not None and not child.why and self._scratches.overfull(child.scratch):
                child.why = (
                    f"it put more than {MEBIBYTES} MiB or {MOST_ENTRIES} files into its scratch folder"
                )
                os.kill(pid, signal.SIGKILL)

    def _answer(self, request: requests.Request, descriptors: Sequence[int]) -> requests.Answer:
        match request:
            case requests.Kill(pids):
                return requests.Killed(tuple(pid for pid in pids if self._kill(pid)))
            case requests.End(pid, grace):
                return self._end(pid, grace)
            case requests.StartChild() | requests.Describe():
                return self._answer_if_able(request, descriptors)

    def _answer_if_able(
        self, request: requests.StartChild | requests.Describe, descriptors: Sequence[int]
    ) -> requests.Answer:
        """Answer what takes processes, memory and descriptors, or say what of it the system refuses."""
        try:
            if isinstance(request, requests.Describe):
                return self._describe(self._try_sandbox(request.confinement).probed)
            return self._start(request, descriptors)
        except (OSError, MemoryError, JudgeError) as error:
            return requests.Unable(_word(error))
        finally:  # in a child this is never reached
            for descriptor in descriptors:
                os.close(descriptor)

    def _describe(self, probed: Isolation) -> requests.Described:
        """Say what holds here and why the rest does not."""
        bounded = self._scratches.bounded
        scratch = f"{MEBIBYTES} MiB of memory and {MOST_ENTRIES} files" if bounded else self._scratches.why
        missing = {str(layer): why for layer, why in probed.reasons().items()}
        return requests.Described(probed.layers, missing, bounded, scratch)

    def _find_left_on_disk(self) -> str:
        """Find the folder that would stay if this process were killed; empty if none would."""
        return "" if self._scratches.bounded or self._scratches.root is None else str(self._scratches.root)

    def _start(self, request: requests.StartChild, descriptors: Sequence[int]) -> requests.Answer:
        """Fork a child, or become it where nothing is forked; in the child, this never returns."""
        sandbox = self._try_sandbox(request.confinement)
        if lacking := sandbox.probed.lacks(map(Layer, request.confinement.required)):
            return requests.Lacking(lacking)
        scratch = None
        if request.role is requests.Role.WORKER:
            find_rules(request.confinement.operators)  # once here, not in each child
            list_own_modules()
            watch_package(AUTHORING)
            scratch = self._scratches.make()
        try:
            pid = os.fork() if self._forks else 0
        except OSError:
            if scratch is not None:
                self._scratches.remove(scratch)
            raise
        if pid == 0:
            self._become(request, descriptors, sandbox, scratch)
        self._children[pid] = _Child(scratch)
        self._served = True
        shortage = describe_shortage(request.confinement.memory_mib)
        return requests.Started(pid, self._find_left_on_disk(), shortage)

    def _try_sandbox(self, confinement: requests.Confinement) -> TriedSandbox:
        """Work out and try, once for each bank and what it forbids, what a child may touch."""
        key = (confinement.bank, *confinement.packages)
        if key not in self._sandboxes:
            # of our own package, all: what a submission can read of the judge, it can prepare for
            hidden = [PACKAGE, *list_unreadable(), *find_packages(confinement.packages)]
            hidden += [Path(confinement.bank)] if confinement.bank else []
            if len(self._sandboxes) >= MOST_SANDBOXES:
                self._sandboxes.pop(next(iter(self._sandboxes))).prepared.close()
            prepared = prepare(forbidden=hidden, writable=self._scratches.root)
            self._sandboxes[key] = TriedSandbox(prepared, probe(prepared, limits=ProcessLimits()))
        return self._sandboxes[key]

    def _become(
        self,
        request: requests.StartChild,
        descriptors: Sequence[int],
        sandbox: TriedSandbox,
        scratch: Path | None,
    ) -> NoReturn:
        """Turn this process into a worker or a checker; it never comes back."""
        if self._forks:
            self._control.close()
        else:
            shortage = describe_shortage(request.confinement.memory_mib)
            started = requests.Started(os.getpid(), self._find_left_on_disk(), shortage)
            self._control.sendall(requests.encode(started))
        if self._dial is not None:
            lines = self._dial(), self._dial()  # in the order in which the conductor accepts them
        else:
            lines = socket.socket(fileno=descriptors[0]), socket.socket(fileno=descriptors[1])
        become_child(*lines, request, sandbox, scratch)

    def _kill(self, pid: int) -> bool:
        """Have a child die; it is reaped when it is ended."""
        if pid in self._children:
            os.kill(pid, signal.SIGKILL)
        return pid in self._children

    def _end(self, pid: int, grace: float) -> requests.Ended:
        """Wait so long for a child to end by itself, then kill it, and clear up after it."""
        if pid not in self._children:
            return requests.Ended(None, "")
        status = _reap(pid, time.monotonic() + grace)
        if status is None:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        child = self._children.pop(pid)
        # what it left behind ends before its folder is removed: nothing writes there any more
        reap_orphans(self._children.keys())
        if child.scratch is not None:
            self._scratches.remove(child.scratch)
        return requests.Ended(status, child.why)


@dataclass(slots=True)
class _Child:
    """A child that is alive: where it may write, and why we killed it if we did."""

    scratch: Path | None
    why: str = ""


def gather_pages() -> None:
    """Have the kernel gather this process's memory into large pages, where it can.

    A fork copies an entry for each page and its end drops it again: with large pages both take far less.
    """
    if sys.platform != "linux":
        return
    advise = ctypes.CDLL(None).madvise
    for line in Path("/proc/self/maps").read_text(errors="replace").splitlines():
        words = line.split(maxsplit=5)
        first, last = (int(address, 16) for address in words[0].split("-"))
        first, last = -(-first // LARGE_PAGE) * LARGE_PAGE, last // LARGE_PAGE * LARGE_PAGE
        # what is mapped from a file has a name, and is shared already
        private = len(words) < LENGTH_OF_A_NAMED_LINE or words[5] == "[heap]"
        if words[1].startswith("rw") and private and first < last:
            advise(ctypes.c_void_p(first), ctypes.c_size_t(last - first), MADV_COLLAPSE)


def _reap(pid: int, deadline: float) -> int | None:
    """Wait for a child until the deadline; return its exit status, None if it is still there."""
    pause = 0.0005
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() >= deadline:
            return None
        time.sleep(pause)
        pause = min(pause * 2, 0.02)


def become_child(
    channel: socket.socket,
    output: socket.socket,
    request: requests.StartChild,
    sandbox: TriedSandbox,
    scratch: Path | None,
) -> NoReturn:
    """Give this process a child's descriptors, shut it in, and let it serve until it ends."""
    status = 1
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        channel = _take_over(channel, output)
        _open_streams()
        torch = sys.modules.get("torch")
        if torch is not None:
            torch.set_num_threads(1)  # before its first operator: threads of a pool do not survive a fork
        isolation = sandbox.enter(request.confinement, scratch)
        if request.role is requests.Role.WORKER:
            worker.serve(channel, isolation)
        else:
            gc.disable()  # a checker lives for a moment and makes no cycles that matter
            checker.serve(channel)
    except (EOFError, ConnectionError):
        status = 0  # the conductor hung up: the check is over
    except BaseException as error:  # the last word before the process ends
        with contextlib.suppress(BaseException):
            os.write(2, f"{request.role}: {type(error).__name__}: {error}\n".encode("utf-8", "replace"))
    finally:
        os._exit(status)


def _take_over(channel: socket.socket, output: socket.socket) -> socket.socket:
    """Make a socket this process's output, and return the channel under the only other descriptor left."""
    if sys.platform == "win32":  # a socket is no file there
        readable, writable = os.pipe()
        os.dup2(writable, 1)
        os.dup2(writable, 2)
        threading.Thread(target=_pump, args=(readable, output), daemon=True).start()
        return channel
    os.dup2(output.detach(), 1)
    os.dup2(1, 2)
    os.dup2(channel.detach(), CHANNEL)
    return socket.socket(fileno=CHANNEL)


def _open_streams() -> None:
    """Open the text streams anew: those of the server remember that they could be sought in.

    A submission that sets their encoding would fail by it.
    """
    for name, descriptor, buffering in (("stdout", 1, -1), ("stderr", 2, 1)):
        before = getattr(sys, name)
        stream = open(  # noqa: SIM115 - it stays open
            descriptor, "w", buffering, encoding=before.encoding, errors=before.errors, closefd=False
        )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _pump(readable: int, output: socket.socket) -> None:
    while chunk := os.read(readable, 1 << 16):
        output.sendall(chunk)


def main(arguments: Sequence[str]) -> None:
    """Serve on an inherited socket, `FRAMEWORK fork|spawn DESCRIPTOR`, or dial one, `FRAMEWORK dial PORT`."""
    leave_parent()
    framework, method, where = arguments
    gc.disable()  # nothing that is imported here is garbage
    dial = None
    if method == "dial":
        dial = partial(_dial, int(where), sys.stdin.buffer.read())
    control = dial() if dial else socket.socket(fileno=int(where))
    control = _keep_channel_free(control)
    try:
        _import_framework(Framework(framework))
        linecache.clearcache()  # each worker does, and would touch every page of the lines that were read
        gc.freeze()
        gc.enable()
        program = Program(control, forks=method == "fork", dial=dial)
    except BaseException as error:  # the conductor says what is missing
        _refuse(control, _word(error))
    # nobody listens any more to what is said where no answer can be given
    os.dup2(1, 2)
    program.serve()


def _keep_channel_free(control: socket.socket) -> socket.socket:
    """Hold the descriptor that becomes a child's channel, so that nothing which a child closes lies there."""
    if sys.platform == "win32":  # a socket is no file there
        return control
    if control.fileno() == CHANNEL:
        control = socket.socket(fileno=os.dup(control.detach()))
    held = os.open(os.devnull, os.O_RDONLY)
    if held != CHANNEL:
        os.dup2(held, CHANNEL)
        os.close(held)
    return control


def _dial(port: int, word: bytes) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port))
    line.sendall(word)
    return line


def _import_framework(framework: Framework) -> None:
    import cloudpickle  # noqa: F401 - a live object's pickle needs it in the worker
    import numpy.random  # noqa: F401 - every case draws its inputs, and NumPy imports this late

    if framework is Framework.TORCH:
        import torch.nested._internal.ops  # noqa: F401 - has Python forms of operators, which are replaced where they are loaded

        for module in CLOSED_MODULES:  # for the same reason; an older PyTorch has not all of them
            with contextlib.suppress(ImportError):
                importlib.import_module(module)
        ready_optimisers()
    keep_libraries()


def _word(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".removesuffix(": ")


def _refuse(control: socket.socket, reason: str) -> NoReturn:
    """Answer the first request with the reason why this server cannot serve."""
    select.select([control], [], [])
    control.recv(LONGEST_REQUEST)
    control.sendall(requests.encode(requests.Failed(reason)))
    raise SystemExit(1)
