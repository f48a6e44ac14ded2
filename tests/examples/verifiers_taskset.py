"""Our problems as a taskset of verifiers; a package of your own may hold just this.

Name that package anything but `torch_judge`, such as `torch_judge_env`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import verifiers.v1 as vf

from torch_judge.grading.prompts import make_prompt
from torch_judge.model.bank import find_bank
from torch_judge.rewards import reward


class ProblemData(vf.TaskData):
    """A problem as it travels: no case and no solution."""

    task_id: str


class ProblemTask(vf.Task[ProblemData]):
    """A problem, whose answer is judged where the reward is asked for."""

    @property
    def key(self) -> str:
        """Its slug, which stays."""
        return self.data.task_id

    @vf.reward
    async def accepted(self, trace: vf.Trace) -> float:
        """Give 1.0 for an accepted answer and 0.0 for another; a failure of the judge is no reward at all."""
        (worth,) = await asyncio.to_thread(reward, [trace.last_reply], self.data.task_id)
        if worth is None:
            raise RuntimeError(f"{self.data.task_id}: the judge failed")
        return worth


class Problems(vf.Taskset[ProblemTask, vf.TasksetConfig]):
    """All problems of the bank."""

    def load(self) -> Iterator[ProblemTask]:
        """Make a task of each problem."""
        for problem in find_bank().problems():
            prompt = make_prompt(problem)
            data = ProblemData(task_id=problem.slug, name=problem.title, prompt=prompt["prompt"])
            yield ProblemTask(data, self.config.task)
