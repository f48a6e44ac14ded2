"""What a call must not do, collected: a standard case goes on after the first, so that all is seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from .suite import WrongAnswer

COMPLAINTS: Final = "what a call must not do"
SEEN: Final = "what was seen besides"
MOST_SENTENCES: Final = 200
LONGEST_SENTENCE: Final = 500
"""More than a case has to say, which a worker may claim to have seen."""


@dataclass(slots=True)
class Complaints:
    """The sentences on what was done and must not be, in the order in which it was seen."""

    sentences: list[str] = field(default_factory=list)

    def note(self, error: WrongAnswer) -> None:
        """Note a sentence; the case goes on."""
        self.sentences.append(str(error))

    @property
    def first(self) -> WrongAnswer | None:
        """What a case rejects with that cannot go on."""
        return WrongAnswer(self.sentences[0]) if self.sentences else None

    def attach(self, seen: Any) -> Any:
        """Return what was seen, with the sentences if there are any."""
        return {COMPLAINTS: self.sentences, SEEN: seen} if self.sentences else seen


def read_complaints(observation: Any) -> tuple[str, ...]:
    """Read the sentences that an observation holds; none where something else stands in their place."""
    if not isinstance(observation, dict) or observation.keys() != {COMPLAINTS, SEEN}:
        return ()
    said = observation[COMPLAINTS]
    if not isinstance(said, list | tuple) or not all(isinstance(each, str) for each in said):
        return ()
    return tuple(each[:LONGEST_SENTENCE] for each in said[:MOST_SENTENCES])


def leave_out_complaints(observation: Any) -> Any:
    """Return what was seen besides."""
    return observation[SEEN] if read_complaints(observation) else observation
