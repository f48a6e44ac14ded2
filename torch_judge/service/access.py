"""Who asks: users and roles stand behind one object, so that pages may know them by other means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from starlette.requests import HTTPConnection

from .accounts import Accounts
from .users import User


class Access(Protocol):
    """What knows users; it is asked in a thread and may take its time."""

    def identify(self, connection: HTTPConnection) -> User | None:
        """Find who asks; None where that is not known."""


@dataclass(frozen=True, slots=True)
class BearerAccess:
    """Users are known by the token that they send with each request."""

    accounts: Accounts

    def identify(self, connection: HTTPConnection) -> User | None:
        """Find whose token is in the header `Authorization: Bearer TOKEN`."""
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            return None
        return self.accounts.find(token.strip())
