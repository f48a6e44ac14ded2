"""Tables for authors: a bank's problems, the matrix of samples and cases, and the totals of a bank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from torch_judge.model.problem import Problem
from torch_judge.model.report import Verdict
from torch_judge.verification.verify import Counts, Verification


def problems_table(problems: Sequence[Problem]) -> RenderableType:
    """Return the list of a bank's problems."""
    table = Table(box=None, pad_edge=False)
    for heading in ("no.", "problem", "title", "difficulty", "write", "tags"):
        table.add_column(heading, justify="right" if heading == "no." else "left")
    for each in problems:
        table.add_row(
            str(each.number),
            each.slug,
            each.title,
            each.difficulty.value,
            each.entry_point,
            ", ".join(each.tags),
        )
    return table


def as_matrix(found: Verification) -> RenderableType:
    """Return the matrix of samples and cases: `#` rejected, `.` passed, `?` now so, now so; then the complaints."""
    cases = found.cases
    table = Table(box=None, pad_edge=False)
    table.add_column(found.problem)
    table.add_column("".join(str(n % 10) for n in range(1, len(cases) + 1)), no_wrap=True)
    table.add_column("verdict")
    for row in found.rows:
        verdicts = ", ".join(sorted({report.verdict.value for report in row.reports}))
        table.add_row(row.sample.name, Text("".join(_mark(row.verdicts(case)) for case in cases)), verdicts)
    legend = [Text(f"  {n:2} {case}", style="dim") for n, case in enumerate(cases, 1)]
    complaints = [Text(f"  ✗ {each}", style="red") for each in found.complaints]
    notes = [Text(f"  - {each}", style="dim") for each in found.notes]
    return Group(table, *legend, *notes, *complaints, _conclusion(found))


def as_totals(found: Sequence[Verification]) -> RenderableType:
    """Return a line for each problem with what it was tried with, and the sums."""
    table = Table(box=None, pad_edge=False)
    table.add_column("problem")
    headings = [each.name for each in fields(Counts)]
    for heading in (*headings, "seconds"):
        table.add_column(heading, justify="right")
    for each in found:
        name = Text(each.problem, style="red" if each.complaints else "green")
        table.add_row(name, *(str(getattr(each.counts, key)) for key in headings), f"{each.seconds:.1f}")
    sums = sum((each.counts for each in found), Counts())
    total = f"{len(found)} problems, {sum(not each.complaints for each in found)} sound"
    table.add_row(
        total,
        *(str(getattr(sums, key)) for key in headings),
        f"{sum(each.seconds for each in found):.1f}",
        style="bold",
    )
    return table


def _conclusion(found: Verification) -> Text:
    numbers = found.counts
    tried = (
        f"{numbers.cases} cases, {numbers.samples} samples, {numbers.gotchas} gotchas, {found.seeds} seeds, {numbers.bent} bent answers, "
        f"{numbers.mutants} mutants: {numbers.killed} killed, {numbers.equivalent} equivalent, {numbers.survivors} alive; "
        f"{numbers.checks} checks in {found.seconds:.1f} s"
    )
    if found.complaints:
        return Text(f"{found.problem}: not sound, {len(found.complaints)} complaints. {tried}", style="red")
    return Text(f"{found.problem}: sound. {tried}", style="green")


def _mark(verdicts: set[Verdict]) -> str:
    if not verdicts:
        return " "
    if verdicts == {Verdict.ACCEPTED}:
        return "."
    return "?" if Verdict.ACCEPTED in verdicts else "#"
