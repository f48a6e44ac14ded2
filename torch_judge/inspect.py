"""Our problems as a task of inspect_ai, and a scorer that judges: `inspect eval torch_judge/torch_judge`.

An extra: pip install "torch-judge[inspect]>=2.0". As in Python,

    from inspect_ai import eval
    from torch_judge.inspect import torch_judge

    eval(torch_judge(problems=["batchnorm"]), model=..., epochs=10)
"""

from __future__ import annotations

import asyncio
import atexit
from collections.abc import Sequence
from functools import cache

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.scorer import CORRECT, INCORRECT, Score, Scorer, Target, accuracy, scorer, stderr
from inspect_ai.solver import TaskState, generate

from torch_judge.grading.answers import Answer
from torch_judge.grading.codes import find_code
from torch_judge.grading.engine import Run, draw_run_seed, judge_codes
from torch_judge.grading.prompts import make_prompt
from torch_judge.grading.records import Record
from torch_judge.judging.pool import JudgePool
from torch_judge.model.bank import find_bank

__all__ = ["judged", "torch_judge"]


@task
def torch_judge(problems: str | Sequence[str] = (), seed: int | None = None, bank: str | None = None) -> Task:
    """Ask for problems, by name or number with commas between, or for all; each sample is one problem."""
    names = problems.split(",") if isinstance(problems, str) else problems
    found = find_bank(bank)
    chosen = [found.load(str(name).strip()) for name in names] or found.problems()
    prompts = [make_prompt(problem) for problem in chosen]
    samples = [
        Sample(
            id=prompt["task_id"],
            input=prompt["prompt"],
            target="accepted",
            metadata={key: value for key, value in prompt.items() if key != "prompt"},
        )
        for prompt in prompts
    ]
    return Task(
        dataset=MemoryDataset(samples, name="torch_judge"),
        solver=generate(),
        scorer=judged(seed=seed, bank=bank),
    )


@scorer(metrics=[accuracy(), stderr()])
def judged(seed: int | None = None, bank: str | None = None) -> Scorer:
    """Judge the answer to the problem that `task_id` of a sample's metadata names, or else its id.

    A failure of the judge is an error of the sample, and never a wrong answer.
    """
    run = Run(seed=draw_run_seed() if seed is None else seed)
    # one at a time, for a pool does one stream; the judge itself uses two cores
    turn = asyncio.Lock()

    async def score(state: TaskState, target: Target) -> Score:  # noqa: ARG001 - the form that is called
        task_id = str(state.metadata.get("task_id", state.sample_id))
        answer = Answer(task_id, str(state.epoch), state.output.completion, "", is_body=True)
        async with turn:
            record = await asyncio.to_thread(_judge, answer, run, bank)
        if record.passed is None:
            raise RuntimeError(f"the judge failed: {record.message}")
        return Score(
            value=CORRECT if record.passed else INCORRECT,
            answer=answer.text,
            explanation=_explain(record),
            metadata={
                "verdict": record.verdict,
                "score": record.score,
                "cases": dict(record.cases),
                "diagnosis": list(record.diagnosis),
                "seed": record.seed,
                "bank_version": record.bank_version,
                "judge_version": record.judge_version,
                "isolation": list(record.isolation),
                "isolation_missing": list(record.isolation_missing),
            },
        )

    return score


def _judge(answer: Answer, run: Run, bank: str | None) -> Record:
    problem = find_bank(bank).load(answer.task_id)
    (record,) = judge_codes(problem, [find_code(answer, problem)], run=run, pool=_standing_pool())
    return record


def _explain(record: Record) -> str:
    failed = [name for name, verdict in record.cases.items() if verdict != "accepted"]
    said = (record.verdict, record.message, ", ".join(record.diagnosis), ", ".join(failed))
    return "; ".join(filter(None, said))


@cache
def _standing_pool() -> JudgePool:
    pool = JudgePool(1)
    atexit.register(pool.close)
    return pool
