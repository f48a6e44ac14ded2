"""What a shell is told when it completes the name of a problem."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from tests.support.packages import write_package
from torch_judge.ui.cli.completion import complete_problem
from torch_judge.ui.cli.options import problem_argument


def complete(begun: str, bank: Path) -> list[str]:
    """Complete a name as the command would whose `--bank` was typed before."""

    @click.command()
    @problem_argument
    def command(problem: str) -> None:
        """Take a problem."""

    context = click.Context(command)
    context.params["bank"] = str(bank)
    return [item.value for item in complete_problem(context, command.params[0], begun)]


@pytest.mark.parametrize(("begun", "names"), [("", ["double"]), ("do", ["double"]), ("x", [])])
def test_the_names_that_begin_so_are_offered(tmp_path: Path, begun: str, names: list[str]) -> None:
    write_package(tmp_path)
    assert complete(begun, tmp_path) == names


def test_of_a_bank_that_is_not_there_nothing_is_said(tmp_path: Path) -> None:
    assert complete("", tmp_path / "nowhere") == []
