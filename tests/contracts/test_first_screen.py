"""The first screen: what a real check of a single mistake shows in a window of 80 x 24, for each problem."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from rich.console import Console

from tests.support import ROOT
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.judging.judge import judge
from torch_judge.model.bank import find_bank
from torch_judge.model.naming import spell
from torch_judge.model.problem import Framework, Problem
from torch_judge.model.report import Report, Verdict
from torch_judge.model.submission import from_source
from torch_judge.ui.terminal import Screenful

BANK = find_bank(ROOT / "problems")
WIDTH, HEIGHT = 80, 24
SECONDS_TO_DIAGNOSE = 30.0
MOST_TRIES = 6
"""Not every mistake shows on small inputs: so many are tried until one does."""


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[Framework, ForkServer]]:
    with ForkServer(Framework.TORCH) as torch, ForkServer(Framework.NUMPY) as numpy:
        yield {Framework.TORCH: torch, Framework.NUMPY: numpy}


def judge_a_mistake(problem: Problem, server: ForkServer) -> Report:
    """Judge one mistake of a package, with a name, and an example where there is one to be found."""
    samples = [sample for sample in problem.samples(Verdict.WRONG_ANSWER) if not sample.is_variant]
    reports = []
    for sample in samples[:MOST_TRIES]:
        submission = from_source(sample.read_text(), name="answer.py")
        report = judge(problem, submission, server=server, seed=7, seconds_to_diagnose=SECONDS_TO_DIAGNOSE)
        reports.append(report)
        if report.diagnosis and report.counterexample:
            break
    return max(reports, key=lambda report: (bool(report.diagnosis), bool(report.counterexample)))


def show(report: Report) -> list[str]:
    console = Console(width=WIDTH, height=HEIGHT, color_system=None, highlight=False, force_jupyter=False)
    with console.capture() as capture:
        console.print(Screenful(report))
    return capture.get().splitlines()


@pytest.mark.parametrize("name", BANK.names())
def test_a_window_holds_verdict_mistake_and_smallest_input_with_a_line_for_the_prompt(
    name: str, servers: dict[Framework, ForkServer]
) -> None:
    problem = BANK.load(name)
    report = judge_a_mistake(problem, servers[problem.framework])
    assert report.diagnosis is not None and report.counterexample is not None
    lines = show(report)
    text = " ".join(" ".join(lines).split())
    assert len(lines) < HEIGHT and max(map(len, lines)) <= WIDTH
    assert lines[-1].startswith(f"{name}: wrong answer, ")
    assert f"{spell(report.diagnosis.gotcha)} {' '.join(report.diagnosis.says.split())}" in text
    assert "Smallest failing input" in text and "yours" in text and "expected" in text
    wrong = [row for row in report.counterexample.differs if row in dict(report.counterexample.expected)]
    assert not wrong or f"✗ {wrong[0]}" in text
