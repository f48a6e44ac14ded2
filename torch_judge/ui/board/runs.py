"""Where the examples of users run: on judges apart from those of the queue, which hold no suite.

A user has one Run at a time, so that whoever waits stands behind one of each other user at most, and so many
in a minute. They are counted apart from submissions: to try costs nobody the right to submit. Nothing of it
outlives the server.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from torch_judge.model.problem import Framework
from torch_judge.service.errors import TooManyError
from torch_judge.service.users import User
from torch_judge.ui.web.bench import STOPPED, Bench, Commission

from .patience import Patience

if TYPE_CHECKING:
    from torch_judge.judging.example import ExampleRun


class Runs:
    """The Runs of all users."""

    def __init__(self, bench: Bench, per_minute: int) -> None:
        self._bench, self._per_minute = bench, per_minute
        self._patience = Patience(per_minute)
        self._held: dict[User, tuple[Commission, Commission]] = {}
        """The Run of each user: as the user asked for it, and as the bench has it."""
        self._lock = threading.Lock()

    def ask(self, user: User, commission: Commission) -> None:
        """Have an example run as soon as its turn has come. Raises TooManyError."""

        def note_example(run: ExampleRun) -> None:
            if self._take(user, commission):  # before it is told: whoever hears of it may ask at once
                commission.on_example(run)

        def note_error(error: Exception) -> None:
            if self._take(user, commission):
                commission.on_error(error)

        given = replace(commission, on_example=note_example, on_error=note_error)
        with self._lock:
            if user in self._held:
                raise TooManyError("you have one Run at a time: let the other one end, or stop it", 1)
            if seconds := self._patience.count_seconds(str(user.id)):
                said = f"{self._per_minute} Runs in a minute are the most; try again in {seconds} seconds"
                raise TooManyError(said, seconds)
            self._patience.note(str(user.id))
            self._held[user] = commission, given
        self._bench.ask(given)

    def stop(self, user: User, commission: Commission) -> None:
        """End a Run, and say so; its worker is killed."""
        if given := self._take(user, commission):
            commission.on_stopped(self._bench.leave(given))

    def leave(self, user: User, commission: Commission) -> str:
        """End a Run of which nobody wants to hear."""
        if given := self._take(user, commission):
            self._bench.leave(given)
        return STOPPED

    def warm_up(self, framework: Framework) -> None:
        """Prepare for a Run."""
        self._bench.warm_up(framework)

    def _take(self, user: User, commission: Commission) -> Commission | None:
        """Let a user's next Run come, and return this one as the bench has it; None where it has ended."""
        with self._lock:
            asked, given = self._held.get(user, (None, None))
            if asked is not commission:
                return None
            del self._held[user]
        return given
