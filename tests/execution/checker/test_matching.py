"""Questions about gotchas: those that do as the submission did are found; half an answer is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.packages import SAMPLES, write_package
from torch_judge.execution.checker import matching, sample_runner
from torch_judge.execution.checker.matching import Rejected, examine_sample, match_samples
from torch_judge.execution.checker.sample_runner import Observed
from torch_judge.execution.checker.serve import Checker
from torch_judge.execution.protocol.messages import (
    Candidate,
    Examine,
    FindAlike,
    FindExplanations,
    Matches,
    NothingToSay,
)
from torch_judge.judging.jobs import compile_text, make_checker_job
from torch_judge.model.bank import find_bank

SEED = 5
NAMES = DOUBLES, USES, GRADIENTS = (
    "doubles_by_default",
    "uses_the_scale_it_is_given",
    "lets_gradients_flow",
)
GOTCHAS = {Path(name).stem: text for name, text in SAMPLES.items() if name.startswith("wrong_answer")}
MIXED = (
    "def double(x, scale=2.0):\n    return x * 2 if scale == 3.7 else x + 0 if scale == 2 else x * scale\n"
)


@pytest.fixture
def checker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checker:
    """Return a checker that has answered every case, and lets a busy machine take its time."""
    for module in (matching, sample_runner):
        monkeypatch.setattr(module, "SECONDS_PER_RUN", 30.0)
    write_package(tmp_path)
    checker = Checker(make_checker_job(find_bank(tmp_path).load("double"), seed=SEED))
    for name in NAMES:
        checker.prepare(name, SEED)
    return checker


def make_candidate(name: str, *plan: str) -> Candidate:
    return Candidate(name, compile_text(GOTCHAS[name], f"{name}.py"), plan or NAMES)


def reject(checker: Checker, source: str) -> tuple[Rejected, tuple[str, ...]]:
    """Keep what a submission is rejected with, and return it with the names of the cases."""
    runner, rejected = checker.make_sample_runner(SEED), Rejected()
    with runner.clock:
        entry_point = runner.load(compile(source, "mine.py", "exec"))
        for name in NAMES:
            outcome = runner.run(entry_point, name, seconds=30.0)
            assert isinstance(outcome, Observed)
            if not runner.passes(name, outcome):
                rejected.keep(name, outcome.tree, outcome.body)
    assert rejected.observations is not None
    return rejected, tuple(rejected.observations)


def test_the_gotcha_that_does_the_same_is_found(checker: Checker) -> None:
    rejected, failed = reject(checker, "def double(x, scale=2.0):\n    return x + x\n")
    candidates = tuple(map(make_candidate, GOTCHAS))
    question = FindAlike(candidates, failed, {}, SEED, 60_000)
    matches = match_samples(checker.make_sample_runner(SEED), rejected, question)
    assert matches == Matches({"ignores_scale": failed})


def test_a_mistake_that_was_found_in_one_hand_is_not_looked_for_in_others(checker: Checker) -> None:
    rejected, failed = reject(checker, "def double(x, scale=2.0):\n    return x + x\n")
    code = compile_text(GOTCHAS["ignores_scale"], "other.py")
    hands = (make_candidate("ignores_scale"), Candidate("ignores_scale@other", code, NAMES))
    matches = match_samples(
        checker.make_sample_runner(SEED), rejected, FindAlike(hands, failed, {}, SEED, 60_000)
    )
    assert matches == Matches({"ignores_scale": failed})
    matches = match_samples(
        checker.make_sample_runner(SEED), rejected, FindAlike(hands[1:], failed, {}, SEED, 60_000)
    )
    assert matches == Matches({"ignores_scale@other": failed})


def test_each_failed_case_is_explained_by_a_gotcha_or_nothing_is_said(checker: Checker) -> None:
    rejected, failed = reject(checker, MIXED)
    assert failed == (DOUBLES, USES)
    both = (make_candidate("returns_x", DOUBLES), make_candidate("ignores_scale", DOUBLES, USES))
    runner = checker.make_sample_runner(SEED)
    matches = match_samples(runner, rejected, FindExplanations(both, failed, {}, SEED, 60_000))
    assert matches == Matches({"returns_x": (DOUBLES,), "ignores_scale": (USES,)})
    one = FindExplanations(both[:1], failed, {}, SEED, 60_000)
    assert match_samples(runner, rejected, one) == NothingToSay()


def test_a_gotcha_that_fails_what_the_submission_passed_explains_nothing(checker: Checker) -> None:
    rejected, failed = reject(checker, MIXED)
    both = (make_candidate("returns_x", DOUBLES), make_candidate("ignores_scale", USES, GRADIENTS))
    question = FindExplanations(both, failed, {}, SEED, 60_000)
    matches = match_samples(checker.make_sample_runner(SEED), rejected, question)
    assert matches == Matches({"returns_x": (DOUBLES,)})


def test_without_time_there_is_nothing_to_say(checker: Checker) -> None:
    rejected, failed = reject(checker, "def double(x, scale=2.0):\n    return x + x\n")
    for kind in (FindAlike, FindExplanations):
        question = kind((make_candidate("ignores_scale"),), failed, {}, SEED, 0)
        assert match_samples(checker.make_sample_runner(SEED), rejected, question) == NothingToSay()


def test_without_every_observation_there_is_nothing_to_say(checker: Checker) -> None:
    question = FindAlike((make_candidate("adds"),), (DOUBLES,), {}, SEED, 60_000)
    assert match_samples(checker.make_sample_runner(SEED), Rejected(), question) == NothingToSay()


def test_a_sample_is_examined_by_the_cases_it_fails(checker: Checker) -> None:
    code = compile_text(GOTCHAS["ignores_scale"], "ignores_scale.py")
    question = Examine("ignores_scale", code, NAMES[::-1], alone=True, seed=SEED)
    examined = examine_sample(checker.make_sample_runner(SEED), question)
    assert (examined.fails, examined.remembers) == ((GRADIENTS, USES), False)


@pytest.mark.parametrize("alone", [True, False])
def test_a_sample_that_remembers_the_cases_before_is_noticed_if_asked(checker: Checker, alone) -> None:
    counts = (
        "calls = []\n\n\ndef double(x, scale=2.0):\n    calls.append(x)\n    return x * scale * len(calls)\n"
    )
    question = Examine("counts", compile_text(counts, "counts.py"), NAMES, alone=alone, seed=SEED)
    examined = examine_sample(checker.make_sample_runner(SEED), question)
    assert (examined.fails, examined.remembers) == ((USES, GRADIENTS), alone)
