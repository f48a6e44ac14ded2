"""The pages: the list of problems, a problem, the progress, and the way in."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from torch_judge.learning.history import History
from torch_judge.learning.standing import ProblemStanding, State, find_standing
from torch_judge.model.problem import Difficulty, Problem
from torch_judge.ui.learning_pages import word_streak

from .fragments import make_hints, make_history, make_solution, name_state
from .guard import name_cookie
from .keys import Keys
from .rendering import render
from .site import Site, find_site, refuse
from .views import (
    Wanted,
    find_writing,
    group_by_topic,
    list_recent,
    name_topic,
    word_problem,
)

MOST_RECENT = 12


def open_pages(keys: Keys, port: int, request: Request) -> Response:
    """Trade a token for the cookie, and lead to the pages from a page of our own.

    A redirect would do where a terminal opened the browser; but of one that another page began, a browser
    leaves out a strict cookie.
    """
    value = keys.trade(request.query_params.get("token", ""))
    if value is None:
        sentence = (
            "this address was used before, or is not complete; start torch-judge web again for a new one"
        )
        return refuse(request, 403, sentence)
    page = render("open.html", title="Opening", to=find_aim(request.query_params.get("to", "")))
    response = HTMLResponse(page)
    response.set_cookie(name_cookie(port), value, httponly=True, samesite="strict", path="/")
    return response


def find_aim(path: str) -> str:
    """Take a path of ours that an address leads on to; anything else leads to the list."""
    return path if path.startswith("/problems/") or path in {"/progress", "/class"} else "/"


def show_list(request: Request) -> Response:
    """Show all problems by topic, or those that are wanted."""
    site, history = find_site(request), find_site(request).find_history()
    standing = find_standing(site.bank, history)
    query = request.query_params
    wanted = Wanted(*(query.get(key, "").strip() for key in ("q", "topic", "difficulty", "state")))
    groups = group_by_topic(standing, wanted)
    return show(
        "list.html",
        site,
        history,
        title="Problems",
        groups=groups,
        wanted=wanted,
        topics=sorted({name_topic(known.problem) for known in standing.problems}),
        difficulties=list(Difficulty),
        states=list(State),
        solved=standing.count(State.SOLVED),
        total=len(standing.problems),
        shown=sum(len(group.shown) for group in groups),
        following=standing.next,
        word_problem=word_problem,
    )


def show_problem(request: Request) -> Response:
    """Show a problem: statement, editor, hints, solution, history."""
    site, history = find_site(request), find_site(request).find_history()
    problem = site.load_problem(request)
    if problem.slug != request.path_params["slug"]:  # it goes by its number too
        return RedirectResponse(f"/problems/{problem.slug}", status_code=307)
    site.bench.warm_up(problem.framework)
    writing = find_writing(problem, history)
    stays = not site.terms.shows_solution(problem)
    solution = make_solution(problem, history, stays=stays, is_wanted=False)
    return show(
        "problem.html",
        site,
        history,
        title=f"{problem.number}. {problem.title}",
        problem=problem,
        topic=name_topic(problem),
        state=name_state(problem, history),
        statement=problem.read_statement(),
        writing=writing,
        facts=_gather_facts(problem, history, is_queued=bool(site.terms.user)),
        hints=make_hints(problem, history, stays=stays).html,
        solution=solution.html,
        may_see=solution.may_see,
        attempts=make_history(problem, history),
    )


def _gather_facts(problem: Problem, history: History, *, is_queued: bool) -> dict[str, Any]:
    """Gather what the page's script has to know."""
    writing, own = find_writing(problem, history), problem.read_debug()
    return {
        "slug": problem.slug,
        "example": own,
        "revision": writing.revision,
        "mine_of": writing.tab,
        "queued": is_queued,
    }


def show_progress(request: Request) -> Response:
    """Show where the learner stands."""
    site, history = find_site(request), find_site(request).find_history()
    standing = find_standing(site.bank, history)
    return show(
        "progress.html",
        site,
        history,
        title="Progress",
        standing=standing,
        topics=standing.count_by_topic(),
        counts=[(state, standing.count(state)) for state in State],
        streak=word_streak(standing.streak),
        following=standing.next,
        best=_word_best,
        recent=list_recent(standing, history, most=MOST_RECENT),
    )


def _word_best(standing: ProblemStanding) -> str:
    """Write the least time that the cases of an accepted attempt took; nothing where that is not told."""
    tally = standing.tally
    return "" if tally is None or not tally.best_seconds else f"{tally.best_seconds * 1e3:.0f} ms"


def show(template: str, site: Site, history: History | None = None, **values: Any) -> Response:
    """Show a page; what a history has to say is said to whoever's own machine it is on."""
    notices = list(history.notices) if history is not None and not site.terms.user else []
    return HTMLResponse(render(template, **values, terms=site.terms, notices=notices))
