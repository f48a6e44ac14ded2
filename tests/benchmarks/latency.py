"""Speed and memory of a check, as ratios measured in one run: `python -m tests.benchmarks.latency`."""

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
from pathlib import Path

from rich.console import Console
from rich.table import Table

from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.judging.standing import StandingJudge
from torch_judge.model.bank import find_bank
from torch_judge.model.submission import from_path

RUNS = 30
SECONDS_OF_THOUGHT = 0.5
"""Between two checks of a person, who edits their answer meanwhile."""
COLD_RUNS = 3
COMMAND = [sys.executable, "-m", "torch_judge"]
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "TORCH_JUDGE_HOME": ""}
FORK = """
import os, sys, time
import torch
for _ in sys.stdin:
    start = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        torch.set_num_threads(1)
        torch.ones(4) + 1
        os._exit(0)
    os.waitpid(pid, 0)
    print(time.perf_counter() - start, flush=True)
"""
CONDUCTOR = """
import sys
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.judging.judge import judge
from torch_judge.model.bank import find_bank

from torch_judge.model.submission import from_path
from torch_judge.ui.text import as_rich, as_text

problem = find_bank().load("batchnorm")
with ForkServer(problem.framework) as server:
    report = judge(problem, from_path(sys.argv[1]), server=server)
as_text(as_rich(report))
print(open("/proc/self/status").read())
"""


def measure_seconds(command: list[str]) -> float:
    """Run a command to its end and return how long it took."""
    start = time.perf_counter()
    subprocess.run(command, check=True, env=ENVIRONMENT, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def measure_import() -> float:
    """Measure what `import torch_judge` adds to an interpreter's start, and see that torch stays out."""
    script = (
        "import sys, time; start = time.perf_counter(); import torch_judge; "
        "print(time.perf_counter() - start, 'torch' in sys.modules)"
    )
    out = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    ).stdout.split()
    if out[1] != "False":
        raise SystemExit("import torch_judge loads torch")
    return float(out[0])


def measure_warm_check(path: Path) -> tuple[float, float, int]:
    """Measure the median times of a warm check and of a fork; returns them and the number of cases.

    A fork is that of a process with torch imported, which runs one operator in the child and reaps it. The
    two are measured in turn, so that a machine that slows down slows both.
    """
    problem = find_bank().load("batchnorm")
    submission = from_path(path)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with (
        ForkServer(problem.framework) as server,
        subprocess.Popen([sys.executable, "-c", FORK], env=ENVIRONMENT, **pipes) as forking,
    ):
        standing = StandingJudge()
        pairs = []
        for _ in range(RUNS + 2):
            time.sleep(SECONDS_OF_THOUGHT)
            pairs.append((standing.judge(problem, submission, server=server), _ask(forking)))
        del pairs[:2]
        standing.close()
        forking.stdin.close()
    if not all(report.passed for report, _ in pairs):
        raise SystemExit("the accepted sample is not accepted")
    checks = [report.elapsed_seconds for report, _ in pairs]
    return statistics.median(checks), statistics.median(fork for _, fork in pairs), len(pairs[0][0].cases)


def _ask(forking: subprocess.Popen[str]) -> float:
    forking.stdin.write("\n")
    forking.stdin.flush()
    return float(forking.stdout.readline())


def measure_conductor(path: Path) -> float:
    """Return the peak resident memory of a conductor that judged one file."""
    command = [sys.executable, "-c", CONDUCTOR, str(path)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    peak = re.search(r"VmHWM:\s+(\d+) kB", out)
    return int(peak[1]) / 1024 if peak else resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main() -> None:
    """Measure and print the table."""
    path = find_bank().load("batchnorm").folder / "submissions" / "accepted" / "var_mean_and_lerp.py"
    with tempfile.TemporaryDirectory() as folder:
        copies = [Path(folder) / f"answer_{n}.py" for n in range(10)]
        for copy in copies:
            copy.write_text(path.read_text())
        commands = (
            [sys.executable, "-c", "import torch"],
            [*COMMAND, "run", "batchnorm", str(path)],
            [*COMMAND, "run", "batchnorm", *map(str, copies)],
        )
        rounds = [[measure_seconds(command) for command in commands] for _ in range(COLD_RUNS)]
    import_torch, cold, ten = (statistics.median(column) for column in zip(*rounds, strict=True))
    check, fork, cases = measure_warm_check(path)
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    table = Table(title=f"torch_judge on {machine}, Python {platform.python_version()}")
    for heading in ("what", "measured", "bound"):
        table.add_column(heading)
    table.add_row("import torch_judge", f"{measure_import():.3f} s, without torch", "0.15 s")
    table.add_row("conductor, peak resident", f"{measure_conductor(path):.0f} MiB", "80 MiB")
    table.add_row(
        "run FILE, cold / import torch",
        f"{cold:.2f} s / {import_torch:.2f} s = {cold / import_torch:.2f}",
        "1.6",
    )
    table.add_row(
        f"warm check of {cases} cases / fork, one operator, reap",
        f"{check * 1e3:.0f} ms / {fork * 1e3:.1f} ms = {check / fork:.1f}",
        "6",
    )
    table.add_row(
        "ten files in one run / one file, cold", f"{ten:.2f} s / {cold:.2f} s = {ten / cold:.2f}", "1.35"
    )
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
