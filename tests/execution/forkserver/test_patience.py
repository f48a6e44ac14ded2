"""Patience: what a machine gave to others is not charged, within bounds; what a child wastes is."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from torch_judge.execution.forkserver import patience
from torch_judge.execution.forkserver.patience import MOST_WAITED, Patience, read_seconds_of_waiting

counted = pytest.mark.skipif(
    not Path("/proc/self/schedstat").exists(), reason="the kernel does not count it here"
)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(patience, "time", SimpleNamespace(monotonic=lambda: now[0]))
    return now


def reading(waited: list[float]) -> Callable[[], float]:
    return lambda: waited[0]


def test_who_never_waits_has_what_was_said(clock: list[float]) -> None:
    left = Patience(5.0, reading([7.0])).measure_left
    assert left() == 5.0
    clock[0] += 4.5
    assert left() == 0.5
    clock[0] += 0.5
    assert left() <= 0


def test_who_had_to_wait_has_that_much_longer(clock: list[float]) -> None:
    waited = [7.0]
    patient = Patience(5.0, reading(waited))
    clock[0], waited[0] = clock[0] + 5.0, 9.0
    assert patient.measure_left() == pytest.approx(2.0)
    clock[0] += 2.0  # and it ran all the while
    assert patient.measure_left() <= 0
    assert patient.measure_waiting() == pytest.approx(2.0)


def test_what_is_waited_later_counts_too_and_all_of_it_is_bounded(clock: list[float]) -> None:
    waited = [0.0]
    patient = Patience(1.0, reading(waited))
    rounds = 0
    while patient.measure_left() > 0:
        clock[0] += 0.5
        waited[0] += 0.45
        rounds += 1
    assert clock[0] - 100.0 == pytest.approx(1.0 + MOST_WAITED, abs=0.6)
    assert patient.measure_waiting() == MOST_WAITED


def test_no_more_is_granted_than_is_left_in_all(clock: list[float]) -> None:
    waited = [0.0]
    patient = Patience(1.0, reading(waited), most=0.5)
    clock[0], waited[0] = clock[0] + 1.0, 2.0
    assert patient.measure_left() == pytest.approx(0.5)
    assert patient.measure_waiting() == 0.5


def test_a_count_that_runs_backwards_takes_nothing_away(clock: list[float]) -> None:
    waited = [5.0]
    patient = Patience(1.0, reading(waited))
    waited[0] = 1.0
    assert patient.measure_waiting() == 0.0
    assert patient.measure_left() == 1.0
    clock[0] += 1.0
    assert patient.measure_left() <= 0


@counted
def test_the_kernel_counts_who_is_kept_from_running() -> None:
    processor = {min(os.sched_getaffinity(0))}
    endless = [sys.executable, "-S", "-c", "while True: pass"]
    programs = [subprocess.Popen(endless) for _ in range(3)]
    try:
        for program in programs:
            os.sched_setaffinity(program.pid, processor)
        busy = programs[0].pid
        before, started = read_seconds_of_waiting(busy), time.monotonic()
        while read_seconds_of_waiting(busy) - before < 0.1:
            assert time.monotonic() - started < 60
            time.sleep(0.01)
    finally:
        for program in programs:
            program.kill()
            program.wait()


IN_ITS_OWN_WAY = """
import hashlib, threading
def work():
    while True:
        hashlib.pbkdf2_hmac("sha256", b"a", b"b", 100_000)
for _ in range(3):
    threading.Thread(target=work, daemon=True).start()
print(flush=True)
work()
"""


@counted
def test_who_is_in_its_own_way_waits_for_nobody() -> None:
    command = [sys.executable, "-S", "-c", IN_ITS_OWN_WAY]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as program:
        try:
            os.sched_setaffinity(program.pid, {min(os.sched_getaffinity(0))})
            assert program.stdout is not None
            program.stdout.read(1)
            for task in Path(f"/proc/{program.pid}/task").iterdir():
                os.sched_setaffinity(int(task.name), {min(os.sched_getaffinity(0))})
            waiting, started = Path(f"/proc/{program.pid}/schedstat"), time.monotonic()
            while int(waiting.read_text().split()[1]) < 1e9:
                assert time.monotonic() - started < 60
                time.sleep(0.01)
            # ticks of the one are not those of the other, and another test may run here too
            assert read_seconds_of_waiting(program.pid) < 0.5
        finally:
            program.kill()


def test_of_a_process_that_nobody_counts_nothing_is_known() -> None:
    assert read_seconds_of_waiting(2**30) == 0.0
