"""The attack suite as values: each file of `hostile`, `honest` and `flagged`, with what its docstring says.

The docstring of a file is a sentence that names the technique, a blank line, and a line for each of these:

    Expected: wrong answer, run-time error      the verdicts that it may get
    Slow: yes, it wastes time in every case     it takes much longer than a check should, and may run out of
                                                time on a slow machine; left out of a soak
    Representative: yes                         tried again as another user and with each layer switched off
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

CANARY = Path("/tmp/torch_judge_attack_canary")
MARKER = Path("/tmp/torch_judge_attack_marker")
TCP_PORT, UDP_PORT, ABSTRACT_NAME = 47811, 47812, "\0torch_judge_attack"
"""Where the hostile submissions look; the tests put something there."""

FOLDER = Path(__file__).resolve().parent
OUT_OF_TIME = frozenset({"time limit exceeded"})
_DOCSTRING = re.compile(
    r'"""(?P<technique>.+?)\n'
    r"\nExpected: (?P<expected>[a-z ,-]+)\n"
    r"(?:Slow: (?P<slow>yes, [^\n]+)\n)?"
    r"(?:Representative: (?P<representative>yes)\n)?"
    r'"""\n',
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A submission of the attack suite, and what its docstring says of it."""

    path: Path
    technique: str
    expected: frozenset[str]
    slow: bool = False
    representative: bool = False

    @property
    def name(self) -> str:
        """Return the name of the file without its suffix."""
        return self.path.name.partition(".")[0]

    @property
    def burns_time(self) -> bool:
        """Tell whether judging it may take seconds."""
        return self.slow or self.expected >= OUT_OF_TIME


def read_samples(kind: str) -> list[Sample]:
    """Read the submissions of a folder, hostile, flagged or honest, in the order of their names."""
    paths = [path for path in (FOLDER / kind).rglob("*") if path.suffix in {".py", ".txt"}]
    return [read_sample(path) for path in sorted(paths, key=lambda path: path.name)]


def read_sample(path: Path) -> Sample:
    """Read a submission's docstring; one that says no expected verdicts, or anything unknown, is an error."""
    said = _DOCSTRING.match(path.read_text(encoding="utf-8"))
    if said is None:
        raise ValueError(f"{path}: the docstring is none of an attack; {__name__} says how it has to be")
    slow = said["slow"] is not None
    return Sample(
        path,
        technique=said["technique"],
        expected=frozenset(said["expected"].split(", ")) | (OUT_OF_TIME if slow else frozenset()),
        slow=slow,
        representative=said["representative"] is not None,
    )
