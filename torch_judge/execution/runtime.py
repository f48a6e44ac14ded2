"""What worker and checker have in common: how they read, load compiled code, and start each case alike."""

from __future__ import annotations

import base64
import io
import linecache
import marshal
import random
import socket
import sys
from functools import partial
from types import CodeType
from typing import Any, Final, TypeVar

import numpy as np

from torch_judge.execution.protocol.frames import LARGEST_BODY, LARGEST_HEADER_HANDED_ON, read_frame
from torch_judge.execution.protocol.messages import Message, pack_message, read

LONGEST_MESSAGE: Final = 500

M = TypeVar("M", bound=Message)


def read_exactly(channel: socket.socket, count: int) -> bytes:
    """Read so many bytes; EOFError when the other side has hung up."""
    chunks = bytearray()
    while len(chunks) < count:
        chunk = channel.recv(min(count - len(chunks), 1 << 20))
        if not chunk:
            raise EOFError
        chunks += chunk
    return bytes(chunks)


def load_code(text: str) -> CodeType:
    """Load the code that the conductor has compiled from a file of the bank."""
    code: CodeType = marshal.loads(base64.b64decode(text))  # noqa: S302 - from the conductor, to whom we are a stranger
    return code


def read_message(channel: socket.socket, *expected: type[M], largest_body: int = LARGEST_BODY) -> M:
    """Read a message of one of these kinds from the conductor; EOFError when it has hung up."""
    header, body = read_frame(
        partial(read_exactly, channel), largest_header=LARGEST_HEADER_HANDED_ON, largest_body=largest_body
    )
    return read(header, body, *expected)


def send_message(channel: socket.socket, message: Message) -> None:
    """Send a message to the conductor."""
    channel.sendall(pack_message(message))


def reset_settings(seed: int) -> None:
    """Give a case the settings that every case starts with, whatever ran before it."""
    np.seterr(all="warn", under="ignore")
    random.seed(seed)  # learners may draw from the global generators
    np.random.seed(seed % 2**32)  # noqa: NPY002
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        torch.set_grad_enabled(True)
        torch.set_default_dtype(torch.float32)
        # torch.manual_seed also asks for every device that is not here
        torch.default_generator.manual_seed(seed)


def remember_text(name: str, text: str) -> None:
    """Let tracebacks, `inspect` and TorchScript find a text under a name."""
    linecache.cache[name] = (len(text), None, io.StringIO(text, newline=None).readlines(), name)


def name_classes(error: BaseException) -> tuple[str, ...]:
    """Name the classes of an error, its own first."""
    return tuple(kind.__name__ for kind in type(error).__mro__)
