"""The author's commands: prove packages against their samples, and write their template notebooks."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Problem

from .completion import complete_problem
from .exits import ACCEPTED, JUDGE_ERROR, NOT_ACCEPTED, exits
from .options import Format, bank_option
from .output import display


@click.command()
@click.argument("problems", nargs=-1, metavar="[PROBLEM]...", shell_complete=complete_problem)
@click.option(
    "--into", type=click.Path(file_okay=False, path_type=Path), default=Path("templates"), show_default=True
)
@click.option("--check", "only_check", is_flag=True, help="Write nothing; fail if a template is stale.")
@bank_option
@exits
def template(*, problems: tuple[str, ...], into: Path, only_check: bool, bank: str | None) -> int:
    """Write the template notebooks of problems, by default of all."""
    from torch_judge.ui.notebook.templates import template_name, template_text

    stale = 0
    for each in _chosen(problems, bank):
        path, text = into / template_name(each), template_text(each)
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        click.echo(f"{path}: {'stale' if only_check else 'written'}")
        if not only_check:
            into.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return NOT_ACCEPTED if only_check and stale else ACCEPTED


@click.command()
@click.argument("problems", nargs=-1, metavar="[PROBLEM]...", shell_complete=complete_problem)
@click.option(
    "--format",
    "form",
    type=click.Choice([Format.TEXT.value, Format.JSON.value]),
    default=Format.TEXT.value,
    show_default=True,
)
@click.option(
    "--seeds", type=click.IntRange(min=1), help="How often each accepted sample is judged.  [default: 50]"
)
@click.option(
    "--write-signatures",
    is_flag=True,
    help="First write anew which cases each gotcha fails, which makes diagnoses fast.",
)
@click.option("--quick", is_flag=True, help="Few seeds and no mutants, for an author at work.")
@bank_option
@exits
def verify(
    *,
    problems: tuple[str, ...],
    form: str,
    seeds: int | None,
    write_signatures: bool,
    quick: bool,
    bank: str | None,
) -> int:
    """Prove problem packages against their own samples; by default the whole bank.

    Exit status: 0 all are sound, 1 there are complaints, 3 a check ended in a judge error.
    """
    from torch_judge.judging.pool import JudgePool
    from torch_judge.ui.tables import as_matrix, as_totals
    from torch_judge.verification.findings import QUICK, Effort
    from torch_judge.verification.signing import sign
    from torch_judge.verification.verify import verify_package

    effort = QUICK if quick else Effort()
    results = []
    with JudgePool() as pool:
        for each in _chosen(problems, bank):
            if write_signatures:
                sign(each, progress=_progress)
            result = verify_package(
                each,
                effort=replace(effort, seeds=seeds or effort.seeds),
                pool=pool,
                template=_template(each),
                progress=_progress,
            )
            results.append(result)
            if form == Format.JSON:
                click.echo(result.to_json())
            else:
                display(as_matrix(result))
    if form == Format.TEXT:
        display(as_totals(results))
    if any(each.judge_failed for each in results):
        return JUDGE_ERROR
    return NOT_ACCEPTED if any(each.complaints for each in results) else ACCEPTED


def _chosen(names: Sequence[str], bank: str | None) -> Sequence[Problem]:
    found = find_bank(bank)
    return [found.load(name) for name in names] if names else found.problems()


def _template(problem: Problem) -> tuple[Path, str] | None:
    """Return the file of a problem's template notebook, if there are templates beside the bank, and what it must say."""
    folder = problem.bank.parent / "templates"
    if not folder.is_dir():
        return None
    from torch_judge.ui.notebook.templates import template_name, template_text

    return folder / template_name(problem), template_text(problem)


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{text}", err=True, nl=False)


COMMANDS = (template, verify)
