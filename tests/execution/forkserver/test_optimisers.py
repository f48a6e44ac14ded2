"""The optimisers of `torch.optim`: made and stepped without the compiler, and to the same numbers."""

from __future__ import annotations

import json
import subprocess
import sys

SCRIPT = """
import json, sys, warnings
warnings.simplefilter("ignore")
import torch
from torch_judge.execution.forkserver.optimisers import ready_optimisers

def train(name):
    torch.manual_seed(0)
    p = torch.nn.Parameter(torch.randn(3, 2))
    optimiser = getattr(torch.optim, name)([p], lr=0.1)
    schedule = torch.optim.lr_scheduler.StepLR(optimiser, 1)
    for _ in range(3):
        optimiser.zero_grad()
        (p ** 2).sum().backward()
        optimiser.step(None if name != "LBFGS" else lambda: (p ** 2).sum())
        schedule.step()
    optimiser.load_state_dict(optimiser.state_dict())
    assert torch.is_grad_enabled()
    return p.tolist()

NAMES = ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "NAdam", "RAdam", "Rprop", "LBFGS")
if sys.argv[1] == "ready":
    ready_optimisers()
    before = set(sys.modules)
results = {name: train(name) for name in NAMES}
loaded = sorted(set(sys.modules) - before) if sys.argv[1] == "ready" else []
print(json.dumps([results, loaded, "torch._dynamo" in sys.modules]))
"""


def run(how: str) -> tuple[dict[str, list[list[float]]], list[str], bool]:
    done = subprocess.run([sys.executable, "-c", SCRIPT, how], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    results, loaded, compiler = json.loads(done.stdout)
    return results, loaded, compiler


def test_optimisers_that_are_ready_do_as_ever_and_load_nothing() -> None:
    plain, _, compiler = run("plain")
    assert compiler  # else there is nothing to make ready
    ready, loaded, compiler = run("ready")
    assert ready == plain
    assert (loaded, compiler) == ([], False)
