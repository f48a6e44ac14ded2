"""The code in answers: it is what is judged, and what a record is known by, not the text around it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from torch_judge.model.problem import Problem
from torch_judge.model.sanitize import one_line

from .answers import Answer, Key, Refused
from .extraction import Extracted, How, complete, extract


@dataclass(frozen=True, slots=True)
class Code:
    """What is judged of an answer, and how it was found in it."""

    task_id: str
    sample_id: str
    text: str
    how: How = How.WHOLE
    digest: str = field(init=False, repr=False)
    """The SHA-256 of the text."""

    def __post_init__(self) -> None:
        raw = self.text.encode("utf-8", "surrogatepass")
        object.__setattr__(self, "digest", hashlib.sha256(raw).hexdigest())

    @property
    def key(self) -> Key:
        """What tells it from the others of a run, and finds its record."""
        return self.task_id, self.sample_id, self.digest


def find_code(answer: Answer, problem: Problem, *, raw: bool = False) -> Code:
    """Find the code in an answer to a problem; `raw` takes the whole text."""
    return _find_code(answer, problem.entry_point, problem.read_starter(), raw=raw)


def find_codes(
    answers: Iterable[Answer], problems: Mapping[str, Problem], *, raw: bool = False
) -> tuple[list[Code], list[Refused]]:
    """Find the code in each answer; of a sample that occurs twice, the first counts.

    With the same code it is the same answer, with other code it is refused.
    """
    starters: dict[str, str] = {}
    codes: dict[tuple[str, str], Code] = {}
    refused: list[Refused] = []
    for answer in answers:
        problem = problems[answer.task_id]
        if answer.task_id not in starters:
            starters[answer.task_id] = problem.read_starter()
        code = _find_code(answer, problem.entry_point, starters[answer.task_id], raw=raw)
        if codes.setdefault((code.task_id, code.sample_id), code).digest != code.digest:
            sample = one_line(code.sample_id[:80])
            said = f"sample {sample!r} of {code.task_id} was there before, with other code"
            refused.append(Refused(answer.place, said))
    return list(codes.values()), refused


def _find_code(answer: Answer, entry_point: str, starter: str, *, raw: bool) -> Code:
    found = Extracted(answer.text, How.WHOLE)
    if not raw:
        found = extract(answer.text, entry_point)
        if answer.is_body and found.how is How.WHOLE:
            found = complete(starter, found.code, entry_point)
    return Code(answer.task_id, answer.sample_id, found.code, found.how)
