"""Tables for authors; a report loads none of them."""

from __future__ import annotations

import subprocess
import sys

from tests.support.packages import write_package
from torch_judge.model.bank import find_bank
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


def test_the_table_of_problems_names_each_with_what_to_write(tmp_path) -> None:
    write_package(tmp_path)
    lines = as_text(problems_table(find_bank(tmp_path).problems())).splitlines()
    assert [line.split() for line in lines] == [
        ["no.", "problem", "title", "difficulty", "write", "tags"],
        ["1", "double", "Double", "easy", "double", "arithmetic"],
    ]


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
