"""Submissions that attack the judge, and honest ones in strange styles; `tests.attacks.test_attacks` runs them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

CANARY = Path("/tmp/torch_judge_attack_canary")
MARKER = Path("/tmp/torch_judge_attack_marker")
TCP_PORT, UDP_PORT, ABSTRACT_NAME = 47811, 47812, "\0torch_judge_attack"
"""Where the hostile submissions look; the tests put something there."""

FOLDER = Path(__file__).resolve().parent
SLOW = re.compile(
    r"a09|a10|a16|b1[0234]|d06|d10|d16|d22|d28|e1[01246]|e20|e28|e29|e3[01]|g05|g06|g13|r23|r28"
)
"""Files that take much longer than a check should, without a time limit being exceeded."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A submission of the attack suite, and the verdicts that it may get."""

    path: Path
    technique: str
    expected: frozenset[str]

    @property
    def name(self) -> str:
        """Return the name of the file without its suffix."""
        return self.path.name.partition(".")[0]

    @property
    def burns_time(self) -> bool:
        """Tell whether judging it may take seconds."""
        return "time limit exceeded" in self.expected or bool(SLOW.match(self.name))


def samples(kind: str) -> list[Sample]:
    """Return the submissions of a folder: hostile, flagged or honest."""
    return [_sample(path) for path in sorted((FOLDER / kind).iterdir()) if path.suffix in {".py", ".txt"}]


def _sample(path: Path) -> Sample:
    found = re.match(r'"""(.+?)\n\nExpected: ([a-z ,-]+)\n"""\n', path.read_text(encoding="utf-8"), re.DOTALL)
    assert found, f"{path}: the docstring says no expected verdicts"
    return Sample(path, found[1], frozenset(found[2].split(", ")))
