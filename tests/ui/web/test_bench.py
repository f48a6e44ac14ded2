"""The bench: tabs share its judges, what is too much waits, what waits can be forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from queue import SimpleQueue

import psutil
import pytest

from tests.support.loopback import PATIENCE
from tests.support.packages import SOLUTION
from torch_judge.judging.background import ExampleRequest, Request
from torch_judge.judging.example import ExampleRun
from torch_judge.model.problem import Framework, Problem
from torch_judge.model.report import CaseResult, Report
from torch_judge.model.submission import Submission, from_source
from torch_judge.ui.web.bench import Bench, Commission

Heard = SimpleQueue[tuple[str, object]]


@contextmanager
def open_bench(most: int) -> Iterator[Bench]:
    bench = Bench(required=frozenset(), most=most)
    try:
        yield bench
    finally:
        bench.close()


def commission(name: str, request: Request, heard: Heard) -> Commission:
    """Make a commission whose news are put into a queue under a name."""

    def on_suite(cases: Sequence[CaseResult]) -> None:
        heard.put((f"{name} suite", len(cases)))

    def on_report(_submission: Submission, report: Report) -> None:
        heard.put((name, report.verdict.value))

    def on_example(run: ExampleRun) -> None:
        heard.put((name, run.value))

    def on_error(error: Exception) -> None:
        heard.put((name, str(error)))

    def on_case(case: CaseResult) -> None:
        heard.put((f"{name} case", case.passed))

    return Commission(request, on_suite, on_case, on_report, on_example, on_error)


def blocked(problem: Problem, started: SimpleQueue[None], go_on: SimpleQueue[None]) -> Request:
    """Make a request that keeps its judge busy until it is told to go on."""

    def read() -> Submission:
        started.put(None)
        go_on.get(timeout=PATIENCE)
        return from_source(SOLUTION)

    return Request(problem, read)


def right(problem: Problem) -> Request:
    return Request(problem, lambda: from_source(SOLUTION))


def test_suite_cases_and_report_are_heard_in_order(problem: Problem) -> None:
    heard: Heard = SimpleQueue()
    with open_bench(1) as bench:
        bench.ask(commission("a", right(problem), heard))
        news = [heard.get(timeout=PATIENCE) for _ in range(3)]
    assert news == [("a suite", 1), ("a case", True), ("a", "accepted")]


def test_an_example_and_an_error_are_heard_too(problem: Problem) -> None:
    heard: Heard = SimpleQueue()

    def fail() -> Submission:
        raise ValueError("not to be read")

    with open_bench(1) as bench:
        bench.ask(commission("a", ExampleRequest(problem, right(problem).read, "double(2)"), heard))
        assert heard.get(timeout=PATIENCE) == ("a", "4.0")
        bench.ask(commission("b", Request(problem, fail), heard))
        assert heard.get(timeout=PATIENCE) == ("b", "not to be read")
        bench.ask(commission("c", right(problem), heard))
        assert heard.get(timeout=PATIENCE)[0] == "c suite"


def test_what_is_too_much_waits_in_its_order_and_can_be_forgotten(problem: Problem) -> None:
    heard: Heard = SimpleQueue()
    started: SimpleQueue[None] = SimpleQueue()
    go_on: SimpleQueue[None] = SimpleQueue()
    with open_bench(1) as bench:
        bench.ask(commission("first", blocked(problem, started, go_on), heard))
        started.get(timeout=PATIENCE)
        waiting = [commission(name, right(problem), heard) for name in ("second", "third", "fourth")]
        for each in waiting:
            bench.ask(each)
        bench.leave(waiting[1])
        go_on.put(None)
        verdicts = []
        while len(verdicts) < 3:
            name, said = heard.get(timeout=PATIENCE)
            if " " not in name:
                verdicts.append((name, said))
    assert verdicts == [(name, "accepted") for name in ("first", "second", "fourth")]
    assert heard.empty()


def test_what_waits_is_told_how_many_are_ahead_until_its_turn(problem: Problem) -> None:
    heard: Heard = SimpleQueue()
    started: SimpleQueue[None] = SimpleQueue()
    go_on: SimpleQueue[None] = SimpleQueue()
    told: SimpleQueue[tuple[str, int | None]] = SimpleQueue()

    def listen(name: str, request: Request) -> Commission:
        return replace(commission(name, request, heard), on_ahead=lambda ahead: told.put((name, ahead)))

    with open_bench(1) as bench:
        bench.ask(listen("a", blocked(problem, started, go_on)))
        started.get(timeout=PATIENCE)
        waiting = [listen(name, right(problem)) for name in "bc"]
        for each in waiting:
            bench.ask(each)
        news = [told.get(timeout=PATIENCE) for _ in range(4)]
        assert news == [("a", None), ("b", 0), ("b", 0), ("c", 1)]
        bench.leave(waiting[0])
        assert told.get(timeout=PATIENCE) == ("c", 0)
        go_on.put(None)
        assert told.get(timeout=PATIENCE) == ("c", None)


def test_two_judges_work_side_by_side(problem: Problem) -> None:
    heard: Heard = SimpleQueue()
    started: SimpleQueue[None] = SimpleQueue()
    go_on: SimpleQueue[None] = SimpleQueue()
    with open_bench(2) as bench:
        for name in ("a", "b"):
            bench.ask(commission(name, blocked(problem, started, go_on), heard))
        for _ in range(2):  # both have begun, and neither has ended
            started.get(timeout=PATIENCE)
        assert heard.empty()
        for _ in range(2):
            go_on.put(None)


def test_what_is_cancelled_is_heard_of_no_more_and_its_judge_is_free(problem: Problem) -> None:
    heard: Heard = SimpleQueue()
    started: SimpleQueue[None] = SimpleQueue()
    go_on: SimpleQueue[None] = SimpleQueue()
    with open_bench(1) as bench:
        first = commission("first", blocked(problem, started, go_on), heard)
        bench.ask(first)
        started.get(timeout=PATIENCE)
        bench.leave(first)
        bench.ask(commission("second", right(problem), heard))
        go_on.put(None)
        news = [heard.get(timeout=PATIENCE) for _ in range(3)]
    assert news[-1] == ("second", "accepted")
    assert heard.empty()


def test_a_warm_server_is_started_once_and_used(problem: Problem) -> None:
    heard: Heard = SimpleQueue()
    before = {process.pid for process in psutil.Process().children()}
    with open_bench(4) as bench:
        for _ in range(3):
            bench.warm_up(Framework.NUMPY)
        bench.ask(commission("a", right(problem), heard))
        while heard.get(timeout=PATIENCE) != ("a", "accepted"):
            pass
        assert len({process.pid for process in psutil.Process().children()} - before) == 1
    assert {process.pid for process in psutil.Process().children()} - before == set()


@pytest.mark.parametrize("asked", [0, 1])
def test_a_bench_that_is_closed_leaves_nothing(problem: Problem, asked: int) -> None:
    import threading

    before = set(threading.enumerate())
    heard: Heard = SimpleQueue()
    with open_bench(2) as bench:
        for _ in range(asked):
            bench.ask(commission("a", right(problem), heard))
    assert set(threading.enumerate()) == before
