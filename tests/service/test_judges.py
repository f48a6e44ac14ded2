"""The judges: what waits is judged and told case by case, kills lose nothing, and an end leaves nothing."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest

from tests.support.packages import SAMPLES
from tests.support.services import SLOW, wait_until, write_bank
from torch_judge.judging.batch import Plan
from torch_judge.judging.desk import Desk
from torch_judge.judging.workplace import OutOfReachError
from torch_judge.model.bank import Bank, find_bank
from torch_judge.model.errors import JudgeError
from torch_judge.model.isolation import Layer
from torch_judge.model.problem import Framework, Problem
from torch_judge.model.report import Report, Verdict
from torch_judge.model.reveals import Reveals
from torch_judge.model.submission import Submission, from_source
from torch_judge.service.bell import Bell
from torch_judge.service.judges import Judges, Judging
from torch_judge.service.ledger import Entry
from torch_judge.service.measures import Measures
from torch_judge.service.parcel import write_parcel
from torch_judge.service.queue import Asked, Rate, State
from torch_judge.service.store import Store, open_store

MUCH = Rate(per_minute=1000, waiting=1000)
"""Nobody asks for more."""


@dataclass(frozen=True, slots=True)
class Room:
    """A store, a bank and what its judges count."""

    store: Store
    judging: Judging

    def ask(self, source: str, *, name: str = "ada", problem: str = "double", seed: int = 7) -> str:
        """Submit as a user, who is added if there is none of this name."""
        known = {user.name: user.id for user in self.store.accounts.list()}
        if name not in known:
            self.store.accounts.add(name)
            known = {user.name: user.id for user in self.store.accounts.list()}
        parcel = write_parcel(from_source(source))
        identity = self.store.queue.add(known[name], Asked(problem, parcel, seed), MUCH)
        self.judging.bell.call_judges()
        return identity

    def judge(self, count: int) -> Judges:
        """Return so many judges, who work off what waits for a block."""
        return Judges(self.judging, [Desk(self.judging.required) for _ in range(count)])

    def find(self, identity: str) -> Entry:
        """Find what became of a submission."""
        entry = self.store.ledger.find(identity)
        assert entry is not None
        return entry

    def wait_until_done(self, identity: str) -> Report:
        """Wait for the report on a submission."""
        wait_until(lambda: self.find(identity).state is State.DONE)
        report = self.store.ledger.read_report(self.find(identity).number)
        assert report is not None
        return report

    def kinds(self, identity: str) -> list[str]:
        """List the kinds of what happened to a submission."""
        return [event.kind for event in self.store.ledger.read_events(self.find(identity).number, after=0)]


class Elsewhere(Desk):
    """A workplace that goes out of reach when it is told to, or in the middle of so many checks."""

    def __init__(self, *, checks_lost: int = 0) -> None:
        super().__init__(frozenset())
        self.is_lost = False
        self.checks_lost = checks_lost

    def reach(self) -> None:
        """Find out that it can judge now."""
        if self.is_lost:
            raise OutOfReachError("the line is dead")

    def judge(self, problem: Problem, submission: Submission, seed: int, plan: Plan) -> Report:
        """Judge a submission, and lose the report if so it shall be."""
        report = super().judge(problem, submission, seed, plan)
        if self.checks_lost:
            self.checks_lost -= 1
            raise OutOfReachError("the line went dead")
        return report


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    return find_bank(write_bank(tmp_path / "bank"))


@pytest.fixture
def room(tmp_path: Path, bank: Bank) -> Iterator[Room]:
    with open_store(tmp_path / "data", seconds_of_a_lease=2.0) as store:
        yield Room(store, Judging(store, bank, frozenset(), Reveals.EVERYTHING, Bell(), Measures()))


def test_what_waits_is_judged_and_told_as_it_comes(room: Room) -> None:
    right, wrong = room.ask(SAMPLES["accepted/adds_twice.py"]), room.ask(SAMPLES["wrong_answer/returns_x.py"])
    with room.judge(2):
        assert room.wait_until_done(right).verdict is Verdict.ACCEPTED
        report = room.wait_until_done(wrong)
    assert report.verdict is Verdict.WRONG_ANSWER
    assert report.seed == 7
    assert report.diagnosis is not None
    assert report.diagnosis.gotcha == "returns_x"
    assert room.kinds(wrong) == ["taken", "suite", "case", "report"]
    taken, suite, case, _ = room.store.ledger.read_events(room.find(wrong).number, after=0)
    assert json.loads(taken.facts) == {"attempt": 1}
    assert [one["name"] for one in json.loads(suite.facts)["cases"]] == ["doubles_by_default"]
    said = json.loads(case.facts)
    assert (said["number"], said["case"]["verdict"]) == (1, "wrong answer")


def test_what_is_asked_for_while_judges_wait_is_judged(room: Room) -> None:
    with room.judge(1) as judges:
        time.sleep(0.1)
        assert room.wait_until_done(room.ask(SAMPLES["accepted/adds_twice.py"])).passed
        assert judges.complaint == ""


def test_a_problem_that_is_not_there_is_a_judge_error_that_was_tried_twice(room: Room) -> None:
    identity = room.ask("x = 1", problem="triple")
    with room.judge(1):
        report = room.wait_until_done(identity)
    assert report.verdict is Verdict.JUDGE_ERROR
    assert "no problem 'triple'" in report.message
    assert room.kinds(identity) == ["taken", "taken", "report"]
    assert "torch_judge_judge_errors_total 2" in room.judging.measures.write({})


def test_a_bank_that_breaks_is_a_judge_error_and_the_next_submission_is_judged(
    room: Room, bank: Bank
) -> None:
    cases = bank.load("double").folder / "cases.py"
    text = cases.read_text()
    cases.write_text("this is no Python")
    with room.judge(1):
        assert room.wait_until_done(room.ask("double = abs")).verdict is Verdict.JUDGE_ERROR
        cases.write_text(text)
        assert room.wait_until_done(room.ask(SAMPLES["accepted/adds_twice.py"])).passed


def test_an_end_in_the_middle_gives_the_submission_back_and_leaves_no_process(room: Room) -> None:
    identity = room.ask(SLOW)
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    with room.judge(1):
        wait_until(lambda: "suite" in room.kinds(identity))
    assert room.find(identity).state is State.WAITING
    assert {process.pid for process in psutil.Process().children(recursive=True)} <= before
    taken = room.store.queue.take()
    assert taken is not None
    assert (taken.id, taken.attempts, taken.failures) == (identity, 1, 0)


@pytest.mark.parametrize("kind", ["server", "all"])
def test_when_the_pool_s_processes_are_killed_the_submission_is_judged_once_more(
    room: Room, kind: str
) -> None:
    identity = room.ask(SLOW.replace("60", "3"))
    others = set(psutil.Process().children(recursive=True))  # a PostgreSQL of other tests, perhaps
    with room.judge(1):
        wait_until(lambda: "suite" in room.kinds(identity))
        children = set(psutil.Process().children(recursive=kind == "all")) - others
        assert children
        for child in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
        report = room.wait_until_done(identity)
        assert report.passed, report
        assert room.wait_until_done(room.ask(SAMPLES["accepted/adds_twice.py"])).passed
    assert room.kinds(identity).count("report") == 1


def test_a_worker_that_is_killed_alone_looks_as_if_its_submission_had_ended_it(room: Room) -> None:
    """Nothing tells it from a submission that ran out of memory; there is one report all the same."""
    with room.judge(1):
        room.wait_until_done(room.ask(SAMPLES["accepted/adds_twice.py"]))  # from now on the checker stays
        before = set(psutil.Process().children(recursive=True))
        identity = room.ask(SLOW)
        wait_until(lambda: "suite" in room.kinds(identity))
        (worker,) = set(psutil.Process().children(recursive=True)) - before
        worker.kill()
        report = room.wait_until_done(identity)
        assert (report.verdict, len(report.cases)) == (Verdict.MEMORY_LIMIT_EXCEEDED, 1)
        assert room.kinds(identity).count("report") == 1
        assert room.wait_until_done(room.ask(SAMPLES["accepted/adds_twice.py"])).passed


def test_a_lease_is_prolonged_while_a_check_takes_longer(room: Room) -> None:
    identity = room.ask(SLOW.replace("60", "5"))
    with room.judge(2):
        assert room.wait_until_done(identity).passed
    assert room.kinds(identity).count("taken") == 1


def test_a_submission_that_the_judge_died_of_three_times_is_a_judge_error(room: Room) -> None:
    identity = room.ask(SAMPLES["accepted/adds_twice.py"])
    with room.store.database.transaction(alone=True) as transaction:
        transaction.run("UPDATE submissions SET attempts = 3")
    with room.judge(1):
        report = room.wait_until_done(identity)
    assert report.verdict is Verdict.JUDGE_ERROR
    assert "killed 3 times" in report.message


def list_workers() -> set[psutil.Process]:
    """List what runs in a pool, but for its warm servers, which are our own children."""
    own = psutil.Process()
    return {child for child in set(own.children(recursive=True)) - set(own.children()) if not is_dead(child)}


def is_dead(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize("phase", ["first case", "a loop as it is loaded"])
def test_what_is_withdrawn_while_it_is_judged_ends_and_the_next_is_judged(room: Room, phase: str) -> None:
    code = SLOW if phase == "first case" else "while True: pass\n"
    with room.judge(1):
        assert room.wait_until_done(room.ask(SAMPLES["accepted/adds_twice.py"])).passed
        before = list_workers()  # the checker, which stays
        identity = room.ask(code)
        wait_until(lambda: room.find(identity).state is State.RUNNING and len(list_workers() - before) > 0)
        (worker,) = list_workers() - before
        assert room.store.queue.withdraw(1, identity) is State.WITHDRAWN
        started = time.monotonic()
        psutil.wait_procs([worker], timeout=60)
        assert time.monotonic() - started < 5  # it looks every half second here, on a machine that is shared
        assert room.wait_until_done(room.ask(SAMPLES["accepted/adds_twice.py"])).passed
    assert room.kinds(identity)[-1] == "withdrawn"
    assert room.find(identity).state is State.WITHDRAWN
    measures = room.judging.measures.write({})
    assert "torch_judge_refused_total 0" in measures and "torch_judge_judge_errors_total 0" in measures


def test_what_another_process_withdraws_is_ended_too(room: Room, tmp_path: Path) -> None:
    identity = room.ask(SLOW)
    with room.judge(1), open_store(tmp_path / "data") as elsewhere:
        wait_until(lambda: "suite" in room.kinds(identity))
        assert elsewhere.queue.withdraw(1, identity) is State.WITHDRAWN  # no bell rings here
        wait_until(lambda: not list_workers())
        assert room.wait_until_done(room.ask(SAMPLES["accepted/adds_twice.py"])).passed


def test_a_workplace_that_is_out_of_reach_takes_nothing_and_is_complained_of(room: Room) -> None:
    elsewhere = Elsewhere()
    with Judges(room.judging, [elsewhere]) as judges:
        assert judges.complaint == ""
        elsewhere.is_lost = True
        wait_until(lambda: judges.complaint == "no judge can be reached")
        identity = room.ask(SAMPLES["accepted/adds_twice.py"])
        time.sleep(0.3)
        assert room.find(identity).state is State.WAITING
        elsewhere.is_lost = False
        assert room.wait_until_done(identity).passed
        assert judges.complaint == ""
    assert room.kinds(identity).count("taken") == 1


def test_while_one_workplace_is_lost_the_others_judge(room: Room) -> None:
    elsewhere = Elsewhere()
    elsewhere.is_lost = True
    with Judges(room.judging, [Desk(frozenset()), elsewhere]) as judges:
        assert room.wait_until_done(room.ask(SAMPLES["accepted/adds_twice.py"])).passed
        assert judges.complaint == ""


def test_what_is_lost_with_its_workplace_is_judged_again_and_reported_once(room: Room) -> None:
    identity = room.ask(SAMPLES["wrong_answer/returns_x.py"])
    with Judges(room.judging, [Elsewhere(checks_lost=1)]):
        assert room.wait_until_done(identity).verdict is Verdict.WRONG_ANSWER
    kinds = room.kinds(identity)
    assert (kinds.count("taken"), kinds.count("report")) == (2, 1)


def test_what_is_lost_again_and_again_is_a_judge_error(room: Room) -> None:
    identity = room.ask(SAMPLES["accepted/adds_twice.py"])
    with Judges(room.judging, [Elsewhere(checks_lost=9)]):
        report = room.wait_until_done(identity)
    assert report.verdict is Verdict.JUDGE_ERROR
    assert "killed 3 times" in report.message
    assert room.kinds(identity).count("taken") == 4


def test_where_less_isolation_holds_than_is_required_nothing_starts(room: Room) -> None:
    with Desk() as desk:
        missing = desk.open(Framework.NUMPY).describe().missing
    if Layer.IDENTITY.value not in missing:
        pytest.skip("every layer holds here")
    required = frozenset(Layer)
    judges = Judges(replace(room.judging, required=required), [Desk(required)])
    with pytest.raises(JudgeError, match=r"required does not hold here.*identity"), judges:
        pytest.fail("it started")
