"""What all pages and calls share: the bank, the history, and how an error becomes an answer."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from torch_judge.learning.history import History, find_history
from torch_judge.model.bank import Bank
from torch_judge.model.errors import BankError, ProgressError, UsageError
from torch_judge.model.problem import Problem
from torch_judge.model.sanitize import sanitize
from torch_judge.ui.learning_pages import StillOpen

from .bench import Bench
from .guard import API
from .keys import Keys
from .rendering import render
from .tabs import Tabs


class NotFoundError(UsageError):
    """There is no such page, problem or attempt."""


@dataclass(frozen=True, slots=True)
class Site:
    """What is shown and judged, and who may look."""

    bank: Bank
    keys: Keys
    port: int
    bench: Bench
    tabs: Tabs

    def load_problem(self, request: Request) -> Problem:
        """Load the problem that an address names."""
        return self.load(request.path_params["slug"])

    def load(self, name: str) -> Problem:
        """Load a problem; NotFoundError where there is none of that name."""
        try:
            return self.bank.load(name)
        except UsageError as error:
            raise NotFoundError(str(error)) from None

    def find_history(self) -> History:
        """Find the learner's history, the one that terminal and notebook use."""
        return find_history()


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
