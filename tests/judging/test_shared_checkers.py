"""What cases share, through a real worker and checker: cost, chance, conventions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.packages import write_package
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.judging.judge import judge
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Problem
from torch_judge.model.report import Report, Verdict
from torch_judge.model.submission import from_source

CASES = '''
import numpy as np
import torch

from torch_judge.authoring import case, count_calls, every, frequencies, one_of, record_cost, support


@case()
def never_holds_all_pairs(double, rng):
    """No tensor of 9 x 9 numbers is made, and the factor is asked for once."""
    x, factor = torch.ones(9, 2), count_calls(lambda: 2.0)
    with record_cost() as cost:
        output = double(x, factor)
    cost.refuse_tensors_of(81)
    cost.refuse_operators_beyond(3)
    factor.refuse_more_than(1, "factor")
    return output


@case(checker=every(support("chances", at_least=0.2), frequencies("chances")))
def signs_are_drawn_as_often_as_they_should_be(double, rng):
    """A sign is positive with the probability share."""
    share = float(rng.uniform(0.3, 0.4))
    draws = [double(torch.tensor(share), None) for _ in range(600)]
    return {"share": share, "draws": np.asarray(draws)}


@case(checker=one_of("double_of_halves"))
def keeps_to_a_convention(double, rng):
    """Twice the numbers, or twice their halves."""
    x = torch.tensor(rng.normal(size=3))
    return [double(x, lambda: 2.0), double(x + 1, lambda: 2.0)]
'''
SOLUTION = """
import torch

def double(x, factor=None):
    if factor is None:
        return int(torch.rand(()) < x)
    return x * factor()

def double_of_halves(x, factor=None):
    return double(x / 2, factor)

def chances(share):
    return [1 - share, share]
"""
WRONG = {
    "all pairs": (
        "return (x @ x.t()).sum() * 0 + x * factor()",
        "a tensor of 9 x 9 numbers was made, and none may have 81 or more",
    ),
    "many operators": ("return (x + 0 + 0 + 0) * factor()", "4 operators were called, and 3 are enough"),
    "asked twice": ("return x * factor() * factor() / 2", "factor was called 2 times, and 1 are enough"),
}


@pytest.fixture
def problem(tmp_path: Path) -> Problem:
    write_package(
        tmp_path,
        cases=CASES,
        solution=SOLUTION,
        starter="def double(x, factor=None):\n    raise NotImplementedError\n",
    )
    return find_bank(tmp_path).load("double")


def answer(problem: Problem, server: ForkServer, call: str, sign: str = "torch.bernoulli(x)") -> Report:
    text = (
        f"import torch\ndef double(x, factor=None):\n    if factor is None: return int({sign})\n    {call}\n"
    )
    return judge(problem, from_source(text), server=server, seed=3)


@pytest.mark.parametrize("call", ["return x * factor()", "return factor() * x"])
def test_a_right_answer_in_another_style_is_accepted(problem: Problem, server: ForkServer, call: str) -> None:
    assert [case.verdict for case in answer(problem, server, call).cases] == [Verdict.ACCEPTED] * 3


def test_the_other_convention_is_accepted_where_it_is_right(problem: Problem, server: ForkServer) -> None:
    verdicts = [case.verdict for case in answer(problem, server, "return x * factor() / 2").cases]
    assert verdicts == [Verdict.WRONG_ANSWER, Verdict.ACCEPTED, Verdict.ACCEPTED]


@pytest.mark.parametrize("wrong", WRONG)
def test_cost_is_a_sentence(problem: Problem, server: ForkServer, wrong: str) -> None:
    call, says = WRONG[wrong]
    first = answer(problem, server, call).cases[0]
    assert (first.verdict, first.message.endswith(says)) == (Verdict.WRONG_ANSWER, True)


def test_another_law_is_a_wrong_answer(problem: Problem, server: ForkServer) -> None:
    drawn = answer(problem, server, "return x * factor()", sign="torch.rand(()) < 0.6").cases[1]
    assert drawn.verdict is Verdict.WRONG_ANSWER
    assert drawn.message.startswith("A sign is positive with the probability share.\ndraws: outcome ")


def test_two_conventions_in_one_case_are_a_wrong_answer(problem: Problem, server: ForkServer) -> None:
    last = answer(problem, server, "return x * factor() / (1 + (x.mean() > 0.6))").cases[2]
    assert last.verdict is Verdict.WRONG_ANSWER
    assert last.message.endswith("; 2 conventions are right here, and this keeps to none of them")
