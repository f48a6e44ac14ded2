"""The layer of identity: the user that a worker becomes."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

from .libc import libc
from .limits import ProcessLimits, limit_threads
from .trial import answer_of_child

_CAPABILITY_VERSION_3: Final = 0x20080522


class User(StrEnum):
    """Who a worker becomes, the least powerful first."""

    STRANGER = "stranger"
    ROOT_WITHOUT_POWERS = "root without powers"
    UNCHANGED = "unchanged"


def choose_user(readable: Sequence[Path]) -> tuple[User, str]:
    """Find out by trying who a worker can become and still read the interpreter, and why nobody better."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return User.UNCHANGED, "only root can give a worker a user of its own"
    # the best first: with it, the interpreter must stay readable, which one below /root does not
    stranger = _find_unreadable(_become_stranger, readable)
    if stranger is None:
        return User.STRANGER, ""
    powerless = _find_unreadable(_drop_powers, readable)
    if powerless is None:
        return User.ROOT_WITHOUT_POWERS, f"{stranger} by another user; root's powers are dropped instead"
    return User.UNCHANGED, f"{stranger} by another user"


def _find_unreadable(change: Callable[[], object], paths: Sequence[Path]) -> str | None:
    """Try a change of user in a child; return what fails, None if every path stays readable."""
    rights = {path: os.R_OK | os.X_OK if path.is_dir() else os.R_OK for path in paths}

    def attempt(_: int) -> object:
        try:
            change()
        except OSError as error:
            return f"the user cannot be changed: {error}"
        unreadable = (path for path, right in rights.items() if not os.access(path, right))
        return next((f"{path} cannot be read" for path in unreadable), None)

    answer = answer_of_child(attempt, seconds=10.0)
    return None if answer is None else str(answer)


def change_user(user: User, why: str, limits: ProcessLimits, scratch: Path | None) -> str | None:
    """Become the user that was chosen, and return `why` it is nobody better.

    The number of threads can only be limited for a user with no other process.
    """
    if user is User.STRANGER:
        _become_stranger(scratch)
        limit_threads(limits)
    elif user is User.ROOT_WITHOUT_POWERS or (sys.platform == "linux" and os.geteuid() != 0):
        _drop_powers()  # in a namespace of its own, an ordinary user has some too
    return why


def _become_stranger(scratch: Path | None = None) -> None:
    """Take a user id that nobody else has: a process id lies in it."""
    os.setgroups([])
    # the second is for containers that map 65,536 ids only
    for uid in (2_000_000_000 + os.getpid(), 61_184 + os.getpid() % 4096):
        with contextlib.suppress(OSError):
            if scratch is not None:
                os.chown(scratch, uid, uid)
            os.setresgid(uid, uid, uid)  # the group first: who is no longer root cannot change it
            os.setresuid(uid, uid, uid)
            return
    raise PermissionError("no user id to change to")


def _drop_powers() -> None:
    """Give up every capability, which leaves root the owner of its files and nothing more."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    if libc.capset(header, (ctypes.c_uint32 * 6)()) != 0:
        raise OSError(ctypes.get_errno(), "capabilities cannot be dropped")
