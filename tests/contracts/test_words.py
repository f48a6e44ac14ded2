"""What a learner reads of the bank is short, begins with what is seen, and loses no mark of a name."""

from __future__ import annotations

import ast

import pytest

from torch_judge.authoring.suite import load_suite
from torch_judge.model.bank import find_bank
from torch_judge.model.naming import LONGEST_TITLE
from torch_judge.model.problem import Problem
from torch_judge.model.report import Verdict

BANK = find_bank()
ACCUSATIONS = ("You ", "Your ")


@pytest.fixture(params=BANK.names())
def problem(request: pytest.FixtureRequest) -> Problem:
    return BANK.load(request.param)


def list_names_with_underscores(starter: str) -> set[str]:
    """List the parameters that a learner's code has, whose names a mistake's name would spell wrong."""
    arguments = [node.args for node in ast.walk(ast.parse(starter)) if isinstance(node, ast.FunctionDef)]
    names = {each.arg for found in arguments for each in (*found.args, *found.kwonlyargs)}
    return {name for name in names if "_" in name}


def test_every_title_stands_in_one_line(problem: Problem) -> None:
    cases = load_suite(compile(problem.read_cases(), "cases.py", "exec"))
    assert {case.name: case.title for case in cases if len(case.title) > LONGEST_TITLE} == {}


def test_no_mistake_begins_with_an_accusation(problem: Problem) -> None:
    said = {sample.mistake: sample.read_diagnosis() for sample in problem.samples(Verdict.WRONG_ANSWER)}
    assert {name: says for name, says in said.items() if says.startswith(ACCUSATIONS)} == {}


def test_no_name_of_a_mistake_spells_an_argument_without_its_underscores() -> None:
    problems = [BANK.load(name) for name in BANK.names()]
    known = {problem.slug: list_names_with_underscores(problem.read_starter()) for problem in problems}
    assert "running_mean" in known["batchnorm"]
    spelt = {
        (problem.slug, sample.mistake)
        for problem in problems
        for sample in problem.samples(Verdict.WRONG_ANSWER)
        if any(f"_{argument}_" in f"_{sample.mistake}_" for argument in known[problem.slug])
    }
    assert spelt == set()
