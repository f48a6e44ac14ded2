"""Last words: where a worker stands that does not answer in time, written in its place and read with doubt.

At a signal the interpreter itself writes the stack of the main thread, in the midst of a loop in C too.
It takes the place of the answer on the channel, for such a worker is asked for nothing more. The submission
may disarm this or write what it likes: what is read here is for a person, and never decides a verdict.
"""

from __future__ import annotations

import faulthandler
import re
import signal
from collections.abc import Mapping, Sequence
from typing import Final

SIGNAL: Final[int | None] = getattr(signal, "SIGUSR1", None)
"""What asks for them; None on a system that has no such signal."""
LONGEST_LINE: Final = 120
_FRAME: Final = re.compile(rb'^ +File "([^"\n]*)", line (\d{1,7}) in ', re.MULTILINE)


def prepare_last_words(descriptor: int) -> None:
    """Have this process write its stack to a descriptor when it is asked to."""
    if SIGNAL is not None and hasattr(faulthandler, "register"):
        faulthandler.register(SIGNAL, file=descriptor, all_threads=False)


def quote_last_words(said: bytes, texts: Mapping[str, str]) -> str:
    """Quote the innermost line in a stack that lies in the submission, whose files are `texts`.

    Empty if none does.
    """
    # the interpreter writes plain ASCII, and cuts a long name
    files = {name.encode("ascii", "backslashreplace"): name for name in texts}
    for frame in _FRAME.finditer(said):
        if frame[1] in files:
            name = files[frame[1]]
            return _quote(name, int(frame[2]), texts[name].split("\n"))
    return ""


def _quote(name: str, number: int, lines: Sequence[str]) -> str:
    text = lines[number - 1].strip()[:LONGEST_LINE] if 0 < number <= len(lines) else ""
    place = f"line {number}" if name.endswith(".py") or "ipykernel" in name else f"{name}, line {number}"
    return f" ({place}: `{text}`)" if text else f" ({place})"
