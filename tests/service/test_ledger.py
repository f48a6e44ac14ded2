"""The ledger: a learner's history, page by page, and how far a class is."""

from __future__ import annotations

from dataclasses import replace

from torch_judge.model.report import Verdict
from torch_judge.service.queue import Asked, Rate
from torch_judge.service.store import Store
from torch_judge.service.users import Role

from .test_queue import REPORT

MUCH = Rate(per_minute=1000, waiting=1000)
RIGHT = replace(REPORT, verdict=Verdict.ACCEPTED, cases=(REPORT.cases[0],) * 2)
FAILED = replace(REPORT, verdict=Verdict.JUDGE_ERROR, cases=())


def submit(store: Store, user: int, problem: str = "double") -> None:
    store.queue.add(user, Asked(problem, '{"name": "x"}', 7), MUCH)


def add_user(store: Store, name: str, role: Role = Role.LEARNER) -> int:
    user = store.accounts.find(store.accounts.add(name, role))
    assert user is not None
    return user.id


def test_a_history_has_the_last_one_first_and_is_read_page_by_page(store: Store) -> None:
    ada, bob = add_user(store, "ada"), add_user(store, "bob")
    for user in (ada, bob, ada, ada):
        submit(store, user)
    first = store.ledger.list_history(ada, most=2)
    second = store.ledger.list_history(ada, most=2, before=first[-1].number)
    numbers = [entry.number for entry in (*first, *second)]
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) == 3
    assert {entry.user for entry in (*first, *second)} == {ada}


def test_what_was_submitted_can_be_read_again(store: Store) -> None:
    submit(store, add_user(store, "ada"))
    (entry,) = store.ledger.list_history(1, most=1)
    assert store.ledger.read_submission(entry.number) == '{"name": "x"}'
    assert store.ledger.read_submission(entry.number + 1) == ""
    assert store.ledger.read_report(entry.number) is None
    assert store.ledger.find("nothing") is None


def test_those_who_asked_before_and_wait_are_counted(store: Store) -> None:
    for name in ("ada", "bob", "cy"):
        submit(store, add_user(store, name))
    (last,) = store.ledger.list_history(3, most=1)
    assert store.ledger.count_ahead(last.number) == 2
    taken = store.queue.take()
    assert taken is not None
    assert store.ledger.count_ahead(last.number) == 1
    assert store.ledger.count_ahead(taken.number) is None
    (other,) = store.ledger.list_history(2, most=1)
    store.queue.withdraw(2, other.id)
    assert store.ledger.count_ahead(last.number) == 0


def test_who_is_ahead_is_counted_as_turns_go(store: Store) -> None:
    """What is counted is how many are taken before."""
    much, little, late = (add_user(store, name) for name in ("much", "little", "late"))
    for user in (much, much, much, little, little, late):
        submit(store, user)
    numbers = {
        user: [one.number for one in store.ledger.list_history(user, most=9)][::-1] for user in (1, 2, 3)
    }
    asked = {number: store.ledger.count_ahead(number) for listed in numbers.values() for number in listed}
    order = []
    while taken := store.queue.take():
        assert store.ledger.count_ahead(taken.number) is None
        order.append(taken.number)
        store.queue.finish(taken, REPORT)
    assert asked == {number: place for place, number in enumerate(order)}


def test_a_standing_is_the_best_of_a_learner_s_attempts(store: Store) -> None:
    ada, bob, tina = add_user(store, "ada"), add_user(store, "bob"), add_user(store, "tina", Role.TEACHER)
    for user, problem, report in (
        (ada, "double", RIGHT),
        (ada, "double", REPORT),
        (ada, "triple", REPORT),
        (bob, "double", REPORT),
        (bob, "triple", FAILED),
        (tina, "double", RIGHT),
    ):
        submit(store, user, problem)
        taken = store.queue.take()
        assert taken is not None
        store.queue.finish(taken, report)
    submit(store, ada, "triple")
    store.queue.withdraw(ada, store.ledger.list_history(ada, most=1)[0].id)  # no attempt
    submit(store, bob)  # not judged yet
    standings = store.ledger.list_standings()
    assert [
        (one.learner, one.problem, one.attempts, one.is_solved, one.passed, one.cases) for one in standings
    ] == [
        ("ada", "double", 2, True, 2, 2),
        ("ada", "triple", 1, False, 1, 2),
        ("bob", "double", 1, False, 1, 2),
    ]
    assert all(one.last_at > 0 for one in standings)
