"""The conductor's hold on the warm server: start it, have it fork, talk to its children, end them."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from . import wire
from .errors import JudgeError
from .problem import Framework

START_VARIABLE = "TORCH_JUDGE_START"
SECONDS_TO_START = 180.0
LONGEST_OUTPUT = 16 << 10
_BOOTSTRAP = "import sys; sys.path[:] = {first!r} + sys.path + {last!r}; from torch_judge.warm import main; main(sys.argv[1:])"


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

    def __init__(self, server: Server, pid: int, channel: socket.socket, output: int) -> None:
        self._server, self._pid, self._channel, self._output = server, pid, channel, output
        self._printed = bytearray()
        self._dropped = 0
        self.why_killed = ""
        channel.settimeout(0)
        os.set_blocking(output, False)

    def send(self, header: wire.Header, body: bytes = b"", *, deadline: float) -> None:
        """Send a frame."""
        waiting = memoryview(wire.pack(header, body))
        while waiting:
            try:
                waiting = waiting[self._channel.send(waiting) :]
            except BlockingIOError:
                self._wait(deadline, select.POLLOUT)
            except OSError:
                raise HungUp from None

    def receive(self, *, deadline: float, allowance: wire.Allowance | None = None) -> tuple[wire.Header, bytes]:
        """Receive a frame, counted where there is an allowance; raises WireError, HungUp or OutOfTime."""

        def read(count: int) -> bytes:
            chunks = bytearray()
            while len(chunks) < count:
                chunks += self._read_some(min(count - len(chunks), 1 << 20), deadline)
            return bytes(chunks)

        return wire.read_frame(read) if allowance is None else allowance.read_frame(read)

    def _read_some(self, count: int, deadline: float) -> bytes:
        while True:
            try:
                chunk = self._channel.recv(count)
            except BlockingIOError:
                self._wait(deadline, select.POLLIN)
                continue
            except OSError:
                raise HungUp from None
            if not chunk:
                raise HungUp
            return chunk

    def _wait(self, deadline: float, events: int) -> None:
        """Wait until the channel is ready, and keep what the child prints from filling its pipe."""
        poll = select.poll()
        poll.register(self._channel, events)
        if self._output >= 0:
            poll.register(self._output, select.POLLIN)
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise OutOfTime
            ready = {descriptor for descriptor, _ in poll.poll(left * 1000)}
            if self._output in ready and not self._drain():
                poll.unregister(self._output)
                self._close_output()
            if self._channel.fileno() in ready:
                return

    def _drain(self) -> bool:
        """Take one helping of what was printed; tell whether there may be more to come."""
        try:
            chunk = os.read(self._output, 1 << 16)
        except BlockingIOError:
            return True
        room = LONGEST_OUTPUT - len(self._printed)
        self._printed += chunk[:room]
        self._dropped += len(chunk[room:]) if room < len(chunk) else 0
        return bool(chunk)

    def printed(self) -> str:
        """Return what was printed since the last call."""
        for _ in range(64):
            before = len(self._printed) + self._dropped
            if self._output < 0 or not self._drain() or len(self._printed) + self._dropped == before:
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
            self._close_output()
        return status

    def _close_output(self) -> None:
        if self._output >= 0:
            os.close(self._output)
            self._output = -1


class Server:
    """A warm server for one framework, started on first use; a context manager.

    Where fork is not safe (everywhere but on Linux), each child is a fresh process that imports anew.
    """

    def __init__(self, framework: Framework) -> None:
        self._framework = framework
        self._forks = os.environ.get(START_VARIABLE, "fork" if sys.platform == "linux" else "spawn") == "fork"
        self._lock = threading.Lock()
        self._programs: dict[int, _Program] = {}
        self._owner = os.getpid()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def method(self) -> str:
        """Return how children are started: `fork` from a warm process, or `spawn`, each a fresh one."""
        return "fork" if self._forks else "spawn"

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
        ours, theirs = socket.socketpair()
        readable, writable = os.pipe()
        program = None
        try:
            with self._lock:
                program = self._warm() if self._forks else _Program(self._framework, "spawn")
                reply = program.fork(request, [theirs.fileno(), writable])
                self._programs[0 if self._forks else reply["pid"]] = program
        except BaseException:
            ours.close()
            os.close(readable)
            if program is not None and not self._forks:
                program.end(0.0)
            raise
        finally:
            theirs.close()
            os.close(writable)
        return Child(self, reply["pid"], ours, readable)

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
            program = _Program(self._framework, "spawn")
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
            program = self._programs[0] = _Program(self._framework, "fork")
        return program


class _Program:
    """A running `torch_judge.warm` and our line to it."""

    def __init__(self, framework: Framework, method: str) -> None:
        if sys.platform == "win32":
            raise JudgeError("torch_judge needs Linux or macOS; on Windows use it inside WSL")
        self._control, theirs = socket.socketpair()
        self._control.settimeout(SECONDS_TO_START)
        self._left_on_disk = ""
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-B", "-c", _BOOTSTRAP.format(**_paths()), framework, str(theirs.fileno()), method],
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

    def fork(self, request: dict[str, Any], descriptors: Iterable[int]) -> dict[str, Any]:
        """Have a child forked; raises JudgeError where it would not be shut in as is required."""
        reply = self.ask(request, descriptors)
        if "lacking" in reply:
            raise JudgeError(f"the isolation that is required does not hold here, so nothing was run: {reply['lacking']}")
        self._left_on_disk = reply["scratch"]
        return reply

    def ask(self, request: dict[str, Any], descriptors: Iterable[int] = ()) -> dict[str, Any]:
        """Send a request and return the answer."""
        try:
            socket.send_fds(self._control, [json.dumps(request).encode()], list(descriptors))
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
            from .scratch import remove_tree

            remove_tree(Path(self._left_on_disk))
        return status


def _paths() -> dict[str, list[str]]:
    """Return where our package is found and, after everything else, the caller's own packages."""
    import site

    user = [site.getusersitepackages()] if site.ENABLE_USER_SITE else []
    given = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path and Path(path).is_absolute()]
    return {"first": [str(Path(__file__).resolve().parent.parent)], "last": user + given}


def _environment() -> dict[str, str]:
    """Return the little that the server needs; nothing of the caller's secrets reaches a worker."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "LANG", "SYSTEMROOT") if name in os.environ}
    return kept | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "HOME": "/nonexistent"}
