"""The application of `torch-judge serve` with its pages: the API as it was, and a gate before the pages."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from starlette.types import ASGIApp

from torch_judge.service.api import Service

from .gate import LOOPBACK, Gate
from .patience import Patience
from .seats import Seats


def add_pages(api: ASGIApp, service: Service, folder: Path, proxies: Iterable[str] = LOOPBACK) -> ASGIApp:
    """Add pages to a service's API; drafts and what help was given lie in `folder`.

    Of `proxies`, it is believed by which protocol and from which address a request came.
    """
    seats = Seats(service, folder)
    return Gate(api, service.store, seats, Patience(service.rate.per_minute), frozenset(proxies))
