"""The history of a user on a server: what the store has of them, their drafts, and the help they had."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from torch_judge.judging.starter import is_untouched
from torch_judge.learning.attempt import Attempt, make_attempt
from torch_judge.learning.history import History
from torch_judge.model.errors import BankError, UsageError
from torch_judge.model.reveals import reduce_report
from torch_judge.service.api import Service
from torch_judge.service.ledger import Entry
from torch_judge.service.parcel import read_parcel
from torch_judge.service.queue import State
from torch_judge.service.users import User
from torch_judge.ui.web.site import WithheldError

MOST_AT_ONCE: Final = 200
LARGEST_HISTORY: Final = 256 << 20
"""Bytes; texts are compressed in it, so that nobody gets so far by writing."""


class Records:
    """A user's history in a folder of their own; what was judged is taken over from the store.

    So what was submitted by `torch-judge run --server` stands in it too. It holds no more than the user may
    be told; what was told once stays told.
    """

    def __init__(self, service: Service, user: User, folder: Path) -> None:
        self._service, self._user, self._folder = service, user, folder
        self._known: set[str] = set()
        self._lock = threading.Lock()

    def find_history(self) -> History:
        """Find the history as it is now. Raises ProgressError and StoreError."""
        history = History(self._folder)
        with self._lock:
            entries = self._list_unknown()
            attempts = [attempt for entry in entries if (attempt := self._make_attempt(entry)) is not None]
            if attempts:
                history.merge(lambda: iter(attempts))
            self._known.update(entry.id for entry in entries)
        return history

    def check_room(self) -> None:
        """Raise WithheldError where the user has written more than one user may."""
        try:
            size = sum(path.stat().st_size for path in self._folder.iterdir())
        except OSError:  # nothing is written yet, or a file went while it was looked at
            return
        if size > LARGEST_HISTORY:
            raise WithheldError(
                f"what you have written here takes more than {LARGEST_HISTORY >> 20} MiB, and no more is kept"
            )

    def _list_unknown(self) -> list[Entry]:
        """List what was judged since, the first one first."""
        found: list[Entry] = []
        before = None
        while True:
            entries = self._service.store.ledger.list_history(self._user.id, most=MOST_AT_ONCE, before=before)
            found += [entry for entry in entries if entry.state is State.DONE and entry.id not in self._known]
            if len(entries) < MOST_AT_ONCE or any(entry.id in self._known for entry in entries):
                return found[::-1]
            before = entries[-1].number

    def _make_attempt(self, entry: Entry) -> Attempt | None:
        """Make the attempt of a submission; None where it was none, or its problem is gone."""
        ledger = self._service.store.ledger
        report = ledger.read_report(entry.number)
        if report is None or is_untouched(report):
            return None
        told = reduce_report(report, self._service.find_reveals(entry.problem, self._user))
        try:
            problem = self._service.bank.load(entry.problem)
            submission = read_parcel(ledger.read_submission(entry.number))
        except (UsageError, BankError):
            return None
        at = entry.asked_at
        day = date.fromtimestamp(at)  # noqa: DTZ012 - as the other days of a history
        return replace(make_attempt(problem, submission, told), id=entry.id, at=at, day=day)
