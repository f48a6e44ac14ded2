"""What the sandbox costs a check, with it and without in turn: `python -m tests.benchmarks.isolation`."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table

from torch_judge.execution.forkserver import client as module
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.judging.judge import judge
from torch_judge.model.bank import find_bank
from torch_judge.model.submission import from_source

ROUNDS = 60
BOUND_MS = 5.0
ENTRY = "from torch_judge.execution.forkserver.program import main"
OFF = (
    "import os; from torch_judge.model.isolation import Layer, isolation_without; "
    "from torch_judge.execution.forkserver import program; "
    "program.enter = lambda *a, **k: os.setsid() or isolation_without(dict.fromkeys(Layer, 'off')); "
    "program.Scratches.make = lambda self: None; "
)
"""Both kinds of children have a session of their own: the system schedules one by itself."""


@contextmanager
def start_server(*, shut_in: bool) -> Iterator[ForkServer]:
    """Start a warm server whose children enter the sandbox, or do not."""
    as_it_is = module._BOOTSTRAP
    if not shut_in:
        module._BOOTSTRAP = as_it_is.replace(ENTRY, OFF + ENTRY)
    try:
        with ForkServer(find_bank().load("batchnorm").framework) as started:
            started.describe()
            module._BOOTSTRAP = as_it_is
            yield started
    finally:
        module._BOOTSTRAP = as_it_is


def main() -> None:
    """Measure and print the table."""
    problem = find_bank().load("batchnorm")
    submission = from_source(problem.read_solution())
    with start_server(shut_in=True) as inside, start_server(shut_in=False) as outside:
        pairs = [
            [judge(problem, submission, server=one) for one in (inside, outside)] for _ in range(ROUNDS + 3)
        ][3:]
    layers = {len(report.isolation) for report, _ in pairs}, {len(report.isolation) for _, report in pairs}
    if not all(report.passed for pair in pairs for report in pair) or layers[1] != {0}:
        raise SystemExit(f"the two cannot be compared: {layers}")
    on, off = ([1e3 * pair[n].elapsed_seconds for pair in pairs] for n in (0, 1))
    added = statistics.median(a - b for a, b in zip(on, off, strict=True))
    table = Table(
        title=f"{ROUNDS} warm checks of {len(pairs[0][0].cases)} cases each, in turn; {max(layers[0])} layers"
    )
    for heading in ("with the sandbox", "without", "ratio", "added, median of the differences", "bound"):
        table.add_column(heading)
    with_it, without = statistics.median(on), statistics.median(off)
    table.add_row(
        f"{with_it:.1f} ms",
        f"{without:.1f} ms",
        f"{with_it / without:.2f}",
        f"{added:.1f} ms",
        f"{BOUND_MS:g} ms",
    )
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
