"""Tables for authors; a report loads none of them."""

from __future__ import annotations

import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from tests.support import ROOT
from tests.support.packages import write_package
from torch_judge.learning.standing import State
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Problem
from torch_judge.ui.tables import as_fault_table, as_matrix, problems_table
from torch_judge.ui.text import as_text
from torch_judge.verification.findings import FaultMark, FaultTable, NamedFault, Verification


def test_a_report_as_text_or_as_a_card_loads_none_of_the_authors_tools() -> None:
    script = (
        "import sys, torch_judge.ui.text, torch_judge.ui.card\n"
        "print(*[name for name in sys.modules if name.startswith('torch_judge.verification')])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, [], "")


def write_list(problems: tuple[Problem, ...], *, width: int, **options: object) -> list[list[str]]:
    """Return the words of the list's lines on a terminal so wide."""
    console = Console(width=width, file=StringIO())
    console.print(problems_table(problems, {"double": State.SOLVED}, **options))
    text = console.file.getvalue()
    assert all(len(line) <= width for line in text.splitlines())
    return [line.split() for line in text.splitlines()]


def test_the_table_of_problems_marks_what_is_solved_and_shows_tags_where_they_are_wanted(
    tmp_path: Path,
) -> None:
    write_package(tmp_path)
    problems = find_bank(tmp_path).problems()
    assert write_list(problems, width=100) == [
        ["no.", "problem", "title", "difficulty"],
        ["1", "✓", "double", "Double", "easy"],
    ]
    assert write_list(problems, width=100, with_tags=True) == [
        ["no.", "problem", "tags", "difficulty"],
        ["1", "✓", "double", "arithmetic", "easy"],
    ]


@pytest.mark.parametrize("with_tags", [True, False])
@pytest.mark.parametrize("width", [60, 80, 100])
def test_the_name_that_one_types_is_never_cut(width: int, with_tags: bool) -> None:  # noqa: FBT001 - a parameter
    problems = find_bank(ROOT / "problems").problems()
    lines = write_list(problems, width=width, with_tags=with_tags)
    words = {word for line in lines for word in line}
    assert {problem.slug for problem in problems} <= words
    if not with_tags:
        assert len(lines) == len(problems) + 1
    if width >= 80:
        assert "…" not in " ".join(words)
    if with_tags:
        assert {word for problem in problems for tag in problem.tags for word in tag.split()} <= {
            word.rstrip(",") for word in words
        }


def test_the_conclusion_of_a_matrix_says_what_is_not_sound() -> None:
    text = as_text(as_matrix(Verification("double", ("a_case",), (), ("wrong_answer/adds.py: accepted",))))
    assert "✗ wrong_answer/adds.py: accepted" in text
    assert "double: not sound, 1 complaints" in text
    assert "double: sound. 0 cases, 0 samples" in as_text(
        as_matrix(Verification("double", ("a_case",), (), ()))
    )


def test_the_table_of_faults_shows_a_mark_for_each_and_names_its_columns() -> None:
    conditions = NamedFault("gradients_off", "gradients are off"), NamedFault("one_row", "there is one row")
    effects = NamedFault("changes(x)", "x is changed in place"), NamedFault("remembers", "it is remembered")
    rows = (FaultMark.REJECTED, FaultMark.ALLOWED), (FaultMark.NO_PAIR, FaultMark.NO_PAIR)
    lines = as_text(as_fault_table(FaultTable(conditions, effects, (3, 0), rows))).splitlines()
    assert [line.split() for line in lines[:3]] == [
        ["when", "cases", "12"],
        ["gradients_off", "3", "#a"],
        ["one_row", "0", "?"],
    ]
    assert "   1 changes(x): x is changed in place" in lines
    assert "  one_row: when there is one row" in lines
