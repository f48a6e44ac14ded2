"""The C library, for what Python has no function for."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Final

libc: Final = ctypes.CDLL("msvcrt" if sys.platform == "win32" else None, use_errno=True)


def check_result(result: int, call: str) -> None:
    """Raise the OSError that a call of the C library left behind, if it failed."""
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")


def prctl(option: int, value: int) -> None:
    """Set an attribute of this process."""
    zeros = [ctypes.c_ulong(0)] * 3
    check_result(libc.prctl(option, ctypes.c_ulong(value), *zeros), f"prctl({option}, {value})")
