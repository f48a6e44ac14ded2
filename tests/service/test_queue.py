"""The queue: nothing is lost, nothing is judged twice, turns are fair, and nobody asks for too much."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from torch_judge.model.report import CaseResult, Report, Verdict
from torch_judge.service.errors import TooManyError
from torch_judge.service.queue import MOST_ATTEMPTS, Asked, Queue, Rate, State, Taken
from torch_judge.service.store import Store, open_store

MUCH = Rate(per_minute=1000, waiting=1000)
REPORT = Report(
    problem="double",
    submission="submission.py",
    verdict=Verdict.WRONG_ANSWER,
    seed=7,
    elapsed_seconds=0.5,
    cases=(
        CaseResult("one", "one", Verdict.ACCEPTED),
        CaseResult("two", "two", Verdict.WRONG_ANSWER, "\x00 and \ud800"),
    ),
    isolation=(),
)


def add_user(store: Store, name: str = "ada") -> int:
    user = store.accounts.find(store.accounts.add(name))
    assert user is not None
    return user.id


def ask(store: Store, user: int, *, key: str | None = None, seed: int = 7, rate: Rate = MUCH) -> str:
    return store.queue.add(user, Asked("double", '{"name": "\\u0000"}', seed, key), rate)


def take(store: Store) -> Taken:
    taken = store.queue.take()
    assert taken is not None
    return taken


def brief(store: Store) -> Queue:
    """Return a queue on the same store whose leases run out at once."""
    return Queue(store.database, seconds_of_a_lease=0.0)


def test_a_submission_is_taken_as_it_was_asked_for_and_its_report_is_kept(store: Store) -> None:
    identity = ask(store, add_user(store), seed=2**32 - 1)
    taken = take(store)
    assert (taken.id, taken.problem, taken.seed, taken.attempts) == (identity, "double", 2**32 - 1, 1)
    assert json.loads(taken.submission) == {"name": "\x00"}
    assert store.queue.finish(taken, REPORT)
    entry = store.ledger.find(identity)
    assert entry is not None
    assert (entry.state, entry.verdict, entry.passed, entry.cases) == (State.DONE, Verdict.WRONG_ANSWER, 1, 2)
    assert store.ledger.read_report(entry.number) == REPORT
    assert store.queue.take() is None


def test_what_waits_outlives_a_store_that_is_opened_anew(place: str) -> None:
    with open_store(place) as store:
        identity = ask(store, add_user(store))
    with open_store(place) as store:
        assert take(store).id == identity


def test_a_submission_is_taken_once_however_many_ask(store: Store) -> None:
    names = [f"user{n}" for n in range(12)]
    asked = {ask(store, add_user(store, name)) for name in names}
    with ThreadPoolExecutor(8) as threads:
        taken = [found for found in threads.map(lambda _: store.queue.take(), range(30)) if found]
    assert sorted(one.id for one in taken) == sorted(asked)


def test_a_user_has_one_check_at_a_time(store: Store) -> None:
    user = add_user(store)
    first, second = ask(store, user), ask(store, user)
    taken = take(store)
    assert taken.id == first
    assert store.queue.take() is None
    assert store.queue.finish(taken, REPORT)
    assert take(store).id == second


def test_whoever_was_served_longest_ago_comes_first(store: Store) -> None:
    """One who asks for much waits no longer than others, but no one waits for all of it."""
    much, little = add_user(store, "much"), add_user(store, "little")
    many = [ask(store, much) for _ in range(3)]
    one = ask(store, little)
    order = []
    while taken := store.queue.take():
        order.append(taken.id)
        store.queue.finish(taken, REPORT)
    assert order == [many[0], one, many[1], many[2]]


def test_a_submission_whose_lease_ran_out_is_taken_again(store: Store) -> None:
    identity = ask(store, add_user(store))
    dead = brief(store).take()
    assert dead is not None
    again = take(store)
    assert (again.id, again.attempts) == (identity, 2)
    assert again.lease != dead.lease


def test_what_the_holder_of_an_expired_lease_says_is_refused(store: Store) -> None:
    identity = ask(store, add_user(store))
    dead = brief(store).take()
    assert dead is not None
    assert not store.queue.finish(dead, replace(REPORT, verdict=Verdict.ACCEPTED))
    again = take(store)
    late = replace(REPORT, verdict=Verdict.ACCEPTED)
    assert not store.queue.prolong(dead)
    assert not store.queue.tell(dead, [("case", {})])
    assert not store.queue.give_back(dead)
    assert not store.queue.finish(dead, late)
    assert store.queue.finish(again, REPORT)
    assert not store.queue.finish(again, late)
    assert not store.queue.finish(dead, late)
    entry = store.ledger.find(identity)
    assert entry is not None
    assert store.ledger.read_report(entry.number) == REPORT
    assert [event.kind for event in store.ledger.read_events(entry.number, after=0)] == [
        "taken",
        "taken",
        "report",
    ]


def test_a_lease_that_is_prolonged_holds(store: Store) -> None:
    ask(store, add_user(store))
    queue = Queue(store.database, seconds_of_a_lease=1.0)
    taken = queue.take()
    assert taken is not None
    for _ in range(3):
        time.sleep(0.5)
        assert queue.prolong(taken)
    assert queue.take() is None
    assert queue.finish(taken, REPORT)


def test_what_is_given_back_counts_as_no_attempt(store: Store) -> None:
    identity = ask(store, add_user(store))
    assert store.queue.give_back(take(store))
    taken = take(store)
    assert (taken.id, taken.attempts, taken.failures) == (identity, 1, 0)
    assert store.queue.give_back(taken, failed=True)
    assert take(store).failures == 1


def test_a_submission_that_the_judge_dies_of_is_exhausted_after_some_attempts(store: Store) -> None:
    ask(store, add_user(store))
    queue = brief(store)
    for _ in range(MOST_ATTEMPTS):
        taken = queue.take()
        assert taken is not None
        assert not taken.is_exhausted
    assert take(store).is_exhausted


def test_events_have_places_without_gaps_and_are_read_from_any_on(store: Store) -> None:
    identity = ask(store, add_user(store))
    taken = take(store)
    assert store.queue.tell(taken, [("suite", {"cases": []}), ("case", {"name": "\x00"})])
    assert store.queue.tell(taken, [("case", {"name": "two"})])
    assert store.queue.finish(taken, REPORT, [("case", {"name": "three"})])
    entry = store.ledger.find(identity)
    assert entry is not None
    events = store.ledger.read_events(entry.number, after=0)
    assert [(event.place, event.kind) for event in events] == [
        *((1, "taken"), (2, "suite"), (3, "case"), (4, "case"), (5, "case"), (6, "report"))
    ]
    assert json.loads(events[2].facts) == {"name": "\x00"}
    assert store.ledger.read_events(entry.number, after=4) == events[4:]


def test_the_same_key_is_the_same_submission(store: Store) -> None:
    ada, bob = add_user(store, "ada"), add_user(store, "bob")
    first = ask(store, ada, key="k", rate=Rate(per_minute=2))
    assert ask(store, ada, key="k", rate=Rate(per_minute=1)) == first
    assert ask(store, bob, key="k") != first
    assert ask(store, ada) != ask(store, ada)


def test_a_user_may_ask_for_so_many_in_a_minute_and_others_are_not_held_up(store: Store) -> None:
    ada, bob = add_user(store, "ada"), add_user(store, "bob")
    rate = Rate(per_minute=2)
    for _ in range(2):
        ask(store, ada, rate=rate)
    with pytest.raises(TooManyError, match="2 submissions in a minute are the most; try again in") as refused:
        ask(store, ada, rate=rate)
    assert 1 <= refused.value.seconds <= 60
    ask(store, bob, rate=rate)


def test_a_user_may_have_so_many_waiting(store: Store) -> None:
    ada = add_user(store)
    rate = Rate(waiting=1)
    ask(store, ada, rate=rate)
    with pytest.raises(TooManyError, match="1 of your submissions wait already"):
        ask(store, ada, rate=rate)
    take(store)
    ask(store, ada, rate=rate)


def test_the_queue_counts_what_waits_and_what_runs(store: Store) -> None:
    ada, bob = add_user(store, "ada"), add_user(store, "bob")
    assert store.queue.count() == {State.WAITING: 0, State.RUNNING: 0}
    for user in (ada, ada, bob):
        ask(store, user)
    taken = take(store)
    assert store.queue.count() == {State.WAITING: 2, State.RUNNING: 1}
    store.queue.finish(taken, REPORT)
    assert store.queue.count() == {State.WAITING: 2, State.RUNNING: 0}


# --- what is withdrawn ---


def find_state(store: Store, identity: str) -> tuple[State, list[str]]:
    """Find the state of a submission, and the kinds of what happened to it."""
    entry = store.ledger.find(identity)
    assert entry is not None
    return entry.state, [event.kind for event in store.ledger.read_events(entry.number, after=0)]


def test_what_waits_and_is_withdrawn_is_never_taken(store: Store) -> None:
    ada = add_user(store)
    identity, other = ask(store, ada), ask(store, ada)
    for _ in range(2):  # the second time nothing is left to do
        assert store.queue.withdraw(ada, identity) is State.WITHDRAWN
    assert find_state(store, identity) == (State.WITHDRAWN, ["withdrawn"])
    assert take(store).id == other
    assert store.queue.take() is None
    entry = store.ledger.find(identity)
    assert entry is not None and entry.done_at is not None
    assert (entry.verdict, store.ledger.read_report(entry.number)) == (None, None)


def test_who_judges_what_is_withdrawn_has_lost_the_lease(store: Store) -> None:
    ada = add_user(store)
    identity, following = ask(store, ada), ask(store, ada)
    taken = take(store)
    assert store.queue.list_leases() == {taken.lease}
    assert store.queue.withdraw(ada, identity) is State.WITHDRAWN
    assert store.queue.list_leases() == frozenset()
    assert not store.queue.prolong(taken)
    assert not store.queue.tell(taken, [("case", {})])
    assert not store.queue.give_back(taken, failed=True)
    assert not store.queue.finish(taken, REPORT)
    assert find_state(store, identity) == (State.WITHDRAWN, ["taken", "withdrawn"])
    assert take(store).id == following


def test_what_is_done_stays_done_and_nobody_withdraws_another_s(store: Store) -> None:
    ada, bob = add_user(store, "ada"), add_user(store, "bob")
    identity = ask(store, ada)
    assert store.queue.withdraw(bob, identity) is None
    assert store.queue.withdraw(ada, "nothing") is None
    assert find_state(store, identity)[0] is State.WAITING
    assert store.queue.finish(take(store), REPORT)
    assert store.queue.withdraw(ada, identity) is State.DONE
    assert find_state(store, identity) == (State.DONE, ["taken", "report"])


def test_what_is_withdrawn_counts_in_its_minute_and_waits_no_longer(store: Store) -> None:
    ada = add_user(store)
    rate = Rate(per_minute=2, waiting=1)
    for _ in range(2):
        store.queue.withdraw(ada, ask(store, ada, rate=rate))
    with pytest.raises(TooManyError, match="2 submissions in a minute"):
        ask(store, ada, rate=rate)


def test_of_withdrawing_and_taking_at_the_same_time_one_wins(store: Store) -> None:
    """Whoever takes it either has all of it, or is refused from then on; and nothing is taken twice."""
    users = [add_user(store, f"user{n}") for n in range(12)]
    asked = {user: ask(store, user) for user in users}

    def withdraw(user: int) -> State | None:
        return store.queue.withdraw(user, asked[user])

    with ThreadPoolExecutor(8) as threads:
        takers = [threads.submit(store.queue.take) for _ in range(16)]
        withdrawn = list(threads.map(withdraw, users))
        taken = [found for taker in takers if (found := taker.result())]
    assert set(withdrawn) == {State.WITHDRAWN}
    assert len({one.id for one in taken}) == len(taken)
    assert not any(store.queue.finish(one, REPORT) for one in taken)
    assert store.queue.take() is None
    for identity in asked.values():
        state, kinds = find_state(store, identity)
        assert state is State.WITHDRAWN
        assert kinds == (["taken", "withdrawn"] if identity in {one.id for one in taken} else ["withdrawn"])


def test_of_withdrawing_and_finishing_at_the_same_time_one_wins(store: Store) -> None:
    users = [add_user(store, f"user{n}") for n in range(16)]
    asked = {user: ask(store, user) for user in users}
    taken = {one.id: one for one in (take(store) for _ in users)}

    def race(turn: int) -> tuple[str, object]:
        user = users[turn // 2]
        identity = asked[user]
        if turn % 2:
            return identity, store.queue.withdraw(user, identity)
        return identity, store.queue.finish(taken[identity], REPORT)

    order = sorted(range(32), key=lambda turn: (turn // 4, turn * 7 % 5))
    with ThreadPoolExecutor(8) as threads:
        ended = list(threads.map(race, order))
    for identity in asked.values():
        said = [what for name, what in ended if name == identity]
        state, kinds = find_state(store, identity)
        is_kept = True in said
        assert set(said) == ({True, State.DONE} if is_kept else {False, State.WITHDRAWN})
        assert (state, kinds[1:]) == (
            (State.DONE, ["report"]) if is_kept else (State.WITHDRAWN, ["withdrawn"])
        )
        entry = store.ledger.find(identity)
        assert entry is not None and (store.ledger.read_report(entry.number) is not None) is is_kept
