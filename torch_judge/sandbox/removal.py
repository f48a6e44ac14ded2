"""The end of a worker's folder: whatever it holds, it goes, and nothing outside it is touched."""

from __future__ import annotations

import itertools
import os
import secrets
import shutil
import sys
import time
from pathlib import Path
from typing import Final

_FOLDERS_AT_ONCE: Final = 1000


def remove_tree(path: Path, *, seconds: float = 5.0) -> bool:
    """Remove a worker's folder with all it holds, following no link; tell whether it is gone in time.

    Call it when the worker has ended. Folders within are moved to the top and emptied there.
    """
    if sys.platform == "win32":
        shutil.rmtree(path, ignore_errors=True)
        return not path.exists()
    try:
        if path.is_symlink() or not path.is_dir():
            path.unlink(missing_ok=True)
            return True
        top = _open_folder(str(path))
        try:
            _clear(top, time.monotonic() + seconds)
        finally:
            os.close(top)
        path.rmdir()
    except OSError:
        return False
    return True


def _clear(top: int, deadline: float) -> None:
    """Empty a folder, a level at a time: neither a stack nor the length of a path bounds the depth."""
    names = (f"{secrets.token_hex(8)}{count}" for count in itertools.count())
    while folders := _unlink_files(top, deadline):
        for name in folders:
            folder = _open_folder(name, within=top)
            try:
                while inner := _unlink_files(folder, deadline):
                    for deeper in inner:
                        _unlock(deeper, within=folder)  # to move a folder takes the right to write in it
                        os.rename(deeper, next(names), src_dir_fd=folder, dst_dir_fd=top)
            finally:
                os.close(folder)
            os.rmdir(name, dir_fd=top)


def _unlink_files(folder: int, deadline: float) -> list[str]:
    """Unlink what is no folder, and name some of the folders; none are left if it names none."""
    folders: list[str] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if time.monotonic() > deadline:
                raise TimeoutError
            if not entry.is_dir(follow_symlinks=False):
                os.unlink(entry.name, dir_fd=folder)
            elif len(folders) < _FOLDERS_AT_ONCE:
                folders.append(entry.name)
    return folders


def _open_folder(name: str, *, within: int | None = None) -> int:
    _unlock(name, within=within)
    return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=within)


def _unlock(name: str, *, within: int | None) -> None:
    """Let ourselves into a folder whose owner locked it, without ever following a link."""
    if sys.platform != "linux":
        os.chmod(name, 0o700, dir_fd=within, follow_symlinks=False)
        return
    itself = os.open(name, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=within)
    try:
        Path(f"/proc/self/fd/{itself}").chmod(0o700)
    finally:
        os.close(itself)
