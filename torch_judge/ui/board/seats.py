"""A site for each user: their own history, drafts, tabs and events, of which no other site knows."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from torch_judge.model.errors import ProgressError, TorchJudgeError, UsageError
from torch_judge.model.problem import Problem
from torch_judge.model.reveals import Reveals
from torch_judge.service.api import Service
from torch_judge.service.errors import StoreError, TooManyError
from torch_judge.service.users import User
from torch_judge.ui.web.app import make_pages
from torch_judge.ui.web.site import Site, Terms, find_status, refuse
from torch_judge.ui.web.tabs import Tabs

from .class_page import ClassPage
from .docket import QueueDocket
from .records import Records
from .runs import Runs
from .words import QueueWords, word_failure

SECONDS_OF_GRACE: Final = 600.0
"""Nothing is saved by not following what the queue judges anyway."""


class Seats:
    """The applications of the users who were there since the server began."""

    def __init__(self, service: Service, folder: Path, runs: Runs | None = None) -> None:
        self._service, self._folder, self._runs = service, folder, runs
        self._seats: dict[User, Starlette] = {}
        self._lock = threading.Lock()

    def find(self, user: User) -> Starlette:
        """Find the pages of a user, and make them for one who was not there before. Raises StoreError."""
        with self._lock:
            if user not in self._seats:
                self._seats[user] = self._make(user)
            return self._seats[user]

    def _make(self, user: User) -> Starlette:
        service = self._service

        def shows_solution(problem: Problem) -> bool:
            return service.find_reveals(problem.slug, user) is Reveals.EVERYTHING

        terms = Terms(
            user.name,
            is_teacher=user.is_teacher,
            offers_run=self._runs is not None,
            shows_solution=shows_solution,
        )
        records = Records(service, user, self._folder / service.store.sessions.name_folder(user))
        docket = QueueDocket(service, user, self._runs)
        tabs = Tabs(docket, QueueWords(records, terms), grace=SECONDS_OF_GRACE)
        site = Site(service.bank, docket, tabs, records.find_history, terms, records.check_room)
        page = ClassPage(service.store, site)
        routes = [Route("/class", page.show), Route("/class/grades.csv", page.export_grades)]
        return make_pages(site, routes, answer_error)


def answer_error(request: Request, error: Exception) -> Response:
    """Answer with what is wrong in a sentence, which names no file of the server's."""
    match error:
        case TooManyError():
            status = 429
        case UsageError():
            status = find_status(error)
        case StoreError() | ProgressError():
            status = 503
        case TorchJudgeError():
            status = 500
        case _:
            raise error
    return refuse(request, status, word_failure(error))
