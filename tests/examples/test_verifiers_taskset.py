"""The example of verifiers loads our problems, and rewards as the judge judges; no model is asked."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys

import pytest

from tests.support import ROOT
from torch_judge.model.bank import find_bank

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("verifiers") is None, reason="verifiers is not installed"
)
SCRIPT = """
import asyncio, json, sys
from types import SimpleNamespace
import verifiers.v1 as vf
from tests.examples.verifiers_taskset import Problems

tasks = {task.data.task_id: task for task in Problems(vf.TasksetConfig())}
answers = json.load(sys.stdin)
task = tasks["rmsnorm"]

async def reward():
    return [await task.accepted(SimpleNamespace(last_reply=answer)) for answer in answers]

print("FOUND" + json.dumps([sorted(tasks), task.data.prompt, asyncio.run(reward())]))
"""


def test_problems_are_tasks_and_answers_are_rewarded() -> None:
    problem = find_bank(ROOT / "problems").load("rmsnorm")
    answers = [f"Here:\n```python\n{problem.read_solution()}\n```", "I do not know."]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        input=json.dumps(answers),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    names, prompt, rewards = json.loads(done.stdout.partition("FOUND")[2])
    assert names == sorted(find_bank(ROOT / "problems").names())
    assert problem.read_statement().strip() in prompt
    assert rewards == [1.0, 0.0]
