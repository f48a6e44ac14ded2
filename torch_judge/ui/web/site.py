"""What all pages and calls share: the bank, the history, and how an error becomes an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from torch_judge.learning.history import History, find_history
from torch_judge.model.bank import Bank
from torch_judge.model.errors import BankError, ProgressError, UsageError
from torch_judge.model.problem import Problem
from torch_judge.model.sanitize import sanitize
from torch_judge.ui.learning_pages import StillOpen

from .bench import Docket
from .guard import API
from .rendering import render
from .tabs import Tabs


class NotFoundError(UsageError):
    """There is no such page, problem or attempt."""


class WithheldError(UsageError):
    """Something is not given on the terms on which somebody uses the pages."""


def _show_always(_problem: Problem) -> bool:
    return True


def _find_room() -> None:
    """Find as much room as the machine has."""


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms somebody uses the pages; on their own machine, on their own."""

    user: str = ""
    """Who is signed in; empty on one's own machine, where nobody signs in."""
    is_teacher: bool = False
    offers_run: bool = True
    shows_solution: Callable[[Problem], bool] = _show_always
    """Tells whether a problem's solution is ever shown, to whoever solved it or gave it up."""


OWN_TERMS: Final = Terms()


@dataclass(frozen=True, slots=True)
class Site:
    """What is shown and judged, whose history it is, and on what terms."""

    bank: Bank
    bench: Docket
    tabs: Tabs
    find_history: Callable[[], History] = find_history
    """Finds the learner's history: here the one that terminal and notebook use."""
    terms: Terms = OWN_TERMS
    check_room: Callable[[], None] = _find_room
    """Raises WithheldError where nothing more may be written down for this learner."""

    def load_problem(self, request: Request) -> Problem:
        """Load the problem that an address names."""
        return self.load(request.path_params["slug"])

    def load(self, name: str) -> Problem:
        """Load a problem; NotFoundError where there is none of that name."""
        try:
            return self.bank.load(name)
        except UsageError as error:
            raise NotFoundError(str(error)) from None


def find_site(request: Request) -> Site:
    """Find what the application that a request came to is about."""
    site: Site = request.app.state.site
    return site


def refuse(request: Request, status: int, sentence: str) -> Response:
    """Say in a sentence why a request is not answered: to a script as JSON, to a person as a page."""
    said = sanitize(sentence)
    if request.url.path.startswith(API):
        return JSONResponse({"error": said}, status_code=status)
    return HTMLResponse(render("message.html", title="Not shown", sentence=said), status_code=status)


def find_status(error: Exception) -> int:
    """Find the status of the answer that an error makes."""
    match error:
        case NotFoundError():
            return 404
        case WithheldError():
            return 403
        case StillOpen():
            return 409
        case UsageError():
            return 400
        case ProgressError():
            return 503
        case BankError():
            return 500
        case _:
            raise error
