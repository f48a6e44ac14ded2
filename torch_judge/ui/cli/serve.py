"""The commands `serve` and `user`: a judge that others reach, and who may reach it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from torch_judge.learning.history import find_folder
from torch_judge.model.bank import find_bank
from torch_judge.model.errors import UsageError
from torch_judge.model.isolation import Layer, Level, required_layers
from torch_judge.model.reveals import Reveals
from torch_judge.service.credentials import is_loopback
from torch_judge.ui.encoding import is_terminal

from .exits import ACCEPTED, exits
from .options import bank_option, jobs_option, ray_option, required_by
from .output import caution

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from torch_judge.service.server import Extend
    from torch_judge.service.store import Store

DATABASE_VARIABLE: Final = "TORCH_JUDGE_DATABASE"
PORT: Final = 8400
NOTES: Final = "pages"
Command = TypeVar("Command", bound=Callable[..., Any])
_PLACES: Final = (
    click.option(
        "--data",
        type=click.Path(file_okay=False, path_type=Path),
        help="The folder of the store.  [default: `service` in the user's data folder]",
    ),
    click.option(
        "--database",
        metavar="URL",
        help=f"A PostgreSQL in the folder's place, postgresql://...; ${DATABASE_VARIABLE} says the same.",
    ),
)


def place_options(command: Command) -> Command:
    """Add the options that say where a service keeps what it knows."""
    for option in reversed(_PLACES):
        command = option(command)
    return command


@click.command()
@place_options
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0: a free one.")
@jobs_option
@ray_option
@click.option(
    "--reveal",
    type=click.Choice([reveals.value for reveals in Reveals]),
    default=Reveals.EVERYTHING.value,
    show_default=True,
    help="The most that is told of a failed check; a problem may tell less.",
)
@click.option(
    "--per-minute",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="How much one user may submit in a minute, and as often press Run.",
)
@click.option(
    "--runs",
    type=click.IntRange(min=0),
    help="How many Runs of the pages at a time, beside the checks; 0 offers none.  [default: half of --jobs]",
)
@click.option(
    "--lease",
    type=click.FloatRange(min=1),
    default=15.0,
    show_default=True,
    help="After so many seconds without a sign of life, what a judge had taken is judged by another.",
)
@click.option(
    "--require-isolation",
    "required",
    metavar="LEVEL",
    default=Level.SANDBOX.value,
    show_default=True,
    help="Start only where this holds: process, sandbox, full, or layers with commas between.",
)
@click.option(
    "--no-pages", "pages", flag_value=False, default=True, help="Answer the API alone, without pages."
)
@click.option(
    "--trusted-proxy",
    "proxies",
    metavar="ADDRESS",
    multiple=True,
    default=("127.0.0.1", "::1"),
    show_default=True,
    help="Believe the proxy at this address by which protocol a page was asked for; may be repeated.",
)
@click.option("--allow-root", is_flag=True, help="Start as root too, as in a container of its own.")
@bank_option
@exits
def serve(
    *,
    data: Path | None,
    database: str | None,
    host: str,
    port: int,
    jobs: int | None,
    address: str | None,
    reveal: str,
    per_minute: int,
    runs: int | None,
    lease: float,
    required: str,
    pages: bool,
    proxies: tuple[str, ...],
    allow_root: bool,
    bank: str | None,
) -> int:
    """Serve a judge that others reach, over HTTP.

    Suites and solutions stay here. Add users with `torch-judge user add NAME`; each gets a token. With it one
    signs in to the pages, or uses the API, which is described at /api/v1/openapi.json. It speaks plain HTTP:
    put a proxy with TLS in front of it.
    """
    layers = required_layers(required) | required_by(None)
    _refuse_without("starlette", "uvicorn", *(("jinja2", "markdown_it") if pages else ()))
    from torch_judge.service.queue import Rate
    from torch_judge.service.server import Serving, serve

    problems = find_bank(bank)
    place = _find_place(data, database)
    judges = jobs or os.cpu_count() or 1
    serving = Serving(
        bank=problems,
        place=place,
        host=host,
        port=port,
        jobs=jobs,
        required=layers,
        reveal=Reveals(reveal),
        rate=Rate(per_minute=per_minute),
        seconds_of_a_lease=lease,
        may_be_root=allow_root,
        ray=address,
    )
    _warn(host, layers)
    count = len(problems.names())

    def say_ready(address: str) -> None:
        click.echo(f"torch-judge: {count} problems at {address}; Ctrl-C ends it")

    most = max(1, judges // 2) if runs is None else runs
    serve(serving, say_ready, _find_extension(_find_notes(place), proxies, most, layers) if pages else None)
    return ACCEPTED


def _find_extension(folder: Path, proxies: tuple[str, ...], runs: int, required: frozenset[Layer]) -> Extend:
    from torch_judge.ui.board.app import add_pages

    return lambda api, service: add_pages(api, service, folder, proxies=proxies, runs=runs, required=required)


def _find_notes(place: str | Path) -> Path:
    """Find where the pages keep drafts and hints given: beside the store, or here for one elsewhere."""
    if isinstance(place, Path):
        return place / NOTES
    folder = find_folder()
    if folder is None:
        raise UsageError("drafts have no place, since $TORCH_JUDGE_HOME is set and empty; or say --no-pages")
    return folder / "service" / NOTES


def _refuse_without(*packages: str) -> None:
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        advice = 'pip install "torch-judge[serve]>=2.0" brings it'
        raise UsageError(f"{missing[0]} is not installed; {advice}")


def _warn(host: str, layers: frozenset[Layer]) -> None:
    if not Level.SANDBOX.layers <= layers:
        caution(
            "torch-judge: strangers' code may run with less isolation than the level sandbox, as you asked"
        )
    if not is_loopback(host):
        caution(
            "torch-judge: this is plain HTTP beyond this machine: tokens can be read on their way without TLS"
        )


def _find_place(data: Path | None, database: str | None) -> str | Path:
    """Find where a service keeps what it knows. Raises UsageError for two places."""
    if data is not None and database is not None:
        raise UsageError("the store is either in --data or in --database")
    if data is not None:
        return data
    if url := database or os.environ.get(DATABASE_VARIABLE):
        if "://" not in url:
            raise UsageError(f"--database is a URL, postgresql://..., not {url!r}; a folder goes by --data")
        return url
    folder = find_folder()
    if folder is None:
        raise UsageError("--data says where the store is, since $TORCH_JUDGE_HOME is set and empty")
    return folder / "service"


@click.group()
def user() -> None:
    """Say who may reach the judge: add, list, remove, token."""


def _open_store(data: Path | None, database: str | None) -> AbstractContextManager[Store]:
    from torch_judge.service.store import open_store

    return open_store(_find_place(data, database))


@user.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(["learner", "teacher"]), default="learner", show_default=True)
@place_options
@exits
def add_user(*, name: str, role: str, data: Path | None, database: str | None) -> int:
    """Add a user and print their token, which is shown this once."""
    from torch_judge.service.users import Role

    with _open_store(data, database) as store:
        click.echo(store.accounts.add(name, Role(role)))
    caution(f"torch-judge: this is the token of {name}, shown this once: $TORCH_JUDGE_TOKEN takes it")
    return ACCEPTED


@user.command("list")
@place_options
@exits
def list_users(*, data: Path | None, database: str | None) -> int:
    """List the users, each with their role."""
    with _open_store(data, database) as store:
        for one in store.accounts.list():
            click.echo(f"{one.name}\t{one.role.value}")
    return ACCEPTED


@user.command("remove")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@place_options
@exits
def remove_user(*, name: str, yes: bool, data: Path | None, database: str | None) -> int:
    """Remove a user and all that they submitted."""
    if not yes:
        if not is_terminal(sys.stdin):
            raise UsageError("what a user submitted is removed too: say --yes")
        if not click.confirm(f"Remove {name} and all that they submitted?"):
            return ACCEPTED
    with _open_store(data, database) as store:
        folders = [store.sessions.name_folder(one) for one in store.accounts.list() if one.name == name]
        store.accounts.remove(name)
    for folder in folders:
        with suppress(UsageError):  # without a place there are no pages
            shutil.rmtree(_find_notes(_find_place(data, database)) / folder, ignore_errors=True)
    return ACCEPTED


@user.command("token")
@click.argument("name")
@place_options
@exits
def renew_token(*, name: str, data: Path | None, database: str | None) -> int:
    """Give a user another token and print it; the one before no longer counts."""
    with _open_store(data, database) as store:
        click.echo(store.accounts.renew_token(name))
    return ACCEPTED


COMMANDS = (serve, user)
