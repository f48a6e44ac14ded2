"""How a command shows: to a person in colour and as wide as the terminal, plain into a pipe."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import click

from torch_judge.learning.history import find_history, word_warning
from torch_judge.ui.document import WIDTH, Document, Tone
from torch_judge.ui.encoding import is_terminal, soften_stdout
from torch_judge.ui.learning_pages import Place, make_solved_page

if TYPE_CHECKING:
    from rich.console import RenderableType

    from torch_judge.model.problem import Problem
    from torch_judge.model.report import Report

_COLOURS: Final = {Tone.DONE: "green", Tone.BEGUN: "yellow"}


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
        click.echo(document.as_text(width=width, heading=_paint_heading, paint=_paint))
    else:
        click.echo(document.as_text())


def display_solved(problem: Problem, report: Report) -> None:
    """Say below an accepted answer's report what it has opened, to a person at a terminal."""
    if not (report.passed and is_terminal(sys.stdout)):
        return
    page = make_solved_page(problem, find_history(), place=Place.TERMINAL)
    if page is not None:
        click.echo()
        display_document(page)


def _paint_heading(text: str) -> str:
    return click.style(text, bold=True)


def _paint(tone: Tone, text: str) -> str:
    if tone is Tone.TOPIC:
        return _paint_heading(text)
    colour = _COLOURS.get(tone)
    return click.style(text, fg=colour) if colour else text


def caution(sentence: str) -> None:
    """Tell a person something that changes no result."""
    if sentence:
        click.echo(sentence, err=True)


def cautions(sentences: Sequence[str]) -> None:
    """Tell a person some things that change no result."""
    for sentence in sentences:
        caution(word_warning(sentence))
