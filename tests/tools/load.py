"""Put a class's load on `torch-judge serve` over loopback: learners who submit, wait, and submit again.

    python -m tests.tools.load                       50 learners, 2 minutes, SQLite, on this machine's cores
    python -m tests.tools.load --learners 10 --seconds 20 --database postgresql://...

It fails if an answer is an error, if a verdict is not what the sample claims, or if the queue does not drain.
What it prints is JSON: how many checks, how many in a second, and how long they took from submitting to the
report, and to the first case.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.services import run_server
from torch_judge.model.bank import find_bank
from torch_judge.model.files import find_own_bank
from torch_judge.model.report import CaseResult, Verdict
from torch_judge.model.submission import Submission, from_source
from torch_judge.service.client import Remote
from torch_judge.service.credentials import parse_url
from torch_judge.service.store import open_store

PROBLEMS = ("batchnorm", "layernorm", "softmax", "batchnorm_numpy")
SECONDS_TO_THINK = 1.0
SECONDS_TO_DRAIN = 300.0


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample of the bank and whether it is right."""

    problem: str
    submission: Submission
    is_right: bool


@dataclass(slots=True)
class Tally:
    """What all learners saw."""

    seconds: list[float] = field(default_factory=list)
    seconds_to_first_case: list[float] = field(default_factory=list)
    verdicts: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def list_samples(problems: Sequence[str]) -> list[Sample]:
    """List right and wrong samples of some problems."""
    bank, samples = find_bank(find_own_bank()), []
    for name in problems:
        problem = bank.load(name)
        for verdict in (Verdict.ACCEPTED, Verdict.WRONG_ANSWER):
            for sample in problem.samples(verdict)[:4]:
                is_right = verdict is Verdict.ACCEPTED
                samples.append(Sample(name, from_source(sample.read_text()), is_right))
    return samples


def learn(remote: Remote, samples: Sequence[Sample], until: float, number: int, tally: Tally) -> None:
    """Submit one sample after another until the time is over, and note what came of each."""
    turn = number
    time.sleep(SECONDS_TO_THINK * (number % 10) / 10)
    while time.monotonic() < until:
        sample = samples[turn % len(samples)]
        turn += 7
        began = time.monotonic()
        first: list[float] = []

        def note(_case: CaseResult, began: float = began, first: list[float] = first) -> None:
            first.append(time.monotonic() - began)

        try:
            report = remote.judge(sample.problem, sample.submission, on_case=note)
        except Exception as error:  # whatever it is, it is what this is there to find
            with tally.lock:
                tally.errors.append(f"{type(error).__name__}: {error}")
            continue
        with tally.lock:
            tally.seconds.append(time.monotonic() - began)
            tally.seconds_to_first_case += first[:1]
            tally.verdicts[report.verdict.value] += 1
            if report.passed != sample.is_right:
                tally.errors.append(f"{sample.problem}: {report.verdict}: {report.message}")
        time.sleep(SECONDS_TO_THINK)


def put_load(
    place: str, *, learners: int, seconds: float, problems: Sequence[str] = PROBLEMS
) -> dict[str, object]:
    """Serve, have so many learners submit for so long, and say what came of it."""
    samples, tally = list_samples(problems), Tally()
    options = ("--database" if "://" in place else "--data", place, "--per-minute", 100_000)
    with open_store(place) as store:
        tokens = [store.accounts.add(f"load{number}") for number in range(learners)]
        with run_server(find_own_bank(), *options) as server:
            url = parse_url(server.address, allow_http=False)
            began = time.monotonic()
            threads = [
                threading.Thread(
                    target=learn, args=(Remote(url, token), samples, began + seconds, number, tally)
                )
                for number, token in enumerate(tokens)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(seconds + SECONDS_TO_DRAIN)
            took = time.monotonic() - began
            left = sum(store.queue.count().values()) + sum(thread.is_alive() for thread in threads)
    return {
        "learners": learners,
        "cores": os.cpu_count(),
        "seconds": round(took, 1),
        "checks": len(tally.seconds),
        "per_second": round(len(tally.seconds) / took, 2),
        "verdicts": dict(tally.verdicts),
        "to_the_report": describe(tally.seconds),
        "to_the_first_case": describe(tally.seconds_to_first_case),
        "errors": tally.errors,
        "left": left,
    }


def describe(seconds: Sequence[float]) -> dict[str, float]:
    """Give the median, the 95th of a hundred, and the largest."""
    if len(seconds) < 2:
        return {}
    parts = statistics.quantiles(seconds, n=20)
    return {"median": round(parts[9], 2), "p95": round(parts[18], 2), "most": round(max(seconds), 2)}


def main() -> int:
    """Put the load that the options say; 1 where something is not as it should be."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--learners", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--database", help="a PostgreSQL's URL in SQLite's place")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = options.database or str(Path(folder) / "data")
        found = put_load(place, learners=options.learners, seconds=options.seconds)
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    return 1 if found["errors"] or found["left"] or not found["checks"] else 0


if __name__ == "__main__":
    sys.exit(main())
