"""How fast and how heavy the page is: `python -m tests.benchmarks.page`; look at it on a quiet machine."""

from __future__ import annotations

import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time

from rich.console import Console
from rich.table import Table

from tests.support.loopback import TAB, Visitor
from torch_judge.model.bank import find_bank

RUNS = 15
STARTS = 5
SLUG = "batchnorm"
WRONG = "def my_batch_norm(x, *arguments, **options):\n    return x + 0\n"


def start(home: str) -> tuple[subprocess.Popen[str], str, float]:
    """Start the command; return it, the address that it prints, and the seconds until it did."""
    command = [sys.executable, "-m", "torch_judge", "web", "--no-browser"]
    started = time.perf_counter()
    program = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "TORCH_JUDGE_HOME": home}
    )
    assert program.stdout is not None
    line = program.stdout.readline()
    return program, line.rpartition(" ")[2].strip(), time.perf_counter() - started


def end(program: subprocess.Popen[str]) -> None:
    """End the command as a person does."""
    program.terminate()
    program.wait(60)


def enter(address: str) -> Visitor:
    """Let a visitor in by a printed address."""
    found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)(/.*)", address)
    assert found
    visitor = Visitor(int(found[1]))
    visitor.cookie = visitor.get(found[2]).headers["set-cookie"].partition(";")[0]
    return visitor


def weigh(visitor: Visitor) -> int:
    """Weigh a problem's page with all that it loads, as it travels."""
    page = visitor.get(f"/problems/{SLUG}")
    paths = [f"/problems/{SLUG}", *re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)]
    return sum(len(visitor.get(path, Accept_Encoding="gzip").body) for path in paths)


def time_submission(visitor: Visitor, code: str) -> tuple[float, float]:
    """Measure the seconds from Submit to the first case that is decided, and to the verdict."""
    started = time.perf_counter()
    visitor.post(f"/api/tabs/{TAB}/submit", {"problem": SLUG, "code": code})
    first = 0.0
    with visitor.listen() as events:
        for event in events:
            if not first and (event.name == "report" or event.data.get("decided")):
                first = time.perf_counter() - started
    return first, time.perf_counter() - started


def main() -> None:
    """Measure it all and print a table."""
    right = find_bank().load(SLUG).read_solution()
    with tempfile.TemporaryDirectory() as home:
        starts = []
        for _ in range(STARTS):
            program, _, seconds = start(home)
            end(program)
            starts.append(seconds)
        program, address, _ = start(home)
        try:
            visitor = enter(address)
            size = weigh(visitor)
            time_submission(visitor, right)  # the server is warm from here on
            accepted = [time_submission(visitor, right) for _ in range(RUNS)]
            wrong = [time_submission(visitor, WRONG) for _ in range(RUNS)]
        finally:
            end(program)
    table = Table(title=f"{platform.system()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for heading in ("what", "measured", "bound"):
        table.add_column(heading)
    table.add_row("from the command to an answer", f"{statistics.median(starts):.3f} s", "0.5 s")
    table.add_row("a problem's page with all it loads, packed", f"{size / 1000:.0f} kB", "250 kB")
    for name, times in (("right", accepted), ("wrong", wrong)):
        first, last = (statistics.median(column) for column in zip(*times, strict=True))
        table.add_row(f"a {name} answer: Submit to first case, warm", f"{first * 1e3:.0f} ms", "300 ms")
        table.add_row(f"a {name} answer: Submit to verdict, warm", f"{last * 1e3:.0f} ms", "")
    Console().print(table)


if __name__ == "__main__":
    main()
