"""The layer of limits: memory, processor time, size of files, descriptors."""

from __future__ import annotations

import contextlib
import mmap
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

if sys.platform != "win32":
    import resource


_TIGHT: Final = {
    "RLIMIT_AS": (16 << 30, 1 << 20, "MiB of memory (ulimit -v)"),
    "RLIMIT_DATA": (16 << 30, 1 << 20, "MiB of data (ulimit -d)"),
    "RLIMIT_NPROC": (256, 1, "processes (ulimit -u)"),
    "RLIMIT_NOFILE": (128, 1, "open files (ulimit -n)"),
    "RLIMIT_CPU": (3600, 1, "seconds of processor time (ulimit -t)"),
}
"""Below what a limit may be why a process does not start, its unit, and how a person knows it."""


@dataclass(frozen=True, slots=True)
class ProcessLimits:
    """What a worker may use up; `memory_mib` is on top of what the server already maps."""

    memory_mib: int = 2048
    cpu_seconds: int = 60
    file_mib: int = 16
    descriptors: int = 64
    threads: int = 64


def describe_tight_limits() -> str:
    """Name the limits of this process that may keep another from starting; empty if there are none."""
    if sys.platform == "win32":
        return ""
    said = []
    for name, (enough, unit, what) in _TIGHT.items():
        soft, _ = resource.getrlimit(getattr(resource, name))
        if soft != resource.RLIM_INFINITY and soft < enough:
            said.append(f"{soft // unit} {what}")
    return f"what is allowed here is {', '.join(said)}" if said else ""


def describe_shortage(memory_mib: int) -> str:
    """Say that a child of this process cannot have so much memory under an inherited limit; or nothing."""
    if sys.platform == "win32":
        return ""
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    if most == resource.RLIM_INFINITY:
        return ""
    left = (most - _count_mapped_bytes()) >> 20
    if left >= memory_mib:
        return ""
    limit = f"the limit of {most >> 20} MiB (ulimit -v)"
    return f"only {left} of the {memory_mib} MiB that it may use are left here, because of {limit}"


def limit_process(limits: ProcessLimits) -> str | None:
    """Limit what this process may use up, descriptors apart; return why not if something is refused."""
    if sys.platform == "win32":
        return "this system has no limits on processes"
    with contextlib.suppress(OSError), _open_bare("/proc/self/oom_score_adj", os.O_WRONLY) as score:
        os.write(score, b"1000")  # short of memory, the kernel ends a worker first
    memory = _count_mapped_bytes() + (limits.memory_mib << 20)
    wanted = {
        "RLIMIT_AS": (memory, memory),
        "RLIMIT_CPU": (limits.cpu_seconds, limits.cpu_seconds + 1),  # a SIGXCPU that says why, then the end
        "RLIMIT_FSIZE": (limits.file_mib << 20, limits.file_mib << 20),
        "RLIMIT_CORE": (0, 0),
    }
    return _set_limits(wanted)


def limit_descriptors(limits: ProcessLimits) -> str | None:
    """Limit the descriptors, when those of the server are closed: entering takes one or two more."""
    return _set_limits({"RLIMIT_NOFILE": (limits.descriptors, limits.descriptors)})


def limit_threads(limits: ProcessLimits) -> None:
    """Limit the processes and threads of this process's user, who must have no others."""
    if refused := _set_limits({"RLIMIT_NPROC": (limits.threads, limits.threads)}):
        raise OSError(refused)


def _set_limits(wanted: Mapping[str, tuple[int, int]]) -> str | None:
    failed = []
    for name, (soft, hard) in wanted.items():
        try:
            _, most = resource.getrlimit(getattr(resource, name))
            most = hard if most == resource.RLIM_INFINITY else min(hard, most)
            resource.setrlimit(getattr(resource, name), (min(soft, most), most))
        except (AttributeError, OSError, ValueError):
            failed.append(name)
    return f"this system refuses {' and '.join(failed)}" if failed else None


def _count_mapped_bytes() -> int:
    try:
        with _open_bare("/proc/self/statm", os.O_RDONLY) as sizes:
            return int(os.read(sizes, 100).split()[0]) * mmap.PAGESIZE
    except OSError:
        return 0


@contextlib.contextmanager
def _open_bare(path: str, flags: int) -> Iterator[int]:
    """Open a file the bare way.

    In a fresh fork, each page of `pathlib` and `io` that is touched is copied first.
    """
    descriptor = os.open(path, flags)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
