"""Speed of the learner's day, measured in one run: `python -m tests.benchmarks.progress`."""

from __future__ import annotations

import os
import platform
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

import pexpect
from rich.console import Console
from rich.table import Table

from tests.support import ROOT
from tests.support.attempts import an_attempt
from torch_judge.learning.archive import read_archive, write_archive
from torch_judge.learning.attempt import Attempt
from torch_judge.learning.database import FILE
from torch_judge.learning.history import History
from torch_judge.model.bank import find_bank
from torch_judge.model.report import Verdict

ATTEMPTS = 100_000
PROBLEMS = 40
RUNS = 15
SAVES = 15
COMMAND = [sys.executable, "-m", "torch_judge"]
SAMPLES = find_bank(ROOT / "problems").load("batchnorm").folder / "submissions" / "accepted"


def seconds(work: Callable[[], object]) -> float:
    """Measure how long something takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def command_seconds(command: Sequence[str], *, home: Path) -> tuple[float, float]:
    """Measure the median time of a command, and for how much of it a processor worked.

    Modules are compiled once, as an installer does.
    """
    environment = {
        **os.environ,
        "TORCH_JUDGE_HOME": str(home),
        "PYTHONPYCACHEPREFIX": str(home.parent / "compiled"),
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    walls, workings = [], []
    for _ in range(RUNS + 1):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        walls.append(
            seconds(lambda: subprocess.run(command, check=True, env=environment, capture_output=True))
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        workings.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(walls[1:]), statistics.median(workings[1:])


def a_long_history(home: Path) -> float:
    """Fill a history with attempts over many days, half of them at `batchnorm`; return how long it took."""
    day = date(2026, 11, 21)

    def make_attempts() -> list[Attempt]:
        return [
            an_attempt(
                problem="batchnorm" if number % 2 else f"problem_{number % PROBLEMS}",
                day=day - timedelta(days=number % 700),
                verdict=Verdict.ACCEPTED if number % 9 == 0 else Verdict.WRONG_ANSWER,
                code=f"# attempt {number}\n" + "def my_batch_norm(x):\n    return x\n" * 20,
            )
            for number in range(ATTEMPTS)
        ]

    attempts = make_attempts()
    return seconds(lambda: History(home).merge(lambda: iter(attempts)))


def reaction(home: Path, folder: Path) -> tuple[float, float]:
    """Measure the median time from a save to its verdict on the screen, and of the check by its report."""
    path = folder / "batchnorm.py"
    texts = [(SAMPLES / name).read_text() for name in ("var_mean_and_lerp.py", "welford.py")]
    path.write_text(texts[1])
    environment = {**os.environ, "TORCH_JUDGE_HOME": str(home), "TERM": "xterm"}
    child = pexpect.spawn(
        sys.executable, [*COMMAND[1:], "watch", str(path)], env=environment, encoding="utf-8", timeout=120
    )
    child.delaybeforesend = None
    child.expect("q quit")
    saved, checked = [], []
    for number in range(SAVES + 2):
        time.sleep(0.7)
        start = time.perf_counter()
        path.write_text(f"{texts[0]}\n# {number}\n")
        child.expect(r"accepted.*?seed \d+, (\d+\.\d+) s")
        saved.append(time.perf_counter() - start)
        checked.append(float(re.sub(r"\x1b\[[0-9;]*m", "", child.match[1])))
        child.expect("q quit")
    child.send("q")
    child.expect(pexpect.EOF)
    return statistics.median(saved[2:]), statistics.median(checked[2:])


def main() -> None:
    """Measure and print the table."""
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    title = f"torch_judge on {machine}, Python {platform.python_version()}"
    table = Table(title=title)
    for heading in ("what", "measured", "bound"):
        table.add_column(heading)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        long, empty = folder / "long", folder / "empty"
        filled = a_long_history(long)
        python, _ = command_seconds([sys.executable, "-c", ""], home=empty)
        for command in (("status",), ("history", "batchnorm"), ("hint", "batchnorm"), ("next",)):
            (few, _), (many, working) = (
                command_seconds([*COMMAND, *command], home=home) for home in (empty, long)
            )
            what = f"{' '.join(command)}: {ATTEMPTS} attempts, none; a Python that does nothing"
            measured = f"{many:.3f} s (processor {working:.3f} s), {few:.3f} s; {python:.3f} s"
            table.add_row(what, measured, "0.3 s" if command == ("status",) else "")
        keep = statistics.median(seconds(lambda: History(long).add(an_attempt())) for _ in range(RUNS))
        table.add_row(f"keep an attempt beside {ATTEMPTS}, on the disk", f"{keep * 1e3:.0f} ms", "")
        out = seconds(lambda: write_archive(History(long), folder / "all.jsonl"))
        back = seconds(lambda: read_archive(History(folder / "other"), folder / "all.jsonl"))
        table.add_row(
            f"merge, export, import of {ATTEMPTS}", f"{filled:.1f} s, {out:.1f} s, {back:.1f} s", ""
        )
        size = (long / FILE).stat().st_size / ATTEMPTS
        table.add_row("bytes an attempt takes", f"{size:.0f}", "")
        shown, check = reaction(empty, folder)
        said = f"{shown * 1e3:.0f} ms - {check * 1e3:.0f} ms = {(shown - check) * 1e3:.0f} ms"
        table.add_row("watch: from save to verdict - the warm check", said, "100 ms")
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
