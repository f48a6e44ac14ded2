"""Scratch folders: the one place in which a worker may write; private, bounded, and gone with it.

Where the system lets the server have a mount namespace of its own (root, or unprivileged user namespaces), a
scratch is a small file system in memory that only this server and its children ever see. Elsewhere it is a
folder that the server measures while the worker runs.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import secrets
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from .libc import check_result, libc
from .removal import remove_tree
from .trial import answer_of_child

MEBIBYTES: Final = 32
MOST_ENTRIES: Final = 1000
_MOUNT_POINTS: Final = ("/dev/shm", "/mnt", "/media", "/srv")  # noqa: S108 - hidden in the server's own namespace, not used
_CLONE_NEWNS, _CLONE_NEWUSER = 0x0002_0000, 0x1000_0000
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REC, _MS_SLAVE = 2, 4, 8, 1 << 14, 1 << 19
_MNT_DETACH: Final = 2
_CLOSED: Final = 0o111
"""Who knows a folder in it may go there; the names are random, so no worker finds another's or adds one."""
_OPEN: Final = 0o311


class Scratches:
    """The scratch folders of a server's workers; a context manager.

    `root` is the folder that holds them all, None where none can be had; `why` says why they are none, or not
    bounded.
    """

    def __init__(self) -> None:
        self.why = _why_no_namespace()
        self.bounded = not self.why
        self.root: Path | None = None
        if self.bounded:
            self.root = _enter_namespace()
        else:
            with contextlib.suppress(OSError):
                self.root = Path(tempfile.mkdtemp(prefix="torch_judge_"))
                self.root.chmod(_CLOSED)
        if self.root is None:
            self.why = f"no folder for temporary files can be made; {self.why}"
        self._used: set[Path] = set()

    def make(self) -> Path | None:
        """Make an empty folder that only the next worker knows."""
        if self.root is None:
            return None
        folder = self.root / secrets.token_hex(8)
        with _open(self.root):
            folder.mkdir(mode=0o700)
        if self.bounded:
            _mount_memory(folder, f"size={MEBIBYTES}m,nr_inodes={MOST_ENTRIES},mode=0700")
        self._used.add(folder)
        return folder

    def overfull(self, folder: Path) -> bool:
        """Tell whether a folder that nothing else bounds holds too much."""
        return not self.bounded and _is_overfull(folder)

    def remove(self, folder: Path) -> None:
        """Remove a folder with all it holds; its worker has ended."""
        self._used.discard(folder)
        if self.bounded:
            check_result(libc.umount2(str(folder).encode(), _MNT_DETACH), "umount2")
        with _open(folder.parent):
            if self.bounded:
                folder.rmdir()
            else:
                remove_tree(folder)

    def close(self) -> None:
        """Remove every folder."""
        for folder in list(self._used):
            with contextlib.suppress(OSError):
                self.remove(folder)
        if self.root is not None and not self.bounded:
            remove_tree(self.root)


@contextlib.contextmanager
def _open(root: Path) -> Iterator[None]:
    """Let this process make and remove folders in the root for a moment."""
    root.chmod(_OPEN)
    try:
        yield
    finally:
        root.chmod(_CLOSED)


# --- a file system of our own ---


def _why_no_namespace() -> str:
    """Try in a child whether a small file system can be had, and say why not; empty if it can."""
    if sys.platform != "linux":
        return "scratch folders are bounded on Linux only"

    def attempt(_: int) -> str:
        root = _enter_namespace()
        folder = root / "trial"
        folder.mkdir()
        _mount_memory(folder, "size=1m,nr_inodes=10")
        (folder / "file").write_text("written")
        check_result(libc.umount2(str(folder).encode(), _MNT_DETACH), "umount2")
        return ""

    return str(answer_of_child(attempt, seconds=10.0))


def _enter_namespace() -> Path:
    """Give this process a mount namespace of its own; return an empty folder that the system does not see."""
    user, group = os.geteuid(), os.getegid()
    try:
        check_result(libc.unshare(_CLONE_NEWNS), "unshare")
    except PermissionError:
        check_result(libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNS), "unshare")
        for file, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{user} {user} 1"),
            ("gid_map", f"{group} {group} 1"),
        ):
            Path("/proc/self", file).write_text(text)
    check_result(libc.mount(None, b"/", None, ctypes.c_ulong(_MS_REC | _MS_SLAVE), None), "mount")
    # first that no mount in here reaches the system, then one over a folder that nobody here needs
    points = map(Path, _MOUNT_POINTS)
    root = next(point for point in points if point.is_dir() and not point.is_symlink())
    _mount_memory(root, f"size=1m,mode={_CLOSED:o}")
    return root


def _mount_memory(folder: Path, options: str) -> None:
    flags = ctypes.c_ulong(_MS_NOSUID | _MS_NODEV | _MS_NOEXEC)
    check_result(libc.mount(b"tmpfs", str(folder).encode(), b"tmpfs", flags, options.encode()), "mount")


# --- a folder that is measured ---


def _is_overfull(folder: Path) -> bool:
    """Measure a folder, up to the limit and no further; what cannot be measured holds too much."""
    size = count = 0
    waiting = [str(folder)]
    try:
        while waiting:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    count += 1
                    size += entry.stat(follow_symlinks=False).st_blocks * 512
                    if count > MOST_ENTRIES or size > MEBIBYTES << 20:
                        return True
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
    except FileNotFoundError:  # removed while we looked
        return False
    except OSError as error:
        return error.errno != errno.ENOENT
    return False
