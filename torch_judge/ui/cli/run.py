"""The command `run`: judge answers against a problem's hidden suite."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import click

from torch_judge.model.bank import find_bank
from torch_judge.model.errors import UsageError
from torch_judge.service import SERVER_VARIABLE, TOKEN_VARIABLE, find_server
from torch_judge.ui.encoding import is_terminal

from .answers import collect_answers
from .benches import Elsewhere, Here, open_elsewhere, open_here
from .exits import ACCEPTED, JUDGE_ERROR, NOT_ACCEPTED, WRONG_USAGE, exits
from .options import Format, bank_option, format_option, problem_argument, require_option, required_by
from .output import caution, display, display_report

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
@click.option("-v", "--verbose", is_flag=True, help="Show every case at a terminal too, as a pipe gets it.")
@click.option(
    "--server",
    metavar="URL",
    help=f"Judge at a server; ${SERVER_VARIABLE} says the same, and ${TOKEN_VARIABLE} holds your token.",
)
@click.option("--allow-http", is_flag=True, help="Send the token over plain HTTP beyond this machine too.")
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
    verbose: bool,
    server: str | None,
    allow_http: bool,
    required: str | None,
    bank: str | None,
) -> int:
    """Judge answers against a problem's hidden suite.

    A FILE is a .py or an .ipynb, a folder, which is searched for them, or -, which is standard input. Several
    answers are judged under one seed, and summed up in a table.
    """
    address = find_server(server)
    if address is not None:
        _refuse_what_is_the_server_s(bank=bank, required=required, kept=kept)
    with ExitStack() as stack:
        bench: Elsewhere | Here
        if address is not None:
            bench = open_elsewhere(address, problem, seed, allow_http=allow_http)
        else:
            bench = open_here(stack, find_bank(bank).load(problem), seed, required_by(required))
        answers = collect_answers(paths, entry_point=bench.entry_point)
        for sentence in answers.skipped:
            caution(sentence)
        several = len(answers.submissions) > 1
        in_brief = several and form == Format.TEXT and not verbose and is_terminal(sys.stdout)
        examples = counterexample and not in_brief  # a table shows none
        judged = bench.judge_all(answers.submissions, examples=examples)
        keep = _is_own_attempt(paths, form) if kept is None else kept
        reports: Iterable[Report] = judged
        if keep and isinstance(bench, Here):
            reports = bench.keep_each(judged, answers.submissions)
        shown: list[Report] = []
        interrupted: str | None = None
        with closing(judged):
            try:
                if in_brief:
                    _wait_for(reports, len(answers.submissions), shown)
                else:
                    _show_each(reports, form, shown, whole=verbose)
            except KeyboardInterrupt as interrupt:
                interrupted = str(interrupt)
        _show_all(shown, form)
    for sentence in answers.refused:
        caution(f"torch-judge: {sentence}")
    if interrupted is not None:
        done = f"{len(shown)} of {len(answers.submissions)} answers judged" if several else ""
        raise KeyboardInterrupt("; ".join(filter(None, (done, interrupted))))
    status = _status_of(shown)
    return WRONG_USAGE if answers.refused and status != JUDGE_ERROR else status


def _refuse_what_is_the_server_s(*, bank: str | None, required: str | None, kept: bool | None) -> None:
    """Raise UsageError for what a judge elsewhere decides by itself."""
    for option, given in (("--bank", bank), ("--require-isolation", required), ("--record", kept)):
        if given:
            raise UsageError(f"{option} is the server's own: it cannot be chosen where a server judges")


def _is_own_attempt(paths: Sequence[str], form: str) -> bool:
    """Tell whether this is a learner's attempt: many files are a grader's, JSON and JUnit a program's."""
    return len(paths) == 1 and form == Format.TEXT and not os.path.isdir(paths[0])  # noqa: PTH112 - a long name raises in a Path


def _show_each(reports: Iterable[Report], form: str, shown: list[Report], *, whole: bool) -> None:
    """Show each report as soon as it is there, and add it to what is shown."""
    for report in reports:
        shown.append(report)
        if form == Format.JSON:
            click.echo(report.to_json())
        if form == Format.TEXT:
            display_report(report, whole=whole)


def _show_all(reports: Sequence[Report], form: str) -> None:
    """Show what is made of all reports together: the table of several, or JUnit's one document."""
    if form == Format.TEXT and len(reports) > 1:
        from torch_judge.ui.files_table import as_files_table

        display(as_files_table(reports))
    if form == Format.JUNIT and reports:
        from torch_judge.ui.junit import as_junit

        click.echo(as_junit(reports))


def _wait_for(reports: Iterable[Report], count: int, shown: list[Report]) -> None:
    """Say how far it is while many files are judged; nothing where stderr is no terminal."""
    from rich.console import Console

    with Console(stderr=True).status(f"judging 1 of {count}") as status:
        for report in reports:
            shown.append(report)
            status.update(f"judging {min(len(shown) + 1, count)} of {count}")


def _status_of(reports: Sequence[Report]) -> int:
    from torch_judge.model.report import Verdict

    if any(report.verdict is Verdict.JUDGE_ERROR for report in reports):
        return JUDGE_ERROR
    return ACCEPTED if all(report.passed for report in reports) else NOT_ACCEPTED
