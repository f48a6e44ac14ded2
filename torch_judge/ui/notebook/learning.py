"""`hint`, `solution`, `status`, `reset` and `history` for notebooks and plain sessions."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from torch_judge.learning.attempt import make_unjudged_attempt, name_bank, read_code
from torch_judge.learning.history import History, find_history
from torch_judge.learning.standing import find_standing
from torch_judge.model.bank import find_bank
from torch_judge.model.errors import ProgressError
from torch_judge.model.live_object import from_object
from torch_judge.model.problem import Problem
from torch_judge.ui.document import Code, Document, Heading, Paragraph
from torch_judge.ui.learning_pages import (
    Place,
    make_attempt_page,
    make_hint_page,
    make_history_page,
    make_solution_page,
    make_status_page,
    word_attempt_command,
)

from .session import MISSING, find_shell, load_problem, look_up


def hint(problem: str, *, number: int | None = None, bank: str | Path | None = None) -> Document:
    """Show the next hint for a problem, from gentle to plain; or the one of a `number`."""
    facts, history = load_problem(problem, bank=bank), find_history()
    return make_hint_page(facts, history, place=Place.NOTEBOOK, number=number)


def solution(
    problem: str,
    *,
    give_up: bool = False,
    all: bool = False,  # noqa: A002 - as it is called in a terminal: --all
    bank: str | Path | None = None,
) -> Document:
    """Show the jury solution of a problem that is solved; of any other only with `give_up=True`.

    With `all=True` the other right ways of the bank follow.
    """
    facts, history = load_problem(problem, bank=bank), find_history()
    return make_solution_page(facts, history, place=Place.NOTEBOOK, is_given_up=give_up, with_others=all)


def status(*, bank: str | Path | None = None) -> Document:
    """Show what is solved, tried and open, the streak of days, and which problem to try next."""
    history = find_history()
    page = make_status_page(find_standing(find_bank(bank), history), place=Place.NOTEBOOK)
    return page.with_notices(history.notices)


def history(problem: str, attempt: int | None = None, *, bank: str | Path | None = None) -> Document:
    """List the attempts at a problem.

    With the number of an `attempt`, show its code, which is also the result's `code`.
    """
    facts, history = load_problem(problem, bank=bank), find_history()
    if attempt is not None:
        return make_attempt_page(facts, history, attempt)
    return make_history_page(facts, history, place=Place.NOTEBOOK)


def reset(problem: str, *, bank: str | Path | None = None) -> Document:
    """Put a problem's starter into a new cell of a notebook; what you have written stays in `history`."""
    facts, history = load_problem(problem, bank=bank), find_history()
    said = _keep(facts, look_up(facts.entry_point, sys._getframe(1)), history)
    shell = find_shell()
    if shell is not None:
        shell.set_next_input(facts.read_starter().strip())
    where = "in the cell below" if shell is not None else "here"
    page = Document(
        (Heading(f"{facts.slug}: the starter, {where}"), Code(facts.read_starter()), Paragraph(said))
    )
    return page.with_notices(history.notices)


def _keep(problem: Problem, value: Any, history: History) -> str:
    """Keep what a session calls by the entry point's name, unless that is the latest attempt.

    Say what became of it.
    """
    if value is MISSING or not callable(value):
        return f"{problem.entry_point} is not defined here, so there was nothing to keep."
    submission = from_object(value, problem.entry_point)
    code = read_code(submission, value)
    if not code:
        return f"The text of {problem.entry_point} is not to be had here, so it could not be kept."
    bank = name_bank(problem)
    try:
        last = history.list_latest(bank, problem.slug, most=1)
        if not last or last[0].attempt.code != code:
            history.add(make_unjudged_attempt(problem, submission, code))
        number = history.count(bank, problem.slug)
    except ProgressError as error:
        return f"What you have written could not be kept: {error}. Copy it before you go on."
    command = word_attempt_command(problem, number, place=Place.NOTEBOOK)
    return f"What you have written is kept: `{command}` shows it."
