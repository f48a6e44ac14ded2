"""What many answers come to: a bar while they are judged, and the table of a summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from types import TracebackType
from typing import Final, Self

from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from torch_judge.grading.records import Record
from torch_judge.grading.summary import Line, Summary
from torch_judge.model.naming import spell

COMMONEST: Final = 8


class ProgressBar:
    """A line on stderr: how many are judged, the verdicts so far, the rate and the time left."""

    def __init__(self, total: int, done: Iterable[Record]) -> None:
        self._counts = Counter(record.verdict for record in done)
        self._progress = Progress(
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TextColumn("{task.fields[verdicts]}"),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._total = total

    def __enter__(self) -> Self:
        self._progress.start()
        self._task = self._progress.add_task(
            "", total=self._total, completed=self._counts.total(), verdicts=self._say_verdicts(), rate=""
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def advance(self, record: Record) -> None:
        """Count one more."""
        self._counts[record.verdict] += 1
        speed = self._progress.tasks[0].speed
        rate = f"{speed:.1f}/s" if speed else ""
        self._progress.update(self._task, advance=1, verdicts=self._say_verdicts(), rate=rate)

    def _say_verdicts(self) -> str:
        return ", ".join(f"{count} {verdict}" for verdict, count in self._counts.most_common(3))


def as_summary(summary: Summary) -> RenderableType:
    """Make a table of problems, topics and all; then the commonest mistakes and the sums."""
    ks = list(summary.total.pass_at)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("problem", overflow="fold")
    for heading in ("judged", "passed", *(f"pass@{k}" for k in ks)):
        table.add_column(heading, justify="right", no_wrap=True)
    for line in summary.problems:
        _add(table, line)
    table.add_section()
    for line in summary.topics:
        _add(table, line, style="dim")
    table.add_section()
    _add(table, summary.total, style="bold")
    return Group(table, *_write_mistakes(summary), Text(), _conclude(summary))


def _add(table: Table, line: Line, style: str = "") -> None:
    estimates = ("" if value is None else f"{value:.3f}" for value in line.pass_at.values())
    table.add_row(line.name, str(line.judged), str(line.passed), *estimates, style=style)


def _write_mistakes(summary: Summary) -> Iterable[Text]:
    counts = Counter(
        {
            (task, name): count
            for task, mistakes in summary.mistakes.items()
            for name, count in mistakes.items()
        }
    )
    if counts:
        yield Text("\ncommonest mistakes", "bold")
    for (task, name), count in counts.most_common(COMMONEST):
        yield Text(f"{count:6}  {task}: {spell(name)}")


def _conclude(summary: Summary) -> Text:
    total = summary.total
    text = Text(f"{total.passed} of {total.judged} answers accepted", "bold")
    others = [f"{count} {verdict}" for verdict, count in summary.verdicts.items() if verdict != "accepted"]
    if summary.refused:
        others.append(f"{summary.refused} not judged")
    text.append(f"; {', '.join(others)}" if others else "", "not bold")
    text.append(f"; seed {summary.run_seed}", "dim not bold")
    return text
