"""The untouched starter: nothing is written yet, which is no list of failed cases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.attempts import a_report
from tests.support.packages import SOLUTION, STARTER, write_package
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.judging.judge import judge
from torch_judge.judging.starter import is_untouched, recognise_starter
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Framework, Problem
from torch_judge.model.report import CaseResult, Report, Verdict
from torch_judge.model.submission import from_source

SAYS = "nothing is written yet: double is still the starter, which raises NotImplementedError"
RAISED = Verdict.RUN_TIME_ERROR


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    with ForkServer(Framework.NUMPY) as server:
        yield server


@pytest.fixture
def problem(tmp_path: Path) -> Problem:
    write_package(tmp_path, framework="numpy")
    return find_bank(tmp_path).load("double")


def failed(*messages: str) -> Report:
    """Return a report with an accepted case, and a run-time error for each message."""
    cases = [CaseResult(f"case_{n}", "", RAISED, message) for n, message in enumerate(messages)]
    return a_report(RAISED, cases=(CaseResult("right", "", Verdict.ACCEPTED), *cases))


def test_the_starter_is_judged_as_nothing_written_yet(problem: Problem, server: ForkServer) -> None:
    for text in (STARTER, f"import numpy\n\n{STARTER}\n\nprint(1)\n"):
        report = judge(problem, from_source(text), server=server)
        assert (report.verdict, report.cases, report.message) == (RAISED, (), SAYS)
        assert is_untouched(report)


def test_an_answer_beside_the_starter_or_one_that_raises_by_itself_is_judged(
    problem: Problem, server: ForkServer
) -> None:
    own = "def double(x, scale=2.0):\n    raise NotImplementedError('scale')\n"
    for text, verdict in (
        (STARTER + SOLUTION, Verdict.ACCEPTED),
        (f"{STARTER}\ndouble = lambda x, scale=2.0: x * scale\n", Verdict.ACCEPTED),
        (own, RAISED),
        (STARTER + own, RAISED),
    ):
        report = judge(problem, from_source(text), server=server)
        assert report.verdict is verdict and report.cases and not is_untouched(report)


@pytest.mark.parametrize(
    ("text", "report", "is_recognised"),
    [
        (STARTER, failed("NotImplementedError (line 3)"), True),
        (STARTER.replace("\n", "  \n\n"), failed("NotImplementedError"), True),
        (f"x = 1\n{STARTER}y = 2\n", failed("NotImplementedError", "NotImplementedError"), True),
        (STARTER, failed("NotImplementedError", "ValueError: x"), False),
        (STARTER, a_report(Verdict.WRONG_ANSWER), False),
        (STARTER, a_report(), False),
        (STARTER.replace("Multiply", "Add"), failed("NotImplementedError"), False),
        (f"{STARTER}class double:\n    pass\n", failed("NotImplementedError"), False),
        ("", failed("NotImplementedError"), False),
    ],
)
def test_text_and_errors_together_tell_the_starter(
    problem: Problem,
    text: str,
    report: Report,
    is_recognised: bool,  # noqa: FBT001 - a parameter
) -> None:
    found = recognise_starter(problem, [text], report)
    assert is_untouched(found) is is_recognised
    assert found.verdict is report.verdict
    assert (found is report) is not is_recognised


def test_of_several_cells_the_last_definition_counts(problem: Problem) -> None:
    report = failed("NotImplementedError")
    assert is_untouched(recognise_starter(problem, [SOLUTION, STARTER, "print(double)"], report))
    assert not is_untouched(recognise_starter(problem, [STARTER, SOLUTION], report))
