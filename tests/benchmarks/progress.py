"""Speed of the learner's day, measured in one run: `python -m tests.benchmarks.progress`."""

from __future__ import annotations

import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pexpect
from rich.console import Console
from rich.table import Table

from tests.attempts import an_attempt
from torch_judge.archive import read_archive, write_archive
from torch_judge.attempt import Attempt
from torch_judge.progress import FILE, Progress
from torch_judge.verdict import Verdict

ATTEMPTS = 100_000
PROBLEMS = 40
RUNS = 15
SAVES = 15
COMMAND = [sys.executable, "-m", "torch_judge"]
SAMPLES = Path(__file__).resolve().parents[2] / "problems" / "batchnorm" / "submissions" / "accepted"


def seconds(work: Callable[[], object]) -> float:
    """Return how long something takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def command_seconds(*arguments: str, home: Path) -> float:
    """Return the median time of a command, from its start to its end."""
    environment = {**os.environ, "TORCH_JUDGE_HOME": str(home)}
    command = [*COMMAND, *arguments]
    return statistics.median(
        seconds(lambda: subprocess.run(command, check=True, env=environment, capture_output=True)) for _ in range(RUNS)
    )


def python_seconds() -> float:
    """Return the median time of a Python that does nothing."""
    return statistics.median(seconds(lambda: subprocess.run([sys.executable, "-c", ""], check=True)) for _ in range(RUNS))


def a_long_history(home: Path) -> float:
    """Fill a history with attempts over many problems and days, half of them at `batchnorm`; return how long a thousand took."""
    day = date(2026, 11, 21)

    def attempts() -> list[Attempt]:
        return [
            an_attempt(
                problem="batchnorm" if number % 2 else f"problem_{number % PROBLEMS}",
                day=(day - timedelta(days=number % 700)).isoformat(),
                verdict=Verdict.ACCEPTED if number % 9 == 0 else Verdict.WRONG_ANSWER,
                code=f"# attempt {number}\n" + "def my_batch_norm(x):\n    return x\n" * 20,
            )
            for number in range(ATTEMPTS)
        ]

    made = attempts()
    return seconds(lambda: Progress(home).merge(lambda: iter(made)))


def reaction(home: Path, folder: Path) -> tuple[float, float]:
    """Return the median time from a save to its verdict on the screen, and of the check itself, as the report states it."""
    path = folder / "batchnorm.py"
    texts = [(SAMPLES / name).read_text() for name in ("var_mean_and_lerp.py", "welford.py")]
    path.write_text(texts[1])
    environment = {**os.environ, "TORCH_JUDGE_HOME": str(home), "TERM": "xterm"}
    child = pexpect.spawn(sys.executable, [*COMMAND[1:], "watch", str(path)], env=environment, encoding="utf-8", timeout=120)
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
    title = f"torch_judge on {platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    table = Table(title=title)
    for heading in ("what", "measured", "bound"):
        table.add_column(heading)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        long, empty = folder / "long", folder / "empty"
        filled = a_long_history(long)
        python = python_seconds()
        for command in (("status",), ("history", "batchnorm"), ("hint", "batchnorm"), ("next",)):
            few, many = command_seconds(*command, home=empty), command_seconds(*command, home=long)
            what = f"{' '.join(command)}: {ATTEMPTS} attempts, none; a Python that does nothing"
            bound = "0.3 s" if command == ("status",) else ""
            table.add_row(what, f"{many:.3f} s, {few:.3f} s; {python:.3f} s", bound)
        keep = statistics.median(seconds(lambda: Progress(long).add(an_attempt())) for _ in range(RUNS))
        table.add_row(f"keep an attempt beside {ATTEMPTS}, on the disk", f"{keep * 1e3:.0f} ms", "")
        out = seconds(lambda: write_archive(Progress(long), folder / "all.jsonl"))
        back = seconds(lambda: read_archive(Progress(folder / "other"), folder / "all.jsonl"))
        table.add_row(f"merge, export, import of {ATTEMPTS}", f"{filled:.1f} s, {out:.1f} s, {back:.1f} s", "")
        size = (long / FILE).stat().st_size / ATTEMPTS
        table.add_row("bytes an attempt takes", f"{size:.0f}", "")
        shown, check = reaction(empty, folder)
        said = f"{shown * 1e3:.0f} ms - {check * 1e3:.0f} ms = {(shown - check) * 1e3:.0f} ms"
        table.add_row("watch: from save to verdict - the warm check", said, "100 ms")
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
