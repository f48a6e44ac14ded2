"""The commands `prompts` and `evaluate`: what a model is asked, and what its many answers are worth."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from torch_judge.model.bank import find_bank
from torch_judge.model.errors import UsageError

from .completion import complete_problem
from .exits import ACCEPTED, JUDGE_ERROR, NOT_ACCEPTED, WRONG_USAGE, exits
from .gathering import gather_records
from .options import bank_option, jobs_option, ray_option, require_option, required_by
from .output import caution, display

if TYPE_CHECKING:
    from torch_judge.grading.ray_pool import RayPool
    from torch_judge.judging.pool import JudgePool
    from torch_judge.model.isolation import Layer


@click.command()
@click.argument("names", nargs=-1, metavar="[PROBLEM...]", shell_complete=complete_problem)
@bank_option
@exits
def prompts(*, names: tuple[str, ...], bank: str | None) -> int:
    """Print what to ask a model: a line of JSON for each PROBLEM, or for all.

    A line holds task_id, prompt, entry_point, framework, rule, limits and bank_version; nothing of the hidden
    suite or of a solution.
    """
    from torch_judge.grading.prompts import make_prompt

    found = find_bank(bank)
    for problem in [found.load(name) for name in names] or found.problems():
        click.echo(json.dumps(make_prompt(problem)))
    return ACCEPTED


@click.command()
@click.argument("source", metavar="SAMPLES")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where a line of JSON for each answer goes; the summary goes beside it. "
    "With the suffix .parquet, a table is made of the lines in the end.",
)
@click.option("--resume", is_flag=True, help="Go on with the results that are there.")
@jobs_option
@ray_option
@click.option(
    "--k", "ks", default="1", show_default=True, metavar="K,...", help="Estimate pass@k for these k."
)
@click.option("--seed", type=click.IntRange(0, 2**64 - 1), help="Draw the seed of each answer from this one.")
@click.option("--shard", default="1/1", metavar="I/N", help="Judge one part of N, for arrays of jobs.")
@click.option("--raw", is_flag=True, help="Take each answer as code: look for no Markdown.")
@click.option("--diagnose/--no-diagnose", default=True, help="Name mistakes (on by default).")
@require_option
@bank_option
@exits
def evaluate(
    *,
    source: str,
    output: Path,
    resume: bool,
    jobs: int | None,
    ks: str,
    seed: int | None,
    shard: str,
    raw: bool,
    diagnose: bool,
    address: str | None,
    required: str | None,
    bank: str | None,
) -> int:
    """Judge many answers, as a model wrote them.

    SAMPLES is a file of JSON lines (.gz too) with task_id and solution or completion, a folder with
    TASK/SAMPLE.py, or -, which is standard input. Exit status: 0 all accepted, 1 not all, 2 wrong usage or
    something that could not be judged, 3 a judge error.
    """
    from torch_judge.grading.answers import read_answers
    from torch_judge.grading.codes import find_codes
    from torch_judge.grading.records import open_results
    from torch_judge.grading.run import judge_all, parse_shard, take_up
    from torch_judge.grading.summary import summarise
    from torch_judge.grading.table import find_table, write_table
    from torch_judge.model.version import __version__
    from torch_judge.ui.evaluation import as_summary

    part, estimated = parse_shard(shard), _parse_ks(ks)
    problems = {problem.slug: problem for problem in find_bank(bank).problems()}
    output, table = find_table(output)
    layers = required_by(required)
    answers, refused = read_answers(source, tasks=problems)
    codes, repeated = find_codes(answers, problems, raw=raw)
    refused += repeated
    for each in refused:
        caution(f"torch-judge: {each}")
    codes = [code for code in codes if part.holds(code)]
    pool = _make_pool(address, jobs, layers)
    with pool, open_results(output, resume=resume) as file:
        run, done = take_up(file, problems, resume=resume, seed=seed, diagnose=diagnose)
        judged = judge_all(codes, problems, run=run, pool=pool, file=file, done=done)
        asked = {code.key for code in codes}
        before = [record for key, record in done.items() if key in asked]
        records = list(gather_records(judged, before, total=len(codes), output=output).values())
    summary = summarise(
        records,
        problems,
        ks=estimated,
        refused=len(refused),
        run_seed=run.seed,
        judge_version=__version__,
    )
    output.with_suffix(".summary.json").write_text(summary.to_json() + "\n", encoding="utf-8")
    if table is not None:
        write_table(records, table)
    display(as_summary(summary))
    return _status_of([record.passed for record in records], refused=bool(refused))


def _make_pool(address: str | None, jobs: int | None, required: frozenset[Layer]) -> JudgePool | RayPool:
    if address is not None:
        from torch_judge.grading.ray_pool import RayPool

        return RayPool(address, count=jobs, required=required)
    from torch_judge.judging.pool import JudgePool

    return JudgePool(jobs or os.cpu_count() or 1, required=required)


def _parse_ks(text: str) -> tuple[int, ...]:
    words = text.split(",")
    if not all(word.isascii() and word.isdigit() and 0 < int(word) < 10**6 for word in words):
        raise UsageError(f"--k {text}: expected whole numbers from 1 with commas between, such as 1,10")
    return tuple(sorted({int(word) for word in words}))


def _status_of(passed: Sequence[bool | None], *, refused: bool) -> int:
    if None in passed:
        return JUDGE_ERROR
    if refused:
        return WRONG_USAGE
    return ACCEPTED if all(passed) else NOT_ACCEPTED
