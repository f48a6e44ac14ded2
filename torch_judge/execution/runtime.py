"""What worker and checker have in common: how they read, load what the conductor compiled, and start each case alike."""

from __future__ import annotations

import base64
import marshal
import socket
import sys
from types import CodeType
from typing import Any, Final

import numpy as np

LONGEST_MESSAGE: Final = 500


def read_exactly(channel: socket.socket, count: int) -> bytes:
    """Read so many bytes; EOFError when the other side has hung up."""
    chunks = bytearray()
    while len(chunks) < count:
        chunk = channel.recv(min(count - len(chunks), 1 << 20))
        if not chunk:
            raise EOFError
        chunks += chunk
    return bytes(chunks)


def compiled(text: str) -> CodeType:
    """Return the code that the conductor has compiled from a file of the bank."""
    code: CodeType = marshal.loads(base64.b64decode(text))  # noqa: S302 - from the conductor, to whom we are a stranger
    return code


def reset_settings(seed: int) -> None:
    """Give a case the settings that every case starts with, whatever ran before it."""
    np.seterr(all="warn", under="ignore")
    np.random.seed(seed % 2**32)  # noqa: NPY002 - learners may draw from the global generator
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        torch.set_grad_enabled(True)
        torch.set_default_dtype(torch.float32)
        torch.default_generator.manual_seed(
            seed
        )  # torch.manual_seed also asks for every device that is not here


def ancestry(error: BaseException) -> tuple[str, ...]:
    """Return the names of an error's classes, its own first."""
    return tuple(each.__name__ for each in type(error).__mro__)
