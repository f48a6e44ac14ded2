"""An inquiry: the checker is asked about gotchas, and its answers are read beside what the submission did."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.packages import SAMPLES, find_sample, write_mistakes
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.judging.checker_session import open_checker
from torch_judge.judging.composing import list_pairs
from torch_judge.judging.inquiry import Inquiry
from torch_judge.judging.jobs import Check, assign_cases, make_checker_job, make_confinement
from torch_judge.judging.results import Results, list_cases
from torch_judge.judging.signatures import Gotcha, Signature, Signatures
from torch_judge.judging.weighing import CaseLikeness, Weighed
from torch_judge.judging.worker_session import Budget, Fault, WorkerSession
from torch_judge.model.problem import Problem
from torch_judge.model.submission import from_source

SEED = 7
DOUBLES, SCALES, GRADIENTS = "doubles_by_default", "uses_the_scale_it_is_given", "lets_gradients_flow"
IGNORES_SCALE = "def double(x, scale=2.0):\n    return x + x\n"
WHOLE = CaseLikeness(frozenset({0}), 1, 1, 1)


@contextmanager
def inquire(
    problem: Problem,
    server: ForkServer,
    text: str,
    *,
    signatures: Signatures | None = None,
    seconds: float = 20.0,
) -> Iterator[Inquiry]:
    """Run a submission through the suite as a check does, and make the inquiry about it."""
    confinement, job = make_confinement(problem), assign_cases(Check(problem, from_source(text), SEED))
    with (
        open_checker(server, make_checker_job(problem, seed=SEED), confinement) as checker,
        WorkerSession(server, job, confinement, Budget(5.0, 20.0)) as worker,
    ):
        worker.start()
        assert worker.load() is None
        suite = checker.read_suite()
        results, cases = Results(suite), list_cases(suite)
        for case in cases:
            worker.ask(case.name, seed=SEED)
            run = worker.run(case.name, seed=SEED)
            if isinstance(run.outcome, Fault):
                results.fail(case, run.outcome)
            else:
                checker.compare(run.outcome, seed=SEED)
                results.decide(case, checker.decide(case.name))
        symptoms = results.describe_symptoms(cases, SEED)
        yield Inquiry(problem, checker, symptoms, signatures or Signatures(), time.monotonic() + seconds)


def find_gotcha(problem: Problem, name: str, **known: frozenset[str]) -> Gotcha:
    return Gotcha(find_sample(problem, f"wrong_answer/{name}"), Signature(**known))


def list_gotchas(problem: Problem, *names: str) -> list[Gotcha]:
    return [find_gotcha(problem, name) for name in names]


def list_names(gotchas: list[Gotcha]) -> list[str]:
    return [gotcha.name for gotcha in gotchas]


def add_sample(problem: Problem, folder: str, name: str, body: str) -> None:
    path = problem.folder / "submissions" / folder / f"{name}.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f'"""It {name}."""\n\n\ndef double(x, scale=2.0):\n    {body}\n')


def test_the_failed_cases_come_first_that_few_gotchas_fail(problem: Problem, server: ForkServer) -> None:
    signatures = Signatures(rarity={DOUBLES: 3, SCALES: 1, GRADIENTS: 3})
    with inquire(problem, server, SAMPLES["wrong_answer/adds.py"], signatures=signatures) as inquiry:
        assert inquiry.telling == (SCALES, DOUBLES, GRADIENTS)
    with inquire(problem, server, SAMPLES["wrong_answer/adds.py"]) as inquiry:
        assert inquiry.telling == (DOUBLES, GRADIENTS, SCALES)  # by name where that is all
    with inquire(problem, server, IGNORES_SCALE, signatures=Signatures(rarity={SCALES: 1})) as inquiry:
        assert inquiry.telling == (GRADIENTS, SCALES)  # what no signature speaks of is the rarest


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("return x * 2", ["adds", "cuts_the_graph", "ignores_scale", "returns_x"]),
        ("return 1 / 0", ["adds", "cuts_the_graph", "ignores_scale", "returns_x", "divides"]),
    ],
    ids=["a wrong answer", "an error"],
)
def test_gotchas_that_stop_are_looked_at_where_the_submission_stops(
    problem: Problem, server: ForkServer, body: str, found: list[str]
) -> None:
    add_sample(problem, "run_time_error", "divides", "return x / (1 // 2)")
    with inquire(problem, server, f"def double(x, scale=2.0):\n    {body}\n") as inquiry:
        assert list_names(inquiry.find_gotchas(lambda _: True)) == found
        assert inquiry.find_gotchas(lambda known: known.remembers) == []


def test_the_gotchas_are_alike_that_do_the_same_in_every_case_of_their_plans(
    problem: Problem, server: ForkServer
) -> None:
    gotchas = list_gotchas(problem, "returns_x", "ignores_scale", "cuts_the_graph")
    with inquire(problem, server, IGNORES_SCALE) as inquiry:
        alike = inquiry.find_alike(gotchas, lambda _: (SCALES, GRADIENTS, DOUBLES))
        assert list_names(alike) == ["ignores_scale"]
        alike = inquiry.find_alike(gotchas, lambda _: (DOUBLES,))
        assert list_names(alike) == ["ignores_scale", "cuts_the_graph"]
        plans = {"cuts_the_graph": (DOUBLES,), "returns_x": (DOUBLES,), "ignores_scale": (SCALES,)}
        alike = inquiry.find_alike(gotchas, lambda gotcha: plans[gotcha.name])
        assert list_names(alike) == ["ignores_scale", "cuts_the_graph"]


@pytest.mark.parametrize(
    ("scale", "value", "named"),
    [
        (1.3, "x.clone().detach()", ["detaches"]),
        (3.7, "x.shape[0] / 0", ["divides"]),
        (3.7, "x + 1 / (scale - 3.7)", []),
    ],
    ids=["a sentence of the case", "an error", "other words"],
)
def test_what_a_case_or_the_submission_said_is_compared_too(
    problem: Problem, server: ForkServer, scale: float, value: str, named: list[str]
) -> None:
    body = "return x * scale if scale != {scale} else {value}"
    add_sample(problem, "wrong_answer", "detaches", body.format(scale=1.3, value="x.detach()"))
    add_sample(problem, "wrong_answer", "returns_a_number", body.format(scale=1.3, value="1.0"))
    add_sample(problem, "run_time_error", "divides", body.format(scale=3.7, value="5 / 0"))
    add_sample(problem, "run_time_error", "looks_up", body.format(scale=3.7, value="{}[3]"))
    text = f"def double(x, scale=2.0):\n    {body.format(scale=scale, value=value)}\n"
    with inquire(problem, server, text) as inquiry:
        gotchas = inquiry.find_gotchas(lambda _: True)
        assert list_names(inquiry.find_alike(gotchas, lambda _: inquiry.telling)) == named


def test_likeness_is_read_of_failed_cases_and_contradictions_of_those_that_passed(
    problem: Problem, server: ForkServer
) -> None:
    add_sample(problem, "wrong_answer", "errs_at_the_default", "return x * (scale if scale != 2.0 else 3)")
    gotchas = list_gotchas(problem, "ignores_scale", "returns_x", "errs_at_the_default")
    with inquire(problem, server, IGNORES_SCALE) as inquiry:
        same, other, passing = inquiry.weigh(gotchas, lambda _: (GRADIENTS, DOUBLES, SCALES))
    assert (same.mistakes, same.sample, same.contradicting) == (("ignores_scale",), "ignores_scale", 0)
    assert list(same.cases) == [SCALES, GRADIENTS]  # as they ran, whatever the plan
    assert same.cases[SCALES] == WHOLE
    assert (other.sample, other.contradicting) == ("returns_x", 1)
    assert other.cases[SCALES] == CaseLikeness(frozenset(), 1, 1, 1)
    assert (passing.sample, passing.contradicting) == ("errs_at_the_default", 1)
    assert passing.cases[SCALES] == CaseLikeness(frozenset(), 0, 1, 1)


def test_only_the_cases_of_the_plan_are_weighed(problem: Problem, server: ForkServer) -> None:
    gotchas = list_gotchas(problem, "returns_x", "ignores_scale")
    plans = {"returns_x": (SCALES,), "ignores_scale": ()}
    with inquire(problem, server, IGNORES_SCALE) as inquiry:
        one, none = inquiry.weigh(gotchas, lambda gotcha: plans[gotcha.name])
    assert (list(one.cases), one.contradicting) == ([SCALES], 0)
    assert none == Weighed(("ignores_scale",), "ignores_scale", {}, 0, (frozenset(),))


def test_what_a_mistake_is_known_to_fail_contradicts_unless_another_may_hide_it(
    problem: Problem, server: ForkServer
) -> None:
    write_mistakes(problem.folder, triples=("x * scale", "x * 3"), forgets=("scale=2.0", "scale=3.0"))
    known = frozenset({DOUBLES, SCALES})
    one, two = find_gotcha(problem, "triples", fails=known), find_gotcha(problem, "forgets")
    (pair,) = list_pairs(["triples", "forgets"], [], {"triples": [one], "forgets": [two]}, 1)
    with inquire(problem, server, IGNORES_SCALE) as inquiry:
        (alone,) = inquiry.weigh([one], lambda _: (SCALES,))
        (both,) = inquiry.weigh([pair], lambda _: (SCALES,))
        (seen,) = inquiry.weigh([pair], lambda _: (SCALES, DOUBLES))
        (once,) = inquiry.weigh([one], lambda _: (SCALES, DOUBLES))
    assert (alone.contradicting, alone.known) == (1, (known,))
    assert (both.contradicting, both.known) == (0, (known, frozenset()))
    assert (both.mistakes, both.sample) == (("triples", "forgets"), "triples + forgets")
    assert (seen.contradicting, once.contradicting) == (1, 1)  # known and seen is still one case


def test_a_gotcha_that_cannot_be_made_is_left_out(problem: Problem, server: ForkServer) -> None:
    write_mistakes(problem.folder, squares=("x * scale", "x * x"), cubes=("x * scal", "x**3"))
    add_sample(problem, "wrong_answer", "is_no_python", "return (")
    gotchas = list_gotchas(problem, "cubes", "is_no_python", "ignores_scale")
    with inquire(problem, server, IGNORES_SCALE) as inquiry:
        assert list_names(inquiry.find_alike(gotchas, lambda _: inquiry.telling)) == ["ignores_scale"]
        assert [each.sample for each in inquiry.weigh(gotchas, lambda _: inquiry.telling)] == [
            "ignores_scale"
        ]
        assert inquiry.find_alike(gotchas[:2], lambda _: inquiry.telling) == []


def test_when_the_time_is_up_nothing_is_asked(problem: Problem, server: ForkServer) -> None:
    gotchas = list_gotchas(problem, "ignores_scale")
    with inquire(problem, server, IGNORES_SCALE, seconds=0.0) as inquiry:
        assert inquiry.find_alike(gotchas, lambda _: inquiry.telling) == []
        assert inquiry.weigh(gotchas, lambda _: inquiry.telling) == []


def test_a_checker_that_has_nothing_to_say_names_none(problem: Problem, server: ForkServer) -> None:
    """It keeps the rejected observations of one submission, until it is told to forget them."""
    gotchas = list_gotchas(problem, "ignores_scale")
    with inquire(problem, server, IGNORES_SCALE) as inquiry:
        inquiry.checker.forget()
        assert inquiry.find_alike(gotchas, lambda _: inquiry.telling) == []
        assert inquiry.weigh(gotchas, lambda _: inquiry.telling) == []
