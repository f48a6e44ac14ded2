"""A judge that others reach: users, a queue that survives kills, an API over HTTP, and the client of it."""

from __future__ import annotations

import os
from typing import Final

SERVER_VARIABLE: Final = "TORCH_JUDGE_SERVER"
TOKEN_VARIABLE: Final = "TORCH_JUDGE_TOKEN"  # noqa: S105 - a name


def find_server(server: str | None) -> str | None:
    """Find the URL of the judge to ask: what is given, else $TORCH_JUDGE_SERVER; None to judge here."""
    return server or os.environ.get(SERVER_VARIABLE) or None
