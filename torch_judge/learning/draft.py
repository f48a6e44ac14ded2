"""A draft: what a learner is writing in a tab of a browser, and has not submitted yet."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Draft:
    """The text of an answer as it stands in a tab, and the example to run it on.

    `example` is None where it is the problem's own. Of two drafts of a problem, that of the higher `revision`
    was written later; 0 is one that is not kept yet.
    """

    bank: str
    problem: str
    tab: str
    text: str
    example: str | None = None
    revision: int = 0
