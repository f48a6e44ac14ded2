"""inspect_ai: a task of our problems, and a scorer that says what the judge says; no model is asked."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT
from tests.support.packages import SAMPLES, SOLUTION, write_package

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("inspect_ai") is None, reason="inspect_ai is not installed"
)
SCRIPT = """
import json, sys
from inspect_ai import eval
from inspect_ai.model import ModelOutput
from inspect_ai.solver import solver
from torch_judge.inspect import torch_judge

bank, logs, answers = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])

@solver
def write():
    async def solve(state, generate):
        assert "raise NotImplementedError" in state.input_text
        state.output = ModelOutput.from_content("none", answers[state.epoch - 1])
        return state
    return solve

task = torch_judge(problems="double", seed=3, bank=bank)
(log,) = eval(task, solver=write(), model=None, epochs=len(answers), log_dir=logs, display="none")
print("FOUND" + json.dumps({
    "status": log.status,
    "scores": {sample.epoch: [sample.scores["judged"].value, sample.scores["judged"].metadata]
               for sample in log.samples},
    "accuracy": log.results.scores[0].metrics["accuracy"].value,
}))
"""


def evaluate(tmp_path: Path, *answers: str) -> dict[str, Any]:
    """Run a task in a process of its own, which imports much."""
    write_package(tmp_path / "bank")
    arguments = [str(tmp_path / "bank"), str(tmp_path / "logs"), json.dumps(answers)]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.partition("FOUND")[2])
    return found


def test_a_task_is_scored_as_the_judge_judges(tmp_path: Path) -> None:
    wrong = SAMPLES["wrong_answer/ignores_scale.py"]
    found = evaluate(tmp_path, f"Here:\n```python\n{SOLUTION}```\n", wrong, "I do not know.")
    assert found["status"] == "success"
    assert {epoch: value for epoch, (value, _) in found["scores"].items()} == {"1": "C", "2": "I", "3": "I"}
    assert found["accuracy"] == pytest.approx(1 / 3)
    assert found["scores"]["2"][1]["diagnosis"] == ["ignores_scale"]
    assert found["scores"]["1"][1]["isolation"]


def test_the_task_is_found_by_its_entry_point() -> None:
    script = "from importlib.metadata import entry_points; print(entry_points(group='inspect_ai'))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    if "torch_judge" not in done.stdout:
        pytest.skip("this installation is older than the entry point")
    assert "torch_judge.inspect" in done.stdout
