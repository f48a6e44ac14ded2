"""What a diagnosis adds to a warm failing check: `python -m tests.benchmarks.diagnosis [ROUNDS]`.

Checks with and without it take turns, so that whatever else the machine does falls on both alike.
"""

from __future__ import annotations

import statistics
import sys
import time

from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.judging.diagnosis import SECONDS
from torch_judge.judging.judge import judge
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Problem
from torch_judge.model.report import Verdict
from torch_judge.model.sample import Sample
from torch_judge.model.submission import Submission

COMBINED = {
    "none fits": ("return gamma *", "return 1.0001 * gamma *"),
    "two together": ("running_var.copy_(", "running_var.add_("),
}


def seconds(
    problem: Problem, submission: Submission, server: ForkServer, seed: int, *, diagnosing: float
) -> float:
    """Return how long one check takes."""
    started = time.perf_counter()
    judge(problem, submission, server=server, seed=seed, seconds_to_diagnose=diagnosing, counterexample=False)
    return time.perf_counter() - started


def measure(problem: Problem, sample: Sample, server: ForkServer, rounds: int) -> tuple[float, float, str]:
    """Return the median seconds without and with a diagnosis, and what it was."""
    submission = sample.read_submission()
    report = judge(problem, submission, server=server, seed=0, counterexample=False)
    without, with_ = [], []
    for seed in range(rounds):
        without.append(seconds(problem, submission, server, seed, diagnosing=0.0))
        with_.append(seconds(problem, submission, server, seed, diagnosing=SECONDS))
    named = (
        report.diagnosis.gotcha
        if report.diagnosis
        else " + ".join(mistake.gotcha for mistake in report.explanations)
    )
    return statistics.median(without), statistics.median(with_), named


def main(rounds: int = 15) -> None:
    """Print the ratio for several gotchas of batchnorm."""
    problem = find_bank().load("batchnorm")
    samples = problem.samples(Verdict.WRONG_ANSWER)[::9]
    ratios = []
    with ForkServer(problem.framework) as server:
        for sample in samples:
            without, with_, named = measure(problem, sample, server, rounds)
            ratios.append(with_ / without)
            row = (
                f"{sample.name:45} {without * 1e3:6.1f} ms  {with_ * 1e3:6.1f} ms  {ratios[-1]:5.2f}  {named}"
            )
            print(row)  # noqa: T201
    print(f"median ratio {statistics.median(ratios):.2f}, largest {max(ratios):.2f}")  # noqa: T201


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
