"""The file that is watched: whether it was saved, and what it holds."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

from torch_judge.model.errors import UsageError
from torch_judge.model.submission import Submission, from_path

PAUSES = 3
SECONDS_OF_PAUSE = 0.05
"""An editor that empties a file before it fills it is given so many pauses."""
FileState = tuple[int, int, int]


def state_of(path: Path) -> FileState | None:
    """Read what changes when a file is saved; None if there is no such file."""
    try:
        status = path.stat()
    except OSError:
        return None
    # A save may keep the size, a fast one the time; one that renames another file over it changes the number.
    return status.st_mtime_ns, status.st_size, status.st_ino


def read_whole(path: Path) -> Submission:
    """Read a file; one that holds nothing may be in the middle of being written."""
    for _ in range(PAUSES):
        with suppress(OSError, UsageError):  # an editor that saves by renaming leaves no file for a moment
            if path.stat().st_size:
                return from_path(path)
        time.sleep(SECONDS_OF_PAUSE)
    return from_path(path)
