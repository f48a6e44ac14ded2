"""Try the sandbox out: what a version number promises is worth less than an attack that failed."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import mmap
import os
import socket
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from torch_judge.model.errors import JudgeError
from torch_judge.model.isolation import Isolation, Layer, isolation_without
from torch_judge.model.version import PACKAGE

from .enter import enter
from .libc import libc
from .limits import ProcessLimits
from .policy import Prepared
from .removal import remove_tree
from .trial import answer_of_child


def probe(prepared: Prepared, *, limits: ProcessLimits) -> Isolation:
    """Shut a child in, have it try to get out, and return which layers really hold."""
    if not hasattr(os, "fork"):
        return isolation_without(dict.fromkeys(Layer, "this system cannot fork a process to try it in"))
    with _make_canary() as canary:
        answer = answer_of_child(partial(_try_everything, prepared, limits, canary), seconds=10.0)
    if not isinstance(answer, dict):
        raise JudgeError(f"the sandbox cannot be probed: {answer or 'the child said nothing'}")
    return isolation_without({Layer(layer): str(why) for layer, why in answer.items()})


@contextlib.contextmanager
def _make_canary() -> Iterator[Path]:
    """Put a file where only we look; where none can be made, our own package is the canary."""
    try:
        folder = Path(tempfile.mkdtemp(prefix="torch_judge_"))
    except OSError:
        yield PACKAGE / "__init__.py"
        return
    try:
        (folder / "canary").write_text("canary")
        yield folder / "canary"
    finally:
        remove_tree(folder)


def _try_everything(prepared: Prepared, limits: ProcessLimits, canary: Path, answer: int) -> dict[str, str]:
    """Enter the sandbox, attack it, and return why each layer that does not hold does not."""
    isolation = enter(prepared, limits=limits, scratch=None, keep=[answer])
    breaches = {
        Layer.PROCESS: _try_process(answer),
        Layer.LIMITS: _try_limits(limits),
        Layer.FILES: _try_files(canary, os.getppid()),
        Layer.CALLS: _try_calls(os.getppid()),
        Layer.NETWORK: _try_network(),
        Layer.SIGNALS: _try_signals(os.getppid()),
        Layer.IDENTITY: "the worker is root" if hasattr(os, "getuid") and os.getuid() == 0 else None,
    }
    broken = {layer: why for layer, why in breaches.items() if why and layer in isolation.layers}
    return {missing.layer: missing.why for missing in isolation.less(broken).missing}


def _try_process(answer: int) -> str | None:
    if os.getsid(0) != os.getpid():
        return "the worker has no session of its own"
    others = [number for number in range(3, 256) if number != answer and _is_open(number)]
    return f"descriptors {others} are open" if others else None


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _try_limits(limits: ProcessLimits) -> str | None:
    with contextlib.suppress(OSError, ValueError):
        mmap.mmap(-1, (limits.memory_mib + 64) << 20).close()
        return f"{limits.memory_mib + 64} MiB could be had, the limit is {limits.memory_mib} MiB"
    return None


def _try_files(canary: Path, parent: int) -> str | None:
    for path in (canary, Path(f"/proc/{parent}/environ"), Path("/proc/self/maps")):
        with contextlib.suppress(OSError):
            path.read_bytes()
            return f"{path} could be read"
    with contextlib.suppress(OSError):
        return f"{canary.parent} could be listed: {len(list(canary.parent.iterdir()))} entries"
    with contextlib.suppress(OSError):
        (canary.parent / "marker").write_text("")
        return f"a file could be made in {canary.parent}"
    return None


_PTRACE_PEEKDATA: Final = 2


def _try_calls(parent: int) -> str | None:
    with contextlib.suppress(OSError):
        if (child := os.fork()) == 0:
            os._exit(0)
        os.waitpid(child, 0)
        return "a process could be started"
    try:
        os.execv("/nonexistent", ["nonexistent"])  # noqa: S606 - it is there to be refused
    except PermissionError:
        pass
    except OSError as error:
        return f"starting a program was not refused but failed: {error}"
    if libc.ptrace(_PTRACE_PEEKDATA, parent, None, None) == -1 and ctypes.get_errno() != errno.EPERM:
        return "ptrace was not refused"
    return None


_MPTCP: Final = 262


def _try_network() -> str | None:
    kinds = {
        "a TCP": (socket.AF_INET, socket.SOCK_STREAM, 0),
        "a UDP": (socket.AF_INET, socket.SOCK_DGRAM, 0),
        "an MPTCP": (socket.AF_INET, socket.SOCK_STREAM, _MPTCP),
        "a Unix": (socket.AF_UNIX, socket.SOCK_STREAM, 0),
        "an IPv6": (socket.AF_INET6, socket.SOCK_STREAM, 0),
    }
    for name, kind in kinds.items():
        with contextlib.suppress(OSError):
            socket.socket(*kind).close()
            return f"{name} socket could be opened"
    return None


def _try_signals(parent: int) -> str | None:
    with contextlib.suppress(OSError):
        os.kill(parent, 0)
        return "the server could be signalled"
    return None
