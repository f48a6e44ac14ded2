"""The command `web`: the problems on a page of the learner's own machine."""

from __future__ import annotations

from contextlib import suppress
from importlib.util import find_spec
from threading import Thread
from typing import Final

import click

from torch_judge.model.bank import find_bank
from torch_judge.model.errors import UsageError

from .completion import complete_problem
from .exits import ACCEPTED, exits
from .options import bank_option, require_option, required_by

HIGHEST_PORT: Final = 65535
INSTALL: Final = 'pip install "torch-judge[web]>=2.0"'
NEEDED: Final = ("starlette", "uvicorn", "jinja2", "markdown_it")


@click.command()
@click.argument("problem", required=False, shell_complete=complete_problem)
@click.option(
    "--port", type=click.IntRange(0, HIGHEST_PORT), default=0, help="The port.  [default: one that is free]"
)
@click.option("--no-browser", "browse", flag_value=False, default=True, help="Only print the address.")
@click.option("--no-record", "keep", flag_value=False, default=True, help="Leave your history alone.")
@require_option
@bank_option
@exits
def web(
    *, problem: str | None, port: int, browse: bool, keep: bool, required: str | None, bank: str | None
) -> int:
    """Open the problems in a browser: statement, editor, and the hidden suite behind it. Ctrl-C ends it.

    With PROBLEM, that one is opened. Only this machine's browser gets in, by an address that is good once.
    """
    _check_extra()
    problems = find_bank(bank)
    path = f"/problems/{problems.load(problem).slug}" if problem else ""
    layers = required_by(required)
    from torch_judge.ui.signals import unwind_on_signals
    from torch_judge.ui.web.serve import Settings, WebServer

    settings = Settings(problems, port=port, keep=keep, required=layers)
    # Ctrl-C is how it ends; a signal that ends a process unwinds it too
    with suppress(KeyboardInterrupt), unwind_on_signals(), WebServer(settings) as server:

        def announce() -> None:
            click.echo(f"the problems are at {server.make_entry(path=path)}")
            click.echo("the address is good once; Ctrl-C ends it")
            if browse:  # beside the server: a browser in a terminal does not come back before it ends
                Thread(target=open_browser, args=(server.make_entry(path=path),), daemon=True).start()

        server.run(announce)
    return ACCEPTED


def open_browser(address: str) -> None:
    """Open an address in the user's browser; say so where none is found."""
    import webbrowser

    if not webbrowser.open(address):
        click.echo("no browser was found; open the address in one on this machine")


def _check_extra() -> None:
    """Raise UsageError, which says how to install them, where packages of the extra are missing."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise UsageError(f"the page needs {', '.join(missing)}, which is not installed here: {INSTALL}")
