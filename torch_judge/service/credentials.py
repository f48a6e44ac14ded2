"""Which judge is asked, and with which token: from arguments, the environment, or a file of one's own."""

from __future__ import annotations

import ipaddress
import os
import stat
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

from torch_judge.model.errors import UsageError
from torch_judge.model.sanitize import one_line

from . import TOKEN_VARIABLE

TOKEN_FILE: Final = "token"  # noqa: S105 - a name


def parse_url(server: str, *, allow_http: bool) -> SplitResult:
    """Read a server's URL; plain HTTP is refused beyond this machine, since it would show the token."""
    try:
        url = urlsplit(server.strip().rstrip("/"))
        host, _ = url.hostname, url.port
    except ValueError:
        host = None
    if host is None or url.scheme not in {"http", "https"} or url.query or url.fragment or "@" in url.netloc:
        raise UsageError(f"{one_line(server)!r} is no judge's address, such as https://judge.example.org")
    if url.scheme == "http" and not allow_http and not is_loopback(host):
        raise UsageError(
            f"{url.geturl()}: over plain HTTP anyone on the way reads your token; "
            "use https://, or say that you want it (allow_http=True, --allow-http)"
        )
    return url


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def find_token(folder: Path | None) -> str:
    """Find the token: in $TORCH_JUDGE_TOKEN, else in the file `token` of a folder. Raises UsageError."""
    token = os.environ.get(TOKEN_VARIABLE, "").strip()
    place = f"${TOKEN_VARIABLE}"
    if not token and folder is not None:
        path = folder / TOKEN_FILE
        token, place = _read_token(path), str(path)
    if not token:
        also = f", or write it into {folder / TOKEN_FILE} (mode 600)" if folder is not None else ""
        raise UsageError(f"no token: put the one that a teacher gave you into ${TOKEN_VARIABLE}{also}")
    if not (token.isascii() and token.isprintable() and " " not in token):
        raise UsageError(f"{place} holds no token")
    return token


def _read_token(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if os.name == "posix" and mode & 0o077:
                raise UsageError(f"{path} can be read by others (mode {mode:03o}): chmod 600 {path}")
            return file.read(1 << 12).strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
