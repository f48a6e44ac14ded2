"""The arguments and options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

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
