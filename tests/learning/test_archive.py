"""One file that travels: it is taken in whole, or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.attempts import an_attempt, list_attempts
from torch_judge.learning.archive import read_archive, write_archive
from torch_judge.learning.coaching import Coaching
from torch_judge.learning.history import History
from torch_judge.model.errors import UsageError


def test_what_was_exported_is_taken_in_elsewhere_once(history: History, tmp_path: Path) -> None:
    mine = [
        an_attempt(code="\x00 ü \u2028 \n"),
        an_attempt(verdict=None, seed=None, failed=()),
        an_attempt(bank="/b", problem="x"),
    ]
    for attempt in mine:
        history.add(attempt)
    history.take_hint("torch_judge", "batchnorm", range(1, 7))
    assert write_archive(history, tmp_path / "mine.jsonl") == 3
    other = History(tmp_path / "other")
    other.add(mine[0])
    other.give_up("torch_judge", "batchnorm")
    assert read_archive(other, tmp_path / "mine.jsonl").added == 2
    again = read_archive(other, tmp_path / "mine.jsonl")
    assert (again.added, again.known) == (0, 3)
    assert list_attempts(other) == mine[:2]
    assert other.find_coaching("torch_judge", "batchnorm") == Coaching(
        "torch_judge", "batchnorm", 1, given_up=True
    )


def test_an_export_replaces_an_older_one_and_nothing_else(history: History, tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    write_archive(history, path)
    history.add(an_attempt())
    assert write_archive(history, path) == 1
    (tmp_path / "thesis.txt").write_text("dear")
    with pytest.raises(UsageError, match="is there already and is no export"):
        write_archive(history, tmp_path / "thesis.txt")
    assert (tmp_path / "thesis.txt").read_text() == "dear"
    with pytest.raises(UsageError, match="No such file"):
        write_archive(history, tmp_path / "no" / "x")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.jsonl", "thesis.txt"]


def test_an_export_that_meets_damage_is_taken_in_elsewhere_all_the_same(
    history: History, tmp_path: Path
) -> None:
    attempts = [an_attempt() for _ in range(3)]
    for attempt in attempts:
        history.add(attempt)
    with closing(sqlite3.connect(history.path)) as connection, connection:
        connection.execute("UPDATE attempts SET code = 'noise' WHERE number = 2")
    assert write_archive(history, tmp_path / "mine.jsonl") == 2
    other = History(tmp_path / "other")
    assert read_archive(other, tmp_path / "mine.jsonl").added == 2
    assert list_attempts(other) == [attempts[0], attempts[2]]


def change(text: str, **fields: object) -> str:
    """Change fields of the first attempt of an export, and make its last line right again."""
    lines = text.splitlines(keepends=True)
    line = json.loads(lines[1])
    line["attempt"] |= fields
    lines[1] = json.dumps(line) + "\n"
    body = "".join(lines[:-1])
    return (
        body
        + json.dumps({"lines": len(lines) - 1, "sha256": hashlib.sha256(body.encode()).hexdigest()})
        + "\n"
    )


HOSTILE: dict[str, tuple[Callable[[str], str | bytes], str]] = {
    "empty": (lambda _: "", "as if it had been cut"),
    "prose": (lambda _: "Dear teacher\n", "line 1: not a line of JSON"),
    "a list": (lambda _: "[]\n", "expected an object, found a list"),
    "another program's": (lambda _: "{}\n", "is no export of torch-judge's"),
    "newer": (
        lambda text: text.replace('"version": 1', '"version": 2', 1),
        "has version 2, this torch_judge reads version 1",
    ),
    "binary": (lambda _: os.urandom(100) + b"\n", "not a line of JSON in UTF-8"),
    "cut at a line": (lambda text: "".join(text.splitlines(keepends=True)[:-1]), "as if it had been cut"),
    "cut in a line": (lambda text: text[:-40], "as if it had been cut"),
    "a line gone": (
        lambda text: "".join(line for n, line in enumerate(text.splitlines(keepends=True)) if n != 2),
        "do not agree",
    ),
    "a letter changed": (lambda text: text.replace("wrong answer", "accepted"), "do not agree"),
    "more after the end": (lambda text: text + "{}\n", "goes on after its last line"),
    "deep": (lambda text: text.splitlines()[0] + "\n" + "[" * 200_000 + "\n", "line 2: not a line of JSON"),
    "deep in a field": (
        lambda text: change(text, id="@").replace('"@"', "[" * 900 + "]" * 900),
        "line 2: id: expected a text like",
    ),
    "a huge number": (
        lambda text: text.splitlines()[0] + "\n" + "9" * 20_000 + "\n",
        "line 2: not a line of JSON",
    ),
    "not a number": (lambda text: change(text, at=float("nan")), "line 2: at: expected a number from 0"),
    "an infinite time": (lambda text: change(text, seconds=1e999), "seconds: expected a number"),
    "a truth for a number": (lambda text: change(text, cases=True), "cases: expected a whole number"),
    "a seed too large": (lambda text: change(text, seed=2**64), "seed: expected a whole number"),
    "another verdict": (lambda text: change(text, verdict="perfect"), "verdict: expected one of accepted"),
    "another key": (lambda text: change(text, colour=1), "'colour' is no field of an attempt"),
    "a path for a problem": (lambda text: change(text, problem="../x"), "problem: expected a text like"),
    "half a character": (lambda text: change(text, code="\ud800"), "code: expected a text"),
    "a day that is none": (lambda text: change(text, day="2026-02-30"), "day: expected a date"),
    "names that are none": (lambda text: change(text, failed=[1]), "failed: expected a text"),
    "an id that steers": (lambda text: change(text, id="\x1b[2J"), "id: expected a text like"),
}


@pytest.mark.parametrize(("spoil", "says"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_file_that_is_not_as_it_was_written_changes_nothing(
    spoil: Callable[[str], str | bytes], says: str, history: History, tmp_path: Path
) -> None:
    for _ in range(3):
        history.add(an_attempt())
    write_archive(history, tmp_path / "mine.jsonl")
    spoiled = spoil((tmp_path / "mine.jsonl").read_text(encoding="utf-8"))
    path = tmp_path / "spoiled.jsonl"
    path.write_bytes(spoiled if isinstance(spoiled, bytes) else spoiled.encode())
    other = History(tmp_path / "other")
    other.add(an_attempt(problem="mine"))
    with pytest.raises(UsageError) as caught:
        read_archive(other, path)
    assert says in str(caught.value)
    assert "nothing was taken in" in str(caught.value)
    assert str(caught.value).isprintable()
    assert list(other.tally("torch_judge")) == ["mine"]


def test_an_import_of_no_file_says_so(history: History, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        read_archive(history, tmp_path / "nowhere")
    with pytest.raises(UsageError, match="not a file"):
        read_archive(history, tmp_path)
