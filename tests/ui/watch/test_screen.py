"""What a watch shows, on a terminal and without one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.model.test_report import a_report
from torch_judge.model.report import CaseResult, Counterexample, Verdict
from torch_judge.ui.watch.screen import KEYS, WIDEST, Screen

PATH = Path("work") / "double.py"
REPORT = a_report(
    verdict=Verdict.WRONG_ANSWER,
    cases=(
        CaseResult("a", "passes", Verdict.ACCEPTED),
        CaseResult("b", "fails", Verdict.WRONG_ANSWER, "what differs"),
    ),
)


def test_without_a_terminal_it_prints_the_whole_report_and_what_is_said_below(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Screen(is_terminal=False).draw("double", PATH, REPORT, ["not kept"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[-3] == "double: wrong answer, 1 of 2 cases passed"
    assert "  ✓ passes" in lines
    assert lines[-2:] == ["not kept", ""]


def test_without_a_terminal_nobody_is_told_that_a_check_begins(capsys: pytest.CaptureFixture[str]) -> None:
    Screen(is_terminal=False).announce(PATH)
    assert capsys.readouterr().out == ""


def test_on_a_terminal_it_shows_file_failed_cases_and_keys(capsys: pytest.CaptureFixture[str]) -> None:
    Screen(is_terminal=True).draw("double", PATH, REPORT, ["not kept"])
    text = capsys.readouterr().out
    assert "double: work/double.py, " in text
    assert "✗ fails: wrong answer" in text
    assert "✓ passes" not in text
    assert text.index("what differs") < text.index("not kept") < text.index(KEYS)


@pytest.mark.parametrize("height", [24, 40])
def test_on_a_terminal_all_of_it_fits_into_the_window(
    height: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", str(height))
    inputs = tuple((f"x of call {n}", "[[1., 2.]]") for n in range(30))
    example = Counterexample(inputs, (("output", "1."),), (("output", "2."),), ("output",))
    cases = (*REPORT.cases, CaseResult("c", "says much", Verdict.WRONG_ANSWER, "\n".join("abcdefghij")))
    report = replace(REPORT, cases=cases, counterexample=example)
    Screen(is_terminal=True).draw("double", PATH, report, ["A hint.\nIn two lines."])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) < height
    assert lines[0].endswith(tuple("0123456789")) and lines[-1] == KEYS
    assert "double: wrong answer, 1 of 3 cases passed" in lines


def test_the_name_of_a_file_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    screen = Screen(is_terminal=True)
    screen.announce(Path("a\x1b[2J\nb.py"))
    screen.draw("double", Path("a\x1b[2J\nb.py"), None, [])
    assert "\x1b" not in capsys.readouterr().out


def test_a_page_is_no_wider_than_the_terminal_and_than_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert Screen(is_terminal=True).width == 60
    monkeypatch.setenv("COLUMNS", "400")
    assert Screen(is_terminal=True).width == WIDEST
