"""A report on one screen: the verdict is the last line, and 80 x 24 hold what one needs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from rich.console import Console

from tests.model.test_report import REPORTS, a_report
from tests.model.test_sanitize import harmful
from tests.support import ROOT
from torch_judge.model.bank import find_bank
from torch_judge.model.naming import spell
from torch_judge.model.report import (
    CaseResult,
    Counterexample,
    Diagnosis,
    Explanation,
    Report,
    Verdict,
)
from torch_judge.ui.terminal import Screenful
from torch_judge.ui.text import as_text, write_verdict

WIDTH, HEIGHT = 80, 24
BANK = find_bank(ROOT / "problems")
PASSED = CaseResult("passes", "passes", Verdict.ACCEPTED)
WRONG = CaseResult(
    "fails", "fails", Verdict.WRONG_ANSWER, "It checks.\noutput: expected 1, found 2", 0.1, "1\n2"
)
EXAMPLE = Counterexample(
    (("x", "[[1., 2.]]"),),
    (("output", "1."), ("mean", "0.")),
    (("output", "2."), ("mean", "0.")),
    ("output",),
)
LARGE = Counterexample(
    tuple((f"inputs of batch {n}", f"[[{n}.], [-1.]]") for n in range(14)),
    (("raised", "ValueError: " + "x " * 140),),
    tuple((f"state {n} after the call", "[1.]") for n in range(7)),
    ("raised",),
)


def show(report: Report, *, width: int = WIDTH, height: int | None = None, window: int = HEIGHT) -> list[str]:
    console = Console(
        width=width,
        height=window,
        color_system=None,
        highlight=False,
        force_jupyter=False,
        force_terminal=True,
    )
    with console.capture() as capture:
        console.print(Screenful(report, height=height, more="-v shows every case"))
    return capture.get().splitlines()


def wrong(*cases: CaseResult, **changes: object) -> Report:
    return a_report(**{"verdict": Verdict.WRONG_ANSWER, "cases": cases, **changes})


def test_a_person_sees_marks_the_first_failure_the_smallest_input_the_mistake_and_last_the_verdict() -> None:
    diagnosis = Diagnosis("unbiased_variance", "You divide by N - 1.")
    predicted = [replace(WRONG, name=str(n), predicted=True) for n in range(3)]
    assert show(wrong(PASSED, *predicted, diagnosis=diagnosis, counterexample=EXAMPLE)) == [
        "  ✓✗✗✗",
        "",
        "  ✗ fails: wrong answer",
        "      It checks.",
        "      output: expected 1, found 2",
        "      printed | 1",
        "      printed | 2",
        "    2 more fail, as this mistake predicts",
        "",
        "  Smallest failing input",
        "      x  [[1., 2.]]",
        "              yours  expected",
        "    ✗ output  1.     2.",
        "      mean    0.     0.",
        "",
        "  Your code behaves exactly like one with this mistake: unbiased variance",
        "      You divide by N - 1.",
        "",
        "seed 1, 0.50 s, a.py; -v shows every case",
        "double: wrong answer, 1 of 4 cases passed",
    ]


def test_the_same_error_is_said_once_with_a_count() -> None:
    stopped = [
        CaseResult(str(n), f"case {n}", Verdict.RUN_TIME_ERROR, "NameError: name 'x' is not defined")
        for n in range(35)
    ]
    lines = show(wrong(*stopped, verdict=Verdict.RUN_TIME_ERROR))
    assert sum("NameError" in line for line in lines) == 1
    assert "    34 more fail with the same message" in lines


def test_marks_are_wrapped() -> None:
    lines = show(wrong(*(replace(WRONG, name=str(n)) for n in range(90))), width=50)
    assert lines[:2] == ["  " + "✗" * 46, "  " + "✗" * 44]


def test_what_is_said_of_all_cases_and_what_was_judged_stands_near_the_verdict() -> None:
    lines = show(wrong(WRONG, message="double returns nothing", notes=("What was judged is the source.",)))
    assert lines[-5:-3] == ["  double returns nothing", ""]
    assert lines[-3] == "  What was judged is the source."


def test_an_accepted_answer_takes_a_few_lines() -> None:
    assert show(a_report(cases=(PASSED,))) == [
        "  ✓",
        "",
        "seed 1, 0.50 s, a.py",
        "double: accepted, 1 of 1 cases passed",
    ]


def test_a_larger_window_shows_more_and_a_height_that_is_given_goes_first() -> None:
    report = wrong(WRONG, counterexample=LARGE, diagnosis=Diagnosis("adds", "You add."))
    assert len(show(report)) < HEIGHT
    assert len(show(report, window=60)) > HEIGHT
    assert "".join(show(report, window=60)).count("inputs of batch") == 14
    assert len(show(report, height=16)) <= 16


def test_where_not_all_fits_expected_and_the_mistake_stay() -> None:
    says = "You normalise too late. " * 10
    both = (Explanation("adds_it", says, ("fails",)), Explanation("cuts_it", says, ("fails",)))
    lines = show(wrong(WRONG, counterexample=LARGE, explanations=both))
    text = " ".join(" ".join(lines).split())
    assert len(lines) < HEIGHT
    assert text.count(says.strip()) == 2 and "adds it: " in text and "cuts it: " in text
    assert "✗ raised" in text and "expected state 0 after the call = [1.]" in text


@settings(deadline=None)
@given(REPORTS)
def test_the_verdict_is_the_last_line_and_no_report_can_steer_the_terminal(any_report: Report) -> None:
    text = as_text(Screenful(any_report))
    assert text.endswith(as_text(write_verdict(any_report)))
    assert harmful(text) == []


def make_cases(count: int) -> tuple[CaseResult, ...]:
    """Make failed cases that say as much as the longest of the bank do."""
    found = "gradient of running_mean[0, 12]: expected -0.000123, found 0.000456 (28 of 28 values differ)"
    sentence = "In training, each feature is normalised with its own mean and variance over the rows. " * 2
    return tuple(
        CaseResult(
            str(n), "gradients flow to x", Verdict.WRONG_ANSWER, f"{sentence}\n{found}", predicted=True
        )
        for n in range(count)
    )


@pytest.mark.parametrize("name", BANK.names())
def test_a_window_of_80_by_24_holds_each_mistake_of_the_bank_with_a_large_example(name: str) -> None:
    problem = BANK.load(name)
    samples = [sample for sample in problem.samples(Verdict.WRONG_ANSWER) if not sample.is_variant]
    assert len(samples) >= 10
    for sample in samples:
        says = sample.read_diagnosis()
        diagnosis = Diagnosis(sample.mistake, says)
        lines = show(wrong(*make_cases(46), problem=name, diagnosis=diagnosis, counterexample=LARGE))
        text = " ".join(" ".join(lines).split())
        assert len(lines) < HEIGHT, sample.name
        assert max(map(len, lines)) <= WIDTH
        assert lines[-1] == f"{name}: wrong answer, 0 of 46 cases passed"
        assert f"this mistake: {spell(sample.mistake)} {' '.join(says.split())}" in text
        assert "Smallest failing input" in text and "yours" in text and "expected" in text
