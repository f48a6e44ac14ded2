"""Tables for authors: a bank's problems, the matrix of samples and cases, and the totals of a bank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from torch_judge.learning.standing import State
from torch_judge.model.problem import Problem
from torch_judge.model.report import Verdict
from torch_judge.verification.findings import Counts, FaultTable, Verification

from .learning_pages import MARKS

FAULT_COUNTS: Final = ("conditions", "met", "faults", "rejected", "allowed", "open")
_STYLES: Final = {State.SOLVED: "green", State.TRIED: "yellow", State.OPEN: ""}
COUNTS: Final = tuple(key.name for key in fields(Counts) if key.name not in FAULT_COUNTS)


def problems_table(
    problems: Sequence[Problem], states: Mapping[str, State], *, with_tags: bool = False
) -> RenderableType:
    """Make the list of a bank's problems; `states` tells by name which are solved or tried.

    Where it is too wide, the title is cut, never the name. Tags stand in the place of the title.
    """
    table = Table(box=None, pad_edge=False)
    table.add_column("no.", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("problem", no_wrap=True, min_width=_find_width(problems))
    table.add_column("tags" if with_tags else "title", no_wrap=not with_tags, overflow="ellipsis")
    table.add_column("difficulty", no_wrap=True)
    for problem in problems:
        state = states.get(problem.slug, State.OPEN)
        says = ", ".join(problem.tags) if with_tags else problem.title
        cells = (str(problem.number), MARKS[state], problem.slug, says, problem.difficulty.value)
        table.add_row(*cells, style=_STYLES[state])
    return table


def _find_width(problems: Sequence[Problem]) -> int:
    return max((len(problem.slug) for problem in problems), default=0)


def as_matrix(verification: Verification) -> RenderableType:
    """Make the matrix of samples and cases, then the notes, the complaints and a line that concludes.

    `#` is rejected, `.` is passed, `?` is now so, now so.
    """
    cases = verification.cases
    table = Table(box=None, pad_edge=False)
    table.add_column(verification.problem)
    table.add_column("".join(str(n % 10) for n in range(1, len(cases) + 1)), no_wrap=True)
    table.add_column("verdict")
    for row in verification.rows:
        verdicts = ", ".join(sorted({report.verdict.value for report in row.reports}))
        table.add_row(row.sample.name, Text("".join(_mark(row.verdicts(case)) for case in cases)), verdicts)
    legend = [Text(f"  {n:2} {case}", style="dim") for n, case in enumerate(cases, 1)]
    complaints = [Text(f"  ✗ {complaint}", style="red") for complaint in verification.complaints]
    notes = [Text(f"  - {note}", style="dim") for note in verification.notes]
    return Group(table, *legend, *notes, *complaints, _conclude(verification))


def as_fault_table(table: FaultTable) -> RenderableType:
    """Make the matrix of conditions and effects.

    `#` is rejected, `o` accepted, `-` never shows, `a` is allowed, `.` contradicts itself; no case meets `?`.
    """
    grid = Table(box=None, pad_edge=False)
    grid.add_column("when")
    grid.add_column("cases", justify="right")
    grid.add_column("".join(str(n % 10) for n in range(1, len(table.effects) + 1)), no_wrap=True)
    for condition, met, row in zip(table.conditions, table.met, table.rows, strict=True):
        marks = "".join(row) if met else "?"
        grid.add_row(condition.name, str(met), Text(marks), style="" if met else "dim")
    legend = [
        Text(f"  {n:2} {effect.name}: {effect.says}", style="dim")
        for n, effect in enumerate(table.effects, 1)
    ]
    words = [
        Text(f"  {condition.name}: when {condition.says}", style="dim") for condition in table.conditions
    ]
    return Group(grid, *legend, *words)


def as_totals(verifications: Sequence[Verification]) -> RenderableType:
    """Make a line for each problem with what it was tried with, and the sums."""
    table = Table(box=None, pad_edge=False)
    table.add_column("problem")
    for heading in (*COUNTS, "seconds"):
        table.add_column(heading, justify="right")
    for verification in verifications:
        name = Text(verification.problem, style="green" if verification.is_sound else "red")
        table.add_row(name, *_list_numbers(verification.counts, COUNTS), f"{verification.seconds:.1f}")
    sums = sum((verification.counts for verification in verifications), Counts())
    sound = sum(verification.is_sound for verification in verifications)
    seconds = sum(verification.seconds for verification in verifications)
    total = f"{len(verifications)} problems, {sound} sound"
    table.add_row(total, *_list_numbers(sums, COUNTS), f"{seconds:.1f}", style="bold")
    return Group(table, Text(), _make_fault_totals(verifications, sums)) if sums.conditions else table


def _make_fault_totals(verifications: Sequence[Verification], sums: Counts) -> Table:
    """Make a line for each problem on its conditional faults: many numbers, so it is a table of its own."""
    table = Table(box=None, pad_edge=False)
    table.add_column("problem")
    for heading in (*FAULT_COUNTS, "open %"):
        table.add_column(heading, justify="right")
    counted = [(verification.problem, verification.counts) for verification in verifications]
    for name, counts in (*counted, ("in all", sums)):
        share = f"{100 * counts.open / counts.faults:.1f}" if counts.faults else ""
        style = "bold" if counts is sums else ""
        table.add_row(name, *_list_numbers(counts, FAULT_COUNTS), share, style=style)
    return table


def _list_numbers(counts: Counts, names: Sequence[str]) -> list[str]:
    return [str(getattr(counts, name)) for name in names]


def _conclude(verification: Verification) -> Text:
    counts = verification.counts
    tried = (
        f"{counts.cases} cases, {counts.samples} samples, "
        f"{counts.gotchas} gotchas ({counts.subsuming} subsuming), "
        f"{verification.seeds} seeds, {counts.bent} bent answers, "
        f"{counts.mutants} mutants: {counts.killed} killed, {counts.equivalent} equivalent, "
        f"{counts.survivors} alive; {_tell_faults(counts)}"
        f"{counts.checks} checks in {verification.seconds:.1f} s"
    )
    if verification.is_sound:
        return Text(f"{verification.problem}: sound. {tried}", style="green")
    says = f"not sound, {len(verification.complaints)} complaints"
    return Text(f"{verification.problem}: {says}. {tried}", style="red")


def _tell_faults(counts: Counts) -> str:
    if not counts.conditions:
        return ""
    return (
        f"{counts.faults} conditional faults under {counts.met} of {counts.conditions} conditions: "
        f"{counts.rejected} rejected, {counts.allowed} allowed, {counts.open} open; "
    )


def _mark(verdicts: set[Verdict]) -> str:
    if not verdicts:
        return " "
    if verdicts == {Verdict.ACCEPTED}:
        return "."
    return "?" if Verdict.ACCEPTED in verdicts else "#"
