"""What an answer is worth: the share of its cases or all or nothing, by the weight of its problem."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from torch_judge.grading.records import Record
from torch_judge.model.errors import UsageError


class Scheme(StrEnum):
    """What a part of an answer is worth."""

    CASES = "cases"
    ALL_OR_NOTHING = "all-or-nothing"


@dataclass(frozen=True, slots=True)
class Points:
    """How answers come to points: the most for each problem, by its slug."""

    most: Mapping[str, float]
    scheme: Scheme = Scheme.CASES

    def score(self, record: Record) -> float | None:
        """Score an answer; None where the judge failed."""
        if record.passed is None:
            return None
        share = (record.score or 0.0) if self.scheme is Scheme.CASES else float(record.passed)
        return share * self.most[record.task_id]


def make_points(
    slugs: Sequence[str], *, scheme: Scheme, weights: Mapping[str, float], total: float | None
) -> Points:
    """Share out points: a problem has its weight, which is 1 where nobody says it, and all come to `total`.

    Raises UsageError for the weight of a problem that is not graded, and where nothing is worth anything.
    """
    for slug in weights:
        if slug not in slugs:
            raise UsageError(f"--weight {slug}: is not among what is graded: {', '.join(slugs)}")
    most = {slug: weights.get(slug, 1.0) for slug in slugs}
    in_all = sum(most.values())
    if not in_all > 0:
        raise UsageError("--weight: nothing is worth a point")
    scale = 1.0 if total is None else total / in_all
    return Points({slug: weight * scale for slug, weight in most.items()}, scheme)


def parse_weights(texts: Iterable[str]) -> dict[str, float]:
    """Read `PROBLEM=WEIGHT`s. Raises UsageError."""
    weights = {}
    for text in texts:
        slug, equals, number = text.partition("=")
        try:
            weight = float(number)
        except ValueError:
            weight = math.nan
        if not (slug and equals and math.isfinite(weight) and weight >= 0):
            raise UsageError(f"--weight {text}: expected PROBLEM=WEIGHT, such as batchnorm=2")
        weights[slug] = weight
    return weights


def write_points(points: float, *, comma: bool = False) -> str:
    """Write points with two places at most."""
    text = f"{points:.2f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if comma else text
