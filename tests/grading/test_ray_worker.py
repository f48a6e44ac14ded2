"""What a worker of Ray tells of a check: each piece as soon as it is known, the report last."""

from __future__ import annotations

import threading

import pytest

from torch_judge.grading.ray_worker import tell
from torch_judge.judging.batch import Plan
from torch_judge.model.errors import JudgeError
from torch_judge.model.report import CaseResult, Report, Verdict

CASE = CaseResult("doubles", "doubles", Verdict.ACCEPTED)
REPORT = Report("double", "x.py", Verdict.ACCEPTED, 7, 0.0, (CASE,), ())


def test_each_piece_is_told_before_the_next_one_is_there() -> None:
    heard = threading.Event()

    def judge(plan: Plan) -> Report:
        assert plan.on_suite is not None and plan.on_case is not None
        plan.on_suite([CASE])
        assert heard.wait(60)
        plan.on_case(CASE)
        return REPORT

    told = tell(judge, Plan())
    assert next(told) == (CASE,)
    heard.set()
    assert list(told) == [CASE, REPORT]


def test_what_the_judge_raises_is_raised() -> None:
    def judge(_plan: Plan) -> Report:
        raise JudgeError("no sandbox")

    with pytest.raises(JudgeError, match="no sandbox"):
        list(tell(judge, Plan()))
