"""`torch-judge sample`: names by verdict, whole texts, and a hint where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.model.test_mistakes import MISTAKE
from tests.support.packages import SAMPLES, write_package
from torch_judge.model.mistakes import FILE
from torch_judge.ui.cli.app import main


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    (write_package(tmp_path / "bank") / FILE).write_text(MISTAKE)
    return tmp_path / "bank"


def sample(bank: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["sample", "--bank", str(bank), "double", *arguments])


def test_without_a_name_the_samples_are_listed_by_verdict(bank: Path) -> None:
    lines = sample(bank).stdout.splitlines()
    assert lines[:3] == ["accepted:", "  adds_twice", "wrong_answer:"]
    assert lines[-4:] == ["  squares", "  squares@adds_twice", "rule_violation:", "  uses_batch_norm"]


@pytest.mark.parametrize(
    "arguments",
    [["squares"], ["wrong_answer/squares"], ["squares@adds_twice"], ["squares", "--variant", "adds_twice"]],
)
def test_an_edit_is_printed_whole(bank: Path, arguments: list[str]) -> None:
    shown = sample(bank, *arguments)
    assert shown.exit_code == 0
    assert shown.stdout == '"""You square x."""\n\n\ndef double(x, scale=2.0):\n    return x * x\n'


def test_a_file_is_printed_whole_whatever_it_claims(bank: Path) -> None:
    assert sample(bank, "uses_batch_norm").stdout == SAMPLES["rule_violation/uses_batch_norm.py"]


def test_an_unknown_name_is_wrong_usage_with_a_hint(bank: Path) -> None:
    unknown = sample(bank, "square")
    assert (unknown.exit_code, unknown.stdout) == (2, "")
    assert unknown.stderr == "torch-judge: double: no sample 'square'; did you mean 'squares'?\n"
    other = sample(bank, "squares", "--variant", "adds")
    assert other.exit_code == 2
    assert "no sample 'squares@adds'; did you mean 'squares@adds_twice'?" in other.stderr


def test_a_name_of_two_samples_asks_for_the_folder(bank: Path) -> None:
    (bank / "double" / "submissions" / "accepted" / "adds.py").write_text(SAMPLES["accepted/adds_twice.py"])
    both = sample(bank, "adds")
    assert both.exit_code == 2
    assert "'adds' is: accepted/adds, wrong_answer/adds; give the folder too" in both.stderr
    assert sample(bank, "accepted/adds").exit_code == 0


def test_an_edit_that_does_not_apply_says_where_it_stands(bank: Path) -> None:
    path = bank / "double" / FILE
    path.write_text(MISTAKE.replace('"x * scale"', '"x * skale"'))
    broken = sample(bank, "squares")
    assert broken.exit_code == 3
    assert f"torch-judge: {path}:1: squares: `x * skale` does not occur in solution.py" in broken.stderr
