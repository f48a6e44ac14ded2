"""Drafts: each tab has its own, the newest is found, an older history gets the table, damage loses few."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.attempts import an_attempt, list_attempts
from torch_judge.learning.database import FILE
from torch_judge.learning.draft import Draft
from torch_judge.learning.history import History, find_history
from torch_judge.learning.tables import MOST_TABS

TEXT = "x = 'ü\U0001f600'\r\n\t# \x00\u2028\n" * 50


def a_draft(tab: str = "one", text: str = TEXT, example: str | None = None, problem: str = "p") -> Draft:
    return Draft("b", problem, tab, text, example)


def test_a_draft_comes_out_as_it_went_in(history: History) -> None:
    for draft in (a_draft(), a_draft("two", ""), a_draft("three", "x", ""), a_draft("four", "x", TEXT)):
        revision = history.keep_draft(draft)
        found = history.find_draft("b", "p", tab=draft.tab)
        assert found is not None
        assert (found.text, found.example, found.revision) == (draft.text, draft.example, revision)


def test_a_tab_finds_its_own_and_any_other_the_newest(history: History) -> None:
    assert history.find_draft("b", "p", tab="one") is None
    for tab, text in (("one", "1"), ("two", "2"), ("one", "1 again")):
        history.keep_draft(a_draft(tab, text))
    history.keep_draft(a_draft("one", "of another problem", problem="q"))
    found = [history.find_draft("b", "p", tab=tab) for tab in ("one", "two", "three", None)]
    assert [draft and (draft.tab, draft.text, draft.revision) for draft in found] == [
        ("one", "1 again", 3),
        ("two", "2", 2),
        ("one", "1 again", 3),
        ("one", "1 again", 3),
    ]


def test_text_that_no_file_can_hold_is_kept_as_escapes(history: History) -> None:
    history.keep_draft(a_draft(text="\ud800"))
    draft = history.find_draft("b", "p")
    assert draft is not None and draft.text == "\\ud800"


def test_of_many_tabs_the_oldest_are_forgotten_and_no_other_problems(history: History) -> None:
    history.keep_draft(a_draft("old", problem="q"))
    tabs = [f"tab{number}" for number in range(MOST_TABS + 3)]
    for tab in tabs:
        history.keep_draft(a_draft(tab, tab))
    found = {tab: history.find_draft("b", "p", tab=tab) for tab in tabs}
    assert [tab for tab, draft in found.items() if draft and draft.tab == tab] == tabs[3:]
    assert history.find_draft("b", "q", tab="old") is not None


def test_a_history_of_an_older_release_is_read_and_gets_the_table(history: History, home: Path) -> None:
    history.add(an_attempt())
    with closing(sqlite3.connect(home / FILE)) as connection:
        connection.execute("DROP TABLE drafts")
        connection.execute("DROP TABLE hints_shown")
    assert find_history().find_draft("b", "p") is None
    assert find_history().find_shown("b", "p", [1, 2]) == set()
    find_history().keep_draft(a_draft(text="x"))
    assert find_history().find_draft("b", "p", tab="one") is not None
    assert len(list_attempts(find_history())) == 1
    assert find_history().notices == []


def test_a_damaged_history_hands_its_drafts_over(history: History, home: Path) -> None:
    history.keep_draft(a_draft("one", "1"))
    history.keep_draft(a_draft("two", "2"))
    with closing(sqlite3.connect(home / FILE)) as connection:
        connection.execute("DROP TABLE coaching")
    history.give_up("b", "p")  # which needs the table that is missing
    assert any("was set aside" in notice for notice in history.notices)
    drafts = [history.find_draft("b", "p", tab=tab) for tab in ("one", "two")]
    assert [draft and draft.text for draft in drafts] == ["1", "2"]


def test_a_draft_that_is_damaged_is_found_to_be(history: History, home: Path) -> None:
    history.keep_draft(a_draft())
    with closing(sqlite3.connect(home / FILE)) as connection, connection:
        connection.execute("UPDATE drafts SET text = 'noise'")
    assert history.find_draft("b", "p") is None
    assert any("was set aside" in notice for notice in history.notices)


def test_which_hints_were_shown_is_found_whoever_counted_them(history: History) -> None:
    assert history.find_shown("b", "p", [1, 2, 3]) == set()
    history.take_hint("b", "p", [3, 1, 2])
    assert history.find_shown("b", "p", [1, 2, 3]) == {3}


def test_without_a_home_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_JUDGE_HOME", "")
    assert find_history().find_draft("b", "p") is None
