"""The command `torch-judge`: parse, call, show, exit."""

from __future__ import annotations

import sys

import click

from torch_judge.learning.standing import find_states
from torch_judge.model.bank import find_bank
from torch_judge.model.version import __version__
from torch_judge.ui.encoding import is_terminal

from . import authoring, learning, serve
from .evaluate import evaluate, prompts
from .exits import ACCEPTED, JUDGE_ERROR, exits
from .grade import grade
from .gradescope import autograde, gradescope
from .options import Format, bank_option, format_option, problem_argument, require_option, required_by
from .output import display, display_document
from .run import run
from .samples import sample
from .web import web


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="torch-judge")
def main() -> None:
    """Judge machine-learning code that you wrote from scratch.

    Exit status: 0 accepted, 1 not accepted, 2 wrong usage, 3 judge error.
    """


@main.command("list")
@click.option("--tags", "with_tags", is_flag=True, help="Show the tags in the place of the titles.")
@bank_option
@exits
def list_problems(*, with_tags: bool, bank: str | None) -> int:
    """List the problems: ✓ is solved, - is tried."""
    from torch_judge.ui.tables import problems_table

    problems = find_bank(bank).problems()
    display(problems_table(problems, find_states(problems), with_tags=with_tags))
    return ACCEPTED


@main.command()
@problem_argument
@bank_option
@exits
def show(problem: str, bank: str | None) -> int:
    """Show what a problem asks for."""
    statement = find_bank(bank).load(problem).read_statement()
    if is_terminal(sys.stdout):
        from rich.markdown import Markdown

        display(Markdown(statement))
    else:
        click.echo(statement.rstrip())
    return ACCEPTED


@main.command()
@format_option(Format.TEXT, Format.JSON)
@click.option("--server", is_flag=True, help="Say also how to put a whole `torch-judge serve` into a box.")
@require_option
@exits
def doctor(*, form: str, server: bool, required: str | None) -> int:
    """Say which layers keep a submission apart on this machine, and why the others do not."""
    from torch_judge.execution.doctor import examine

    examination = examine(required_by(required))
    if form == Format.JSON:
        click.echo(examination.to_json())
    else:
        from torch_judge.ui.text import as_examination

        display(as_examination(examination))
        if server:
            from torch_judge.ui.boxes import describe_boxes

            display_document(describe_boxes(examination.isolation))
    return JUDGE_ERROR if examination.lacking else ACCEPTED


for command in (
    run,
    sample,
    prompts,
    evaluate,
    grade,
    gradescope,
    autograde,
    web,
    *authoring.COMMANDS,
    *learning.COMMANDS,
    *serve.COMMANDS,
):
    main.add_command(command)
