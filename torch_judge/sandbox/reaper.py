"""Processes that a child left behind: they are given to the server, which kills and reaps them."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Final

from .libc import prctl

_PR_SET_CHILD_SUBREAPER: Final = 36
_ROUNDS_OF_REAPING: Final = 1000


def become_subreaper() -> bool:
    """Have every orphan below this process given to it, not to the system; tell whether that is possible."""
    if sys.platform != "linux":
        return False
    try:
        prctl(_PR_SET_CHILD_SUBREAPER, 1)
    except OSError:
        return False
    return True


def reap_orphans(known: AbstractSet[int]) -> int:
    """Kill and reap every child of this process that is not known, and its children in turn; count them."""
    reaped = 0
    for _ in range(_ROUNDS_OF_REAPING):  # the children of one that ends are ours in the next round
        orphans = _list_children() - known
        if not orphans:
            break
        for pid in orphans:
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                reaped += 1
    return reaped


def _list_children() -> set[int]:
    try:
        lists = [path.read_text() for path in Path("/proc/self/task").glob("*/children")]
    except OSError:
        return set()
    return {int(pid) for text in lists for pid in text.split()}
