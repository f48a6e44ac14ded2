"""The author's commands: lay out packages, prove them against their samples, write their templates."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Problem
from torch_judge.model.topic import Topic
from torch_judge.ui.encoding import is_terminal

from .completion import complete_problem
from .exits import ACCEPTED, JUDGE_ERROR, NOT_ACCEPTED, exits
from .options import Format, bank_option
from .output import display

if TYPE_CHECKING:
    from torch_judge.verification.findings import Effort, Verification


@click.command()
@click.argument("slug")
@click.option(
    "--topic",
    type=click.Choice([topic.value for topic in Topic]),
    metavar="TOPIC",
    required=True,
    help=f"The folder that it belongs to: {', '.join(Topic)}.",
)
@click.option(
    "--like",
    metavar="PROBLEM",
    shell_complete=complete_problem,
    help="Take that problem's settings, signature and cases as the pattern.",
)
@bank_option
@exits
def new(*, slug: str, topic: str, like: str | None, bank: str | None) -> int:
    """Lay out the files of a new problem, with TODO sentences where something is to be written."""
    from torch_judge.verification.scaffold import find_writable_bank, lay_out

    problem = lay_out(slug, Topic(topic), bank=find_writable_bank(bank), like=like)
    beside = f" --bank {bank}" if bank else ""
    click.echo(f"{problem.folder}: laid out, number {problem.number}, entry point {problem.entry_point}")
    click.echo("See what is missing, step by step:")
    click.echo(f"  torch-judge verify --quick {slug}{beside}")
    click.echo("Once that is clean, try it with many seeds and with mutants:")
    click.echo(f"  torch-judge verify {slug}{beside}")
    click.echo("Write its template notebook:")
    click.echo(f"  torch-judge template {slug}{beside}")
    return ACCEPTED


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
    for problem in _load(problems, bank):
        path, text = into / template_name(problem), template_text(problem)
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
@click.option(
    "--quick", is_flag=True, help="Few seeds, no mutants and no conditional faults, for an author at work."
)
@click.option(
    "--faults", is_flag=True, help="Try conditional faults even so, and show them: conditions by effects."
)
@click.option(
    "--changed", is_flag=True, help="Leave out what is unchanged, and judged unchanged, since a clean run."
)
@bank_option
@exits
def verify(
    *,
    problems: tuple[str, ...],
    form: str,
    seeds: int | None,
    write_signatures: bool,
    quick: bool,
    faults: bool,
    changed: bool,
    bank: str | None,
) -> int:
    """Prove problem packages against their own samples; by default the whole bank.

    Exit status: 0 all are sound, 1 there are complaints, 3 a check ended in a judge error.
    """
    from torch_judge.ui.tables import as_fault_table, as_matrix, as_totals
    from torch_judge.verification.findings import QUICK, Effort

    effort = QUICK if quick else Effort()
    effort = replace(effort, seeds=seeds or effort.seeds, faults=effort.faults or faults)
    verifications = []
    for verification in _verify(_load(problems, bank), effort, signing=write_signatures, changed=changed):
        verifications.append(verification)
        if form == Format.JSON:
            click.echo(verification.to_json())
            continue
        if faults and verification.faults is not None:
            display(as_fault_table(verification.faults))
        display(as_matrix(verification))
    if form == Format.TEXT and (verifications or not changed):
        display(as_totals(verifications))
    return _conclude(verifications)


def _verify(
    problems: Iterable[Problem], effort: Effort, *, signing: bool, changed: bool
) -> Iterator[Verification]:
    """Verify package after package with one pool, and keep the ledger of clean runs."""
    from torch_judge.judging.pool import JudgePool
    from torch_judge.verification.ledger import Ledger, describe_run, find_cache_folder
    from torch_judge.verification.signing import sign
    from torch_judge.verification.verify import verify_package

    ledger = Ledger(find_cache_folder())
    with JudgePool() as pool:
        for problem in problems:
            path, text = _find_template(problem)
            if changed and ledger.is_clean(problem, describe_run(problem, effort, template=path)):
                click.echo(f"{problem.slug}: unchanged since a clean run", err=True)
                continue
            if signing:
                sign(problem, progress=_progress)
            run = describe_run(problem, effort, template=path)
            verification = verify_package(
                problem,
                effort=effort,
                pool=pool,
                template=(path, text) if path else None,
                progress=_progress,
            )
            ledger.note(problem, run, verification)
            yield verification


def _conclude(verifications: Sequence[Verification]) -> int:
    if any(verification.judge_failed for verification in verifications):
        return JUDGE_ERROR
    return ACCEPTED if all(verification.is_sound for verification in verifications) else NOT_ACCEPTED


def _load(names: Sequence[str], bank: str | None) -> Sequence[Problem]:
    found = find_bank(bank)
    return [found.load(name) for name in names] if names else found.problems()


def _find_template(problem: Problem) -> tuple[Path | None, str]:
    """Find the file of a problem's template, if there are any beside the bank, and what it must say."""
    folder = problem.bank.parent / "templates"
    if not folder.is_dir():
        return None, ""
    from torch_judge.ui.notebook.templates import template_name, template_text

    return folder / template_name(problem), template_text(problem)


def _progress(text: str) -> None:
    if is_terminal(sys.stderr):
        click.echo(f"\r\x1b[K{text}", err=True, nl=False)


COMMANDS = (new, template, verify)
