"""The arguments and options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from torch_judge.model.bank import BANK_VARIABLE
from torch_judge.model.isolation import REQUIRE_VARIABLE, Layer, required_layers

from .completion import complete_problem

Command = TypeVar("Command", bound=Callable[..., Any])


class Format(StrEnum):
    """How reports are printed."""

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"


problem_argument = click.argument("problem", shell_complete=complete_problem)
optional_problem_argument = click.argument("problem", required=False, shell_complete=complete_problem)
require_option = click.option(
    "--require-isolation",
    "required",
    metavar="LEVEL",
    help="Run nothing unless this holds: process, sandbox, full, or layers with commas between; "
    f"${REQUIRE_VARIABLE} says the same.",
)
bank_option = click.option(
    "--bank", metavar="DIR", help=f"A folder of problems; ${BANK_VARIABLE} says the same."
)

MOST_JOBS: Final = 256
jobs_option = click.option(
    "--jobs",
    type=click.IntRange(1, MOST_JOBS),
    help="How many are judged at a time.  [default: the number of cores]",
)


def _check_address(_context: click.Context, _option: click.Parameter, address: str | None) -> str | None:
    """Refuse what is no address before it is said that an argument is missing, which it has swallowed."""
    if address is not None and Path(address).exists():
        raise click.BadParameter(f"{address} is a file; --ray alone goes last, or write --ray=local")
    return address


ray_option = click.option(
    "--ray",
    "address",
    is_flag=False,
    flag_value="local",
    metavar="[ADDRESS]",
    callback=_check_address,
    help="Judge on the cores of a Ray cluster; without ADDRESS, on a Ray of its own on this machine.",
)
counterexample_option = click.option(
    "--counterexample/--no-counterexample",
    default=True,
    help="Look for the smallest failing inputs, which takes longer (on by default).",
)
_POINTS: Final = (
    click.option(
        "--points",
        "scheme",
        type=click.Choice(["cases", "all-or-nothing"]),
        default="cases",
        show_default=True,
        help="What a part of an answer is worth.",
    ),
    click.option("--weight", "weights", multiple=True, metavar="PROBLEM=N", help="What a problem is worth."),
    click.option(
        "--total", type=click.FloatRange(min=0, min_open=True), help="What all problems come to together."
    ),
)


def points_options(command: Command) -> Command:
    """Add the options that say how answers come to points."""
    for option in reversed(_POINTS):
        command = option(command)
    return command


def format_option(*formats: Format) -> Callable[[Command], Command]:
    """Make the option that chooses among formats; as text where nothing is chosen."""
    return click.option(
        "--format",
        "form",
        type=click.Choice([form.value for form in formats]),
        default=Format.TEXT.value,
        show_default=True,
    )


def required_by(text: str | None) -> frozenset[Layer]:
    """Read the layers that an option requires, or else the environment."""
    return required_layers(os.environ.get(REQUIRE_VARIABLE, "") if text is None else text)
