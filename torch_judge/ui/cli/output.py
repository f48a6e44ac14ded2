"""How a command shows: to a person in colour and as wide as the terminal, plain into a pipe."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from torch_judge.learning.history import word_warning
from torch_judge.ui.document import WIDTH, Document
from torch_judge.ui.encoding import is_terminal, soften_stdout

if TYPE_CHECKING:
    from rich.console import RenderableType

    from torch_judge.model.report import Report


def display(what: RenderableType) -> None:
    """Print for a person: colour and width come from the terminal and vanish in a pipe."""
    from rich.console import Console

    from torch_judge.ui.text import as_text

    soften_stdout()
    console = Console(highlight=False)
    if console.is_terminal:
        console.print(what)
    else:
        click.echo(as_text(what))


def display_report(report: Report, *, whole: bool) -> None:
    """Print a report: to a person at a terminal as much as the window holds, else all of it."""
    from torch_judge.ui.text import as_rich

    if whole or not is_terminal(sys.stdout):
        display(as_rich(report))
        return
    from torch_judge.ui.terminal import Screenful

    display(Screenful(report, more="-v shows every case"))


def display_document(document: Document) -> None:
    """Print a document as this terminal shows it, without loading what takes time."""
    soften_stdout()
    if is_terminal(sys.stdout):
        width = min(os.get_terminal_size(sys.stdout.fileno()).columns, WIDTH)
        click.echo(document.as_text(width=width, heading=lambda text: click.style(text, bold=True)))
    else:
        click.echo(document.as_text())


def caution(sentence: str) -> None:
    """Tell a person something that changes no result."""
    if sentence:
        click.echo(sentence, err=True)


def cautions(sentences: Sequence[str]) -> None:
    """Tell a person some things that change no result."""
    for sentence in sentences:
        caution(word_warning(sentence))
