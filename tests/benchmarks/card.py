"""What showing a check costs in a notebook: `python -m tests.benchmarks.card`."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.support.packages import find_sample
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.judging.judge import judge
from torch_judge.model.bank import find_bank
from torch_judge.model.report import Report
from torch_judge.ui.card import CheckState, as_card
from torch_judge.ui.notebook.display import CardDisplay
from torch_judge.ui.text import as_rich, as_text

RUNS = 15
SAMPLES = (
    "accepted/var_mean_and_lerp",
    "wrong_answer/constant_features_skipped",
    "wrong_answer/returns_zeros",
)


class Kernel:
    """As much of an IPython shell as a display needs."""

    execution_count = 1

    def __init__(self) -> None:
        self.display_pub = self.display_formatter = self.ipython_display_formatter = self
        self.cards = 0

    def publish(self, _data: dict[str, str], **_options: Any) -> None:
        """Count a card."""
        self.cards += 1

    def for_type(self, _kind: type, _show: Callable[[Any], None]) -> None:
        """Take a formatter."""


def time_on_display(run: Callable[..., Report]) -> tuple[float, int]:
    """Measure the processor seconds that a check takes here on display, and count the cards it showed."""
    kernel = Kernel()
    started = time.process_time()
    with CardDisplay(kernel, CheckState("batchnorm", "my_batch_norm")) as display:
        display.finish(run(on_suite=display.on_suite, on_case=display.on_case))
    return time.process_time() - started, kernel.cards


def time_unseen(run: Callable[..., Report]) -> float:
    """Measure the processor seconds that a check takes where nobody looks."""
    started = time.process_time()
    run()
    return time.process_time() - started


def time_least(function: Callable[[], object]) -> float:
    """Measure the least processor time of a few calls, in milliseconds."""
    times = []
    for _ in range(RUNS):
        started = time.process_time()
        function()
        times.append(time.process_time() - started)
    return min(times) * 1e3


def main() -> None:
    """Measure and print the table."""
    problem = find_bank().load("batchnorm")
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    table = Table(title=f"the card on {machine}; milliseconds")
    for heading in ("submission", "check", "rendering adds", "card", "text", "cards", "kB", "bound"):
        table.add_column(heading)
    with ForkServer(problem.framework) as server:
        for sample in SAMPLES:
            submission = find_sample(problem, sample).read_submission()

            def run(submission: Any = submission, **options: Any) -> Report:
                return judge(problem, submission, server=server, seed=7, **options)

            report = [run() for _ in range(2)][-1]
            pairs = [(time_unseen(run), time_on_display(run)) for _ in range(RUNS)]
            added = statistics.median(on for _, (on, _) in pairs) - statistics.median(off for off, _ in pairs)
            card = as_card(report)
            table.add_row(
                sample,
                f"{report.elapsed_seconds * 1e3:.0f}",
                f"{added * 1e3:.1f}",
                f"{time_least(lambda report=report: as_card(report)):.1f}",
                f"{time_least(lambda report=report: as_text(as_rich(report))):.1f}",
                str(max(cards for _, (_, cards) in pairs)),
                f"{len(card.encode()) / 1024:.0f}",
                "10",
            )
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
