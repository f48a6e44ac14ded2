"""Rewards for training: 1.0 for an accepted answer, 0.0 for another, None where the judge failed.

from torch_judge.rewards import reward                     # as TRL's GRPOTrainer calls it
from torch_judge.rewards import Judge

with Judge(jobs=8, partial=True) as judge:
judge(completions, task_id)
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from torch_judge.grading.answers import Answer
from torch_judge.grading.codes import find_code
from torch_judge.grading.engine import Run, draw_run_seed, judge_codes
from torch_judge.judging.pool import JudgePool
from torch_judge.model.bank import find_bank
from torch_judge.model.errors import UsageError
from torch_judge.model.isolation import required_layers

Completion = str | Sequence[Mapping[str, Any]]
"""A text, or the messages of a chat, the last of which counts."""

__all__ = ["Completion", "Judge", "reward"]


class Judge:
    """Judges that stay warm from one batch to the next; a context manager, and a reward function.

    `partial` gives the share of cases that passed. That is a gentler slope to climb, and it invites answers
    that pass the easy cases and no more: whoever trains with it should look at what is accepted in the end.
    `seed` draws the same inputs each time; left out, each batch draws others, and none is learnt by heart.
    Nothing is run where less holds than `require_isolation` says ("sandbox", say), by default what
    $TORCH_JUDGE_REQUIRE_ISOLATION says.
    """

    __name__ = "torch_judge"  # what trainers call a reward function in their logs

    def __init__(
        self,
        *,
        jobs: int | None = None,
        partial: bool = False,
        seed: int | None = None,
        bank: str | Path | None = None,
        require_isolation: str | None = None,
    ) -> None:
        required = None if require_isolation is None else required_layers(require_isolation)
        self._pool = JudgePool(jobs or os.cpu_count() or 1, required=required)
        self._partial, self._seed, self._bank = partial, seed, find_bank(bank)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __call__(
        self, completions: Sequence[Completion], task_id: str | Sequence[str], **_columns: Any
    ) -> list[float | None]:
        """Judge completions, each for its task or all for one, and return a reward for each, in their order.

        Raises UsageError where a task is no problem, and JudgeError where less isolation holds than is
        required: a reward of nothing would be learnt from.
        """
        tasks = [task_id] * len(completions) if isinstance(task_id, str) else list(task_id)
        if len(tasks) != len(completions):
            raise UsageError(f"there are {len(completions)} completions and {len(tasks)} tasks")
        run = Run(seed=draw_run_seed() if self._seed is None else self._seed, diagnose=False)
        rewards: list[float | None] = [0.0] * len(completions)
        for task in sorted(set(tasks)):
            problem = self._bank.load(task)
            codes = [
                find_code(Answer(task, str(number), read_text(completion), "", is_body=True), problem)
                for number, (completion, of) in enumerate(zip(completions, tasks, strict=True))
                if of == task
            ]
            for record in judge_codes(problem, codes, run=run, pool=self._pool):
                worth = record.score if self._partial else record.passed
                rewards[int(record.sample_id)] = None if worth is None else float(worth)
        return rewards

    def close(self) -> None:
        """End what was started."""
        self._pool.close()


def reward(
    completions: Sequence[Completion], task_id: str | Sequence[str], **columns: Any
) -> list[float | None]:
    """Judge completions with judges that stay for as long as this process does; see `Judge`."""
    return _standing_judge()(completions, task_id, **columns)


def read_text(completion: Completion) -> str:
    """Return what was written: a text, or what the last message says."""
    if isinstance(completion, str):
        return completion
    content = completion[-1].get("content") if completion else ""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, Sequence) else ()
    return "".join(str(part.get("text", "")) for part in parts if isinstance(part, Mapping))


@cache
def _standing_judge() -> Judge:
    judge = Judge()
    atexit.register(judge.close)
    return judge
