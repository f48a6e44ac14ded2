"""The files of a bank: read strictly, and none that lies outside it."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final

from .errors import BankError
from .version import PACKAGE

LARGEST_FILE: Final = 1 << 20


def read_text(path: Path, *, within: Path, largest: int = LARGEST_FILE) -> str:
    """Read the text of a file in a folder of a bank; its lines end as on Linux.

    BankError names the file if it is not there, lies elsewhere, is no plain file, too large or not UTF-8.
    """
    try:
        refuse_way_out(path, within)
        # Before it is opened: to open a named pipe waits for whoever writes to it.
        if path.exists() and not path.is_file():
            raise BankError(f"{path}: not a plain file")
        with path.open("rb") as file:
            raw = file.read(largest + 1)
        if len(raw) > largest:
            raise BankError(f"{path}: larger than {_describe_size(largest)}")
        return raw.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except FileNotFoundError:
        raise BankError(f"{path}: the file is missing") from None
    except OSError as error:
        raise BankError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise BankError(f"{path}: not UTF-8 at byte {error.start}") from None


def parse_toml(text: str, path: Path) -> dict[str, Any]:
    """Read the text of a TOML file of a bank. BankError names the file if it is none."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BankError(f"{path}: {error}") from None


def find_tables(text: str, name: str, count: int) -> list[int]:
    """Find the lines in which the `count` tables `[[name]]` of a TOML text begin.

    Empty where there seem to be more or fewer: headers that are written in another way, or quoted in a text,
    say nothing about lines.
    """
    dotted = r"[ \t]*\.[ \t]*".join(map(re.escape, name.split(".")))
    headers = re.finditer(rf"(?m)^[ \t]*\[\[[ \t]*{dotted}[ \t]*\]\]", text)
    lines = [text.count("\n", 0, found.end()) + 1 for found in headers]
    return lines if len(lines) == count else []


def _describe_size(size: int) -> str:
    return f"{size >> 20} MiB" if size >> 20 else f"{size >> 10} KiB"


def refuse_way_out(path: Path, folder: Path) -> None:
    """Refuse a link that leads out of a folder: a stranger's bank must not show the reader's own files.

    The bank that ships with the package may be links: it lies where the installer put it.
    """
    if not path.is_symlink() or find_own_bank() in folder.parents or folder == find_own_bank():
        return
    if not path.resolve().is_relative_to(folder.resolve()):
        raise BankError(f"{path}: leads to {path.resolve()}, outside the bank")


@cache
def find_own_bank() -> Path:
    """Find the bank that ships with the package: inside it when installed, beside it in a checkout."""
    for folder in (PACKAGE / "problems", PACKAGE.parent / "problems"):
        if folder.is_dir():
            return folder
    raise BankError(
        f"{PACKAGE / 'problems'}: the bank that ships with torch_judge is missing; install it again"
    )
