"""What a teacher sees: how far each learner is, and the grades as a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from torch_judge.service.answers import write_grades
from torch_judge.service.ledger import Standing, group_by_learner
from torch_judge.service.store import Store
from torch_judge.service.users import User
from torch_judge.ui.web.pages import show
from torch_judge.ui.web.site import Site, WithheldError


@dataclass(frozen=True, slots=True)
class LearnerRow:
    """A learner, what they have solved, and what they tried and have not."""

    name: str
    solved: tuple[Standing, ...]
    tried: tuple[Standing, ...]

    @property
    def attempts(self) -> int:
        """Return how much was submitted in all."""
        return sum(standing.attempts for standing in (*self.solved, *self.tried))


@dataclass(frozen=True, slots=True)
class ClassPage:
    """The page of a class, for its teachers."""

    store: Store
    site: Site

    def show(self, _request: Request) -> Response:
        """Show who solved what."""
        self._refuse_learners()
        rows = list_learners(self.store.accounts.list_learners(), self.store.ledger.list_standings())
        problems = {problem.slug: problem for problem in self.site.bank.problems()}
        return show("class.html", self.site, title="Class", rows=rows, problems=problems)

    def export_grades(self, _request: Request) -> Response:
        """Send the grades as CSV."""
        self._refuse_learners()
        headers = {"content-disposition": 'attachment; filename="grades.csv"'}
        text = write_grades(self.store.ledger.list_standings())
        return Response(text, media_type="text/csv", headers=headers)

    def _refuse_learners(self) -> None:
        if not self.site.terms.is_teacher:
            raise WithheldError("only a teacher sees the class")


def list_learners(learners: Iterable[User], standings: Sequence[Standing]) -> tuple[LearnerRow, ...]:
    """List how far each learner is, those too who have not begun."""
    found = group_by_learner(standings)
    return tuple(
        LearnerRow(
            learner.name,
            tuple(one for one in found.get(learner.name, ()) if one.is_solved),
            tuple(one for one in found.get(learner.name, ()) if not one.is_solved),
        )
        for learner in learners
    )
