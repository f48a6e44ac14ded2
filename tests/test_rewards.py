"""Rewards: what a trainer gets for texts and chats, by task, in their order."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.packages import SAMPLES, SOLUTION, write_package
from torch_judge.model.errors import UsageError
from torch_judge.rewards import Judge, read_text

WRONG = SAMPLES["wrong_answer/ignores_scale.py"]


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    write_package(tmp_path / "bank")
    return tmp_path / "bank"


def test_an_accepted_answer_is_worth_one_and_another_nothing(bank: Path) -> None:
    chat = [{"role": "user", "content": "?"}, {"role": "assistant", "content": f"```python\n{SOLUTION}```"}]
    with Judge(bank=bank, jobs=2) as judge:
        given = [WRONG, SOLUTION, chat, "I do not know.", ""]
        assert judge(given, "double") == [0.0, 1.0, 1.0, 0.0, 0.0]
        # as a trainer calls it: with a task for each, and columns that nobody asked for
        assert judge(completions=given[:2], task_id=["double"] * 2, prompts=["a", "b"]) == [0.0, 1.0]


def test_a_share_of_the_cases_is_worth_a_share_where_that_is_asked_for(bank: Path) -> None:
    with Judge(bank=bank, partial=True, seed=3) as judge:
        assert judge([WRONG, SOLUTION, "x ="], "double") == [pytest.approx(1 / 3), 1.0, 0.0]


def test_a_failure_of_the_judge_is_worth_nothing_that_could_be_learnt_from(bank: Path) -> None:
    (bank / "double" / "solution.py").write_text("raise OSError\n")
    with Judge(bank=bank) as judge:
        assert judge([SOLUTION], "double") == [None]


def test_an_unknown_task_and_a_wrong_number_of_tasks_are_said(bank: Path) -> None:
    with Judge(bank=bank) as judge:
        with pytest.raises(UsageError, match="no problem 'doubel'"):
            judge([SOLUTION], "doubel")
        with pytest.raises(UsageError, match="1 completions and 2 tasks"):
            judge([SOLUTION], ["double", "double"])


@pytest.mark.parametrize(
    ("completion", "text"),
    [
        ("a", "a"),
        ([{"content": "a"}, {"content": "b"}], "b"),
        ([{"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}], "ab"),
        ([{"content": None}], ""),
        ([], ""),
    ],
)
def test_what_a_completion_says(completion: object, text: str) -> None:
    assert read_text(completion) == text  # type: ignore[arg-type]
