"""What a service counts since it started, as Prometheus reads it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from torch_judge.model.report import Report, Verdict

from .queue import State

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
BOUNDS: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 60.0)
"""The upper ends of the buckets, in seconds."""


class Measures:
    """Counters of checks, and how long these took; any thread may count."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._verdicts: Counter[Verdict] = Counter()
        self._buckets = [0] * (len(BOUNDS) + 1)
        self._seconds = 0.0
        self._again = self._refused = 0

    def count_check(self, report: Report) -> None:
        """Count a check whose report is kept."""
        seconds = report.elapsed_seconds
        place = next((n for n, bound in enumerate(BOUNDS) if seconds <= bound), len(BOUNDS))
        with self._lock:
            self._verdicts[report.verdict] += 1
            self._buckets[place] += 1
            self._seconds += seconds

    def count_again(self) -> None:
        """Count a submission that is judged once more because the judge failed."""
        with self._lock:
            self._again += 1

    def count_refused(self) -> None:
        """Count a report that was refused because its lease had run out."""
        with self._lock:
            self._refused += 1

    def write(self, queue: Mapping[State, int]) -> str:
        """Write everything in Prometheus' text format."""
        with self._lock:
            return "".join(f"{line}\n" for line in self._list_lines(queue))

    def _list_lines(self, queue: Mapping[State, int]) -> Iterator[str]:
        yield from _head("torch_judge_checks_total", "counter", "Checks with a report, by verdict.")
        for verdict in Verdict:
            yield f'torch_judge_checks_total{{verdict="{verdict.value}"}} {self._verdicts[verdict]}'
        yield from _head("torch_judge_check_seconds", "histogram", "How long a check took.")
        count = 0
        for bound, inside in zip((*BOUNDS, "+Inf"), self._buckets, strict=True):
            count += inside
            yield f'torch_judge_check_seconds_bucket{{le="{bound}"}} {count}'
        yield f"torch_judge_check_seconds_sum {self._seconds:.6f}"
        yield f"torch_judge_check_seconds_count {count}"
        yield from _head("torch_judge_queue", "gauge", "Submissions that wait or run.")
        for state, number in queue.items():
            yield f'torch_judge_queue{{state="{state.value}"}} {number}'
        yield from _head(
            "torch_judge_judge_errors_total", "counter", "Checks at which the judge itself failed."
        )
        yield f"torch_judge_judge_errors_total {self._verdicts[Verdict.JUDGE_ERROR] + self._again}"
        yield from _head("torch_judge_refused_total", "counter", "Reports whose lease had run out.")
        yield f"torch_judge_refused_total {self._refused}"


def _head(name: str, kind: str, says: str) -> Iterator[str]:
    yield f"# HELP {name} {says}"
    yield f"# TYPE {name} {kind}"
