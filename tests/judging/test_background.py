"""The background judge: the newest request wins, an older one gives way, and nothing is left running."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

import psutil
import pytest

from tests.support.packages import SOLUTION, give_time, write_package
from torch_judge.judging.background import BackgroundJudge, CancellableServer, ExampleRequest, Request
from torch_judge.judging.example import ExampleRun
from torch_judge.model.bank import find_bank
from torch_judge.model.errors import UsageError
from torch_judge.model.problem import Framework, Problem
from torch_judge.model.report import CaseResult, Report, Verdict
from torch_judge.model.submission import Submission, from_source

WRONG = "def double(x, scale=2.0):\n    return x + 0\n"
ENDLESS = "def double(x, scale=2.0):\n    while True: pass\n"
PATIENCE = 60.0
LONG = PATIENCE * 10
"""A case may take so long that only a cancel ends it before a test gives up."""


def write_problem(bank: Path, **files: str) -> Problem:
    """Write a NumPy problem: its server starts in no time, its cases may take longer than a test waits."""
    give_time(write_package(bank, framework="numpy", **files), round(LONG))
    return find_bank(bank).load("double")


@pytest.fixture
def problem(tmp_path: Path) -> Problem:
    return write_problem(tmp_path)


@dataclass
class Heard:
    """What a background judge told, in the order in which it did."""

    reports: SimpleQueue[tuple[Request, Submission, Report]] = field(default_factory=SimpleQueue)
    errors: SimpleQueue[tuple[Request, Exception]] = field(default_factory=SimpleQueue)
    runs: SimpleQueue[tuple[ExampleRequest, ExampleRun]] = field(default_factory=SimpleQueue)
    suites: SimpleQueue[tuple[Request, Sequence[CaseResult]]] = field(default_factory=SimpleQueue)
    cases: SimpleQueue[tuple[Request, CaseResult]] = field(default_factory=SimpleQueue)

    def judge(self) -> BackgroundJudge:
        """Make a judge that tells it to us."""
        return BackgroundJudge(
            on_report=lambda *told: self.reports.put(told),
            on_error=lambda *told: self.errors.put(told),
            required=frozenset(),
            on_example=lambda *told: self.runs.put(told),
            on_suite=lambda *told: self.suites.put(told),
            on_case=lambda *told: self.cases.put(told),
        )

    @property
    def is_silent(self) -> bool:
        """Tell whether nothing was told of any result that was not taken yet."""
        return self.reports.empty() and self.errors.empty() and self.runs.empty()


@pytest.fixture
def heard() -> Heard:
    return Heard()


def request(problem: Problem, source: str) -> Request:
    return Request(problem, lambda: from_source(source))


def wait_until(holds: Callable[[], bool]) -> None:
    """Look again and again, up to a bound that no honest machine needs."""
    pause = threading.Event()
    for _ in range(int(PATIENCE / 0.02)):
        if holds():
            return
        pause.wait(0.02)
    pytest.fail("it never came to that")


def programs() -> list[psutil.Process]:
    """List our servers and all that they have forked."""
    return [process for process in psutil.Process().children(recursive=True) if is_alive(process)]


def is_alive(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.status() != psutil.STATUS_ZOMBIE
    return False


def is_busy(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.cpu_times().user > 0.5
    return False


def wait_for_busy() -> list[psutil.Process]:
    """Wait until a worker or a checker computes without end, and return those that do."""
    busy: list[psutil.Process] = []

    def look() -> bool:
        servers = {process.pid for process in psutil.Process().children()}
        busy[:] = [process for process in programs() if process.pid not in servers and is_busy(process)]
        return bool(busy)

    wait_until(look)
    return busy


def test_a_report_comes_with_its_request_and_the_submission_that_was_read(
    problem: Problem, heard: Heard
) -> None:
    with heard.judge() as judge:
        right = request(problem, SOLUTION)
        judge.ask(right)
        asked, submission, report = heard.reports.get(timeout=PATIENCE)
        assert asked is right
        assert submission.name == "submission.py"
        assert report.verdict is Verdict.ACCEPTED
        judge.ask(request(problem, WRONG))
        assert heard.reports.get(timeout=PATIENCE)[2].verdict is Verdict.WRONG_ANSWER
    assert heard.errors.empty()


def test_the_newest_request_wins_and_the_endless_one_before_it_gives_way(
    problem: Problem, heard: Heard
) -> None:
    with heard.judge() as judge:
        judge.ask(request(problem, ENDLESS))
        busy = wait_for_busy()
        newest = request(problem, SOLUTION)
        judge.ask(newest)
        asked, _, report = heard.reports.get(timeout=PATIENCE)
        assert asked is newest
        assert report.verdict is Verdict.ACCEPTED
        assert psutil.wait_procs(busy, timeout=PATIENCE)[1] == []
    assert heard.reports.empty() and heard.errors.empty()


def test_of_many_requests_at_once_the_last_one_is_heard_last(problem: Problem, heard: Heard) -> None:
    with heard.judge() as judge:
        for _ in range(30):
            judge.ask(request(problem, WRONG))
        last = request(problem, SOLUTION)
        judge.ask(last)
        verdicts = {}
        while last not in verdicts:
            asked, _, report = heard.reports.get(timeout=PATIENCE)
            verdicts[asked] = report.verdict
    assert verdicts[last] is Verdict.ACCEPTED
    assert len(verdicts) < 30
    assert heard.reports.empty() and heard.errors.empty()


def test_a_cancelled_request_is_never_heard_of_and_its_processes_die(problem: Problem, heard: Heard) -> None:
    with heard.judge() as judge:
        judge.ask(request(problem, ENDLESS))
        busy = wait_for_busy()
        (server,) = psutil.Process().children()
        judge.cancel()
        assert psutil.wait_procs(busy, timeout=PATIENCE)[1] == []
        judge.ask(request(problem, SOLUTION))
        assert heard.reports.get(timeout=PATIENCE)[2].passed
        assert server.is_running()
    assert heard.reports.empty() and heard.errors.empty()


def test_a_check_whose_checker_was_killed_is_no_judge_error_that_anybody_hears_of(
    tmp_path: Path, heard: Heard
) -> None:
    with heard.judge() as judge:
        judge.ask(request(write_problem(tmp_path, solution=ENDLESS), SOLUTION))
        busy = wait_for_busy()
        judge.cancel()
        assert psutil.wait_procs(busy, timeout=PATIENCE)[1] == []
    assert heard.reports.empty() and heard.errors.empty()


def test_a_request_that_still_waits_when_it_is_cancelled_is_not_even_read(
    problem: Problem, heard: Heard
) -> None:
    reading, go_on, waited_for = threading.Event(), threading.Event(), threading.Event()

    def block() -> Submission:
        reading.set()
        assert go_on.wait(PATIENCE)
        return from_source(SOLUTION)

    def tell() -> Submission:
        waited_for.set()
        return from_source(SOLUTION)

    with heard.judge() as judge:
        judge.ask(Request(problem, block))
        assert reading.wait(PATIENCE)
        judge.ask(Request(problem, tell))
        judge.cancel()
        go_on.set()
        assert not waited_for.wait(0.5)
    assert heard.reports.empty() and heard.errors.empty()


def test_what_cannot_be_read_is_told_and_judging_goes_on(problem: Problem, heard: Heard) -> None:
    def fail() -> Submission:
        raise UsageError("no such file")

    with heard.judge() as judge:
        broken = Request(problem, fail)
        judge.ask(broken)
        asked, error = heard.errors.get(timeout=PATIENCE)
        assert asked is broken
        assert str(error) == "no such file"
        judge.ask(request(problem, SOLUTION))
        assert heard.reports.get(timeout=PATIENCE)[2].passed


def test_a_callback_that_fails_is_told_too(problem: Problem, heard: Heard) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    judge = BackgroundJudge(
        on_report=fail, on_error=lambda *told: heard.errors.put(told), required=frozenset()
    )
    with judge:
        judge.ask(request(problem, SOLUTION))
        assert isinstance(heard.errors.get(timeout=PATIENCE)[1], ZeroDivisionError)


def ask_for_example(
    problem: Problem, code: str, *, jury: bool = False, answer: str = WRONG
) -> ExampleRequest:
    return ExampleRequest(problem, lambda: from_source(answer), code, jury)


def test_the_cases_are_heard_of_when_judging_begins_and_each_as_it_is_decided(
    tmp_path: Path, heard: Heard
) -> None:
    """The second case never ends: what is known before is known before the report."""
    cases = """\
from torch_judge.authoring import case


@case()
def first(double, rng):
    \"\"\"It doubles.\"\"\"
    return double(3.0)


@case()
def second(double, rng):
    \"\"\"It doubles something else.\"\"\"
    return double(4.0)


@case()
def third(double, rng):
    \"\"\"It doubles once more.\"\"\"
    return double(5.0)
"""
    answer = "def double(x, scale=2.0):\n    while x == 5.0: pass\n    return x * scale\n"
    with heard.judge() as judge:
        asked = request(write_problem(tmp_path, cases=cases), answer)
        judge.ask(asked)
        told, suite = heard.suites.get(timeout=PATIENCE)
        assert told is asked
        assert [case.name for case in suite] == ["first", "second", "third"]
        told, case = heard.cases.get(timeout=PATIENCE)
        assert told is asked
        assert (case.name, case.verdict) == ("first", Verdict.ACCEPTED)
        wait_for_busy()
        judge.cancel()
        newest = request(asked.problem, SOLUTION)
        judge.ask(newest)
        assert heard.reports.get(timeout=PATIENCE)[0] is newest
        assert heard.suites.get(timeout=PATIENCE)[0] is newest
    of_newest = []
    while not heard.cases.empty():
        told, case = heard.cases.get()
        if told is newest:
            of_newest.append(case.name)
        else:
            assert case.verdict is Verdict.ACCEPTED  # decided before the cancel; no case has died of it
    assert of_newest == ["first", "second", "third"]
    assert heard.is_silent


def test_an_example_is_run_and_told_with_its_request(problem: Problem, heard: Heard) -> None:
    with heard.judge() as judge:
        asked = ask_for_example(problem, "print('said')\ndouble(3.0)", jury=True)
        judge.ask(asked)
        told, run = heard.runs.get(timeout=PATIENCE)
        assert told is asked
        assert (run.verdict, run.printed, run.value) == ("ran", "said\n", "3.0")
        assert run.jury is not None
        assert run.jury.value == "6.0"
        judge.ask(ask_for_example(problem, "double(3.0)"))
        assert heard.runs.get(timeout=PATIENCE)[1].jury is None
    assert heard.is_silent and heard.suites.empty() and heard.cases.empty()


def test_a_check_gives_way_to_an_example_and_an_example_to_a_check(problem: Problem, heard: Heard) -> None:
    with heard.judge() as judge:
        judge.ask(request(problem, ENDLESS))
        busy = wait_for_busy()
        endless = ask_for_example(problem, "while True: pass")
        judge.ask(endless)
        assert psutil.wait_procs(busy, timeout=PATIENCE)[1] == []
        busy = wait_for_busy()
        judge.ask(request(problem, SOLUTION))
        assert heard.reports.get(timeout=PATIENCE)[2].passed
        assert psutil.wait_procs(busy, timeout=PATIENCE)[1] == []
    assert heard.is_silent


@pytest.mark.parametrize("is_jury_s", [False, True])
def test_a_cancelled_example_is_never_heard_of_and_its_processes_die(
    problem: Problem, heard: Heard, *, is_jury_s: bool
) -> None:
    """The one on the jury solution too, which runs after the learner's: that one ends at once here."""
    code = "while double(1.0) == 2.0: pass" if is_jury_s else "while True: pass"
    with heard.judge() as judge:
        judge.ask(ask_for_example(problem, code, jury=True))
        busy = wait_for_busy()
        judge.cancel()
        assert psutil.wait_procs(busy, timeout=PATIENCE)[1] == []
        judge.ask(ask_for_example(problem, "double(2.0)"))
        assert heard.runs.get(timeout=PATIENCE)[1].value == "2.0"
    assert heard.is_silent


def test_who_asks_for_no_examples_need_not_hear_of_them(problem: Problem, heard: Heard) -> None:
    judge = BackgroundJudge(
        on_report=lambda *told: heard.reports.put(told),
        on_error=lambda *told: heard.errors.put(told),
        required=frozenset(),
    )
    with judge:
        judge.ask(request(problem, SOLUTION))
        assert heard.reports.get(timeout=PATIENCE)[2].passed
    assert heard.is_silent


def test_the_end_of_the_block_leaves_no_process_and_no_thread(problem: Problem, heard: Heard) -> None:
    before = set(threading.enumerate())
    with heard.judge() as judge:
        judge.ask(request(problem, ENDLESS))
        wait_for_busy()
        running = programs()
    assert len(running) >= 3  # the server, a worker and a checker
    assert psutil.wait_procs(running, timeout=PATIENCE)[1] == []
    assert set(threading.enumerate()) == before
    assert heard.reports.empty() and heard.errors.empty()


def test_a_block_in_which_nothing_was_asked_ends(heard: Heard) -> None:
    with heard.judge():
        pass
    assert heard.reports.empty() and heard.errors.empty()


def test_a_cancel_kills_every_child_of_the_check_the_first_ones_too() -> None:
    with CancellableServer(Framework.NUMPY) as server:
        for role in ("checker", "worker", "worker"):
            server.start(role)
        children = psutil.Process().children(recursive=True)
        forked = [process for process in children if process.ppid() != psutil.Process().pid]
        assert len(forked) == 3
        server.cancel()
        wait_until(lambda: not any(is_alive(process) for process in forked))


def test_after_a_cancel_a_child_is_started_only_for_the_next_check() -> None:
    with CancellableServer(Framework.NUMPY) as server:
        server.cancel()
        with pytest.raises(Exception, match=r"^$") as caught:
            server.start("worker")
        assert type(caught.value).__name__ == "_Cancelled"
        server.begin()
        server.raise_if_cancelled()
        assert server.start("worker").end() is None


def test_a_server_that_is_warmed_up_is_the_one_that_judges(problem: Problem, heard: Heard) -> None:
    with heard.judge() as judge:
        for _ in range(2):
            judge.warm_up(Framework.NUMPY)
        (server,) = psutil.Process().children()
        judge.ask(request(problem, SOLUTION))
        assert heard.reports.get(timeout=PATIENCE)[2].passed
        assert psutil.Process().children() == [server]
