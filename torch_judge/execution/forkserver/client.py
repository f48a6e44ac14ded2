"""The conductor's hold on the fork server: start its program, have it fork, end it with its block."""

from __future__ import annotations

import hmac
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self, TypeVar, cast

from torch_judge.execution.protocol.last_words import SIGNAL
from torch_judge.model.errors import JudgeError, UsageError
from torch_judge.model.problem import Framework
from torch_judge.model.sanitize import one_line
from torch_judge.model.version import PACKAGE
from torch_judge.sandbox.limits import describe_tight_limits

from . import requests
from .channel import Child, lift, make_pair
from .patience import read_seconds_of_waiting
from .requests import Confinement, Role

START_VARIABLE: Final = "TORCH_JUDGE_START"
SECONDS_TO_START: Final = 180.0
SECONDS_TO_END: Final = 1.0
LENGTH_OF_WORD: Final = 32
_PROGRAM: Final = "from torch_judge.execution.forkserver.program import main; main(sys.argv[1:])"
# our package first, so that the program is of the conductor's release; the caller's own packages last, so
# that no file of theirs is imported in a library's place
_BOOTSTRAP = (
    "import site, sys; sys.path[:] = {first!r} + sys.path + {given!r}; [*map(site.addsitedir, {user!r})]; "
    f"{_PROGRAM}"
)
try:
    _FOLDER_AT_START = str(Path.cwd())
except OSError:  # it is gone
    _FOLDER_AT_START = ""
_Expected = TypeVar("_Expected", bound=requests.Answer)


class Start(StrEnum):
    """How children are started: forked from a warm process, or each a fresh one.

    A fresh one is handed a socket, or dials back.
    """

    FORK = "fork"
    SPAWN = "spawn"
    DIAL = "dial"


_START_ON = {"linux": Start.FORK, "win32": Start.DIAL}


class ForkServer:
    """A warm server for one framework, started on first use; a context manager.

    Where fork is not safe (everywhere but on Linux), each child is a fresh process that imports anew.
    Where sockets cannot be handed to a process either (Windows), it dials back on the loopback device.
    """

    def __init__(self, framework: Framework) -> None:
        self._framework = framework
        self._method = _choose_start()
        self._forks = self._method is Start.FORK
        self._lock = threading.Lock()
        self._programs: dict[int, _ServerProcess] = {}
        self._is_closed = False
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

    @property
    def has_children(self) -> bool:
        """Tell whether what was started here can still be there: with a server that died it is not."""
        with self._hold():
            return any(program.alive() for program in self._programs.values())

    def warm_up(self) -> None:
        """Start the program in the background, so that the first check finds it ready.

        Where it does not start, the first check says why.
        """
        with self._hold(), suppress(JudgeError):
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
        request = requests.StartChild(Role(role), confinement or Confinement())
        with self._hold():
            program = self._warm() if self._forks else self._fresh()
            try:
                pid, channel, output = program.fork(request)
            except BaseException:
                if not self._forks:
                    program.end(0.0)
                raise
            self._programs[0 if self._forks else pid] = program
        return Child(
            channel,
            output,
            kill=partial(self.kill, [pid]),
            nudge=partial(_nudge, pid),
            end=partial(self.end, pid),
            shortage=program.shortage,
            read_waiting=partial(read_seconds_of_waiting, pid),
        )

    def kill(self, pids: list[int]) -> None:
        """Have children die at once; each is reaped when it is ended."""
        with self._hold():
            if not self._forks:
                for pid in pids:
                    self._programs[pid].kill()
            elif (program := self._find_server()) is not None:
                program.ask(requests.Kill(tuple(pids)), requests.Killed)

    def end(self, pid: int, grace: float) -> tuple[int | None, str]:
        """Have a child ended and reaped.

        Return its exit status, None if it had to be killed, and why the server killed it.
        """
        with self._hold():
            if not self._forks:
                return self._programs.pop(pid).end(grace), ""
            program = self._find_server()
            if program is None:
                return None, ""
            ended = program.ask(requests.End(pid, grace), requests.Ended)
            return ended.status, ended.why

    def describe(self) -> requests.Described:
        """Ask what isolation holds here: the layers, why others are missing, and the scratch folder."""
        with self._hold():
            if self._forks:
                return self._warm().ask(requests.Describe(), requests.Described)
            program = self._fresh()
            try:
                return program.ask(requests.Describe(), requests.Described)
            finally:
                program.end(0.0)

    def close(self) -> None:
        """End the program and with it every child, for good.

        Another thread that is in the middle of a check finds no server any more, and does not start one anew.
        """
        if os.getpid() != self._owner:
            return
        with self._hold():
            self._is_closed = True
            for program in self._programs.values():
                program.end(0.0)
            self._programs.clear()

    def _hold(self) -> threading.Lock:
        """Return the lock that is to be held; in a fork of the conductor neither it nor the server is ours.

        Another thread may have held it when we were forked, and would never let it go here.
        """
        if os.getpid() != self._owner:
            self._lock, self._programs, self._owner = threading.Lock(), {}, os.getpid()
            self._is_closed = False
        return self._lock

    def _find_server(self) -> _ServerProcess | None:
        """Find the warm server, if there is one and nobody has hung up on it.

        Whoever does, for Ctrl-C in the middle of an answer, has ended all children too: a complaint that
        they cannot be ended would take the place of the Ctrl-C.
        """
        program = self._programs.get(0)
        return None if program is None or program.is_over else program

    def _warm(self) -> _ServerProcess:
        self._refuse_if_closed()
        program = self._programs.get(0)
        if program is None or not program.alive():
            if program is not None:
                program.end(0.0)
            program = self._programs[0] = _ServerProcess(self._framework, Start.FORK)
        return program

    def _refuse_if_closed(self) -> None:
        if self._is_closed:
            raise JudgeError("the judge's server was ended")

    def _fresh(self) -> _ServerProcess:
        self._refuse_if_closed()
        return (_DialledProcess if self._method is Start.DIAL else _ServerProcess)(
            self._framework, self._method
        )


def _nudge(pid: int) -> None:
    """Have a child write where it stands; its id is nobody else's before it is ended."""
    if SIGNAL is not None:
        with suppress(OSError):
            os.kill(pid, SIGNAL)


def _choose_start() -> Start:
    chosen = os.environ.get(START_VARIABLE) or _START_ON.get(sys.platform, Start.SPAWN)
    if chosen not in list(Start):
        raise UsageError(f"{START_VARIABLE} is {chosen!r}; it may be {', '.join(Start)}")
    return Start(chosen)


class _ServerProcess:
    """A running `torch_judge.execution.forkserver.program` and our line to it."""

    _control: socket.socket

    def __init__(self, framework: Framework, method: Start) -> None:
        self._left_on_disk = self.shortage = ""
        self._answered = False
        self._complaints: IO[bytes] | None = None
        self._command = [
            sys.executable,
            "-I",
            "-B",
            "-c",
            _BOOTSTRAP.format(**_find_paths()),
            framework,
            method,
        ]
        try:
            self._start()
        except OSError as error:  # the system has no process or no descriptor left for us
            raise _word_failure(f"{type(error).__name__}: {error}") from None

    def _start(self) -> None:
        self._control, theirs = make_pair()
        self._control.settimeout(SECONDS_TO_START)
        try:
            with theirs:
                self._process = self._start_program(theirs.fileno())
        except OSError:
            self._control.close()
            self._close_complaints()
            raise

    def _start_program(self, theirs: int) -> subprocess.Popen[bytes]:
        self._complaints, complaints = _open_complaints()
        with complaints:
            return subprocess.Popen(
                [*self._command, str(theirs)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=complaints,
                pass_fds=[theirs],
                start_new_session=True,
                cwd="/",
                env=_build_environment(),
            )

    @property
    def is_over(self) -> bool:
        """Whether we have hung up on the program."""
        return self._control.fileno() < 0

    def alive(self) -> bool:
        """Tell whether the program is still running."""
        return self._process.poll() is None

    def fork(self, request: requests.StartChild) -> tuple[int, socket.socket, socket.socket]:
        """Have a child forked, and return its id, its channel and what it prints.

        Raises JudgeError where it would not be shut in as is required.
        """
        pairs: list[tuple[socket.socket, socket.socket]] = []
        try:
            pairs += make_pair(), make_pair()
            pid = self._ask_for_child(request, [theirs.fileno() for _, theirs in pairs])
        except BaseException as error:
            for ours, _ in pairs:
                ours.close()
            if isinstance(error, OSError):
                raise _word_failure(f"{type(error).__name__}: {error}") from None
            raise
        finally:
            for _, theirs in pairs:
                theirs.close()
        return pid, pairs[0][0], pairs[1][0]

    def _ask_for_child(self, request: requests.StartChild, descriptors: Iterable[int] = ()) -> int:
        started = self.ask(request, requests.Started, descriptors)
        self._left_on_disk, self.shortage = started.scratch, started.shortage
        return started.pid

    def ask(
        self, request: requests.Request, expected: type[_Expected], descriptors: Iterable[int] = ()
    ) -> _Expected:
        """Send a request and return the answer; raise JudgeError if it is another than is expected."""
        try:
            self._send(requests.encode(request), list(descriptors))
            answer = requests.decode_answer(self._read_line())
        except (OSError, EOFError) as error:
            raise self._explain_loss(error) from None
        except BaseException:  # Ctrl-C between question and answer: the line is out of step
            self.end(0.0)
            raise
        match answer:
            case requests.Failed(reason):
                self.end(0.0)
                raise _word_failure(reason)
            case requests.Unable(reason):
                raise _word_failure(reason, "no worker or checker can be started")
            case requests.Lacking(reasons):
                raise JudgeError(
                    f"the isolation that is required does not hold here, so nothing was run: {reasons}"
                )
        if not isinstance(answer, expected):
            self.end(0.0)
            raise JudgeError(f"the warm server answers {answer} to {request}")
        self._answered = True
        self._close_complaints()
        return answer

    def _close_complaints(self) -> None:
        if self._complaints is not None:
            self._complaints.close()
            self._complaints = None

    def _explain_loss(self, error: OSError | EOFError) -> JudgeError:
        """End what does not answer, and say how it ended; before its first answer, with its last words."""
        status = self._hang_up(SECONDS_TO_END)
        said = "" if self._complaints is None else _read_last_line(self._complaints)
        self.end(0.0)
        ended = "; ".join(filter(None, (_word_end(status, error), said)))
        return _word_failure(ended, "the warm server is gone") if self._answered else _word_failure(ended)

    def _send(self, request: bytes, descriptors: list[int]) -> None:
        socket.send_fds(self._control, [request], descriptors)

    def _read_line(self) -> bytes:
        line = b""
        while not line.endswith(b"\n"):
            chunk = self._control.recv(4096)
            if not chunk:
                raise EOFError
            line += chunk
        return line

    def kill(self) -> None:
        """Kill the program itself, which is the child where nothing is forked."""
        self._process.kill()

    def end(self, grace: float) -> int | None:
        """Hang up, wait so long, then kill; return the exit status, None if it had to be killed."""
        status = self._hang_up(grace or SECONDS_TO_END)
        if status is None:
            self._process.kill()
            self._process.wait()
        self._close_complaints()
        if self._left_on_disk:  # a program that was killed could not remove it itself
            from torch_judge.sandbox.removal import remove_tree

            remove_tree(Path(self._left_on_disk))
        return status

    def _hang_up(self, seconds: float) -> int | None:
        """Close our line and wait so long; return the exit status, None if the program is still there."""
        self._control.close()
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(seconds)
        return None


def _open_complaints() -> tuple[IO[bytes], IO[bytes]]:
    """Open a pipe for what a program says that does not start; who writes into it never waits for us."""
    readable, writable = map(lift, os.pipe())
    for descriptor in (readable, writable):
        os.set_blocking(descriptor, False)
    return os.fdopen(readable, "rb", buffering=0), os.fdopen(writable, "wb", buffering=0)


def _read_last_line(complaints: IO[bytes]) -> str:
    lines = (complaints.read() or b"").decode("utf-8", "replace").split("\n")
    return one_line(next((line for line in reversed(lines) if line.strip()), ""))


def _word_end(status: int | None, error: OSError | EOFError) -> str:
    """Say how a program ended; where the conductor ignores SIGCHLD, the system forgets the status."""
    if status is None:
        return f"it does not answer: {type(error).__name__} {error}".strip()
    if sys.platform != "win32" and status == -signal.SIGKILL:
        return "it was killed, as the system does when memory runs out"
    if status < 0:
        return f"it crashed: {signal.strsignal(-status)}"
    return f"it ended with exit status {status}" if status else "it ended"


def _word_failure(reason: str, what: str = "the warm server could not start") -> JudgeError:
    """Word why nothing can be judged, and what is tight here, which may be the reason."""
    tight = describe_tight_limits()
    return JudgeError(f"{what}: {reason}{tight and '; '}{tight}")


class _DialledProcess(_ServerProcess):
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
            env=_build_environment(),
        )
        with cast("IO[bytes]", self._process.stdin) as secret:
            secret.write(self._word)
        self._control = self._accept()
        self._control.settimeout(SECONDS_TO_START)

    def _accept(self) -> socket.socket:
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

    def fork(self, request: requests.StartChild) -> tuple[int, socket.socket, socket.socket]:
        pid = self._ask_for_child(request)
        return pid, self._accept(), self._accept()

    def _send(self, request: bytes, _descriptors: list[int]) -> None:
        self._control.sendall(request)

    def end(self, grace: float) -> int | None:
        self._listener.close()
        return super().end(grace)


def _find_paths() -> dict[str, list[str]]:
    """Find our package and, after everything else, the caller's own packages."""
    import site

    user = [site.getusersitepackages()] if site.ENABLE_USER_SITE else []
    return {"first": [str(PACKAGE.parent)], "given": list(_list_given()), "user": user}


def _list_given() -> Iterator[str]:
    """List the folders of PYTHONPATH, a relative one from where this program was started.

    One in which the caller works is left out: what lies beside a submission is carried along with it, and
    of what else lies there, other people's answers perhaps, nothing is to be read.
    """
    for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep):
        folder = Path(_FOLDER_AT_START, entry)
        if entry and folder.is_absolute() and not _shows_own_folder(folder):
            yield os.path.normpath(folder)


def _shows_own_folder(folder: Path) -> bool:
    """Tell whether a library in a folder would show the current one: it is that, or in a package of it."""
    try:
        own = Path.cwd().resolve()
        inside = own.relative_to(folder.resolve()).parts
    except (OSError, ValueError):  # the current folder is gone, or lies elsewhere
        return False
    return not inside or (folder / inside[0] / "__init__.py").exists()


def _build_environment() -> dict[str, str]:
    """Build the little that the server needs; nothing of the caller's secrets reaches a worker."""
    needed = ("PATH", "LD_LIBRARY_PATH", "LANG", "SYSTEMROOT")
    return {name: os.environ[name] for name in needed if name in os.environ} | {
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "CUDA_VISIBLE_DEVICES": "",
        "HOME": "/nonexistent",
        "HYPOTHESIS_NO_PLUGINS": "1",
    }
