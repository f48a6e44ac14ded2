"""Tabs over the wire: cases as they come, the newest wins, and a closed tab leaves nothing running."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.support.attempts import list_attempts
from tests.support.loopback import PATIENCE, TAB, Told, Visitor, serve
from tests.support.packages import SOLUTION
from torch_judge.learning.history import find_history
from torch_judge.model.problem import Problem
from torch_judge.ui.web.serve import WebServer

WRONG = "def double(x, scale=2.0):\n    return x + 0\n"
ENDLESS = "def double(x, scale=2.0):\n    while True: pass\n"
OTHER = "zyxwvuts87654321"
FINAL = {"report", "example", "stopped", "broken"}


def submit(visitor: Visitor, code: str, tab: str = TAB) -> int:
    answer = visitor.post(f"/api/tabs/{tab}/submit", {"problem": "double", "code": code})
    assert answer.status == 202, answer.text
    return int(answer.json["request"])


def run(visitor: Visitor, code: str, example: str, tab: str = TAB) -> Told:
    sent = {"problem": "double", "code": code, "example": example}
    assert visitor.post(f"/api/tabs/{tab}/run", sent).status == 202
    begin, end = visitor.hear(tab)
    assert (begin.name, begin.data["kind"]) == ("begin", "run")
    return end


def wait_until(holds: Callable[[], bool]) -> None:
    """Look again and again, up to a bound that no honest machine needs."""
    pause = threading.Event()
    for _ in range(int(PATIENCE / 0.02)):
        if holds():
            return
        pause.wait(0.02)
    pytest.fail("it never came to that")


def list_busy() -> list[psutil.Process]:
    """List the workers that compute."""
    servers = {process.pid for process in psutil.Process().children()}
    return [
        process
        for process in psutil.Process().children(recursive=True)
        if process.pid not in servers and is_busy(process)
    ]


def is_busy(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.status() != psutil.STATUS_ZOMBIE and process.cpu_times().user > 0.3
    return False


def wait_for_busy() -> list[psutil.Process]:
    busy: list[psutil.Process] = []

    def look() -> bool:
        busy[:] = list_busy()
        return bool(busy)

    wait_until(look)
    return busy


# --- a check, from its beginning to its end ---


def test_cases_come_before_the_report_and_the_stream_ends_with_it(visitor: Visitor, problem: Problem) -> None:
    assert submit(visitor, WRONG) == 1
    told = visitor.hear()
    assert [told[0].name, told[-1].name] == ["begin", "report"]
    assert {event.name for event in told[1:-1]} == {"progress"}
    assert told[0].data["problem"] == "double" and told[0].data["kind"] == "submit"
    assert {event.data["request"] for event in told} == {1}
    assert any(event.data["of"] == 1 for event in told[1:-1])
    report = told[-1].data
    assert (report["verdict"], report["passed"], report["attempt"], report["state"]) == (
        "wrong answer",
        False,
        1,
        "tried",
    )
    assert report["say"].startswith("wrong answer: 0 of 1 cases passed")
    assert 'data-style="' in report["html"] and " style=" not in report["html"]
    assert report["notices"] == [] and report["solved_html"] == ""


def test_an_accepted_answer_opens_what_comes_next_and_is_in_the_history(
    visitor: Visitor, problem: Problem
) -> None:
    submit(visitor, SOLUTION)
    report = visitor.hear()[-1].data
    assert (report["verdict"], report["state"], report["attempt"]) == ("accepted", "solved", 1)
    assert "Solved on attempt 1, with no hint" in report["solved_html"]
    (attempt,) = list_attempts(find_history(), "double", str(problem.bank))
    assert (attempt.code, attempt.source) == (SOLUTION, "double.py")


def test_the_untouched_starter_is_no_attempt(visitor: Visitor, problem: Problem) -> None:
    submit(visitor, visitor.get("/api/problems/double/draft").json["text"])
    report = visitor.hear()[-1].data
    assert report["say"] == "nothing is written yet."
    assert (report["attempt"], report["state"]) == (None, "open")


@pytest.mark.parametrize("code", ["", "def double(:\n", "x = 1\n"])
def test_what_cannot_be_judged_is_a_report_too(visitor: Visitor, code: str) -> None:
    submit(visitor, code)
    assert visitor.hear()[-1].data["verdict"] == "compile error"


def test_what_a_submission_prints_stays_text(visitor: Visitor) -> None:
    attack = "</pre><script>alert(1)</script>\\x1b[31m\\u202e"
    submit(visitor, f"def double(x, scale=2.0):\n    print('{attack}')\n    raise ValueError('{attack}')\n")
    html = visitor.hear()[-1].data["html"]
    assert "&lt;script&gt;" in html and "<script" not in html
    assert "\x1b" not in html and "\u202e" not in html


def test_no_attempt_is_kept_where_that_is_not_wanted(bank: Path, problem: Problem) -> None:
    with serve(bank, keep=False) as server:
        visitor = Visitor(server.port).enter(server)
        submit(visitor, SOLUTION)
        report = visitor.hear()[-1].data
    assert (report["verdict"], report["attempt"], report["state"]) == ("accepted", None, "open")
    assert list_attempts(find_history(), "double", str(problem.bank)) == []


def test_a_judge_error_is_said_in_plain_words(visitor: Visitor, problem: Problem) -> None:
    (problem.folder / "cases.py").write_text("def (:\n")
    submit(visitor, SOLUTION)
    report = visitor.hear()[-1].data
    assert (report["verdict"], report["passed"]) == ("judge error", False)


# --- which of several is heard ---


def test_a_page_that_comes_back_hears_it_from_the_beginning_and_then_no_more(visitor: Visitor) -> None:
    submit(visitor, ENDLESS)
    with visitor.listen() as events:
        first = next(events)
    with visitor.listen() as events:  # a reload in the middle
        assert next(events) == first
        assert visitor.get(f"/api/tabs/{TAB}").json == {
            "problem": "double",
            "request": 1,
            "kind": "submit",
            "running": True,
        }
        assert visitor.post(f"/api/tabs/{TAB}/stop").json == {"stopped": True}
        last = list(events)[-1]
    assert last.name == "stopped"
    assert visitor.hear()[-1] == last  # a reload after it shows it again
    assert visitor.get(f"/api/tabs/{TAB}/events", Last_Event_ID=last.id).status == 204
    assert visitor.get(f"/api/tabs/{TAB}").json["running"] is False


def test_the_newest_submission_wins_and_the_endless_one_before_it_ends(visitor: Visitor) -> None:
    submit(visitor, ENDLESS)
    with visitor.listen() as events:
        assert next(events).data["request"] == 1
        busy = wait_for_busy()
        assert submit(visitor, SOLUTION) == 2
        told = list(events)
    assert told[-1].name == "report" and told[-1].data["request"] == 2 and told[-1].data["passed"]
    assert not [event for event in told if event.name in FINAL and event.data["request"] == 1]
    assert psutil.wait_procs(busy, timeout=PATIENCE)[1] == []


def test_of_many_at_once_only_the_last_is_reported(visitor: Visitor, problem: Problem) -> None:
    for _ in range(10):
        submit(visitor, WRONG)
    last = submit(visitor, SOLUTION)
    told = visitor.hear()
    assert [event.data["request"] for event in told if event.name in FINAL] == [last]
    assert told[-1].data["passed"]


def test_stop_ends_it_and_a_second_stop_has_nothing_to_end(visitor: Visitor) -> None:
    assert visitor.post(f"/api/tabs/{TAB}/stop").json == {"stopped": False}
    submit(visitor, ENDLESS)
    with visitor.listen() as events:
        busy = wait_for_busy()
        assert visitor.post(f"/api/tabs/{TAB}/stop").json == {"stopped": True}
        last = list(events)[-1]
    assert "Nothing of it is running any more" in last.data["html"]
    assert psutil.wait_procs(busy, timeout=PATIENCE)[1] == []
    assert visitor.post(f"/api/tabs/{TAB}/stop").json == {"stopped": False}
    submit(visitor, SOLUTION)
    assert visitor.hear()[-1].data["passed"]


def test_two_tabs_do_not_know_each_other(visitor: Visitor) -> None:
    submit(visitor, ENDLESS)
    wait_for_busy()
    submit(visitor, SOLUTION, OTHER)
    assert visitor.hear(OTHER)[-1].data["passed"]
    assert visitor.get(f"/api/tabs/{TAB}").json["running"]
    assert visitor.post(f"/api/tabs/{OTHER}/stop").json == {"stopped": False}
    assert visitor.post(f"/api/tabs/{TAB}/stop").json == {"stopped": True}


def test_a_tab_of_which_nothing_is_known_has_nothing_to_tell(visitor: Visitor) -> None:
    assert visitor.get(f"/api/tabs/{TAB}").json == {
        "problem": None,
        "request": 0,
        "kind": None,
        "running": False,
    }
    assert visitor.get(f"/api/tabs/{TAB}/events").status == 204


# --- nothing is left ---


@pytest.fixture
def impatient(bank: Path) -> Iterator[Visitor]:
    """Let a visitor in where a tab that is gone is soon given up."""
    with serve(bank, seconds_of_grace=0.5) as server:
        yield Visitor(server.port).enter(server)


def test_a_closed_tab_leaves_nothing_running(impatient: Visitor) -> None:
    submit(impatient, ENDLESS)
    with impatient.listen() as events:
        next(events)
        busy = wait_for_busy()
    assert psutil.wait_procs(busy, timeout=PATIENCE)[1] == []
    assert impatient.get(f"/api/tabs/{TAB}").json["running"] is False


def test_a_tab_that_never_listens_leaves_nothing_running(impatient: Visitor) -> None:
    submit(impatient, ENDLESS)
    wait_until(lambda: not impatient.get(f"/api/tabs/{TAB}").json["running"])
    wait_until(lambda: not list_busy())


def test_a_tab_that_somebody_listens_to_goes_on_past_its_grace(impatient: Visitor) -> None:
    submit(impatient, ENDLESS)
    with impatient.listen() as events:
        next(events)
        wait_for_busy()
        threading.Event().wait(1.0)
        assert impatient.get(f"/api/tabs/{TAB}").json["running"]
        impatient.post(f"/api/tabs/{TAB}/stop")


def test_the_end_of_the_server_ends_streams_and_processes(bank: Path) -> None:
    before = set(psutil.Process().children(recursive=True))
    with serve(bank) as server:
        visitor = Visitor(server.port).enter(server)
        submit(visitor, ENDLESS)
        with visitor.listen() as events:
            next(events)
            busy = wait_for_busy()
            running = set(psutil.Process().children(recursive=True)) - before
            server.stop()
            assert not [event for event in events if event.name in FINAL]
    assert len(running) >= 3 and set(busy) <= running
    assert psutil.wait_procs(list(running), timeout=PATIENCE)[1] == []


# --- examples ---


def test_an_example_shows_what_is_printed_and_returned(visitor: Visitor) -> None:
    end = run(visitor, WRONG, "print('<b>')\ndouble(3)")
    assert (end.name, end.data["verdict"], end.data["say"]) == ("example", "ran", "The example ran.")
    assert "&lt;b&gt;" in end.data["html"] and "<code>3</code>" in end.data["html"]
    assert "The jury" not in end.data["html"]  # not solved


def test_once_solved_the_jurys_answer_stands_beside_it(visitor: Visitor) -> None:
    submit(visitor, SOLUTION)
    visitor.hear()
    html = run(visitor, WRONG, "double(3)").data["html"]
    assert "<code>3</code>" in html and "The jury" in html and "<code>6.0</code>" in html


def test_an_example_that_raises_says_where(visitor: Visitor) -> None:
    end = run(visitor, WRONG, "x = 1\ndouble(x / 0)\n")
    assert end.data["verdict"] == "run-time error"
    assert "ZeroDivisionError" in end.data["html"] and "line 2" in end.data["html"]
    assert end.data["say"].startswith("The example did not run to its end: run-time error.")


def test_an_endless_example_is_stopped(visitor: Visitor) -> None:
    sent = {"problem": "double", "code": ENDLESS, "example": "double(1)"}
    visitor.post(f"/api/tabs/{TAB}/run", sent)
    with visitor.listen() as events:
        next(events)
        busy = wait_for_busy()
        visitor.post(f"/api/tabs/{TAB}/stop")
        assert [event.name for event in events] == ["stopped"]
    assert psutil.wait_procs(busy, timeout=PATIENCE)[1] == []


def test_an_example_is_no_attempt(visitor: Visitor, problem: Problem, server: WebServer) -> None:
    run(visitor, SOLUTION, "double(1)")
    assert list_attempts(find_history(), "double", str(problem.bank)) == []
