"""Answers as evaluators write them: what is read, and what is refused with its line and why."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from torch_judge.grading.answers import LARGEST_CODE, Answer, read_answers
from torch_judge.model.errors import UsageError

TASKS = ("double", "relu")


def write(path: Path, *lines: object) -> str:
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines))
    return str(path)


def named(answers: list[Answer]) -> list[tuple[str, str, str]]:
    return [(answer.task_id, answer.sample_id, answer.text) for answer in answers]


def test_a_solution_goes_before_a_completion_and_samples_are_numbered(tmp_path: Path) -> None:
    source = write(
        tmp_path / "a.jsonl",
        {"task_id": "double", "solution": "one", "completion": "not this"},
        {"task_id": "relu", "completion": "two"},
        {"task_id": "double", "completion": "three"},
        "",
        {"task_id": "double", "sample_id": "mine", "solution": "four"},
    )
    answers, refused = read_answers(source, tasks=TASKS)
    assert refused == []
    assert named(answers) == [
        ("double", "0", "one"),
        ("relu", "0", "two"),
        ("double", "1", "three"),
        ("double", "mine", "four"),
    ]
    assert [answer.is_body for answer in answers] == [False, True, True, False]


def test_compressed_lines_are_read_too(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"task_id": "double", "solution": "one"}\n'))
    assert named(read_answers(str(path), tasks=TASKS)[0]) == [("double", "0", "one")]
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(UsageError, match="cannot be read"):
        read_answers(str(path), tasks=TASKS)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "no JSON"),
        ("[1]", "expected an object, found list"),
        ({"solution": "x"}, "has no task_id"),
        ({"task_id": True, "solution": "x"}, "has no task_id"),
        ({"task_id": "dbl", "solution": "x"}, "no problem 'dbl'"),
        ({"task_id": "double"}, "no code: it has neither a solution nor a completion"),
        ({"task_id": "double", "solution": 3}, "no code: it has neither"),
        ({"task_id": "double", "solution": "  \n"}, "no code"),
        ({"task_id": "double", "solution": "x" * (LARGEST_CODE + 1)}, "larger than 1 MiB"),
        ("[" * 100_000, "no JSON"),
    ],
)
def test_what_cannot_be_judged_is_refused_by_its_line_and_stops_nothing(
    tmp_path: Path, line: object, reason: str
) -> None:
    good = {"task_id": "double", "sample_id": "good", "solution": "one"}
    answers, refused = read_answers(write(tmp_path / "a.jsonl", line, good), tasks=TASKS)
    assert named(answers) == [("double", "good", "one")]
    assert len(refused) == 1 and str(refused[0]).startswith(f"{tmp_path / 'a.jsonl'}, line 1: ")
    assert reason in str(refused[0])


def test_a_folder_has_a_folder_or_a_file_for_each_task(tmp_path: Path) -> None:
    (tmp_path / "double").mkdir()
    (tmp_path / "double" / "0.py").write_text("one")
    (tmp_path / "double" / "1.md").write_text("two")
    (tmp_path / "relu.py").write_text("three")
    (tmp_path / ".hidden.py").write_text("no")
    (tmp_path / "linked.py").symlink_to(tmp_path / "relu.py")
    write(tmp_path / "more.jsonl", {"task_id": "relu", "sample_id": "x", "solution": "four"})
    (tmp_path / "double" / "2.py").write_bytes(b"\xff\xfe")
    answers, refused = read_answers(str(tmp_path), tasks=TASKS)
    assert sorted(named(answers)) == [
        ("double", "0", "one"),
        ("double", "1", "two"),
        ("relu", "0", "three"),
        ("relu", "x", "four"),
    ]
    assert [each.reason for each in refused] == ["is no UTF-8 text"]


@pytest.mark.parametrize("name", ["missing.jsonl", "empty"])
def test_nothing_to_read_is_said(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=r"cannot be read|holds no answers"):
        read_answers(str(tmp_path / name), tasks=TASKS)
