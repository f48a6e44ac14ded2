"""The command `run`: judge files against a problem's hidden suite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from torch_judge.model.bank import find_bank
from torch_judge.model.isolation import Layer
from torch_judge.model.problem import Problem

from .exits import ACCEPTED, JUDGE_ERROR, NOT_ACCEPTED, exits
from .options import Format, bank_option, format_option, problem_argument, require_option, required_by
from .output import caution, display, display_solved

if TYPE_CHECKING:
    from torch_judge.model.report import Report


@click.command()
@problem_argument
@click.argument("paths", nargs=-1, required=True, metavar="FILE...")
@format_option(*Format)
@click.option("--seed", type=click.IntRange(min=0), help="Replay the check that showed this seed.")
@click.option(
    "--counterexample/--no-counterexample",
    default=True,
    help="Look for the smallest one after a failure (on by default).",
)
@click.option(
    "--record/--no-record",
    "kept",
    default=None,
    help="Keep the attempt in your history.  [default: one file, as text]",
)
@require_option
@bank_option
@exits
def run(
    *,
    problem: str,
    paths: tuple[str, ...],
    form: str,
    seed: int | None,
    counterexample: bool,
    kept: bool | None,
    required: str | None,
    bank: str | None,
) -> int:
    """Judge files (.py or .ipynb) against a problem's hidden suite."""
    # Many files are a grader's, JSON and JUnit a program's: neither is a learner's attempt.
    keep = len(paths) == 1 and form == Format.TEXT if kept is None else kept
    reports = _judge_files(
        find_bank(bank).load(problem),
        paths,
        seed=seed,
        required=required_by(required),
        counterexample=counterexample,
        keep=keep,
    )
    return _status_of(_show(reports, Format(form)))


def _judge_files(
    problem: Problem,
    paths: Sequence[str],
    *,
    seed: int | None,
    required: frozenset[Layer],
    counterexample: bool,
    keep: bool,
) -> Iterator[Report]:
    """Judge every path through one warm server; a path that is not there stops all before any is judged.

    Where they are the learner's own, what could not be kept is said.
    """
    from torch_judge.execution.forkserver.client import ForkServer
    from torch_judge.judging.judge import judge
    from torch_judge.learning.history import record
    from torch_judge.model.submission import from_path

    with ForkServer(problem.framework) as server:
        server.warm_up()  # it imports torch while the files are read
        for submission in [from_path(path, apart_from=paths) for path in paths]:
            report = judge(
                problem,
                submission,
                server=server,
                seed=seed,
                required=required,
                counterexample=counterexample,
            )
            yield report
            if keep:  # the verdict is shown before the disk is waited for
                caution(record(problem, submission, report))
                display_solved(problem, report)


def _show(reports: Iterator[Report], form: Format) -> Sequence[Report]:
    """Show each report as soon as it is there, or all in the one document that JUnit is; return them all."""
    shown = []
    for report in reports:
        shown.append(report)
        if form is Format.JSON:
            click.echo(report.to_json())
        if form is Format.TEXT:
            from torch_judge.ui.text import as_rich

            display(as_rich(report))
    if form is Format.JUNIT:
        from torch_judge.ui.junit import as_junit

        click.echo(as_junit(shown))
    return shown


def _status_of(reports: Sequence[Report]) -> int:
    from torch_judge.model.report import Verdict

    if any(report.verdict is Verdict.JUDGE_ERROR for report in reports):
        return JUDGE_ERROR
    return ACCEPTED if all(report.passed for report in reports) else NOT_ACCEPTED
