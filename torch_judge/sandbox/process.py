"""The layer of the process: its own session, environment and descriptors, and an end with the server's."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from .libc import prctl

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
_IGNORED_BY_PYTHON: Final = {
    getattr(signal, name) for name in ("SIGPIPE", "SIGXFSZ") if hasattr(signal, name)
}
"""Python turns these into an OSError."""


def leave_parent() -> None:
    """Leave behind what a program inherits from whoever starts it: how signals end it, and its umask.

    A supervisor ignores SIGCHLD, a shell's job SIGINT; with either, a server could not wait for its children.
    """
    os.umask(0o077)
    if sys.platform == "win32":
        return
    for number in signal.valid_signals() - _IGNORED_BY_PYTHON:
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def start_afresh(scratch: Path | None) -> None:
    """Leave the server's folder, environment and umask behind."""
    folder = str(scratch) if scratch else "/"
    os.chdir(folder)
    os.umask(0o077)
    needed = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}  # by Windows
    os.environ.clear()
    os.environ.update(needed)
    # torch imports its compiler with an optimiser's first step, and that asks for a folder and a user's name
    os.environ.update(HOME=folder, TMPDIR=folder, TORCHINDUCTOR_CACHE_DIR=folder)
    os.environ.update(USER="submission", LANG="C.UTF-8")
    # no compiler can be started here: what is decorated with torch.compile runs as it stands
    os.environ.update(OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", TORCH_COMPILE_DISABLE="1")
    # no device can be reached from here: code that takes one if there is one takes the CPU
    os.environ.update(CUDA_VISIBLE_DEVICES="")
    # or forward-mode gradients would compile Python forms of operators, whose files are hidden;
    # torch.jit has read it before
    os.environ.update(PYTORCH_JIT="0")
    tempfile.tempdir = folder  # or it would look for a folder in which it can write, and find none


def separate_process(server: int) -> str | None:
    """Leave the server's session, and end when the server ends; end at once if it has ended already."""
    if not hasattr(os, "setsid"):
        return "this system has no sessions"
    if os.getsid(0) != os.getpid():
        os.setsid()
    if sys.platform != "linux":
        return None
    # where nothing is forked, this process is the server itself, and the conductor its parent
    parent = os.getppid() if server == os.getpid() else server
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    prctl(_PR_SET_DUMPABLE, 0)
    if os.getppid() != parent:  # looked at last: it may have ended before the request above
        os._exit(1)
    return None


def count_threads() -> int:
    """Count the threads of this process; one where that cannot be told."""
    try:
        return sum(1 for _ in os.scandir("/proc/self/task"))
    except OSError:
        return 1


def list_descriptors() -> list[int]:
    """List the open descriptors, or all that may be open where that cannot be told."""
    try:
        return [int(entry.name) for entry in os.scandir("/dev/fd")]
    except OSError:
        return list(range(1024))


def close_descriptors(descriptors: Iterable[int]) -> None:
    """Close descriptors, open or not."""
    for descriptor in descriptors:
        with contextlib.suppress(OSError):
            os.close(descriptor)
