"""The command `run`: judge answers against a problem's hidden suite."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

import click

from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Problem
from torch_judge.model.submission import Submission
from torch_judge.ui.encoding import is_terminal

from .answers import collect_answers
from .exits import ACCEPTED, JUDGE_ERROR, NOT_ACCEPTED, WRONG_USAGE, exits
from .options import Format, bank_option, format_option, problem_argument, require_option, required_by
from .output import caution, display, display_report, display_solved

if TYPE_CHECKING:
    from torch_judge.execution.forkserver.client import ForkServer
    from torch_judge.model.isolation import Layer
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
    required: str | None,
    bank: str | None,
) -> int:
    """Judge answers against a problem's hidden suite.

    A FILE is a .py or an .ipynb, a folder, which is searched for them, or -, which is standard input. Several
    answers are judged under one seed, and summed up in a table.
    """
    from torch_judge.execution.forkserver.client import ForkServer
    from torch_judge.judging.judge import SEEDS, judge

    found = find_bank(bank).load(problem)
    with ForkServer(found.framework) as server:
        server.warm_up()  # it imports torch while the files are read
        answers = collect_answers(paths, entry_point=found.entry_point)
        for sentence in answers.skipped:
            caution(sentence)
        several = len(answers.submissions) > 1
        in_brief = several and form == Format.TEXT and not verbose and is_terminal(sys.stdout)
        drawn, layers = secrets.randbelow(SEEDS) if seed is None else seed, required_by(required)
        if several:
            examples = counterexample and not in_brief  # a table shows none
            judged = _judge_side_by_side(found, answers.submissions, server, drawn, layers, examples=examples)
        else:
            judge_one = partial(
                judge, found, server=server, seed=drawn, required=layers, counterexample=counterexample
            )
            judged = (judge_one(submission) for submission in answers.submissions)
        keep = _is_own_attempt(paths, form) if kept is None else kept
        reports = _keep_each(judged, answers.submissions, found) if keep else judged
        shown: list[Report] = []
        interrupted = False
        with closing(judged):
            try:
                if in_brief:
                    _wait_for(reports, len(answers.submissions), shown)
                else:
                    _show_each(reports, form, shown, whole=verbose)
            except KeyboardInterrupt:
                interrupted = True
        _show_all(shown, form)
    for sentence in answers.refused:
        caution(f"torch-judge: {sentence}")
    if interrupted:
        raise KeyboardInterrupt(
            f"{len(shown)} of {len(answers.submissions)} answers judged" if several else ""
        )
    status = _status_of(shown)
    return WRONG_USAGE if answers.refused and status != JUDGE_ERROR else status


def _is_own_attempt(paths: Sequence[str], form: str) -> bool:
    """Tell whether this is a learner's attempt: many files are a grader's, JSON and JUnit a program's."""
    return len(paths) == 1 and form == Format.TEXT and not os.path.isdir(paths[0])  # noqa: PTH112 - a long name raises in a Path


def _judge_side_by_side(
    problem: Problem,
    submissions: Sequence[Submission],
    server: ForkServer,
    seed: int,
    required: frozenset[Layer],
    *,
    examples: bool,
) -> Generator[Report]:
    """Judge several submissions at a time, and yield their reports in order."""
    from torch_judge.grading.engine import judge_submission
    from torch_judge.judging.pool import JudgePool

    diagnosing = True
    jobs = [partial(judge_submission, submission, seed, diagnosing, examples) for submission in submissions]
    early: dict[int, Report] = {}
    following = 0
    with JudgePool(server=server, required=required) as pool:
        for number, report in pool.stream(problem, jobs):
            early[number] = report
            while following in early:
                yield early.pop(following)
                following += 1


def _keep_each(
    reports: Iterable[Report], submissions: Sequence[Submission], problem: Problem
) -> Iterator[Report]:
    """Keep each report in the learner's history, once it is shown: a verdict need not wait for the disk."""
    from torch_judge.learning.history import record

    for submission, report in zip(submissions, reports, strict=True):
        yield report
        caution(record(problem, submission, report))
        display_solved(problem, report)


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
