"""What puts events into the queue: saves, and keys; and that each ends with its block."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from queue import Empty, SimpleQueue

import pexpect
import pytest

from tests.support import ROOT
from torch_judge.model.errors import UsageError
from torch_judge.ui.watch.events import (
    Broken,
    Event,
    Events,
    Looked,
    watch_keys,
    watch_saves,
)

PATIENCE = 30.0
KEYS = """
from queue import SimpleQueue
from torch_judge.ui.watch.events import watch_keys
events = SimpleQueue()
with watch_keys(events) as has_keys:
    print("keys", has_keys, flush=True)
    while True:
        event = events.get()
        print(f"<{event}>", flush=True)
        if getattr(event, "key", "") == "q":
            break
print("end", flush=True)
"""


@pytest.fixture
def events() -> Events:
    return SimpleQueue()


def drain(events: Events) -> list[Event]:
    taken = []
    while True:
        try:
            taken.append(events.get_nowait())
        except Empty:
            return taken


def test_the_file_is_looked_at_when_it_is_saved_and_now_and_then_anyway(
    events: Events, tmp_path: Path
) -> None:
    path = tmp_path / "double.py"
    with watch_saves(lambda: path, events):
        assert events.get(timeout=PATIENCE) == Looked()
        path.write_text("x = 1\n")
        assert events.get(timeout=PATIENCE) == Looked()


def test_a_folder_that_cannot_be_watched_is_told_and_belongs_to_no_request(
    events: Events, tmp_path: Path
) -> None:
    with watch_saves(lambda: tmp_path / "nowhere" / "double.py", events):
        event = events.get(timeout=PATIENCE)
    assert isinstance(event, Broken)
    assert event.request is None
    assert isinstance(event.error, UsageError)
    assert str(event.error).startswith(f"{tmp_path}/nowhere cannot be watched: ")


def test_no_thread_outlives_its_block_and_nothing_more_is_told(events: Events, tmp_path: Path) -> None:
    before = set(threading.enumerate())
    with watch_saves(lambda: tmp_path / "double.py", events):
        assert events.get(timeout=PATIENCE) == Looked()
    assert set(threading.enumerate()) == before
    drain(events)
    (tmp_path / "double.py").write_text("x = 1\n")
    assert drain(events) == []


def test_without_a_terminal_there_are_no_keys(events: Events) -> None:
    with watch_keys(events) as has_keys:
        assert not has_keys
    assert drain(events) == []


def test_keys_come_one_by_one_in_small_letters_and_an_arrow_is_none() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    child = pexpect.spawn(sys.executable, ["-c", KEYS], env=environment, encoding="utf-8", timeout=PATIENCE)
    child.expect("keys True")
    child.send("H")
    child.expect(r"<Pressed\(key='h'\)>")
    child.send("\x1b[A")
    child.send("ä")
    child.expect(r"<.*?>")
    assert child.after == "<Pressed(key='ä')>"
    child.send("q")
    child.expect("end")
    child.close()
