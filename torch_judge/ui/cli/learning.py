"""The commands of a learner's day.

start, watch, hint, solution, status, history, reset, next, export, import, completion.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click
from click.shell_completion import get_completion_class

from torch_judge.learning.hints import may_see_solution
from torch_judge.learning.history import find_history
from torch_judge.learning.standing import find_standing
from torch_judge.learning.workspace import (
    compose_starter,
    find_answer,
    lay_out,
    locate_file,
    locate_notebook,
    put_back,
)
from torch_judge.model.bank import Bank, find_bank
from torch_judge.model.errors import UsageError
from torch_judge.model.problem import Problem
from torch_judge.model.suggestion import suggest_near
from torch_judge.ui.encoding import is_terminal
from torch_judge.ui.learning_pages import (
    ATTEMPTS_LISTED,
    Place,
    make_attempt_page,
    make_hint_page,
    make_history_page,
    make_solution_page,
    make_status_page,
)
from torch_judge.ui.notebook.templates import compose_text

from .completion import complete_problem
from .exits import ACCEPTED, exits
from .options import bank_option, optional_problem_argument, problem_argument, require_option, required_by
from .output import cautions, display_document

_PROGRAM, _COMPLETE_VARIABLE = "torch-judge", "_TORCH_JUDGE_COMPLETE"
into_option = click.option(
    "--into",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="The folder.  [default: the current one]",
)


@click.command()
@optional_problem_argument
@into_option
@click.option("--notebook", is_flag=True, help="Write the template notebook.")
@bank_option
@exits
def start(*, problem: str | None, folder: Path, notebook: bool, bank: str | None) -> int:
    """Write a file to work in: PROBLEM.py, or with --notebook the template. It never writes over anything.

    Without PROBLEM: the next one that is not solved.
    """
    problems = find_bank(bank)
    facts = problems.load(problem) if problem else _find_next(problems)
    path = locate_notebook(facts, folder) if notebook else locate_file(facts, folder)
    if path.exists() or path.is_symlink():
        reset = "" if notebook else f"; torch-judge reset {facts.slug} puts a starter back and keeps it"
        raise UsageError(
            f"{path} is there already, and is left as it is; torch-judge watch {path} judges it{reset}"
        )
    lay_out(path, compose_text(facts, path))
    click.echo(f"{path}: written; torch-judge watch {path} judges it whenever you save it")
    return ACCEPTED


def _find_next(bank: Bank) -> Problem:
    """Find the next problem; UsageError where every one is solved."""
    following = find_standing(bank, find_history()).next
    if following is None:
        raise UsageError("every problem is solved; name one to go back to")
    return following


@click.command()
@problem_argument
@into_option
@bank_option
@exits
def reset(*, problem: str, folder: Path, bank: str | None) -> int:
    """Put the starter back into PROBLEM.py.

    What you have written is kept as PROBLEM.1.py, PROBLEM.2.py, ...
    """
    facts = find_bank(bank).load(problem)
    path = locate_file(facts, folder)
    kept = put_back(path, compose_starter(facts))
    click.echo(
        f"{path}: the starter"
        + (f"; what you have written is kept as {kept}" if kept else ", as it was given")
    )
    return ACCEPTED


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option(
    "--problem",
    "slug",
    shell_complete=complete_problem,
    help="Where the file is not called after its problem.",
)
@click.option("--no-record", "keep", flag_value=False, default=True, help="Leave your history alone.")
@require_option
@bank_option
@exits
def watch(*, file: Path | None, slug: str | None, keep: bool, required: str | None, bank: str | None) -> int:
    """Judge a file again whenever it is saved, until q or Ctrl-C.

    Without FILE: that of the next problem that is not solved, in the current folder; it is written if it is
    not there. In a terminal: h hint, s solution, n next problem, Enter again, q quit.
    """
    problems = find_bank(bank)
    facts = problems.load(slug) if slug else _find_watched(problems, file)
    path = file if file is not None and (slug or file.suffix) else find_answer(facts, Path())
    if not path.parent.is_dir():
        raise UsageError(f"{path.parent}: no such folder")
    if path != file and not path.exists():
        lay_out(path, compose_text(facts, path))
        click.echo(f"{path}: written")
    from torch_judge.ui.watch.session import watch_file

    return watch_file(problems, facts, path, required=required_by(required), keep=keep)


def _find_watched(bank: Bank, file: Path | None) -> Problem:
    """Find the problem that a file is called after, or else the next one."""
    if file is None:
        return _find_next(bank)
    slug = _read_slug(file)
    try:
        return bank.load(slug)
    except UsageError:
        meant = suggest_near(slug, bank.names())
        raise UsageError(
            f"no problem {slug!r}{meant}{'' if meant else ';'} "
            f"say which one it is for: torch-judge watch {file} --problem NAME"
        ) from None


def _read_slug(file: Path) -> str:
    """Read the problem that a file is called after: batchnorm.py, 07_batchnorm.ipynb, batchnorm.1.py."""
    return re.sub(r"^\d+_|\.\d+$", "", file.stem)


@click.command()
@problem_argument
@click.option("--number", type=click.IntRange(min=1), help="Show this one.")
@bank_option
@exits
def hint(*, problem: str, number: int | None, bank: str | None) -> int:
    """Show the next hint, from gentle to plain."""
    facts, history = find_bank(bank).load(problem), find_history()
    display_document(make_hint_page(facts, history, place=Place.TERMINAL, number=number))
    return ACCEPTED


@click.command()
@problem_argument
@click.option("--all", "with_others", is_flag=True, help="Show the other right ways of the bank too.")
@click.option("--yes", is_flag=True, help="Do not ask, if it is not solved yet.")
@bank_option
@exits
def solution(*, problem: str, with_others: bool, yes: bool, bank: str | None) -> int:
    """Show the jury solution, once the problem is solved or you give up."""
    facts, history = find_bank(bank).load(problem), find_history()
    if not yes and is_terminal(sys.stdin) and not may_see_solution(facts, history):
        yes = click.confirm(f"You have not solved {facts.slug} yet. Show the solution?")
        if not yes:
            return ACCEPTED
    page = make_solution_page(facts, history, place=Place.TERMINAL, is_given_up=yes, with_others=with_others)
    display_document(page)
    return ACCEPTED


@click.command()
@bank_option
@exits
def status(bank: str | None) -> int:
    """Show what is solved and tried, by topic, your streak of days, and the next problem."""
    history = find_history()
    display_document(make_status_page(find_standing(find_bank(bank), history), place=Place.TERMINAL))
    cautions(history.notices)
    return ACCEPTED


@click.command("next")
@bank_option
@exits
def next_command(bank: str | None) -> int:
    """Name the next problem that is not solved."""
    history = find_history()
    following = find_standing(find_bank(bank), history).next
    if following is None:
        click.echo("every problem is solved")
    else:
        click.echo(
            f"{following.slug}: {following.title} ({following.difficulty.value}); "
            f"torch-judge start {following.slug}"
        )
    cautions(history.notices)
    return ACCEPTED


@click.command()
@problem_argument
@click.argument("number", type=click.IntRange(min=1), required=False)
@click.option("--code", is_flag=True, help="Print the attempt's code alone, as it was.")
@click.option(
    "--most", type=click.IntRange(min=1), default=ATTEMPTS_LISTED, show_default=True, help="List so many."
)
@bank_option
@exits
def history(*, problem: str, number: int | None, code: bool, most: int, bank: str | None) -> int:
    """List your attempts at a problem, the last one first; with a NUMBER, show that attempt's code."""
    facts, history = find_bank(bank).load(problem), find_history()
    if code and number is None:
        raise UsageError("--code needs the number of an attempt")
    if number is None:
        display_document(make_history_page(facts, history, place=Place.TERMINAL, most=most))
        return ACCEPTED
    page = make_attempt_page(facts, history, number)
    if code and sys.stdout is not None and not is_terminal(sys.stdout):
        sys.stdout.write(page.code)  # to the byte: it may be on its way into a file
    else:
        display_document(page.code_alone() if code else page)
    return ACCEPTED


@click.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@exits
def export_command(file: Path) -> int:
    """Write your whole history into one file, which `torch-judge import` takes in elsewhere."""
    from torch_judge.learning.archive import write_archive

    history = find_history()
    click.echo(f"{file}: {write_archive(history, file)} attempts written")
    cautions(history.notices)
    return ACCEPTED


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@exits
def import_command(file: Path) -> int:
    """Take in a file that `torch-judge export` wrote: all of it, without duplicates, or nothing."""
    from torch_judge.learning.archive import read_archive

    history = find_history()
    merged = read_archive(history, file)
    click.echo(f"{file}: {merged.added} attempts taken in, {merged.known} were here already")
    cautions(history.notices)
    return ACCEPTED


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what makes a shell complete commands, options and the names of problems.

    bash: eval "$(torch-judge completion bash)" in ~/.bashrc; zsh: the same with zsh in ~/.zshrc, after
    compinit; fish: torch-judge completion fish > ~/.config/fish/completions/torch-judge.fish
    """
    completer = get_completion_class(shell)
    if completer is not None:
        click.echo(completer(context.find_root().command, {}, _PROGRAM, _COMPLETE_VARIABLE).source())


COMMANDS = (
    start,
    watch,
    hint,
    solution,
    status,
    next_command,
    history,
    reset,
    export_command,
    import_command,
    completion,
)
