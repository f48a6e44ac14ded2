"""What a class comes to, in a terminal: problems, the commonest mistakes and the sums; it names nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from torch_judge.grading.classroom.summary import ClassSummary
from torch_judge.model.naming import spell

COMMONEST: Final = 8


def as_class_text(summary: ClassSummary, *, seed: int) -> RenderableType:
    """Make the table, the mistakes and the last line."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("problem", overflow="fold")
    for heading in ("answers", "accepted", "mean", "missing", "unreadable"):
        table.add_column(heading, justify="right", no_wrap=True)
    for each in summary.problems:
        lacks = [each.verdicts.get(lack, 0) for lack in ("missing", "unreadable")]
        counts = (each.students - sum(lacks), each.accepted, write_percent(each.mean), *lacks)
        table.add_row(each.problem.slug, *map(str, counts))
    return Group(table, *_write_mistakes(summary), Text(), _conclude(summary, seed))


def write_percent(share: float | None) -> str:
    """Write a share of the points."""
    return "-" if share is None else f"{100 * share:.0f} %"


def _write_mistakes(summary: ClassSummary) -> Iterable[Text]:
    counts = Counter(
        {(each.problem.slug, name): n for each in summary.problems for name, n in each.mistakes.items()}
    )
    if counts:
        yield Text("\ncommonest mistakes", "bold")
    for (slug, name), count in counts.most_common(COMMONEST):
        yield Text(f"{count:6}  {slug}: {spell(name)}")


def _conclude(summary: ClassSummary, seed: int) -> Text:
    text = Text(f"{summary.students} students graded", "bold")
    facts = [f"mean {write_percent(summary.mean)}", f"median {write_percent(summary.median)}"]
    facts += [f"{summary.late} late"] if summary.late else []
    facts += [f"{summary.judge_errors} answers not judged"] if summary.judge_errors else []
    text.append(f"; {', '.join(facts)}", "not bold")
    text.append(f"; seed {seed}", "dim not bold")
    return text
