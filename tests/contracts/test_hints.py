"""The hints of the bank: each that says what it fits names a gotcha or a case, and most mistakes have one."""

from __future__ import annotations

import json

import pytest

from tests.support import ROOT
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Problem
from torch_judge.model.report import Verdict
from torch_judge.verification.checks import check_hints

PROBLEMS = find_bank(ROOT / "problems").problems()


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.slug)
def test_hints_fit_gotchas_and_cases_that_are_there(problem: Problem) -> None:
    cases = json.loads(problem.read("submissions/signatures.json"))["cases"]
    assert list(check_hints(problem, cases)) == []


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.slug)
def test_most_mistakes_have_a_hint_that_fits_and_no_mistake_has_two(problem: Problem) -> None:
    gotchas = {sample.mistake for sample in problem.samples(Verdict.WRONG_ANSWER)}
    named = [name for hint in problem.read_hints() for name in hint.fits if name in gotchas]
    assert len(named) == len(set(named))
    assert len(named) >= len(gotchas) / 2
