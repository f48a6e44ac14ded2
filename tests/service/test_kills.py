"""Kills: processes that work off a queue end by SIGKILL at any moment, and each submission has one report."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time

from tests.support import ROOT
from torch_judge.service.queue import Asked, Rate, State
from torch_judge.service.store import Store, open_store

COUNT = 60
WORK = """
import sys, time
from torch_judge.model.report import Report, Verdict
from torch_judge.service.store import open_store

with open_store(sys.argv[1], seconds_of_a_lease=0.5) as store:
    print("ready", flush=True)
    while True:
        taken = store.queue.take()
        if taken is None:
            time.sleep(0.01)
            continue
        store.queue.tell(taken, [("suite", {"cases": []})])
        time.sleep(0.01)
        report = Report("double", "x", Verdict.ACCEPTED, taken.seed, 0.0, (), ())
        if store.queue.finish(taken, report):
            print("finished", taken.id, flush=True)
"""


def start_worker(place: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", WORK, place]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def kill(worker: subprocess.Popen[str]) -> list[str]:
    """Kill a worker and return the submissions of which it said that it finished them."""
    worker.send_signal(signal.SIGKILL)
    said, _ = worker.communicate()
    return [line.split()[1] for line in said.splitlines() if line.startswith("finished ")]


def ask_for_many(store: Store) -> list[str]:
    """Ask for submissions of a user each, so that two can run at a time."""
    asked = []
    for number in range(COUNT):
        user = store.accounts.find(store.accounts.add(f"user{number}"))
        assert user is not None
        asked.append(store.queue.add(user.id, Asked("double", "{}", number), Rate()))
    return asked


def test_killed_at_any_moment_nothing_is_lost_and_nothing_is_finished_twice(place: str) -> None:
    chance = random.Random(7)
    finished: list[str] = []
    kills = 0
    with open_store(place) as store:
        asked = ask_for_many(store)
        workers = [start_worker(place) for _ in range(2)]
        try:
            for worker in workers:
                assert worker.stdout is not None
                assert worker.stdout.readline() == "ready\n"
            while sum(store.queue.count().values()):
                time.sleep(chance.uniform(0.02, 0.3))
                if kills < 8:
                    victim = chance.randrange(len(workers))
                    finished += kill(workers[victim])
                    workers[victim] = start_worker(place)
                    kills += 1
        finally:
            for worker in workers:
                finished += kill(worker)
        entries = [store.ledger.find(identity) for identity in asked]
        assert kills >= 4
        assert all(entry is not None and entry.state is State.DONE for entry in entries)
        for entry in entries:
            assert entry is not None
            report = store.ledger.read_report(entry.number)
            assert report is not None
            assert report.seed == entry.seed
            kinds = [event.kind for event in store.ledger.read_events(entry.number, after=0)]
            assert kinds.count("report") == 1
            assert kinds[-1] == "report"
    assert len(finished) == len(set(finished))  # no two were told that theirs is the report
    assert set(finished) <= set(asked)


def test_withdrawn_at_any_moment_it_is_withdrawn_or_done_and_never_both(place: str) -> None:
    chance = random.Random(7)
    finished: list[str] = []
    said: dict[str, State | None] = {}
    with open_store(place) as store:
        users = {identity: user for user, identity in enumerate(ask_for_many(store), 1)}
        workers = [start_worker(place) for _ in range(2)]
        try:
            for worker in workers:
                assert worker.stdout is not None
                assert worker.stdout.readline() == "ready\n"
            for turn, identity in enumerate(chance.sample(list(users), COUNT)):
                time.sleep(chance.uniform(0.0, 0.02))
                if turn % 2:
                    said[identity] = store.queue.withdraw(users[identity], identity)
                if turn in {20, 40}:
                    finished += kill(workers[0])
                    workers[0] = start_worker(place)
            while sum(store.queue.count().values()):
                time.sleep(0.02)
        finally:
            for worker in workers:
                finished += kill(worker)
        for identity in users:
            entry = store.ledger.find(identity)
            assert entry is not None
            assert entry.state is said.get(identity, State.DONE)
            is_done = entry.state is State.DONE
            kinds = [event.kind for event in store.ledger.read_events(entry.number, after=0)]
            assert kinds.count("report") == int(is_done) and kinds.count("withdrawn") == int(not is_done)
            assert kinds[-1] == ("report" if is_done else "withdrawn")
            assert (store.ledger.read_report(entry.number) is not None) is is_done
            assert is_done or identity not in finished
    assert set(said.values()) == {State.DONE, State.WITHDRAWN}
    assert len(finished) == len(set(finished))
