"""The author's commands: what they print, what they write, and their exit statuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.support.packages import SOLUTION, write_package


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    write_package(tmp_path / "bank")
    return tmp_path / "bank"


def torch_judge(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as an author does."""
    command = [sys.executable, "-m", "torch_judge", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_verify_says_what_it_proved_and_exits_by_it(bank: Path) -> None:
    sound = torch_judge("verify", "--quick", "--bank", bank)
    assert sound.returncode == 0, sound.stdout
    assert (
        "double: sound. 3 cases, 8 samples, 4 gotchas (1 subsuming), 3 seeds, 7 bent answers, 0 mutants"
        in sound.stdout
    )
    assert sound.stdout.splitlines()[-1].startswith("1 problems, 1 sound")
    (bank / "double" / "submissions" / "wrong_answer" / "right.py").write_text(
        f'"""Right."""\n\n\n{SOLUTION}'
    )
    unsound = torch_judge("verify", "--seeds", "1", "--format", "json", "--bank", bank)
    assert unsound.returncode == 1
    (line,) = unsound.stdout.splitlines()
    facts = json.loads(line)
    assert facts["sound"] is False and facts["seeds"] == 1
    assert facts["counts"]["mutants"] == facts["counts"]["killed"] == 13


def test_verify_shows_conditional_faults_if_it_is_asked_to(bank: Path) -> None:
    plain = torch_judge("verify", "--quick", "--bank", bank).stdout
    assert "changes(x)" not in plain and "conditional faults" not in plain
    shown = torch_judge("verify", "--quick", "--faults", "--bank", bank)
    assert shown.returncode == 0
    assert any(line.split()[:2] == ["float32", "3"] for line in shown.stdout.splitlines())
    assert "changes(x): x is changed in place" in shown.stdout
    (bank / "double" / "faults.toml").write_text("[[allowed]\n")
    broken = torch_judge("verify", "--quick", "--bank", bank)
    assert broken.returncode == 3 and "faults.toml: " in broken.stderr and "Traceback" not in broken.stderr


def test_verify_looks_at_the_templates_beside_the_bank(bank: Path) -> None:
    (bank.parent / "templates").mkdir()
    stale = torch_judge("verify", "--quick", "--bank", bank)
    assert stale.returncode == 1
    assert "01_double.ipynb: stale; write it anew with torch-judge template double" in stale.stdout
    torch_judge("template", "--into", bank.parent / "templates", "--bank", bank)
    assert torch_judge("verify", "--quick", "--bank", bank).returncode == 0


def test_a_judge_error_while_verifying_has_its_own_exit_status(bank: Path) -> None:
    cases = bank / "double" / "cases.py"
    broken = (
        "def fails(expected, found):\n"
        "    assert found['output'][0, 0] != found['output'][0, 0] + 1, None.x\n\n\n"
    )
    text = cases.read_text().replace(
        '@case(rejects=["ignores_scale"])', broken + '@case(rejects=["ignores_scale"], checker=fails)'
    )
    cases.write_text(text)
    assert torch_judge("verify", "--quick", "--bank", bank).returncode == 3


def test_new_lays_out_a_package_and_says_what_comes_next(bank: Path) -> None:
    done = torch_judge("new", "silu", "--topic", "activations", "--bank", bank)
    assert (done.returncode, done.stderr) == (0, "")
    folder = bank / "activations" / "silu"
    lines = done.stdout.splitlines()
    assert lines[0] == f"{folder}: laid out, number 2, entry point silu"
    assert f"  torch-judge verify --quick silu --bank {bank}" in lines
    assert f"  torch-judge template silu --bank {bank}" in lines
    verified = torch_judge("verify", "--quick", "silu", "--bank", bank)
    assert verified.returncode == 1
    assert f"✗ {folder / 'statement.md'}:3: TODO: say in two or three sentences" in verified.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("Silu", "--topic", "activations"), "'Silu': a problem's name is made of small letters"),
        (("double", "--topic", "activations"), "there is a problem of this name already"),
        (("silu", "--topic", "nowhere"), "'nowhere' is not one of"),
        (("silu",), "Missing option '--topic'"),
        (("silu", "--topic", "activations", "--like", "doubel"), "did you mean 'double'?"),
    ],
)
def test_new_refuses_in_a_sentence_and_writes_nothing(
    bank: Path, arguments: tuple[str, ...], says: str
) -> None:
    done = torch_judge("new", *arguments, "--bank", bank)
    assert done.returncode == 2
    assert says in done.stderr
    assert [path.name for path in bank.iterdir()] == ["double"]


def test_new_refuses_a_bank_that_is_not_there(tmp_path: Path) -> None:
    done = torch_judge("new", "silu", "--topic", "activations", "--bank", tmp_path / "nowhere")
    assert done.returncode == 2
    assert "no such bank folder" in done.stderr


def test_verify_leaves_out_what_is_unchanged_since_a_clean_run(bank: Path) -> None:
    arguments = ("verify", "--quick", "--changed", "--bank", bank)
    first = torch_judge(*arguments)
    assert (first.returncode, "double: sound." in first.stdout) == (0, True)
    second = torch_judge(*arguments)
    assert (second.returncode, second.stdout) == (0, "")
    assert second.stderr == "double: unchanged since a clean run\n"
    plain = torch_judge("verify", "--quick", "--bank", bank)
    assert "double: sound." in plain.stdout
    hints = bank / "double" / "hints.md"
    hints.write_text("")
    hints.unlink()
    for _ in range(2):  # what was not clean is never remembered
        third = torch_judge(*arguments)
        assert third.returncode == 1
        assert "hints.md: the file is missing" in third.stdout


def test_a_clean_run_of_verify_is_remembered_without_being_asked(bank: Path) -> None:
    assert torch_judge("verify", "--quick", "--bank", bank).returncode == 0
    done = torch_judge("verify", "--quick", "--changed", "--format", "json", "--bank", bank)
    assert (done.returncode, done.stdout) == (0, "")
    thorough = torch_judge("verify", "--changed", "--seeds", "4", "--format", "json", "--bank", bank)
    assert json.loads(thorough.stdout)["seeds"] == 4
