"""A gotcha beside the submission: whatever it does, it costs no more than its time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from tests.support.packages import SOLUTION, write_package
from torch_judge.execution.checker.sample_runner import (
    Clock,
    Observed,
    Raised,
    SampleRunner,
    TooSlow,
)
from torch_judge.execution.checker.serve import Checker
from torch_judge.judging.jobs import make_checker_job
from torch_judge.model.bank import find_bank

CASE = "uses_the_scale_it_is_given"
REFUSES = (
    "from torch_judge.authoring import WrongAnswer\n\n\n"
    "def double(x, scale=2.0):\n    raise WrongAnswer('no')\n"
)


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[SampleRunner]:
    write_package(tmp_path)
    job = make_checker_job(find_bank(tmp_path).load("double"), seed=3)
    runner = Checker(job).make_sample_runner(3)
    with runner.clock:
        yield runner


def run(runner: SampleRunner, source: str, **options: float) -> Observed | Raised | None:
    return runner.run(runner.load(compile(source, "gotcha.py", "exec")), CASE, **options)


def test_what_is_right_passes_and_what_is_wrong_does_not(runner: SampleRunner) -> None:
    right, wrong = run(runner, SOLUTION), run(runner, SOLUTION.replace("scale\n", "2\n"))
    assert isinstance(right, Observed)
    assert isinstance(right.value["output"].values, type(torch.ones(1).numpy()))
    assert (runner.passes(CASE, right), runner.passes(CASE, wrong)) == (True, False)


@pytest.mark.parametrize(
    "body",
    ["raise SystemExit(0)", "raise KeyboardInterrupt", "return 1 / 0", "return object()"],
    ids=["exit", "interrupt", "error", "what may not travel"],
)
def test_whatever_a_gotcha_raises_stays_in_it(runner: SampleRunner, body: str) -> None:
    outcome = run(runner, f"def double(x, scale=2.0):\n    {body}\n")
    assert not isinstance(outcome, Observed)
    assert not runner.passes(CASE, outcome)


def test_a_gotcha_that_loops_is_stopped_even_if_it_catches_that(runner: SampleRunner) -> None:
    loops = "def double(x, scale=2.0):\n    while True: pass\n"
    catches = (
        "def double(x, scale=2.0):\n    try:\n        while True: pass\n"
        "    except BaseException:\n        while True: pass\n"
    )
    assert run(runner, loops, seconds=0.05) is None
    assert run(runner, catches, seconds=0.05) is None


def test_a_gotcha_that_does_not_load_has_no_entry_point(runner: SampleRunner) -> None:
    for source in ("raise ValueError", "import sys; sys.exit()", "x = 1", "while True: pass"):
        entry_point = runner.load(compile(source, "gotcha.py", "exec"))
        assert entry_point is None
        assert runner.run(entry_point, CASE) is None


def test_it_agrees_with_a_right_submission_where_it_is_right(runner: SampleRunner) -> None:
    assert runner.agrees(CASE, run(runner, SOLUTION), None)
    assert not runner.agrees(CASE, run(runner, REFUSES), None)


def test_it_agrees_with_a_wrong_submission_that_is_wrong_in_the_same_way(runner: SampleRunner) -> None:
    plus, plus_again = (
        run(runner, SOLUTION.replace("*", "+")),
        run(runner, SOLUTION.replace("x *", "0 + x +")),
    )
    other = run(runner, SOLUTION.replace("*", "-"))
    assert isinstance(plus, Observed)
    assert runner.agrees(CASE, plus_again, plus)
    assert not runner.agrees(CASE, other, plus)
    assert not runner.agrees(CASE, run(runner, REFUSES), plus)


def test_it_agrees_with_a_refusal_of_the_same_words(runner: SampleRunner) -> None:
    refused = run(runner, REFUSES)
    assert refused == Raised("no")
    assert runner.agrees(CASE, refused, Raised("no"))
    assert not runner.agrees(CASE, refused, Raised("yes"))


def test_the_clock_stops_only_what_it_was_told_to_watch() -> None:
    with Clock() as clock:
        with pytest.raises(TooSlow), clock.running(0.05):
            time.sleep(60)
        until = time.monotonic() + 0.1
        while time.monotonic() < until:
            pass
