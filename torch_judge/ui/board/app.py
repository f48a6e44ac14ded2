"""The application of `torch-judge serve` with its pages: the API as it was, and a gate before the pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from starlette.types import ASGIApp

from torch_judge.model.isolation import Layer
from torch_judge.service.api import Service
from torch_judge.ui.web.bench import Bench

from .gate import LOOPBACK, Gate
from .patience import Patience
from .runs import Runs
from .seats import Seats


@contextmanager
def add_pages(
    api: ASGIApp,
    service: Service,
    folder: Path,
    *,
    proxies: Iterable[str] = LOOPBACK,
    runs: int = 1,
    required: frozenset[Layer] = frozenset(),
) -> Iterator[ASGIApp]:
    """Add pages to a service's API, for a block; drafts and what help was given lie in `folder`.

    Of `proxies`, it is believed by which protocol and from which address a request came. There are so many
    Runs of users at a time, under the isolation that is `required`; with none, Run is not offered.
    """
    with closing(Bench(required=required, most=runs)) as bench:
        per_minute = service.rate.per_minute
        seats = Seats(service, folder, Runs(bench, per_minute) if runs else None)
        yield Gate(api, service.store, seats, Patience(per_minute), frozenset(proxies))
