"""What every command shares: exit statuses, options, how it shows, and how it ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from functools import wraps
from typing import Any, NoReturn, ParamSpec

import click
from click.shell_completion import CompletionItem

from torch_judge.learning.history import word_warning
from torch_judge.model.errors import TorchJudgeError, UsageError
from torch_judge.model.isolation import REQUIRE_VARIABLE, Layer, required_layers
from torch_judge.model.problem import BANK_VARIABLE, find_bank
from torch_judge.ui.document import WIDTH, Document

ACCEPTED, NOT_ACCEPTED, WRONG_USAGE, JUDGE_ERROR, INTERRUPTED = 0, 1, 2, 3, 130

P = ParamSpec("P")


class Format(StrEnum):
    """How reports are printed."""

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"


require_option = click.option(
    "--require-isolation",
    "required",
    metavar="LEVEL",
    help=f"Run nothing unless this holds: process, sandbox, full, or layers with commas between; ${REQUIRE_VARIABLE} says the same.",
)
bank_option = click.option(
    "--bank", metavar="DIR", help=f"A folder of problems; ${BANK_VARIABLE} says the same."
)


def complete_problem(context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Return the problems whose names begin so; a shell that completes is told nothing of a bank that is broken."""
    with suppress(TorchJudgeError, OSError):
        return [
            CompletionItem(name)
            for name in find_bank(context.params.get("bank")).names()
            if name.startswith(begun)
        ]
    return []


def required_by(text: str | None) -> frozenset[Layer]:
    """Return the layers that an option requires, or else the environment."""
    return required_layers(os.environ.get(REQUIRE_VARIABLE, "") if text is None else text)


def exits(command: Callable[P, int]) -> Callable[P, NoReturn]:
    """Make what a command returns its exit status, and an error a sentence with the right one."""

    @wraps(command)
    def wrapped(*arguments: P.args, **options: P.kwargs) -> NoReturn:
        try:
            sys.exit(command(*arguments, **options))
        except UsageError as error:
            complain(str(error), WRONG_USAGE)
        except TorchJudgeError as error:
            complain(str(error), JUDGE_ERROR)
        except BrokenPipeError:  # `torch-judge list | head`
            sys.stderr.close()
            sys.exit(ACCEPTED)
        except KeyboardInterrupt:
            complain("interrupted", INTERRUPTED)

    return wrapped


def display(what: Any) -> None:
    """Print for a person: colour and width come from the terminal and vanish in a pipe."""
    from rich.console import Console

    from torch_judge.ui.text import as_text

    console = Console(highlight=False)
    if console.is_terminal:
        console.print(what)
    else:
        click.echo(as_text(what))


def display_sheet(sheet: Document) -> None:
    """Print a sheet, without loading what takes time."""
    click.echo(sheet_text(sheet))


def sheet_text(sheet: Document) -> str:
    """Return a sheet as this terminal shows it."""
    if not sys.stdout.isatty():
        return sheet.as_text()
    width = min(os.get_terminal_size(sys.stdout.fileno()).columns, WIDTH)
    return sheet.as_text(width=width, heading=lambda text: click.style(text, bold=True))


def caution(sentence: str) -> None:
    """Tell a person something that changes no result."""
    if sentence:
        click.echo(sentence, err=True)


def cautions(sentences: list[str]) -> None:
    """Tell a person some things that change no result."""
    for sentence in sentences:
        caution(word_warning(sentence))


def complain(sentence: str, status: int) -> NoReturn:
    """End with a sentence and an exit status."""
    click.echo(f"torch-judge: {sentence}", err=True)
    sys.exit(status)
