"""Many files' reports as a table: what became of each, and which mistakes are the commonest."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from torch_judge.judging.starter import NOTHING_WRITTEN
from torch_judge.model.naming import spell
from torch_judge.model.report import Certainty, Report, Verdict
from torch_judge.model.sanitize import one_line

from .text import colour_of_conclusion
from .wording import conclude

COMMONEST: Final = 5
LONGEST_REASON: Final = 57
_PLACE: Final = re.compile(r" \((?:cell \d+, )?line \d+: `")
"""Where a line of the submission is quoted."""


def as_files_table(reports: Sequence[Report]) -> RenderableType:
    """Make a line for each file, then the mistakes that several files have, and the sums as the last line."""
    names = _shorten([report.submission for report in reports])
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("file", "verdict", "passed", "mistake"):
        is_count = heading == "passed"
        table.add_column(heading, overflow="fold", no_wrap=is_count, justify="right" if is_count else "left")
    for name, report in zip(names, reports, strict=True):
        passed = f"{report.n_passed} of {len(report.cases)}" if report.cases else ""
        verdict = Text(conclude(report), colour_of_conclusion(report))
        table.add_row(Text(one_line(name)), verdict, passed, _write_mistake(report))
    return Group(table, *_write_commonest(reports), Text(), _conclude(reports))


def name_mistakes(report: Report) -> tuple[str, ...]:
    """Name the mistakes that a report says its submission has."""
    if report.diagnosis is not None:
        return (report.diagnosis.gotcha,)
    return tuple(explanation.gotcha for explanation in report.explanations)


def _shorten(names: Sequence[str]) -> list[str]:
    """Leave out the folder that all files lie in."""
    folders = {os.path.dirname(name) for name in names}  # noqa: PTH120 - of text, which keeps what was typed
    try:
        shared = os.path.commonpath(folders)
    except ValueError:  # some are absolute, some are not
        shared = ""
    return [os.path.relpath(name, shared) if shared else name for name in names]


def _write_mistake(report: Report) -> Text:
    """Write the mistakes of a file; where none is named, what else it failed by."""
    named = " and ".join(map(_word, name_mistakes(report)))
    if named and report.diagnosis is not None and report.diagnosis.certainty is Certainty.PARTLY:
        named += ", and more"
    return Text(named) if named else Text(_say_reason(report), "dim")


def _say_reason(report: Report) -> str:
    """Say in a few words what decided the verdict; the whole report of one file says the rest."""
    reason = report.message.removeprefix(f"{NOTHING_WRITTEN}: ")
    if report.failed and not reason:
        first = max(report.failed, key=lambda case: case.verdict.gravity)  # of the gravest, the first
        reason = f"fails: {first.title}" if first.verdict is Verdict.WRONG_ANSWER else first.message
    reason = _PLACE.split(reason.partition("\n")[0])[0]
    return one_line(f"{reason[:LONGEST_REASON]}..." if len(reason) > LONGEST_REASON + 3 else reason)


def _write_commonest(reports: Sequence[Report]) -> Iterator[Text]:
    """Write the mistakes that several files have, those of most files first."""
    counts = Counter(name for report in reports for name in name_mistakes(report))
    common = [(name, count) for name, count in counts.most_common(COMMONEST) if count > 1]
    if common:
        yield Text("\ncommonest mistakes", "bold")
    for name, count in common:
        yield Text(f"{count:5} files  {_word(name)}")


def _conclude(reports: Sequence[Report]) -> Text:
    """Write the sums, and the seed that draws the same inputs for the same files again."""
    by_gravity = sorted(reports, key=lambda report: report.verdict.gravity)
    counts = Counter(conclude(report) for report in by_gravity)
    accepted = counts.pop(Verdict.ACCEPTED.value, 0)
    others = ", ".join(f"{count} {conclusion}" for conclusion, count in counts.items())
    text = Text(f"{reports[0].problem}: ", "bold")
    text.append(f"{accepted} of {len(reports)} files accepted", "bold green" if not others else "bold red")
    text.append(f"; {others}" if others else "", "not bold")
    seeds = {report.seed for report in reports}
    text.append(f"; seed {', '.join(map(str, sorted(seeds)))} for all", "dim not bold")
    return text


def _word(mistake: str) -> str:
    """Write a mistake's name as a person reads it."""
    return one_line(spell(mistake))
