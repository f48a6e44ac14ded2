"""The command `torch-judge sample`: a package's samples by verdict, and the whole text of one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Final

import click

from torch_judge.model.bank import find_bank
from torch_judge.model.errors import UsageError
from torch_judge.model.problem import Problem
from torch_judge.model.report import Verdict
from torch_judge.model.sample import Sample
from torch_judge.model.suggestion import suggest
from torch_judge.ui.encoding import is_terminal

from .exits import ACCEPTED, exits
from .options import bank_option, problem_argument
from .output import display

CLAIMS: Final = tuple(verdict for verdict in Verdict if verdict is not Verdict.JUDGE_ERROR)


@click.command()
@problem_argument
@click.argument("name", required=False)
@click.option("--variant", metavar="BASE", help="Print the mistake in another hand.")
@bank_option
@exits
def sample(*, problem: str, name: str | None, variant: str | None, bank: str | None) -> int:
    """Print the whole text of a sample, as it is judged; without NAME, list the samples by verdict."""
    found = find_bank(bank).load(problem)
    if name is None:
        click.echo("\n".join(_list_by_verdict(found)))
        return ACCEPTED
    text = _find_sample(found, name, variant).read_text().rstrip("\n")
    if is_terminal(sys.stdout):
        from rich.syntax import Syntax

        display(Syntax(text, "python", background_color="default"))
    else:
        click.echo(text)
    return ACCEPTED


def _list_by_verdict(problem: Problem) -> Iterator[str]:
    for verdict in CLAIMS:
        samples = problem.samples(verdict)
        if samples:
            yield f"{verdict.folder}:"
            yield from (f"  {sample.name}" for sample in samples)


def _find_sample(problem: Problem, name: str, variant: str | None) -> Sample:
    """Find a sample by its name, or by its verdict's folder and its name. Raises UsageError."""
    samples = [sample for verdict in CLAIMS for sample in problem.samples(verdict)]
    wanted = f"{name}@{variant}" if variant else name
    fitting = [sample for sample in samples if wanted in {sample.name, sample.label}]
    if not fitting:
        raise UsageError(f"{problem.slug}: no sample {wanted!r}{_suggest_sample(samples, name, variant)}")
    if len(fitting) > 1:
        raise UsageError(
            f"{wanted!r} is: {', '.join(sample.label for sample in fitting)}; give the folder too"
        )
    return fitting[0]


def _suggest_sample(samples: list[Sample], name: str, variant: str | None) -> str:
    if variant is None:
        return suggest(name, [sample.name for sample in samples])
    hands = [sample.name for sample in samples if sample.mistake == name.rpartition("/")[2]]
    return suggest(f"{name}@{variant}", hands or [sample.name for sample in samples if sample.is_variant])
