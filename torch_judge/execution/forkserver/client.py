"""The conductor's hold on the warm server: start it, have it fork, talk to its children, end them."""

from __future__ import annotations

import hmac
import json
import os
import secrets
import selectors
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from torch_judge.execution.protocol import frames
from torch_judge.model.errors import JudgeError, UsageError
from torch_judge.model.problem import Framework
from torch_judge.model.version import PACKAGE

START_VARIABLE = "TORCH_JUDGE_START"
SECONDS_TO_START = 180.0
LONGEST_OUTPUT = 16 << 10
LENGTH_OF_WORD = 32
_BOOTSTRAP = "import sys; sys.path[:] = {first!r} + sys.path + {last!r}; from torch_judge.execution.forkserver.program import main; main(sys.argv[1:])"


class Start(StrEnum):
    """How children are started: forked from a warm process, or each a fresh one, which is handed a socket or dials back."""

    FORK = "fork"
    SPAWN = "spawn"
    DIAL = "dial"


_START_ON = {"linux": Start.FORK, "win32": Start.DIAL}


class HungUp(Exception):  # noqa: N818 - a state of a child, which the judge turns into a verdict
    """The child closed its channel: it has ended, or is about to."""


class OutOfTime(Exception):  # noqa: N818 - a state of a child, which the judge turns into a verdict
    """The child did not answer before the deadline."""


@dataclass(frozen=True, slots=True)
class Confinement:
    """How a child is to be shut in: the bank and the packages it cannot open, what it may use, and the layers it must have."""

    bank: str = ""
    packages: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()
    memory_mib: int = 2048
    seconds: float = 20.0
    required: tuple[str, ...] = ()


class Child:
    """A worker or a checker: its channel, what it printed, and its end."""

    def __init__(self, server: ForkServer, pid: int, channel: socket.socket, output: socket.socket) -> None:
        self._server, self._pid, self._channel, self._output = server, pid, channel, output
        self._printed = bytearray()
        self._dropped = 0
        self.why_killed = ""
        channel.settimeout(0)
        output.settimeout(0)
        self._selector = _Selector()
        self._waits_for = selectors.EVENT_READ
        self._selector.register(channel, self._waits_for)
        self._selector.register(output, selectors.EVENT_READ)

    def send(self, header: frames.Header, body: bytes = b"", *, deadline: float) -> None:
        """Send a frame."""
        waiting = memoryview(frames.pack(header, body))
        while waiting:
            try:
                waiting = waiting[self._channel.send(waiting) :]
            except BlockingIOError:
                self._wait(deadline, selectors.EVENT_WRITE)
            except OSError:
                raise HungUp from None

    def receive(
        self, *, deadline: float, allowance: frames.Allowance | None = None
    ) -> tuple[frames.Header, bytes]:
        """Receive a frame, counted where there is an allowance; raises WireError, HungUp or OutOfTime."""

        def read(count: int) -> bytes:
            chunks = bytearray()
            while len(chunks) < count:
                chunks += self._read_some(min(count - len(chunks), 1 << 20), deadline)
            return bytes(chunks)

        return frames.read_frame(read) if allowance is None else allowance.read_frame(read)

    def _read_some(self, count: int, deadline: float) -> bytes:
        while True:
            try:
                chunk = self._channel.recv(count)
            except BlockingIOError:
                self._wait(deadline, selectors.EVENT_READ)
                continue
            except OSError:
                raise HungUp from None
            if not chunk:
                raise HungUp
            return chunk

    def _wait(self, deadline: float, events: int) -> None:
        """Wait until the channel is ready, and keep what the child prints from filling its pipe."""
        if self._waits_for != events:
            self._selector.modify(self._channel, events)
            self._waits_for = events
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise OutOfTime
            ready = {key.fileobj for key, _ in self._selector.select(left)}
            if self._output in ready and not self._drain():
                self._selector.unregister(self._output)
                self._output.close()
            if self._channel in ready:
                return

    def _drain(self) -> bool:
        """Take one helping of what was printed; tell whether there may be more to come."""
        try:
            chunk = self._output.recv(1 << 16)
        except BlockingIOError:
            return True
        except OSError:  # hung up without a word
            return False
        room = LONGEST_OUTPUT - len(self._printed)
        self._printed += chunk[:room]
        self._dropped += len(chunk[room:]) if room < len(chunk) else 0
        return bool(chunk)

    def printed(self) -> str:
        """Return what was printed since the last call."""
        for _ in range(64):
            before = len(self._printed) + self._dropped
            if self._output.fileno() < 0 or not self._drain() or len(self._printed) + self._dropped == before:
                break
        text = self._printed.decode("utf-8", "replace")
        if self._dropped:
            text += f"\n[... {self._dropped} more bytes]"
        self._printed.clear()
        self._dropped = 0
        return text

    def kill(self) -> None:
        """Have it die now, so that it is gone the sooner when it is ended."""
        if self._pid >= 0:
            self._server.kill([self._pid])

    def end(self, *, grace: float = 0.0) -> int | None:
        """Hang up, wait so long, then kill; return the exit status, None if it had to be killed."""
        if self._pid < 0:
            return None
        pid, self._pid = self._pid, -1
        if grace == 0.0:
            self._channel.close()
        try:
            status, self.why_killed = self._server.end(pid, grace)
        finally:
            self._channel.close()
            self._output.close()
        return status


_Selector = getattr(selectors, "PollSelector", selectors.SelectSelector)  # the others take a descriptor


class ForkServer:
    """A warm server for one framework, started on first use; a context manager.

    Where fork is not safe (everywhere but on Linux), each child is a fresh process that imports anew.
    Where sockets cannot be handed to a process either (Windows), it dials back on the loopback device.
    """

    def __init__(self, framework: Framework) -> None:
        self._framework = framework
        self._method = _chosen_start()
        self._forks = self._method is Start.FORK
        self._lock = threading.Lock()
        self._programs: dict[int, _Program] = {}
        self._owner = os.getpid()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def method(self) -> Start:
        """Return how children are started."""
        return self._method

    def warm_up(self) -> None:
        """Start the program in the background, so that the first check finds it ready."""
        with self._lock:
            if self._forks:
                self._warm()

    @contextmanager
    def child(self, role: str, confinement: Confinement | None = None) -> Iterator[Child]:
        """Start a worker or a checker; it is gone when the block ends, however it ends."""
        child = self.start(role, confinement)
        try:
            yield child
        finally:
            child.end()

    def start(self, role: str, confinement: Confinement | None = None) -> Child:
        """Start a worker or a checker; whoever calls this ends it."""
        request = {"fork": role, **asdict(confinement or Confinement())}
        with self._lock:
            program = self._warm() if self._forks else self._fresh()
            try:
                pid, channel, output = program.fork(request)
            except BaseException:
                if not self._forks:
                    program.end(0.0)
                raise
            self._programs[0 if self._forks else pid] = program
        return Child(self, pid, channel, output)

    def kill(self, pids: list[int]) -> None:
        """Have children die at once; each is reaped when it is ended."""
        with self._lock:
            if not self._forks:
                for pid in pids:
                    self._programs[pid].kill()
            elif 0 in self._programs:
                self._programs[0].ask({"kill": pids})

    def end(self, pid: int, grace: float) -> tuple[int | None, str]:
        """Have a child ended and reaped; return its exit status, None if it had to be killed, and why the server killed it."""
        with self._lock:
            if not self._forks:
                return self._programs.pop(pid).end(grace), ""
            if 0 not in self._programs:
                return None, ""
            reply = self._programs[0].ask({"end": pid, "grace": grace})
            return reply["status"], reply["why"]

    def describe(self) -> dict[str, Any]:
        """Ask what isolation holds here: the layers, why others are missing, and the scratch folder."""
        request = {"describe": True, **asdict(Confinement())}
        with self._lock:
            if self._forks:
                return self._warm().ask(request)
            program = self._fresh()
            try:
                return program.ask(request)
            finally:
                program.end(0.0)

    def close(self) -> None:
        """End the program and with it every child."""
        if os.getpid() != self._owner:
            return
        with self._lock:
            for program in self._programs.values():
                program.end(0.0)
            self._programs.clear()

    def _warm(self) -> _Program:
        if os.getpid() != self._owner:  # we are a fork of the conductor: its server is not ours
            self._programs, self._owner = {}, os.getpid()
        program = self._programs.get(0)
        if program is None or not program.alive():
            if program is not None:
                program.end(0.0)
            program = self._programs[0] = _Program(self._framework, Start.FORK)
        return program

    def _fresh(self) -> _Program:
        return (_DialledProgram if self._method is Start.DIAL else _Program)(self._framework, self._method)


def _chosen_start() -> Start:
    chosen = os.environ.get(START_VARIABLE) or _START_ON.get(sys.platform, Start.SPAWN)
    if chosen not in list(Start):
        raise UsageError(f"{START_VARIABLE} is {chosen!r}; it may be {', '.join(Start)}")
    return Start(chosen)


class _Program:
    """A running `torch_judge.execution.forkserver.program` and our line to it."""

    _control: socket.socket

    def __init__(self, framework: Framework, method: Start) -> None:
        self._left_on_disk = ""
        self._command = [sys.executable, "-I", "-B", "-c", _BOOTSTRAP.format(**_paths()), framework, method]
        self._start()

    def _start(self) -> None:
        self._control, theirs = socket.socketpair()
        self._control.settimeout(SECONDS_TO_START)
        with theirs:
            self._process = subprocess.Popen(
                [*self._command, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                cwd="/",
                env=_environment(),
            )

    def alive(self) -> bool:
        """Tell whether the program is still running."""
        return self._process.poll() is None

    def fork(self, request: dict[str, Any]) -> tuple[int, socket.socket, socket.socket]:
        """Have a child forked, and return its id, its channel and what it prints.

        Raises JudgeError where it would not be shut in as is required.
        """
        pairs = [socket.socketpair(), socket.socketpair()]
        try:
            pid = self._forked(self.ask(request, [theirs.fileno() for _, theirs in pairs]))
        except BaseException:
            for ours, _ in pairs:
                ours.close()
            raise
        finally:
            for _, theirs in pairs:
                theirs.close()
        return pid, pairs[0][0], pairs[1][0]

    def _forked(self, reply: dict[str, Any]) -> int:
        if "lacking" in reply:
            raise JudgeError(
                f"the isolation that is required does not hold here, so nothing was run: {reply['lacking']}"
            )
        self._left_on_disk = reply["scratch"]
        return int(reply["pid"])

    def ask(self, request: dict[str, Any], descriptors: Iterable[int] = ()) -> dict[str, Any]:
        """Send a request and return the answer."""
        try:
            self._send(json.dumps(request).encode(), list(descriptors))
            answer = self._line()
        except (OSError, EOFError) as error:
            self.end(0.0)
            raise JudgeError(f"the warm server is gone: {type(error).__name__} {error}") from None
        except BaseException:  # Ctrl-C between question and answer: the line is out of step
            self.end(0.0)
            raise
        if "error" in answer:
            raise JudgeError(f"the warm server could not start: {answer['error']}")
        return answer

    def _send(self, request: bytes, descriptors: list[int]) -> None:
        socket.send_fds(self._control, [request], descriptors)

    def _line(self) -> dict[str, Any]:
        line = b""
        while not line.endswith(b"\n"):
            chunk = self._control.recv(4096)
            if not chunk:
                raise EOFError
            line += chunk
        answer: dict[str, Any] = json.loads(line)
        return answer

    def kill(self) -> None:
        """Kill the program itself, which is the child where nothing is forked."""
        self._process.kill()

    def end(self, grace: float) -> int | None:
        """Hang up, wait so long, then kill; return the exit status, None if it had to be killed."""
        self._control.close()
        status = None
        with suppress(subprocess.TimeoutExpired):
            status = self._process.wait(grace or 1.0)
        if status is None:
            self._process.kill()
            self._process.wait()
        if self._left_on_disk:
            from torch_judge.sandbox.removal import remove_tree

            remove_tree(Path(self._left_on_disk))
        return status


class _DialledProgram(_Program):
    """A program to which no socket can be handed: it dials back, and shows a word that only it was told."""

    def _start(self) -> None:
        self._word = secrets.token_bytes(LENGTH_OF_WORD)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=8)
        self._listener.settimeout(1.0)
        self._process = subprocess.Popen(
            [*self._command, str(self._listener.getsockname()[1])],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=Path(sys.executable).anchor,
            env=_environment(),
        )
        assert self._process.stdin is not None  # noqa: S101 - for the type checker
        with self._process.stdin as told:
            told.write(self._word)
        self._control = self._dialled()
        self._control.settimeout(SECONDS_TO_START)

    def _dialled(self) -> socket.socket:
        """Wait until the program dials; whoever else does is sent away."""
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline and self.alive():
            with suppress(OSError):
                line, _ = self._listener.accept()
                line.settimeout(1.0)
                if hmac.compare_digest(line.recv(LENGTH_OF_WORD, socket.MSG_WAITALL), self._word):
                    return line
                line.close()
        raise JudgeError("the judge's process does not answer on the loopback device")

    def fork(self, request: dict[str, Any]) -> tuple[int, socket.socket, socket.socket]:
        pid = self._forked(self.ask(request))
        return pid, self._dialled(), self._dialled()

    def _send(self, request: bytes, _descriptors: list[int]) -> None:
        self._control.sendall(request)

    def end(self, grace: float) -> int | None:
        self._listener.close()
        return super().end(grace)


def _paths() -> dict[str, list[str]]:
    """Return where our package is found and, after everything else, the caller's own packages."""
    import site

    user = [site.getusersitepackages()] if site.ENABLE_USER_SITE else []
    given = [
        path
        for path in os.environ.get("PYTHONPATH", "").split(os.pathsep)
        if path and Path(path).is_absolute()
    ]
    return {"first": [str(PACKAGE.parent)], "last": user + given}


def _environment() -> dict[str, str]:
    """Return the little that the server needs; nothing of the caller's secrets reaches a worker."""
    kept = {
        name: os.environ[name]
        for name in ("PATH", "LD_LIBRARY_PATH", "LANG", "SYSTEMROOT")
        if name in os.environ
    }
    return kept | {
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "HOME": "/nonexistent",
        "HYPOTHESIS_NO_PLUGINS": "1",
    }
