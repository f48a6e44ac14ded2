"""Parts of a problem's page that change while one works: hints, solution, history, an attempt, a diff."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from torch_judge.learning.attempt import Attempt, name_bank
from torch_judge.learning.hints import give_hint, give_up, is_solved, list_hints, list_shown, may_see_solution
from torch_judge.learning.history import History
from torch_judge.learning.standing import ProblemStanding, State, find_solved
from torch_judge.model.errors import BankError, ProgressError
from torch_judge.model.naming import spell
from torch_judge.model.problem import Problem
from torch_judge.model.report import Verdict
from torch_judge.ui.learning_pages import StillOpen, word_solved

from .rendering import render_part
from .views import compare, list_attempts, make_row

MOST_ATTEMPTS = 100


@dataclass(frozen=True, slots=True)
class HintsPart:
    """The hints that were shown, what to say of the one that was asked for, and how many are left."""

    html: Markup
    says: str
    left: int


def make_hints(problem: Problem, history: History, *, stays: bool = False) -> HintsPart:
    """Show the hints of a problem that were given; its solution `stays` where it is, or is shown later."""
    return _draw_hints(problem, history, new=(), says="", notice="", stays=stays)


def take_hint(problem: Problem, history: History, *, stays: bool = False) -> HintsPart:
    """Give the next hint, and show all that were given."""
    given = give_hint(problem, history)
    if not given.hints:
        return _draw_hints(
            problem, history, new=(), says=f"{problem.slug} has no hints.", notice="", stays=stays
        )
    new = () if given.is_repeated else given.hints
    notice = (
        f"Which hints you have seen is not remembered: {given.unremembered}." if given.unremembered else ""
    )
    if given.is_repeated:
        says = f"You have seen all {len(given.hints)} hints."
    else:
        fits = ", which fits what your last attempt did" if given.hints[0].fits else ""
        says = f"Hint {given.hints[0].number} of {given.hints[0].total}{fits}."
    return _draw_hints(problem, history, new=new, says=says, notice=notice, stays=stays)


def _draw_hints(
    problem: Problem, history: History, *, new: tuple[object, ...], says: str, notice: str, stays: bool
) -> HintsPart:
    shown = list_shown(problem, history)
    listed = shown or new
    total = len(list_hints(problem))
    left = total - len(listed)
    facts = {"new": new, "left": left, "total": total, "says": says, "notice": notice, "stays": stays}
    html = render_part("hints.html", hints=listed, **facts)
    return HintsPart(html, says, left)


@dataclass(frozen=True, slots=True)
class SolutionPart:
    """The solution, or what stands in its place until it may be seen."""

    html: Markup
    may_see: bool


def make_solution(
    problem: Problem, history: History, *, is_wanted: bool, is_given_up: bool = False, stays: bool = False
) -> SolutionPart:
    """Show the jury solution and the other right ways, where they are wanted and may be seen.

    Where they stay, whatever happens, that is said instead. StillOpen where the problem is not solved and
    the learner does not give it up.
    """
    if stays:
        html = render_part("solution.html", ways=[], may_see=False, solved=False, notice="", stays=True)
        return SolutionPart(html, may_see=False)
    may_see = may_see_solution(problem, history)
    notice = ""
    if is_wanted and not may_see:
        if not is_given_up:
            raise StillOpen(f"you have not solved {problem.slug} yet; give it up to see the solution")
        if reason := give_up(problem, history):
            notice = f"That you saw the solution is not remembered: {reason}."
        may_see = True
    ways: list[tuple[str, str]] = []
    if is_wanted:
        ways = [("The jury solution", problem.read_solution())]
        ways += [
            (f"Another right way: {spell(sample.name)}", sample.read_text())
            for sample in problem.samples(Verdict.ACCEPTED)
        ]
    solved = is_solved(problem, history)
    html = render_part("solution.html", ways=ways, may_see=may_see, solved=solved, notice=notice, stays=False)
    return SolutionPart(html, may_see)


def make_history(problem: Problem, history: History) -> Markup:
    """Show the latest attempts at a problem."""
    rows = list_attempts(problem, history, most=MOST_ATTEMPTS)
    return render_part("history.html", attempts=rows, total=rows[0].number if rows else 0)


def make_attempt(number: int, attempt: Attempt) -> Markup:
    """Show an attempt with its code."""
    failed = [spell(name) for name in attempt.failed]
    return render_part("attempt.html", row=make_row(number, attempt), attempt=attempt, failed=failed)


def make_diff(old: tuple[str, str], new: tuple[str, str]) -> Markup:
    """Show what differs between two texts, each with its name."""
    lines = compare(old[1], new[1])
    return render_part("diff.html", old=old[0], new=new[0], lines=lines)


def name_state(problem: Problem, history: History) -> State:
    """Name how far the learner is with a problem."""
    tally = history.tally(name_bank(problem)).get(problem.slug)
    return ProblemStanding(problem, tally).state


def make_opened(problem: Problem, history: History, *, stays: bool = False) -> Markup:
    """Show what an accepted attempt has opened; nothing where no history tells."""
    try:
        solved = find_solved(problem, history)
    except (ProgressError, BankError):  # the verdict stands, whatever else is broken
        return Markup("")
    if solved is None:
        return Markup("")
    return render_part("opened.html", says=word_solved(solved), solved=solved, stays=stays)
