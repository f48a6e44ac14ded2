"""What opens the pages: tokens that are good once, and the cookie that such a token is traded for."""

from __future__ import annotations

import hmac
import secrets
import threading
from typing import Final

BYTES: Final = 32


class Keys:
    """The tokens that were given out and not used yet, and the value of the cookie."""

    def __init__(self) -> None:
        self._tokens: set[str] = set()
        self._cookie = secrets.token_urlsafe(BYTES)
        self._lock = threading.Lock()

    def make_token(self) -> str:
        """Make a token that is good once."""
        token = secrets.token_urlsafe(BYTES)
        with self._lock:
            self._tokens.add(token)
        return token

    def trade(self, token: str) -> str | None:
        """Take a token for good and return the cookie's value; None where it is none, or was used before."""
        with self._lock:
            known = next((known for known in self._tokens if _is_same(known, token)), None)
            if known is None:
                return None
            self._tokens.remove(known)
        return self._cookie

    def fits(self, value: str) -> bool:
        """Tell whether a value is that of the cookie."""
        return _is_same(self._cookie, value)


def _is_same(ours: str, theirs: str) -> bool:
    """Compare in a time that tells nothing."""
    return hmac.compare_digest(ours.encode(), theirs.encode("utf-8", "replace"))
