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
    assert "double: sound. 3 cases, 8 samples, 4 gotchas, 3 seeds, 7 bent answers, 0 mutants" in sound.stdout
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


def test_verify_looks_at_the_templates_beside_the_bank(bank: Path) -> None:
    (bank.parent / "templates").mkdir()
    stale = torch_judge("verify", "--quick", "--bank", bank)
    assert stale.returncode == 1
    assert "01_double.ipynb: stale; write it anew with torch-judge template double" in stale.stdout
    torch_judge("template", "--into", bank.parent / "templates", "--bank", bank)
    assert torch_judge("verify", "--quick", "--bank", bank).returncode == 0


def test_a_judge_error_while_verifying_has_its_own_exit_status(bank: Path) -> None:
    cases = bank / "double" / "cases.py"
    broken = "def fails(expected, found):\n    assert found['output'][0, 0] != found['output'][0, 0] + 1, None.x\n\n\n"
    text = cases.read_text().replace(
        '@case(rejects=["ignores_scale"])', broken + '@case(rejects=["ignores_scale"], checker=fails)'
    )
    cases.write_text(text)
    assert torch_judge("verify", "--quick", "--bank", bank).returncode == 3
