"""What many cases miss is said once, in the words of whoever wrote the module."""

from __future__ import annotations

from tests.support.packages import SOLUTION
from torch_judge.judging.missing_part import FEWEST_CASES, say_what_is_missing
from torch_judge.model.problem import Problem
from torch_judge.model.report import CaseResult, Verdict

NO_BUFFER = "It counts.\n{where}num_batches_tracked of the module: expected a tensor, found NoneType"
NO_ATTRIBUTE = "AttributeError: 'double' object has no attribute 'scale' (line 3: `x`)"


def fail(count: int, verdict: Verdict, message: str) -> list[CaseResult]:
    return [CaseResult(f"{message[:9]}{n}", str(n), verdict, message) for n in range(count)]


def say(problem: Problem, *cases: CaseResult, returns_nothing: bool = False) -> str:
    return say_what_is_missing(problem, cases, returns_nothing=returns_nothing)


def test_a_buffer_that_many_cases_miss_is_named_wherever_in_a_case_it_is_missed(problem: Problem) -> None:
    cases = fail(2, Verdict.WRONG_ANSWER, NO_BUFFER.format(where="eps=1.9, in float32: "))
    cases += fail(2, Verdict.WRONG_ANSWER, NO_BUFFER.format(where=""))
    assert say(problem, *cases) == "your double has no `num_batches_tracked`; 4 cases need it"


def test_an_attribute_of_the_learners_own_class_is_named_and_no_other(problem: Problem) -> None:
    cases = fail(4, Verdict.RUN_TIME_ERROR, NO_ATTRIBUTE)
    assert say(problem, *cases) == "your double has no `scale`; 4 cases need it"
    assert say(problem, *fail(4, Verdict.RUN_TIME_ERROR, NO_ATTRIBUTE.replace("double", "NoneType"))) == ""


def test_several_are_named_together_the_one_first_that_most_need(problem: Problem) -> None:
    cases = fail(3, Verdict.RUN_TIME_ERROR, NO_ATTRIBUTE)
    cases += fail(5, Verdict.WRONG_ANSWER, NO_BUFFER.format(where=""))
    assert say(problem, *cases) == "your double has no `num_batches_tracked` and `scale`; 5 cases need it"


def test_what_few_cases_miss_they_say_themselves(problem: Problem) -> None:
    assert say(problem, *fail(FEWEST_CASES - 1, Verdict.RUN_TIME_ERROR, NO_ATTRIBUTE)) == ""


def test_a_return_is_missing_only_where_the_jury_has_one(problem: Problem) -> None:
    says = "double returns nothing in any case; is a `return` missing?"
    assert say(problem, returns_nothing=True) == says
    (problem.folder / "solution.py").write_text(SOLUTION.replace("return x * scale", "x.mul_(scale)"))
    assert say(problem, returns_nothing=True) == ""
