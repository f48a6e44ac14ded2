"""How commands show: plain into a pipe, whole in a terminal, cautions on stderr."""

from __future__ import annotations

import os
import sys

import pexpect
import pytest
from rich.table import Table
from rich.text import Text

from tests.model.test_report import a_report
from tests.support import ROOT
from torch_judge.model.report import CaseResult, Verdict
from torch_judge.ui.cli.output import caution, display, display_document, display_report
from torch_judge.ui.document import Document, Heading, Paragraph

PAGE = Document((Heading("A heading"), Paragraph("word " * 60)))
REPORT = a_report(
    verdict=Verdict.WRONG_ANSWER,
    cases=tuple(
        CaseResult(str(n), f"case {n}", Verdict.WRONG_ANSWER, f"It checks {n}.\noutput: expected 1, found 2")
        for n in range(30)
    ),
)
SHOW = (
    "from tests.ui.cli.test_output import PAGE\n"
    "from torch_judge.ui.cli.output import display, display_document\n"
    "from rich.text import Text\n"
    "display(Text('red', style='red')); display_document(PAGE)\n"
)


def test_into_a_pipe_everything_is_plain_and_as_long_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column("a heading")
    table.add_row(Text("x" * 300, style="red"))
    display(table)
    assert capsys.readouterr().out.splitlines() == ["a heading", "x" * 300]


def test_a_page_goes_into_a_pipe_as_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    display_document(PAGE)
    assert capsys.readouterr().out == PAGE.as_text() + "\n"


def test_a_terminal_gets_colour_bold_headings_and_lines_of_its_width() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color"}
    for name in ("NO_COLOR", "COLUMNS"):
        environment.pop(name, None)
    child = pexpect.spawn(
        sys.executable, ["-c", SHOW], env=environment, dimensions=(40, 50), encoding="utf-8", timeout=60
    )
    child.expect(pexpect.EOF)
    assert "\x1b[31mred" in child.before
    assert "\x1b[1mA heading" in child.before
    assert max(len(line) for line in child.before.splitlines() if line.startswith("word")) <= 50


SHOW_REPORT = (
    "from tests.ui.cli.test_output import REPORT\n"
    "from torch_judge.ui.cli.output import display_report\n"
    "display_report(REPORT, whole={whole})\n"
)


def look_at(command: str) -> list[str]:
    """Run a command in a terminal of 80 x 24 without colours, and return the lines that it writes."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "dumb", "NO_COLOR": "1"}
    for name in ("COLUMNS", "LINES"):
        environment.pop(name, None)
    child = pexpect.spawn(
        sys.executable, ["-c", command], env=environment, dimensions=(24, 80), encoding="utf-8", timeout=60
    )
    child.expect(pexpect.EOF)
    return [line.rstrip() for line in child.before.splitlines()]


def test_a_person_sees_a_screen_of_a_report_and_all_of_it_where_it_is_asked_for() -> None:
    lines = look_at(SHOW_REPORT.format(whole=False))
    assert len(lines) < 24
    assert "  ✗ case 0: wrong answer" in lines and "  ✗ case 1: wrong answer" not in lines
    assert lines[-2:] == [
        "seed 1, 0.50 s, a.py; -v shows every case",
        "double: wrong answer, 0 of 30 cases passed",
    ]
    lines = look_at(SHOW_REPORT.format(whole=True))
    assert "  ✗ case 29: wrong answer" in lines
    assert lines[-1] == "double: wrong answer, 0 of 30 cases passed"


def test_a_pipe_gets_all_of_a_report(capsys: pytest.CaptureFixture[str]) -> None:
    display_report(REPORT, whole=False)
    assert "  ✗ case 29: wrong answer" in capsys.readouterr().out.splitlines()


def test_a_caution_goes_to_stderr_and_an_empty_one_nowhere(capsys: pytest.CaptureFixture[str]) -> None:
    caution("this attempt is not kept")
    caution("")
    assert capsys.readouterr() == ("", "this attempt is not kept\n")
