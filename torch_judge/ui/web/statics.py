"""The files that a page loads: style, scripts and the editor; read once, addressed by what they hold."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from torch_judge.model.version import PACKAGE

FOLDER: Final = PACKAGE / "ui" / "web" / "static"
KINDS: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
FOR_GOOD: Final = "private, max-age=31536000, immutable"


@cache
def read_static(name: str) -> bytes | None:
    """Read one of our files; None where there is no such file."""
    path = FOLDER / name
    if Path(name).name != name or path.suffix not in KINDS or not path.is_file():
        return None
    return path.read_bytes()


@cache
def locate_static(name: str) -> str:
    """Tell the address of one of our files, which changes with what it holds."""
    raw = read_static(name)
    mark = hashlib.blake2b(raw or b"", digest_size=8).hexdigest()
    return f"/static/{name}?v={mark}"


def send_static(request: Request) -> Response:
    """Send one of our files."""
    name = request.path_params["name"]
    raw = read_static(name)
    if raw is None:
        return PlainTextResponse("there is no such file", status_code=404)
    # of an address that names other contents nothing is kept: it is a page's from before an upgrade
    is_current = f"{request.url.path}?{request.url.query}" == locate_static(name)
    headers = {"cache-control": FOR_GOOD} if is_current else {}
    return Response(raw, media_type=KINDS[Path(name).suffix], headers=headers)
