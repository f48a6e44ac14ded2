"""What a stream's encoding lacks: a mark of ours becomes a plain one, anything else a question mark."""

from __future__ import annotations

import codecs
import sys
from typing import Final, TextIO

PLAIN: Final = "torch_judge.plain"
"""The name of the error handler, as `errors=` takes it."""
_PLAIN_MARKS: Final = {"✓": "+", "✗": "x", "▸": ">"}


def is_terminal(stream: TextIO | None) -> bool:
    """Tell whether a person sees a stream; whoever started us may have closed it."""
    return stream is not None and stream.isatty()


def soften_stdout() -> None:
    """Have stdout replace what it cannot encode, where it would stop at it."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None and sys.stdout.errors == "strict":
        reconfigure(errors=PLAIN)


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_PLAIN_MARKS.get(character, "?") for character in lacking), error.end


codecs.register_error(PLAIN, _replace)
