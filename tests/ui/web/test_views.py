"""What pages show: lists that are narrowed, drafts, attempts as lines, and what differs between two."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.attempts import an_attempt
from tests.support.packages import TOML, write_package
from torch_judge.learning.history import find_history
from torch_judge.learning.standing import find_standing
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Problem
from torch_judge.model.report import Verdict
from torch_judge.ui.web.views import (
    LONGEST_TO_COMPARE,
    Wanted,
    compare,
    find_writing,
    group_by_topic,
    list_recent,
    make_draft,
    make_row,
)

LINES = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=12)


def write_two(bank: Path) -> None:
    """Write a second problem beside `double`, of another topic."""
    folder = write_package(bank / "losses")
    (bank / "losses" / "triple").mkdir()
    for path in folder.iterdir():
        if path.is_file():
            (bank / "losses" / "triple" / path.name).write_text(path.read_text())
    text = (
        TOML.format(framework="torch")
        .replace("Double", "Triple")
        .replace("number = 1", "number = 2")
        .replace('"double"', '"triple"')
    )
    (bank / "losses" / "triple" / "problem.toml").write_text(text.replace('"easy"', '"hard"'))


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), ["double", "triple"]),
        (Wanted(words="DOUB"), ["double"]),
        (Wanted(words="2 triple losses"), ["triple"]),
        (Wanted(words="2 double"), []),
        (Wanted(difficulty="hard"), ["triple"]),
        (Wanted(topic="losses", state="solved"), ["triple"]),
        (Wanted(state="open"), ["double"]),
        (Wanted(topic="attention"), []),
        (Wanted(difficulty="?"), []),
    ],
)
def test_a_list_is_narrowed_by_words_topic_difficulty_and_state(
    tmp_path: Path, wanted: Wanted, found: list[str]
) -> None:
    write_two(tmp_path / "bank")
    bank, history = find_bank(tmp_path / "bank"), find_history()
    history.add(an_attempt(bank=str(bank.folder), problem="triple", verdict=Verdict.ACCEPTED))
    groups = group_by_topic(find_standing(bank, history), wanted)
    assert [known.problem.slug for group in groups for known in group.shown] == found
    assert all((group.topic, group.solved, group.total) == ("losses", 1, 2) for group in groups)


def test_an_editor_shows_the_tabs_own_draft_else_the_newest_else_the_starter(problem: Problem) -> None:
    history = find_history()
    first = find_writing(problem, history, tab="one")
    assert "raise NotImplementedError" in first.text and first.text.startswith("import numpy as np\n")
    assert (first.example, first.revision, first.tab) == (problem.read_debug(), 0, None)
    for tab, text in (("one", "1"), ("two", "2")):
        history.keep_draft(make_draft(problem, tab, text, None))
    assert find_writing(problem, history, tab="one").text == "1"
    assert [find_writing(problem, history, tab=tab).text for tab in ("two", "three", None)] == ["2"] * 3
    history.keep_draft(make_draft(problem, "one", "1 again", "double(1)"))
    newest = find_writing(problem, history)
    assert (newest.text, newest.example, newest.is_own_example) == ("1 again", "double(1)", False)


def test_an_example_that_is_the_problems_own_follows_it_when_it_changes(problem: Problem) -> None:
    history = find_history()
    history.keep_draft(make_draft(problem, "one", "1", problem.read_debug()))
    (problem.folder / "debug.py").write_text("print('another')\n")
    assert find_writing(problem, history).example == "print('another')\n"


def test_an_attempt_is_a_line() -> None:
    row = make_row(3, an_attempt())
    assert (row.number, row.verdict, row.passed, row.mistake) == (3, "wrong answer", "1 of 3", "eps missing")
    aside = make_row(4, an_attempt(verdict=None, cases=0, failed=(), seed=None))
    assert (aside.verdict, aside.passed, aside.seed) == ("put aside, not judged", "", "")


def test_the_latest_attempts_of_all_problems_come_last_first(problem: Problem) -> None:
    bank, history = find_bank(problem.bank), find_history()
    for at in (3.0, 1.0, 2.0):
        attempt = an_attempt(bank=str(bank.folder), problem="double", source=str(at))
        history.add(replace(attempt, at=at))
    listed = list_recent(find_standing(bank, history), history, most=3)
    assert [row.source for row in listed] == ["3.0", "2.0", "1.0"]


@given(LINES, LINES)
def test_a_diff_holds_both_texts_line_by_line(before: list[str], after: list[str]) -> None:
    lines = compare("\n".join(before) + "\n", "\n".join(after) + "\n")
    assert lines is not None
    old = [line for line in lines if line.old is not None]
    new = [line for line in lines if line.new is not None]
    assert [line.text for line in old] == (before or [""]) and [line.text for line in new] == (after or [""])
    assert [line.old for line in old] == list(range(1, len(old) + 1))
    assert [line.new for line in new] == list(range(1, len(new) + 1))
    assert {line.sign for line in lines} <= {"", "-", "+"}


def test_a_text_that_is_too_long_is_not_compared() -> None:
    assert compare("x\n" * (LONGEST_TO_COMPARE + 1), "x") is None
