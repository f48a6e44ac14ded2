"""The file of the history: nothing that was reported as saved is lost."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.support.attempts import a_report, an_attempt, list_attempts
from tests.support.packages import SOLUTION
from torch_judge.learning.database import FILE
from torch_judge.learning.history import History, find_history, record
from torch_judge.model.errors import ProgressError
from torch_judge.model.problem import Problem
from torch_judge.model.report import Verdict
from torch_judge.model.submission import from_source

ADDING = [sys.executable, "-m", "tests.support.attempts"]


def test_ten_processes_at_once_lose_nothing(home: Path) -> None:
    command = [*ADDING, "20"]
    processes = [
        subprocess.Popen([*command, str(n)], cwd=ROOT, stdout=subprocess.PIPE, text=True) for n in range(10)
    ]
    told = [line for process in processes for line in process.communicate(timeout=120)[0].split()]
    assert all(process.returncode == 0 for process in processes)
    assert len(told) == 200
    assert {attempt.id for attempt in list_attempts(find_history())} == set(told)


def test_what_was_reported_before_a_kill_is_there_after_it(home: Path) -> None:
    told: list[str] = []
    for patience in (0.0, 0.003, 0.011, 0.05):
        with subprocess.Popen(
            [*ADDING, "100000", "k"], cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            told.append(process.stdout.readline().strip())
            time.sleep(patience)
            process.send_signal(signal.SIGKILL)
            told += [line for line in process.stdout.read().split("\n")[:-1] if len(line) == 32]
    history = find_history()
    assert set(told) <= {attempt.id for attempt in list_attempts(history)}
    assert history.notices == []


def test_a_full_disk_is_one_sentence_and_loses_nothing(problem: Problem, history: History) -> None:
    history.add(an_attempt())
    script = (
        "import os, resource, sys\nfrom tests.support.attempts import a_report\n"
        "from torch_judge.learning.history import record\nfrom torch_judge.model.bank import find_bank\n"
        "from torch_judge.model.submission import from_source\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (49152, 49152))\n"
        "problem = find_bank(sys.argv[1]).load('double')\n"
        "code = ''.join(chr(33 + byte % 90) for byte in os.urandom(300_000))\n"
        "said = [record(problem, from_source(code), a_report()) for _ in range(3)]\n"
        "assert all(said), said\nprint(said[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(problem.folder.parent)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("torch_judge: this attempt is not kept: progress cannot be saved: ")
    assert "full" in done.stdout
    assert len(list_attempts(history)) == 1
    assert history.notices == []
    assert record(problem, from_source(SOLUTION), a_report()) == ""


def test_a_home_that_cannot_be_made_is_one_sentence(
    problem: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_JUDGE_HOME", "/dev/null/home")
    said = record(problem, from_source(SOLUTION), a_report())
    assert (
        said
        == "torch_judge: this attempt is not kept: progress cannot be saved: /dev/null/home: Not a directory"
    )


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="a system without users")
def test_a_home_that_may_not_be_written_is_still_read(history: History, home: Path) -> None:
    history.add(an_attempt(verdict=Verdict.ACCEPTED))
    script = (
        "import encodings.idna, os\nfrom tests.support.attempts import an_attempt, list_attempts\n"
        "from torch_judge.learning.history import find_history\n"
        "from torch_judge.model.errors import ProgressError\n"
        "if os.geteuid() == 0: os.setegid(65534); os.seteuid(65534)\n"
        "history = find_history()\n"
        "print(history.tally('torch_judge')['batchnorm'].accepted)\nprint(len(list_attempts(history)))\n"
        "try: history.add(an_attempt())\nexcept ProgressError as error: print(error)"
    )
    for folder in (
        home,
        *(folder for folder in home.parents if Path(tempfile.gettempdir()) in folder.parents),
    ):
        folder.chmod(0o755)
    for path in home.iterdir():
        path.chmod(0o444)
    home.chmod(0o555)
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    home.chmod(0o755)
    assert done.returncode == 0, done.stderr
    first, second, said = done.stdout.splitlines()
    assert (first, second) == ("1", "1")
    assert said.startswith(f"progress cannot be saved: {home / FILE}: ")


DAMAGES: dict[str, Callable[[Path], object]] = {
    "noise": lambda path: path.write_bytes(os.urandom(20_000)),
    "another text": lambda path: path.write_text("Dear diary\n" * 100),
    "a header of zeros": lambda path: overwrite(path, 0, bytes(100)),
    "cut in the middle": lambda path: os.truncate(path, path.stat().st_size // 2),
    "zeros in the middle": lambda path: overwrite(path, path.stat().st_size // 2, bytes(8192)),
    "another program's": lambda path: (
        path.unlink(),
        sqlite3.connect(path).executescript("CREATE TABLE notes (x)"),
    ),
}


def overwrite(path: Path, offset: int, raw: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(raw)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_file_is_set_aside_and_a_new_history_begins(
    damage: Callable[[Path], object], history: History, problem: Problem
) -> None:
    for number in range(60):
        history.add(an_attempt(code="".join(chr(33 + byte % 90) for byte in os.urandom(700)), seed=number))
    damage(history.path)
    said = ""
    for _ in range(3):
        said += record(problem, from_source(SOLUTION), a_report())
    everything = find_history()
    assert len(list_attempts(everything, "double", str(problem.folder.parent))) == 3
    survivors = list_attempts(everything)  # reading may find what writing has not touched
    aside = list(history.path.parent.glob("damaged-*.sqlite3"))
    assert len(aside) == 1
    (notice,) = filter(None, [said, *everything.notices])
    assert f"is damaged: it was set aside as {aside[0].name}, and a new history begins" in notice
    assert "\n" not in notice
    assert len({attempt.id for attempt in survivors}) == len(survivors) <= 60


def test_one_damaged_row_costs_no_other_attempt(history: History) -> None:
    for number in range(3):
        history.add(an_attempt(seed=number))
    with closing(sqlite3.connect(history.path)) as connection, connection:
        connection.execute("UPDATE attempts SET code = 'noise' WHERE number = 2")
    assert [attempt.seed for attempt in list_attempts(history)] == [0, 2]
    (notice,) = history.notices
    assert "a new history begins with the 2 attempts that could still be read" in notice


def test_what_can_still_be_read_of_a_damaged_file_is_taken_over(history: History) -> None:
    for number in range(200):
        history.add(an_attempt(code="".join(chr(33 + byte % 90) for byte in os.urandom(2000)), seed=number))
    history.give_up("torch_judge", "batchnorm")
    overwrite(history.path, history.path.stat().st_size // 2, bytes(3 * 4096))
    assert len(list_attempts(history)) > 150
    assert history.find_coaching("torch_judge", "batchnorm").given_up
    (notice,) = history.notices
    assert "attempts that could still be read" in notice


def test_ten_processes_that_meet_a_damaged_file_set_it_aside_once(history: History, home: Path) -> None:
    history.add(an_attempt())
    overwrite(history.path, 0, bytes(4096))
    command = [*ADDING, "3"]
    processes = [
        subprocess.Popen([*command, str(n)], cwd=ROOT, stdout=subprocess.PIPE, text=True) for n in range(10)
    ]
    told = [line for process in processes for line in process.communicate(timeout=120)[0].split()]
    assert len(told) == 30
    assert set(told) <= {attempt.id for attempt in list_attempts(find_history())}
    assert len(list(home.glob("damaged-*.sqlite3"))) == 1


def test_a_history_of_a_newer_torch_judge_is_left_alone(history: History, problem: Problem) -> None:
    history.add(an_attempt())
    connection = sqlite3.connect(history.path)
    connection.execute("PRAGMA user_version = 2")
    connection.close()
    before = history.path.read_bytes()
    said = record(problem, from_source(SOLUTION), a_report())
    assert "was written by a newer torch_judge (format 2, this one knows 1): upgrade torch-judge" in said
    with pytest.raises(ProgressError, match="newer torch_judge"):
        history.tally("torch_judge")
    assert history.path.read_bytes() == before
