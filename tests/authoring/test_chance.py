"""Chance: each checker rejects another law, accepts its own, and keeps to its rate of false alarms."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from torch_judge.authoring.chance import (
    distribution,
    every,
    frequencies,
    measure_tails,
    normal,
    support,
    uniform,
)
from torch_judge.authoring.checkers import JuryChecker

LAW = [0.1, 0.2, 0.3, 0.4]


def draw(law: list[float], draws: int, seed: int = 0) -> np.ndarray[Any, Any]:
    return np.random.default_rng(seed).choice(len(law), size=draws, p=law)


def judge(
    checker: JuryChecker, draws: Any, solution: Mapping[str, Any] | None = None, **inputs: Any
) -> str | None:
    observed = {"draws": np.asarray(draws)}
    return checker.find_fault(
        {**inputs, **observed}, {"what it says": "is not read", **observed}, solution or {}
    )


def test_every_outcome_that_can_come_does() -> None:
    checker = support(lambda: LAW)
    assert judge(checker, draw(LAW, 230)) is None
    missing = draw([0.0, 0.2, 0.3, 0.5], 230)
    assert judge(checker, missing) == (
        "draws: outcome 0 never came in 230 draws, and has the probability 0.1"
    )


def test_no_outcome_comes_that_cannot() -> None:
    checker = support(lambda: [0.5, 0.0, 0.5], noun="token")
    assert judge(checker, [0, 2] * 40) is None
    assert judge(checker, [0, 2] * 40 + [1]) == "draws: token 1 came 1 times, and can never come"
    assert judge(checker, [0, 2, 3] * 40) == "draws: token 3 came, and there is none but 0 to 2"
    assert judge(checker, [0, 2, -1] * 40) == "draws: token -1 came, and there is none but 0 to 2"


def test_too_few_draws_for_the_rate_are_an_error_of_the_case() -> None:
    with pytest.raises(ValueError, match="miss an outcome with a probability of"):
        judge(support(lambda: LAW), draw(LAW, 100))
    assert judge(support(lambda: LAW, at_least=0.2), draw(LAW, 100)) is None
    assert judge(support(lambda: LAW, false_alarm=1e-3), draw(LAW, 100)) is None


def test_an_outcome_that_comes_too_often_or_too_seldom_is_rejected() -> None:
    checker = frequencies(lambda: LAW)
    assert judge(checker, draw(LAW, 600)) is None
    says = judge(checker, draw([0.1, 0.4, 0.3, 0.2], 600))
    assert says is not None
    assert says.startswith("draws: outcome 1 came ")
    assert says.endswith(
        " times in 600 draws, where about 120 were expected; chance alone hardly ever does that"
    )
    assert judge(checker, np.zeros(600, int)) is not None
    assert judge(checker, [*draw(LAW, 600), 4]) == "draws: outcome 4 came, and there is none but 0 to 3"


def test_an_outcome_without_probability_is_rejected_at_once() -> None:
    assert judge(frequencies(lambda: [0.5, 0.5, 0.0]), [0, 1] * 300 + [2]) is not None
    assert judge(frequencies(lambda: [1.0, 0.0]), [0] * 10) is None


def test_draws_are_judged_by_their_setting() -> None:
    checker = frequencies(lambda: [LAW, LAW[::-1]])
    first, second = draw(LAW, 600, 1), draw(LAW[::-1], 600, 2)
    assert judge(checker, [first, second]) is None
    assert judge(checker, [second, first]) is not None
    with pytest.raises(ValueError, match="draws has shape"):
        judge(checker, [first])


def test_the_law_is_worked_out_from_the_inputs_by_the_jurys_own_function() -> None:
    solution = {
        "chances": lambda logits, temperature: (
            np.exp(logits / temperature) / np.exp(logits / temperature).sum()
        )
    }
    logits = np.log(np.asarray(LAW))
    checker = frequencies("chances")
    assert judge(checker, draw(LAW, 600), solution, logits=logits, temperature=1.0, other=3) is None
    assert judge(checker, draw(LAW, 600), solution, logits=logits, temperature=5.0) is not None
    with pytest.raises(LookupError, match=r"solution\.py defines no chances, the law of draws"):
        judge(checker, draw(LAW, 600))


@pytest.mark.parametrize("law", [[0.5, 0.6], [1.5, -0.5]])
def test_a_law_that_is_none_is_an_error_of_the_case(law: list[float]) -> None:
    with pytest.raises(ValueError, match="the law of draws gives probabilities"):
        judge(frequencies(lambda: law), [0, 1])


def test_draws_that_are_no_whole_numbers_are_an_error_of_the_case() -> None:
    with pytest.raises(ValueError, match="draws holds no whole numbers"):
        judge(frequencies(lambda: LAW), [0.5])
    with pytest.raises(ValueError, match="the case observes no draws"):
        frequencies(lambda: LAW).find_fault({}, {}, {})


def test_a_uniform_law_of_the_same_variance_is_no_normal_one() -> None:
    rng = np.random.default_rng(3)
    checker = distribution(lambda: normal(0.0, 2.0))
    assert judge(checker, rng.normal(0.0, 2.0, (100, 200))) is None
    says = judge(checker, rng.uniform(-2 * math.sqrt(3), 2 * math.sqrt(3), 20_000))
    assert says is not None
    assert "of 20000 numbers are at most" in says
    assert says.endswith("by chance they are hardly ever more than 2.3% off")
    assert judge(checker, rng.normal(0.0, 1.8, 20_000)) is not None
    assert judge(checker, np.zeros(20_000)) is not None
    assert judge(checker, [1.0, math.nan]) == "draws: a number is not finite"


def test_a_uniform_law_is_told_from_a_narrower_one() -> None:
    rng = np.random.default_rng(4)
    checker = distribution(lambda width: uniform(-width, width))
    assert judge(checker, rng.uniform(-3, 3, 5000), width=3.0) is None
    assert judge(checker, rng.uniform(-2.5, 2.5, 5000), width=3.0) is not None


def test_several_are_asked_about_one_observation() -> None:
    checker = every(support(lambda: [0.5, 0.5]), frequencies(lambda: LAW, of="others"))
    observed = {"draws": np.asarray([0, 1] * 20), "others": draw(LAW, 600)}
    assert checker.fields == ("draws", "others")
    assert checker.find_fault(observed, observed, {}) is None
    wrong = {**observed, "others": np.zeros(600, int)}
    assert str(checker.find_fault(observed, wrong, {})).startswith("others: ")


@pytest.mark.parametrize(("draws", "probability"), [(1, 0.3), (7, 0.5), (30, 0.01), (30, 0.9)])
def test_tails_are_those_of_the_binomial_law(draws: int, probability: float) -> None:
    p = Fraction(probability)
    masses = [math.comb(draws, j) * p**j * (1 - p) ** (draws - j) for j in range(draws + 1)]
    for count in range(draws + 1):
        lower, upper = measure_tails(draws, probability, count)
        assert math.exp(lower) == pytest.approx(float(sum(masses[: count + 1])), rel=1e-10)
        assert math.exp(upper) == pytest.approx(float(sum(masses[count:])), rel=1e-10)


def test_tails_far_out_are_still_numbers() -> None:
    lower, upper = measure_tails(40_000, 0.3, 20_000)
    assert lower == pytest.approx(0.0, abs=1e-9)
    # the bound exp(-n KL) and it differ by a factor that is a power of n
    divergence = 0.5 * math.log(0.5 / 0.3) + 0.5 * math.log(0.5 / 0.7)
    assert -40_000 * divergence - 20 < upper < -40_000 * divergence


RATE = 0.2
ROUNDS = 2000


@pytest.mark.parametrize("name", ["support", "frequencies", "distribution"])
def test_right_answers_are_rejected_no_more_often_than_stated(name: str) -> None:
    """With a rate of 0.2, 2000 right answers: five deviations above 400 would be 489."""
    rng = np.random.default_rng(15)
    rejected = 0
    for _ in range(ROUNDS):
        if name == "support":  # 0.9^16 = 0.185
            draws = rng.choice(2, size=16, p=[0.9, 0.1])
            checker = support(lambda: [0.9, 0.1], false_alarm=RATE)
        elif name == "frequencies":
            draws = rng.choice(4, size=50, p=LAW)
            checker = frequencies(lambda: LAW, false_alarm=RATE)
        else:
            draws = rng.uniform(size=50)
            checker = distribution(lambda: uniform(0.0, 1.0), false_alarm=RATE)
        rejected += judge(checker, draws) is not None
    assert rejected <= RATE * ROUNDS + 5 * math.sqrt(ROUNDS * RATE * (1 - RATE))
    assert rejected >= 20  # it does reject: a checker that cannot has no rate


@pytest.mark.parametrize("checker", [support(lambda: LAW), frequencies(lambda: LAW)])
def test_two_samples_of_one_wrong_law_are_the_same_mistake(checker: JuryChecker) -> None:
    wrong, other = [0.4, 0.3, 0.3, 0.0], [0.0, 0.1, 0.4, 0.5]
    first, second = ({"draws": draw(wrong, 600, seed)} for seed in (1, 2))
    assert checker.tell_apart(first, second) is None
    assert checker.tell_apart(first, {"draws": draw(other, 600, 3)}) is not None


def test_two_samples_of_one_wrong_distribution_are_the_same_mistake() -> None:
    rng = np.random.default_rng(5)
    checker = distribution(lambda: normal(0.0, 1.0))
    first = {"draws": rng.uniform(size=2000)}
    assert checker.tell_apart(first, {"draws": rng.uniform(size=2000)}) is None
    assert checker.tell_apart(first, {"draws": rng.normal(0.5, 0.3, size=2000)}) is not None
