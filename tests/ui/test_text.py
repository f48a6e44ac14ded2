"""Reports as text: whole, and harmless for whatever a submission says."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import example, given, settings
from rich.console import Console

from tests.model.test_report import REPORTS, a_report
from tests.model.test_sanitize import harmful
from torch_judge.model.report import CaseResult, Diagnosis, Flag, Report, Verdict
from torch_judge.ui.text import as_rich, as_text, write_verdict

RIGHT = CaseResult(
    "doubles_by_default", "doubles by default", Verdict.ACCEPTED, "", 0.25, "seen only in JUnit"
)
WRONG = CaseResult(
    "uses_the_scale",
    "uses the scale",
    Verdict.WRONG_ANSWER,
    "The result is scale times x.\noutput[0]: expected 1, found 2",
    0.5,
    "one\ntwo",
)
BROKEN = CaseResult("is_broken", "is broken", Verdict.JUDGE_ERROR, "cases.py:3: ZeroDivisionError")
HOSTILE = "\x1b[31m\x00]]>&<\"' \ud800\ufffe\u202e\r\n"


def report(*cases: CaseResult, verdict: Verdict = Verdict.WRONG_ANSWER) -> Report:
    return a_report(verdict=verdict, cases=cases, isolation=("process", "seccomp"))


def hostile() -> Report:
    case = CaseResult(HOSTILE, HOSTILE, Verdict.RUN_TIME_ERROR, HOSTILE, 0.0, HOSTILE)
    return a_report(problem=HOSTILE, submission=HOSTILE, message=HOSTILE, cases=(case,), isolation=(HOSTILE,))


def test_the_text_shows_the_verdict_each_case_and_the_first_difference() -> None:
    lines = as_text(as_rich(report(RIGHT, WRONG))).splitlines()
    assert lines == [
        "  ✓ doubles by default",
        "  ✗ uses the scale: wrong answer",
        "      The result is scale times x.",
        "      output[0]: expected 1, found 2",
        "      printed | one",
        "      printed | two",
        "seed 1, 0.50 s, a.py",
        "double: wrong answer, 1 of 2 cases passed",
    ]


def test_the_text_says_above_all_what_was_judged() -> None:
    text = as_text(as_rich(a_report(notes=("What was judged is the source.",))))
    assert text.splitlines()[0] == "  What was judged is the source."


def test_the_text_says_what_stopped_a_submission_before_its_first_case() -> None:
    text = as_text(
        as_rich(a_report(verdict=Verdict.COMPILE_ERROR, message="SyntaxError: invalid syntax (line 3)"))
    )
    first, *_, last = text.splitlines()
    assert first == "    SyntaxError: invalid syntax (line 3)"
    assert last == "double: compile error"


def test_the_text_speaks_of_isolation_where_less_holds_than_a_check_asks_for() -> None:
    less = as_text(as_rich(a_report(isolation_missing={"network": "no seccomp", "identity": "not root"})))
    assert "Less isolated than it should be, without: network. torch-judge doctor says why." in less
    assert "isolat" not in as_text(as_rich(a_report(isolation_missing={"identity": "not root"})))


def test_what_several_cases_say_is_written_once() -> None:
    stopped = [
        CaseResult(name, name, Verdict.RUN_TIME_ERROR, "NameError: name 'epsilon' is not defined")
        for name in "abc"
    ]
    lines = as_text(as_rich(report(*stopped, verdict=Verdict.RUN_TIME_ERROR))).splitlines()
    assert lines[:4] == [
        "  ✗ a: run-time error",
        "      NameError: name 'epsilon' is not defined",
        "  ✗ b: run-time error, as above",
        "  ✗ c: run-time error, as above",
    ]


def test_a_mistake_is_named_without_underscores_below_the_cases_and_above_the_verdict() -> None:
    diagnosis = Diagnosis("unbiased_variance", "You divide by N - 1.")
    lines = as_text(as_rich(replace(report(RIGHT, WRONG), diagnosis=diagnosis))).splitlines()
    assert lines[-4:] == [
        "  Your code behaves exactly like one with this mistake: unbiased variance",
        "      You divide by N - 1.",
        "seed 1, 0.50 s, a.py",
        "double: wrong answer, 1 of 2 cases passed",
    ]


@settings(deadline=None)
@given(REPORTS)
def test_the_verdict_is_the_last_line_of_any_report(any_report: Report) -> None:
    assert as_text(as_rich(any_report)).endswith(as_text(write_verdict(any_report)))


def test_square_brackets_are_text_and_not_markup() -> None:
    case = CaseResult(
        "a", "a", Verdict.WRONG_ANSWER, "[red]x[/red][2]: expected [link=a]1[/link] :smile:", 0.0, "[bold]"
    )
    text = as_text(as_rich(report(case)))
    assert "[red]x[/red][2]: expected [link=a]1[/link] :smile:" in text
    assert "printed | [bold]" in text


def test_long_lines_are_neither_cut_nor_folded() -> None:
    case = CaseResult("a", "a", Verdict.WRONG_ANSWER, "word " * 900)
    assert "      " + "word " * 899 + "word" in as_text(as_rich(report(case))).splitlines()


@settings(deadline=None)
@given(REPORTS)
@example(hostile())
def test_no_report_can_steer_a_terminal(any_report: Report) -> None:
    assert harmful(as_text(as_rich(any_report))) == []


def test_colour_is_asked_for_only_by_a_terminal(monkeypatch) -> None:
    for variable in ("FORCE_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE"):
        monkeypatch.setenv(variable, "1")
    assert "\x1b" not in as_text(as_rich(report(RIGHT, WRONG, BROKEN)))


def test_what_a_case_printed_cannot_pass_for_a_line_of_ours() -> None:
    case = CaseResult(
        "a",
        "a",
        Verdict.RUN_TIME_ERROR,
        "ValueError",
        0.0,
        "\n\n  ✓ everything\nseed 1\r\x0bdouble: accepted\u2028x\x85y",
    )
    printed = [
        line
        for line in as_text(as_rich(report(case))).splitlines()
        if "everything" in line or "accepted" in line or "seed 1" in line
    ]
    assert all("printed | " in line for line in printed[:-1])
    assert len(printed) == 4


def test_no_word_of_a_submission_begins_a_line_however_narrow_the_terminal_is() -> None:
    claim = "double: accepted, 2 of 2 cases passed"
    for width in range(40, 200, 7):
        console = Console(width=width, color_system=None, force_jupyter=False)
        long = f"{'x' * (width - 12)} {claim}\n{claim} {claim}"
        flags = (Flag("gc", "It can find every object.", 1, long, long),)
        with console.capture() as capture:
            console.print(
                as_rich(a_report(verdict=Verdict.COMPILE_ERROR, submission=long, message=long, flags=flags))
            )
        lines = capture.get().splitlines()
        assert lines[-1] == "double: compile error"
        assert not [
            line
            for line in lines[:-1]
            if line.startswith(("double", "acc", "2 of", "cases", "  acc", "  double"))
        ], width
