"""The files of an export: of a folder, of a zip, or one alone. Nothing is extracted, all is bounded."""

from __future__ import annotations

import io
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Final

from torch_judge.model.errors import UsageError
from torch_judge.model.submission import LARGEST_NOTEBOOK, SUFFIXES

ZIP: Final = ".zip"
MOST_FILES: Final = 50_000
LARGEST_ZIP: Final = 256 << 20
"""Of a zip in an export: it is read whole."""
LARGEST_IN_ALL: Final = 4 << 30
"""What the zips of a run may come to, read and unpacked."""
MOST_TIMES: Final = 500
"""How much larger than it is packed a large file may be. Text comes to 20 times, and a bomb to 1000."""
_LARGE: Final = 16 << 20
_LONGEST_NAME: Final = 200
_NOT_SEARCHED: Final = {"__MACOSX", "__pycache__", "node_modules", "site-packages"}


class UnreadableError(Exception):
    """A file of an export cannot be read; the sentence names nobody."""


@dataclass(frozen=True, slots=True)
class File:
    """A file: its path in the export, with slashes, and how it is read."""

    path: str
    read: Callable[[], bytes] = field(repr=False)
    """Raises UnreadableError."""

    @property
    def name(self) -> str:
        """Return its name without folders."""
        return self.path.rpartition("/")[2]

    @property
    def suffix(self) -> str:
        """Return what its name ends with, in small letters."""
        return PurePosixPath(self.path).suffix.lower()

    @property
    def may_hold_code(self) -> bool:
        """Tell whether it is a script or a notebook, or a zip, which may hold some."""
        return self.suffix in {*SUFFIXES, ZIP} and not self.name.startswith(".")


@dataclass(frozen=True, slots=True)
class Export:
    """What lies at one path: its name, its files, and for how many nothing could be listed, by the reason."""

    name: str
    files: tuple[File, ...]
    is_zip: bool = False
    refused: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Allowance:
    """What the zips of a run may still come to."""

    left: int = LARGEST_IN_ALL

    def take(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise UnreadableError(f"the zips come to more than {LARGEST_IN_ALL >> 30} GiB")


@contextmanager
def open_exports(paths: Sequence[str]) -> Iterator[tuple[Export, ...]]:
    """Open folders, zips and single files; the zips are closed in the end.

    Raises UsageError for a path where there is none of these.
    """
    allowance = _Allowance()
    with ExitStack() as stack:
        yield tuple(_open(Path(path), stack, allowance) for path in dict.fromkeys(paths))


def open_zip_in(file: File) -> Export:
    """Open a zip that lies in an export, or that a student handed in. Raises UnreadableError."""
    raw = file.read()
    allowance = _Allowance(max(MOST_TIMES * len(raw), _LARGE))
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
        return _list_zip(file.name, archive, allowance)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise UnreadableError("this is no zip, or a broken one") from None


def _open(path: Path, stack: ExitStack, allowance: _Allowance) -> Export:
    if path.is_dir():
        return Export(path.resolve().name, tuple(_walk(path)))
    if not path.is_file():
        said = "neither a folder nor a file" if path.exists() else "no such file or folder"
        raise UsageError(f"{path}: {said}")
    if path.suffix.lower() != ZIP:
        return Export(path.name, (_make_file(path, path.name),))
    try:
        archive = stack.enter_context(zipfile.ZipFile(path))
        return _list_zip(path.name, archive, allowance)
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise UsageError(f"{path}: this is no zip, or a broken one ({error})") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from None


def _walk(top: Path) -> Iterator[File]:
    """List the files of a folder, without links, hidden folders, caches and environments."""
    for place, inner, names in os.walk(top):
        here = Path(place)
        inner[:] = sorted(name for name in inner if _is_searched(name) and not _is_environment(here / name))
        for name in sorted(names):
            path = here / name
            if path.is_file() and not path.is_symlink():
                yield _make_file(path, path.relative_to(top).as_posix())


def _is_searched(name: str) -> bool:
    return not name.startswith(".") and name not in _NOT_SEARCHED


def _is_environment(folder: Path) -> bool:
    return (folder / "pyvenv.cfg").exists()


def _make_file(path: Path, name: str) -> File:
    def read() -> bytes:
        try:
            with path.open("rb") as stream:
                return _read_bounded(stream, largest_of(name))
        except OSError as error:
            raise UnreadableError(f"cannot be read: {error.strerror}") from None

    return File(name, read)


def largest_of(name: str) -> int:
    """Say how large a file of a name may be, in bytes."""
    return LARGEST_ZIP if name.lower().endswith(ZIP) else LARGEST_NOTEBOOK


def _read_bounded(stream: IO[bytes], largest: int) -> bytes:
    raw = stream.read(largest + 1)
    if len(raw) > largest:
        raise UnreadableError(f"larger than {largest >> 20} MiB")
    return raw


def _list_zip(name: str, archive: zipfile.ZipFile, allowance: _Allowance) -> Export:
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) > MOST_FILES:
        raise UsageError(f"{name}: a zip of more than {MOST_FILES} files")
    files: dict[str, File] = {}
    refused = []
    for member in members:
        path = member.filename.replace("\\", "/")
        parts = path.split("/")
        if why := _refuse_name(parts) or _refuse_kind(member):
            refused.append((path, why))
        elif all(
            map(_is_searched, parts[:-1])
        ):  # of two with one name the later one counts, as where it is unpacked
            files[path] = File(path, _make_reader(archive, member, allowance))
    return Export(name, tuple(files[path] for path in sorted(files)), is_zip=True, refused=tuple(refused))


def _refuse_name(parts: Iterable[str]) -> str:
    """Say why a name in a zip is not taken; empty if it is."""
    parts = list(parts)
    if any(part in {"", ".", ".."} or ":" in part for part in parts):
        return "its name leads outside the zip"
    if any(len(part.encode("utf-8", "surrogatepass")) > _LONGEST_NAME or "\0" in part for part in parts):
        return "its name is too long or none"
    return ""


def _refuse_kind(member: zipfile.ZipInfo) -> str:
    return "a link" if stat.S_ISLNK(member.external_attr >> 16) else ""


def _make_reader(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, allowance: _Allowance
) -> Callable[[], bytes]:
    def read() -> bytes:
        if member.file_size > max(_LARGE, MOST_TIMES * member.compress_size):
            raise UnreadableError(f"it unpacks to more than {MOST_TIMES} times its size")
        try:
            with archive.open(member) as stream:
                raw = _read_bounded(stream, largest_of(member.filename))
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError):
            raise UnreadableError("it is damaged in the zip") from None
        except (RuntimeError, NotImplementedError):  # what zipfile says of a password, and of other packers
            raise UnreadableError(
                "it is packed with a password, or in a way that Python cannot unpack"
            ) from None
        allowance.take(len(raw))
        return raw

    return read
