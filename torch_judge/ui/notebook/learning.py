"""`hint`, `solution`, `status`, `reset` and `history` for notebooks and plain sessions, and completion of problems' names."""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from torch_judge.learning.attempt import bank_of, code_of, kept_answer
from torch_judge.learning.hints import Place, give_hint, show_solution
from torch_judge.learning.history import History, find_progress
from torch_judge.learning.standing import attempt_sheet, dashboard_sheet, history_sheet, shows_again, survey
from torch_judge.model.bank import find_bank
from torch_judge.model.errors import ProgressError, TorchJudgeError
from torch_judge.model.live_object import from_object
from torch_judge.model.problem import Problem
from torch_judge.ui.document import Code, Document, Heading, Paragraph

from .check import _MISSING, _look_up, _shell

_NAMED = re.compile(r"\b(?:check|hint|solution|reset|history)\(\s*(?:problem\s*=\s*)?([\"'])(\w*)$")


def hint(problem: str, *, number: int | None = None, bank: str | Path | None = None) -> Document:
    """Return the next hint for a problem, from gentle to plain; or the one of a `number`."""
    return give_hint(find_bank(bank).load(problem), find_progress(), place=Place.NOTEBOOK, number=number)


def solution(problem: str, *, give_up: bool = False, bank: str | Path | None = None) -> Document:
    """Return the jury solution of a problem that is solved; of any other only with `give_up=True`."""
    return show_solution(
        find_bank(bank).load(problem), find_progress(), place=Place.NOTEBOOK, give_up=give_up
    )


def status(*, bank: str | Path | None = None) -> Document:
    """Return what is solved, tried and open, the streak of days, and which problem to try next."""
    progress = find_progress()
    return dashboard_sheet(survey(find_bank(bank), progress), place=Place.NOTEBOOK).with_notices(
        progress.notices
    )


def history(problem: str, attempt: int | None = None, *, bank: str | Path | None = None) -> Document:
    """Return the attempts at a problem; with the number of an `attempt`, its code, which is also the result's `code`."""
    facts, progress = find_bank(bank).load(problem), find_progress()
    if attempt is not None:
        return attempt_sheet(facts, progress, attempt)
    return history_sheet(facts, progress, place=Place.NOTEBOOK)


def reset(problem: str, *, bank: str | Path | None = None) -> Document:
    """Return the starter of a problem, in a new cell of a notebook; what you have written stays in `history`."""
    facts, progress = find_bank(bank).load(problem), find_progress()
    kept = _keep(facts, _look_up(facts.entry_point, sys._getframe(1)), progress)
    shell = _shell()
    if shell is not None:
        shell.set_next_input(facts.read_starter().strip())
    where = "in the cell below" if shell is not None else "here"
    return Document(
        (Heading(f"{facts.slug}: the starter, {where}"), Code(facts.read_starter()), Paragraph(kept))
    ).with_notices(progress.notices)


def _keep(problem: Problem, value: Any, progress: History) -> str:
    """Keep what a session calls by the entry point's name, unless that is the latest attempt; say what became of it."""
    if value is _MISSING or not callable(value):
        return f"{problem.entry_point} is not defined here, so there was nothing to keep."
    submission = from_object(value, problem.entry_point)
    code = code_of(submission, value)
    if not code:
        return f"The text of {problem.entry_point} is not to be had here, so it could not be kept."
    try:
        last = progress.latest(bank_of(problem), problem.slug, most=1)
        if not last or last[0].attempt.code != code:
            progress.add(kept_answer(problem, submission, code))
        number = progress.count(bank_of(problem), problem.slug)
    except ProgressError as error:
        return f"What you have written could not be kept: {error}. Copy it before you go on."
    return f"What you have written is kept: `{shows_again(Place.NOTEBOOK, problem, number)}` shows it."


def named_so_far(text: str) -> str | None:
    """Return what is typed so far of a problem's name, where the cursor stands after it in a call of ours; None elsewhere."""
    found = _NAMED.search(text)
    return found[2] if found else None


def offer_names() -> None:
    """Have IPython complete the names of problems in calls of ours, where it has the means."""
    shell = _shell()
    completer = getattr(shell, "Completer", None)
    if completer is None or any(
        getattr(each, "__name__", "") == _problem_names.__name__ for each in completer.custom_matchers
    ):
        return
    with suppress(ImportError, AttributeError):  # an older IPython has other means, or none
        from IPython.core.completer import context_matcher

        completer.custom_matchers.append(context_matcher()(_problem_names))


def _problem_names(context: Any) -> dict[str, Any]:
    """Return the names that complete what stands before the cursor, as IPython's matchers do."""
    from IPython.core.completer import SimpleCompletion

    begun = named_so_far(context.line_with_cursor[: context.cursor_position] or context.text_until_cursor)
    names: tuple[str, ...] = ()
    if begun is not None:
        with suppress(TorchJudgeError):
            names = tuple(name for name in find_bank().names() if name.startswith(begun))
    completions = [SimpleCompletion(text=name, type="problem") for name in names]
    return {"completions": completions, "matched_fragment": begun or "", "suppress": bool(names)}
