"""What a page is told of a report: a line that says it all, and errors in plain words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.attempts import a_report
from tests.support.packages import SOLUTION
from torch_judge.judging.example import ExampleRun
from torch_judge.model.errors import JudgeError
from torch_judge.model.problem import Problem
from torch_judge.model.report import Certainty, Diagnosis, Explanation, Verdict
from torch_judge.model.submission import from_source
from torch_judge.ui.web.reports import Reporter, word_verdict

TWO = "Most likely your code has two mistakes, which together explain what fails"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "wrong answer: 1 of 2 cases passed."),
        (
            {"diagnosis": Diagnosis("eps_missing", "No eps.", Certainty.LIKELY)},
            "wrong answer: 1 of 2 cases passed. Most likely your code has this mistake: eps missing.",
        ),
        (
            {"explanations": (Explanation("a_b", "A.", ("b",)), Explanation("c", "C.", ("b",)))},
            f"wrong answer: 1 of 2 cases passed. {TWO}: a b and c.",
        ),
        ({"cases": ()}, "wrong answer."),
    ],
)
def test_a_report_is_a_line(changes: dict[str, object], says: str) -> None:
    assert word_verdict(a_report(Verdict.WRONG_ANSWER, **changes)) == says


def test_a_history_that_cannot_be_written_is_said_and_the_verdict_stands(
    problem: Problem, home: Path
) -> None:
    home.parent.mkdir(parents=True, exist_ok=True)
    home.write_text("no folder")
    event = Reporter(keep=True).word_report(problem, from_source(SOLUTION), a_report())
    assert (event.data["passed"], event.data["attempt"]) == (True, None)
    assert any("this attempt is not kept" in notice for notice in event.data["notices"])


def test_an_error_says_why_and_holds_no_markup(problem: Problem) -> None:
    event = Reporter(keep=True).word_error(problem, JudgeError("the <b>server</b>\nended"))
    assert event.data["say"] == "The judge could not go on: the <b>server</b>\\nended"
    assert "&lt;b&gt;server" in event.data["html"]
    assert "KeyError" in Reporter(keep=True).word_error(problem, KeyError("x")).data["say"]


def test_an_example_says_what_stopped_it(problem: Problem) -> None:
    run = ExampleRun(Verdict.TIME_LIMIT_EXCEEDED, printed="<i>", raised="it took longer than 5 s")
    event = Reporter(keep=True).word_example(problem, run)
    assert event.data["say"] == (
        "The example did not run to its end: time limit exceeded. it took longer than 5 s"
    )
    assert "&lt;i&gt;" in event.data["html"] and "time limit exceeded" in event.data["html"]
    silent = Reporter(keep=True).word_example(problem, ExampleRun("ran"))
    assert "printed nothing" in silent.data["html"]
