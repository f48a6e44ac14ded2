"""A soak: many attacks, drawn at random, through one server; memory and descriptors stay flat.

Run it with `python -m tests.tools.soak [COUNT] [SEED]`. It prints a line at intervals, and fails if
anything grows.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from dataclasses import dataclass

import psutil

from tests.attacks.harness import Sample, read_samples
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.judging.judge import judge
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Framework, Problem
from torch_judge.model.submission import from_path

COUNT = 2000
INTERVALS = 20
MEBIBYTE = 1 << 20
GROWTH_MIB = 24.0
"""How much either process may gain between the end of the first quarter, when all is warm, and the end."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the conductor and the warm server hold at one moment."""

    conductor_mib: float
    server_mib: float
    conductor_descriptors: int
    server_descriptors: int
    children: int

    def __str__(self) -> str:
        """Return a line of a table."""
        return (
            f"conductor {self.conductor_mib:7.1f} MiB {self.conductor_descriptors:3d} fds   "
            f"server {self.server_mib:7.1f} MiB {self.server_descriptors:3d} fds {self.children} children"
        )


def read(server: ForkServer) -> Reading:
    """Measure both processes."""
    ours, theirs = psutil.Process(), psutil.Process(server._programs[0]._process.pid)
    return Reading(
        conductor_mib=ours.memory_info().rss / MEBIBYTE,
        server_mib=theirs.memory_info().rss / MEBIBYTE,
        conductor_descriptors=ours.num_fds(),
        server_descriptors=theirs.num_fds(),
        children=len(theirs.children(recursive=True)),
    )


def soak(problem: Problem, *, count: int, seed: int) -> tuple[list[Reading], list[str]]:
    """Judge so many submissions and return the readings and what went wrong."""
    drawn = random.Random(seed)
    pool = [sample for sample in read_samples("hostile") + read_samples("honest") if not sample.burns_time]
    verdicts: Counter[str] = Counter()
    complaints: list[str] = []
    readings: list[Reading] = []
    started = time.monotonic()
    with ForkServer(Framework.TORCH) as server:
        for sample in read_samples("honest")[:3]:
            judge(problem, from_path(sample.path), server=server)
        readings.append(read(server))
        program = server._programs[0]
        _say(f"{len(pool)} submissions to draw from, seed {seed}\n{0:5d}  {readings[0]}")
        for number in range(1, count + 1):
            sample = drawn.choice(pool)
            verdict = judge(problem, from_path(sample.path), server=server).verdict.value
            verdicts[verdict] += 1
            if verdict not in sample.expected:
                complaints.append(_complaint(sample, verdict, number))
            if number % max(1, count // INTERVALS) == 0:
                readings.append(read(server))
                _say(f"{number:5d}  {readings[-1]}   {time.monotonic() - started:6.0f} s")
        if server._programs[0] is not program:
            complaints.append("the warm server had to be started again")
    _say(", ".join(f"{count} {verdict}" for verdict, count in verdicts.most_common()))
    return readings, complaints


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _complaint(sample: Sample, verdict: str, number: int) -> str:
    return f"submission {number}, {sample.name}: {verdict}, expected {', '.join(sorted(sample.expected))}"


def growth(readings: list[Reading]) -> list[str]:
    """Say what grew after the first quarter."""
    warm, end = readings[max(1, len(readings) // 4)], readings[-1]
    grown = []
    for name in ("conductor_mib", "server_mib"):
        gained = getattr(end, name) - getattr(warm, name)
        if gained > GROWTH_MIB:
            grown.append(f"{name} grew by {gained:.1f} MiB, allowed are {GROWTH_MIB:g}")
    counts = [
        (name, getattr(readings[0], name), getattr(end, name))
        for name in ("conductor_descriptors", "server_descriptors", "children")
    ]
    return grown + [
        f"{name} grew from {before} to {after}" for name, before, after in counts if after > before
    ]


def main(arguments: list[str]) -> int:
    """Run the soak and return the exit status."""
    count = int(arguments[0]) if arguments else COUNT
    seed = int(arguments[1]) if len(arguments) > 1 else random.SystemRandom().randrange(1 << 32)
    readings, complaints = soak(find_bank().load("batchnorm"), count=count, seed=seed)
    complaints += growth(readings)
    _say("\n".join(complaints) or "flat")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
