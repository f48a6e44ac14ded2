"""The command `torch-judge`: parse, call, show, exit."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from torch_judge.model.bank import find_bank
from torch_judge.model.isolation import Layer
from torch_judge.model.problem import Problem
from torch_judge.model.version import __version__

from . import authoring, learning
from .options import (
    ACCEPTED,
    JUDGE_ERROR,
    NOT_ACCEPTED,
    Format,
    bank_option,
    caution,
    complete_problem,
    display,
    exits,
    require_option,
    required_by,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

    from torch_judge.model.report import Report


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="torch-judge")
def main() -> None:
    """Judge machine-learning code that you wrote from scratch.

    Exit status: 0 accepted, 1 not accepted, 2 wrong usage, 3 judge error.
    """


@main.command()
@click.argument("problem", shell_complete=complete_problem)
@click.argument("paths", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--format",
    "form",
    type=click.Choice([each.value for each in Format]),
    default=Format.TEXT.value,
    show_default=True,
)
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
    reports = []
    keep = len(paths) == 1 and form == Format.TEXT if kept is None else kept
    for report in _judged(
        find_bank(bank).load(problem),
        paths,
        seed=seed,
        required=required_by(required),
        counterexample=counterexample,
        keep=keep,
    ):
        reports.append(report)
        if form == Format.JSON:
            click.echo(report.to_json())
        if form == Format.TEXT:
            display(_rich_report(report))
    if form == Format.JUNIT:
        click.echo(_junit(reports))
    return _status(reports)


@main.command("list")
@bank_option
@exits
def list_problems(bank: str | None) -> int:
    """List the problems."""
    from torch_judge.ui.tables import problems_table

    display(problems_table(find_bank(bank).problems()))
    return ACCEPTED


@main.command()
@click.argument("problem", shell_complete=complete_problem)
@bank_option
@exits
def show(problem: str, bank: str | None) -> int:
    """Show what a problem asks for."""
    from rich.markdown import Markdown

    facts = find_bank(bank).load(problem)
    if sys.stdout.isatty():
        display(Markdown(facts.read_statement()))
    else:
        click.echo(facts.read_statement().rstrip())
    return ACCEPTED


@main.command()
@click.option(
    "--format",
    "form",
    type=click.Choice([Format.TEXT.value, Format.JSON.value]),
    default=Format.TEXT.value,
    show_default=True,
)
@require_option
@exits
def doctor(form: str, required: str | None) -> int:
    """Say which layers keep a submission apart on this machine, and why the others do not."""
    from torch_judge.execution.doctor import examine

    found = examine(required_by(required))
    if form == Format.JSON:
        click.echo(found.to_json())
    else:
        from torch_judge.ui.text import as_examination

        display(as_examination(found))
    return JUDGE_ERROR if found.lacking else ACCEPTED


for each in (*authoring.COMMANDS, *learning.COMMANDS):
    main.add_command(each)


def _judged(
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
        server.warm_up()
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
            if keep:
                caution(record(problem, submission, report))


def _status(reports: Sequence[Report]) -> int:
    from torch_judge.model.report import Verdict

    if any(report.verdict is Verdict.JUDGE_ERROR for report in reports):
        return JUDGE_ERROR
    return ACCEPTED if all(report.passed for report in reports) else NOT_ACCEPTED


def _rich_report(report: Report) -> RenderableType:
    from torch_judge.ui.text import as_rich

    return as_rich(report)


def _junit(reports: Sequence[Report]) -> str:
    from torch_judge.ui.junit import as_junit

    return as_junit(reports)
