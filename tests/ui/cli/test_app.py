"""`torch-judge` as a person or a script meets it: which commands there are, and what the short ones show."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.support.commands import torch_judge
from tests.support.packages import write_package
from torch_judge.model.version import __version__
from torch_judge.ui.cli.app import main


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    write_package(tmp_path / "bank")
    return tmp_path / "bank"


def test_list_and_show_say_what_there_is(bank: Path) -> None:
    listed = torch_judge("list", "--bank", bank)
    assert "double" in listed.stdout and "easy" in listed.stdout
    shown = torch_judge("show", "double", "--bank", bank)
    assert shown.stdout == "# Double\n\nReturn `x * scale`.\n"
    assert torch_judge("show", "duble", "--bank", bank).returncode == 2
    assert "batchnorm" in torch_judge("list").stdout


def test_there_are_commands_for_learners_graders_and_authors() -> None:
    assert {"run", "list", "show", "doctor", "template", "verify", "start", "watch", "hint", "status"} <= {
        *main.commands
    }


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_has_help(command: str) -> None:
    shown = CliRunner().invoke(main, [command, "--help"])
    assert shown.exit_code == 0
    assert shown.output.startswith(f"Usage: main {command} ")


def test_the_help_of_all_tells_the_exit_statuses() -> None:
    assert "0 accepted, 1 not accepted, 2 wrong usage, 3 judge error" in torch_judge("--help").stdout


def test_the_version_is_that_of_the_package() -> None:
    assert torch_judge("--version").stdout == f"torch-judge, version {__version__}\n"


def test_a_command_that_there_is_not_is_wrong_usage() -> None:
    assert torch_judge("nonsense").returncode == 2
