"""Small real problem packages for tests, and submissions to them."""

from __future__ import annotations

import re
from pathlib import Path

from torch_judge.model.problem import Problem
from torch_judge.model.report import Verdict
from torch_judge.model.sample import Sample

TOML = """\
title = "Double"
number = 1
difficulty = "easy"
entry_point = "double"
framework = "{framework}"
tags = ["arithmetic"]
forbidden = ["native_batch_norm", "batch_norm", "native_layer_norm"]
forbidden_rule = "Multiply by yourself."

[limits]
seconds_per_case = 1
seconds_in_all = 4
"""
STARTER = 'def double(x, scale=2.0):\n    """Multiply x by scale."""\n    raise NotImplementedError\n'
SOLUTION = "def double(x, scale=2.0):\n    return x * scale\n"
CASES = '''\
import torch

from torch_judge.authoring import case, gradients


def draw(rng):
    return torch.from_numpy(rng.normal(size=(3, 5))).float()


@case(rejects=["returns_x", "adds"])
def doubles_by_default(double, rng):
    """Without a scale, the result is twice x."""
    return {"output": double(draw(rng))}


@case(rejects=["ignores_scale"])
def uses_the_scale_it_is_given(double, rng):
    """The result is scale times x."""
    return {"output": double(draw(rng), scale=3.7)}


@case(rejects=["cuts_the_graph"])
def lets_gradients_flow(double, rng):
    """The gradient of x is scale times the upstream gradient."""
    x = draw(rng).requires_grad_()
    return gradients(double(x, scale=1.3), {"x": x}, draw(rng))
'''
SAMPLES = {
    "accepted/adds_twice.py": "def double(x, scale=2.0):\n    return x + (scale - 1) * x\n",
    "wrong_answer/returns_x.py": '"""Returns x."""\n\n\ndef double(x, scale=2.0):\n    return x + 0\n',
    "wrong_answer/adds.py": '"""Adds."""\n\n\ndef double(x, scale=2.0):\n    return x + scale\n',
    "wrong_answer/ignores_scale.py": (
        '"""Ignores scale."""\n\n\ndef double(x, scale=2.0):\n    return x * 2\n'
    ),
    "wrong_answer/cuts_the_graph.py": (
        '"""Cuts."""\n\n\ndef double(x, scale=2.0):\n'
        "    y = x * scale\n    return x * 2 + (y - x * 2).detach()\n"
    ),
    "rule_violation/uses_batch_norm.py": (
        "import torch\n\n\ndef double(x, scale=2.0):\n"
        "    torch.nn.functional.batch_norm(x, None, None, training=True)\n    return x * scale\n"
    ),
}
NUMPY_CASES = '''\
import numpy as np

from torch_judge.authoring import case


@case(rejects=["returns_x"])
def doubles_by_default(double, rng):
    """Without a scale, the result is twice x."""
    return {"output": double(rng.normal(size=(3, 5)))}
'''


def write_package(bank: Path, *, framework: str = "torch", **files: str) -> Path:
    """Write the package `double` into a bank; `files` replaces texts by a file's stem. Returns its folder."""
    texts = {
        "problem.toml": TOML.format(framework=framework),
        "statement.md": "# Double\n\nReturn `x * scale`.\n",
        "starter.py": STARTER,
        "solution.py": SOLUTION,
        "cases.py": CASES if framework == "torch" else NUMPY_CASES,
        "hints.md": "Multiply.\n",
        "debug.py": "print(double)\n",
        **{f"submissions/{name}": text for name, text in SAMPLES.items()},
    }
    texts |= {name: files[Path(name).stem] for name in texts if Path(name).stem in files}
    for name, text in texts.items():
        path = bank / "double" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return bank / "double"


def find_sample(problem: Problem, label: str) -> Sample:
    """Find a sample by the folder of its claim and its name, whether it is a file or an edit."""
    folder, _, name = label.partition("/")
    claim = next(verdict for verdict in Verdict if verdict.folder == folder)
    return next(sample for sample in problem.samples(claim) if sample.name == name)


def write_mistakes(folder: Path, *, base: str = "solution", **edits: tuple[str, str]) -> Path:
    """Write mistakes by name, each one edit of a base, that say their names. Returns the file."""
    path = folder / "submissions" / "mistakes.toml"
    path.write_text(
        "\n".join(
            f'[[mistake]]\nname = "{name}"\nsays = "It {name}."\nbase = "{base}"\n'
            f"edits = [{{ before = '''{before}''', after = '''{after}''' }}]\n"
            for name, (before, after) in edits.items()
        ),
        encoding="utf-8",
    )
    return path


def give_time(folder: Path, seconds: int = 60) -> None:
    """Let submissions to a package run for so long."""
    toml = folder / "problem.toml"
    toml.write_text(re.sub(r"(seconds_\w+) = \d+", rf"\1 = {seconds}", toml.read_text()))
