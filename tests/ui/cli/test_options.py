"""Options that several commands share: what they take, and where they come from when nobody gives them."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tests.support.commands import answer, torch_judge
from tests.support.packages import SOLUTION, write_package
from torch_judge.model.errors import UsageError
from torch_judge.model.isolation import REQUIRE_VARIABLE, Layer
from torch_judge.ui.cli.options import Format, bank_option, format_option, require_option, required_by


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    write_package(tmp_path / "bank")
    return tmp_path / "bank"


@click.command()
@format_option(Format.TEXT, Format.JSON)
@require_option
@bank_option
def echo(form: str, required: str | None, bank: str | None) -> None:
    """Print what was given."""
    click.echo(f"{form} {required} {bank}")


def test_without_options_reports_are_text_and_nothing_is_required() -> None:
    assert CliRunner().invoke(echo, []).output == "text None None\n"


def test_options_are_handed_on_as_they_were_typed() -> None:
    typed = ["--format", "json", "--require-isolation", "full", "--bank", "here"]
    assert CliRunner().invoke(echo, typed).output == "json full here\n"


def test_a_format_that_a_command_does_not_offer_is_wrong_usage() -> None:
    refused = CliRunner().invoke(echo, ["--format", "junit"])
    assert refused.exit_code == 2
    assert "'junit' is not one of 'text', 'json'" in refused.output


def test_what_is_required_comes_from_the_option_or_else_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(REQUIRE_VARIABLE, raising=False)
    assert required_by(None) == frozenset()
    monkeypatch.setenv(REQUIRE_VARIABLE, Layer.FILES.value)
    assert required_by(None) == {Layer.FILES}
    assert required_by(Layer.CALLS.value) == {Layer.CALLS}
    assert required_by("") == frozenset()


def test_a_level_that_there_is_not_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match="everything"):
        required_by("everything")


def test_the_bank_may_come_from_the_environment(bank: Path, tmp_path: Path) -> None:
    done = torch_judge("run", "double", answer(tmp_path, SOLUTION), TORCH_JUDGE_BANK=str(bank))
    assert done.returncode == 0
