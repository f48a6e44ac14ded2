"""What a model is asked: the statement and the starter of a problem, and nothing of its suite or solution."""

from __future__ import annotations

from typing import Any

from torch_judge.model.problem import Problem

from .engine import make_bank_version


def make_prompt(problem: Problem) -> dict[str, Any]:
    """Make one line of a file of prompts."""
    statement, starter = problem.read_statement().strip(), problem.read_starter().strip()
    ask = (
        f"{statement}\n\nWrite `{problem.entry_point}` in Python. Start from:\n\n```python\n{starter}\n```\n"
    )
    return {
        "task_id": problem.slug,
        "prompt": ask,
        "entry_point": problem.entry_point,
        "framework": problem.framework.value,
        "rule": problem.rule,
        "limits": {
            "seconds_per_case": problem.limits.seconds_per_case,
            "seconds_in_all": problem.limits.seconds_in_all,
            "memory_mib": problem.limits.memory_mib,
        },
        "title": problem.title,
        "topic": problem.topic.value if problem.topic else None,
        "difficulty": problem.difficulty.value,
        "bank_version": make_bank_version(problem),
    }
