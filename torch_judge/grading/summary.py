"""What a run comes to: pass@k for each problem, each topic and all, the verdicts and the mistakes."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from torch_judge.model.problem import Problem
from torch_judge.model.report import Verdict

from .records import Record

ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class Line:
    """What the answers to some problems come to. `pass_at` has None where a problem has too few answers.

    A failure of the judge counts in `judge_errors` and nowhere else: it says nothing of an answer.
    """

    name: str
    problems: int
    judged: int
    passed: int
    judge_errors: int
    pass_at: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run comes to."""

    total: Line
    topics: tuple[Line, ...]
    problems: tuple[Line, ...]
    verdicts: Mapping[str, int]
    mistakes: Mapping[str, Mapping[str, int]]
    """How many answers to a problem have a mistake, the commonest first."""
    refused: int
    run_seed: int
    judge_version: str

    def to_json(self) -> str:
        """Write it for a program."""
        return json.dumps({"schema": 1, **asdict(self)}, allow_nan=False, indent=2)


def summarise(
    records: Iterable[Record],
    problems: Mapping[str, Problem],
    *,
    ks: Sequence[int],
    refused: int,
    run_seed: int,
    judge_version: str,
) -> Summary:
    """Sum up records."""
    by_task: dict[str, list[Record]] = {}
    for record in records:
        by_task.setdefault(record.task_id, []).append(record)
    by_topic: dict[str, list[str]] = {}
    for task in sorted(by_task, key=lambda task: problems[task].number):
        topic = problems[task].topic
        by_topic.setdefault(topic.words if topic else "without a topic", []).append(task)
    every = [record for task in by_task.values() for record in task]
    counts = Counter(record.verdict for record in every)
    return Summary(
        total=_sum_up(ALL, by_task, ks),
        topics=tuple(
            _sum_up(topic, {task: by_task[task] for task in tasks}, ks) for topic, tasks in by_topic.items()
        ),
        problems=tuple(
            _sum_up(task, {task: by_task[task]}, ks) for tasks in by_topic.values() for task in tasks
        ),
        verdicts={verdict.value: counts[verdict.value] for verdict in Verdict if counts[verdict.value]},
        mistakes={task: mistakes for task in by_task if (mistakes := _count_mistakes(by_task[task]))},
        refused=refused,
        run_seed=run_seed,
        judge_version=judge_version,
    )


def estimate_pass_at(k: int, *, passed: int, judged: int) -> float:
    """Estimate without bias how likely one of k answers is right: 1 - C(n - c, k) / C(n, k)."""
    if not 1 <= k <= judged:
        raise ValueError(f"pass@{k} needs {k} answers, and there are {judged}")
    return 1.0 - math.comb(judged - passed, k) / math.comb(judged, k)


def _sum_up(name: str, by_task: Mapping[str, Sequence[Record]], ks: Sequence[int]) -> Line:
    counts = {
        task: (
            sum(record.passed is True for record in records),
            sum(record.passed is not None for record in records),
        )
        for task, records in by_task.items()
    }
    return Line(
        name=name,
        problems=len(counts),
        judged=sum(judged for _, judged in counts.values()),
        passed=sum(passed for passed, _ in counts.values()),
        judge_errors=sum(record.passed is None for records in by_task.values() for record in records),
        pass_at={str(k): _average(k, list(counts.values())) for k in ks},
    )


def _average(k: int, counts: Sequence[tuple[int, int]]) -> float | None:
    """Average over problems; None where one has fewer than k answers, for the rest is another benchmark."""
    if not counts or any(judged < k for _, judged in counts):
        return None
    estimates = [estimate_pass_at(k, passed=passed, judged=judged) for passed, judged in counts]
    return sum(estimates) / len(estimates)


def _count_mistakes(records: Sequence[Record]) -> dict[str, int]:
    return dict(Counter(name for record in records for name in record.diagnosis).most_common())
