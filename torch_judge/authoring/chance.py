"""Chance: whether numbers that were drawn follow their law, with a stated rate of false alarms.

A right answer is rejected with a probability of at most `false_alarm`, 1e-9 unless another is given, whatever
its seed. No approximation is made, so that this is a bound and no estimate:

- `support`: an outcome of probability p is missing from n independent draws with probability (1 - p)^n. The
  sum of these over all outcomes that are asked for is the rate, and must not be above it.
- `frequencies`: the count of one outcome is binomial. P(X <= k) and P(X >= k) are sums of
  exp(log n! - log j! - log (n - j)! + j log p + (n - j) log (1 - p)). A count is rejected if the smaller tail
  is below rate / (2 * outcomes * settings); each tail falls below t with probability t at most, and the sum
  over both tails, all outcomes and all settings is the rate.
- `distribution`: the distance of Kolmogorov and Smirnov, the largest |F_n(x) - F(x)|, exceeds e with a
  probability of at most 2 exp(-2 n e^2) (Dvoretzky, Kiefer and Wolfowitz, with Massart's constant), for any
  law and any n. It is rejected above sqrt(log(2 / rate) / (2 n)).

The law is computed from the jury's observation, in the checker's process: `law` is a function, or better the
name of one in `solution.py`, which no submission's process holds. It is called with those fields of the
observation that it has parameters for, by name, as NumPy arrays and plain values.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from .checkers import JuryChecker

Numbers = npt.NDArray[np.float64]
Distribution = Callable[[Numbers], npt.ArrayLike]
"""A distribution function: the probability of a number up to each of these."""
Law = Callable[..., Any] | str

FALSE_ALARM: Final = 1e-9
_UNLIKE: Final = 1e-3
"""How often two samples of one law are told apart, where a diagnosis asks whether mistakes are the same."""
_ROUNDING: Final = 1e-9
"""By how much probabilities may miss a sum of 1."""


def support(
    law: Law,
    *,
    of: str = "draws",
    at_least: float = 0.0,
    noun: str = "outcome",
    false_alarm: float = FALSE_ALARM,
) -> JuryChecker:
    """Check which outcomes come: none of probability 0, and every one of probability `at_least` or more.

    The field `of` holds draws, whole numbers from 0: shape (draws,), or (settings, draws) where `law` returns
    probabilities of shape (settings, outcomes). It is an error of the case if the draws are too few for the
    rate.
    """
    return _Support(law, of, noun, false_alarm, at_least)


def frequencies(
    law: Law, *, of: str = "draws", noun: str = "outcome", false_alarm: float = FALSE_ALARM
) -> JuryChecker:
    """Check how often each outcome comes. `of` and `law` are as for `support`."""
    return _Frequencies(law, of, noun, false_alarm)


def distribution(law: Law, *, of: str = "draws", false_alarm: float = FALSE_ALARM) -> JuryChecker:
    """Check the distribution of independent real numbers; `law` returns a distribution function.

    `normal` and `uniform` make two of them.
    """
    return _Distribution(law, of, false_alarm)


def every(*checkers: JuryChecker) -> JuryChecker:
    """Ask several checkers about one observation; their rates of false alarms add up."""
    return _Every(checkers)


def normal(mean: float, deviation: float) -> Distribution:
    """Make the distribution function of a normal law."""
    scale = deviation * math.sqrt(2)
    return lambda numbers: [math.erfc((mean - number) / scale) / 2 for number in numbers.tolist()]


def uniform(low: float, high: float) -> Distribution:
    """Make the distribution function of a uniform law."""
    return lambda numbers: np.clip((numbers - low) / (high - low), 0.0, 1.0)


def measure_tails(draws: int, probability: float, count: int) -> tuple[float, float]:
    """Return the logarithms of P(X <= count) and P(X >= count) for a binomial X, exactly."""
    if probability in {0.0, 1.0}:
        always = draws * int(probability)
        return (0.0 if count >= always else -math.inf), (0.0 if count <= always else -math.inf)
    factorials = _list_log_factorials(draws)
    j = np.arange(draws + 1)
    terms = factorials[draws] - factorials - factorials[::-1]
    terms += j * math.log(probability) + (draws - j) * math.log1p(-probability)
    return _add_logarithms(terms[: count + 1]), _add_logarithms(terms[count:])


@lru_cache(maxsize=8)
def _list_log_factorials(most: int) -> Numbers:
    return np.asarray([math.lgamma(number + 1) for number in range(most + 1)])


def _add_logarithms(terms: Numbers) -> float:
    largest = float(terms.max())
    return min(0.0, largest + math.log(float(np.exp(terms - largest).sum())))


@dataclass(frozen=True, slots=True)
class _Outcomes(JuryChecker):
    """A checker of draws that are whole numbers."""

    law: Law
    of: str
    noun: str
    false_alarm: float

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.of,)

    def _read(
        self, expected: Mapping[str, Any], found: Mapping[str, Any], solution: Mapping[str, Any]
    ) -> list[tuple[Numbers, npt.NDArray[np.int64]]]:
        """Return for each setting the probabilities and the draws."""
        probabilities = np.atleast_2d(np.asarray(_apply(self.law, self.of, expected, solution), np.float64))
        sums = probabilities.sum(-1)
        if probabilities.min() < 0 or not np.allclose(sums, 1.0, rtol=0, atol=_ROUNDING):
            raise ValueError(f"the law of {self.of} gives probabilities that sum to {sums.tolist()}")
        draws = np.atleast_2d(_read_integers(self.of, found))
        if draws.ndim != 2 or len(draws) != len(probabilities) or not draws.size:  # noqa: PLR2004 - settings and draws
            raise ValueError(f"{self.of} has shape {draws.shape}, its law {probabilities.shape}")
        return list(zip(probabilities, draws, strict=True))

    def _find_stranger(self, draws: npt.NDArray[np.int64], outcomes: int) -> str | None:
        strange = draws[(draws < 0) | (draws >= outcomes)]
        if not strange.size:
            return None
        return f"{self.of}: {self.noun} {strange[0]} came, and there is none but 0 to {outcomes - 1}"


@dataclass(frozen=True, slots=True)
class _Support(_Outcomes):
    at_least: float

    def find_fault(
        self, expected: Mapping[str, Any], found: Mapping[str, Any], solution: Mapping[str, Any]
    ) -> str | None:
        settings = self._read(expected, found, solution)
        self._require_draws(settings)
        for probabilities, draws in settings:
            if says := self._find_stranger(draws, len(probabilities)):
                return says
            counts = np.bincount(draws, minlength=len(probabilities))
            for outcome, (probability, count) in enumerate(zip(probabilities, counts, strict=True)):
                if probability == 0 and count:
                    return f"{self.of}: {self.noun} {outcome} came {count} times, and can never come"
                if probability > 0 and probability >= self.at_least and not count:
                    return (
                        f"{self.of}: {self.noun} {outcome} never came in {draws.size} draws, "
                        f"and has the probability {probability:.3g}"
                    )
        return None

    def _require_draws(self, settings: list[tuple[Numbers, npt.NDArray[np.int64]]]) -> None:
        asked = [(p[(p > 0) & (p >= self.at_least)], draws.size) for p, draws in settings]
        rate = sum(float(np.sum((1.0 - p) ** size)) for p, size in asked)
        if rate > self.false_alarm:
            raise ValueError(
                f"{self.of}: so few draws miss an outcome with a probability of {rate:.1e}, which is above "
                f"{self.false_alarm:.0e}; draw more, or ask only for outcomes of `at_least` a probability"
            )

    def tell_apart(self, first: Mapping[str, Any], second: Mapping[str, Any]) -> str | None:
        one, other = (set(_read_integers(self.of, each).ravel().tolist()) for each in (first, second))
        return None if one == other else f"{self.of}: other outcomes come"


@dataclass(frozen=True, slots=True)
class _Frequencies(_Outcomes):
    def find_fault(
        self, expected: Mapping[str, Any], found: Mapping[str, Any], solution: Mapping[str, Any]
    ) -> str | None:
        settings = self._read(expected, found, solution)
        for probabilities, draws in settings:
            if says := self._find_stranger(draws, len(probabilities)):
                return says
            counts = np.bincount(draws, minlength=len(probabilities))
            tails = [
                min(measure_tails(draws.size, float(p), int(count)))
                for p, count in zip(probabilities, counts, strict=True)
            ]
            worst = int(np.argmin(tails))
            if math.log(2 * probabilities.size * len(settings)) + tails[worst] < math.log(self.false_alarm):
                return (
                    f"{self.of}: {self.noun} {worst} came {counts[worst]} times in {draws.size} draws, where "
                    f"about {draws.size * probabilities[worst]:.0f} were expected; "
                    "chance alone hardly ever does that"
                )
        return None

    def tell_apart(self, first: Mapping[str, Any], second: Mapping[str, Any]) -> str | None:
        one, other = (np.atleast_2d(_read_integers(self.of, each)) for each in (first, second))
        for a, b in zip(one, other, strict=True):
            outcomes = np.union1d(a, b)
            shares = [np.mean(each[:, None] == outcomes, axis=0) for each in (a, b)]
            # a difference of two means of n numbers in [0, 1] exceeds t with less than 2 exp(-n t^2)
            if np.abs(shares[0] - shares[1]).max() > math.sqrt(
                math.log(2 * outcomes.size / _UNLIKE) / a.size
            ):
                return f"{self.of}: the outcomes come as often in other proportions"
        return None


@dataclass(frozen=True, slots=True)
class _Distribution(JuryChecker):
    law: Law
    of: str
    false_alarm: float

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.of,)

    def find_fault(
        self, expected: Mapping[str, Any], found: Mapping[str, Any], solution: Mapping[str, Any]
    ) -> str | None:
        numbers = _read_numbers(self.of, found)
        if not np.isfinite(numbers).all():
            return f"{self.of}: a number is not finite"
        reached = np.asarray(_apply(self.law, self.of, expected, solution)(numbers), np.float64)
        if reached.shape != numbers.shape or reached.min() < 0 or reached.max() > 1:
            raise ValueError(f"the law of {self.of} is no distribution function")
        ranks = np.arange(numbers.size + 1) / numbers.size
        above, below = ranks[1:] - reached, reached - ranks[:-1]
        places = np.maximum(above, below)
        distance, most = float(places.max()), math.sqrt(math.log(2 / self.false_alarm) / (2 * numbers.size))
        if distance <= most:
            return None
        place = int(places.argmax())
        share = ranks[place + 1] if above[place] > below[place] else ranks[place]
        return (
            f"{self.of}: {share:.1%} of {numbers.size} numbers are at most {numbers[place]:.4g}, where "
            f"{reached[place]:.1%} were expected; by chance they are hardly ever more than {most:.1%} off"
        )

    def tell_apart(self, first: Mapping[str, Any], second: Mapping[str, Any]) -> str | None:
        one, other = (_read_numbers(self.of, each) for each in (first, second))
        both = np.concatenate([one, other])
        shares = [np.searchsorted(each, both, side="right") / each.size for each in (one, other)]
        most = math.sqrt(math.log(2 / _UNLIKE) / one.size)
        return f"{self.of}: another distribution" if np.abs(shares[0] - shares[1]).max() > most else None


@dataclass(frozen=True, slots=True)
class _Every(JuryChecker):
    checkers: tuple[JuryChecker, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(field for checker in self.checkers for field in checker.fields)

    def find_fault(
        self, expected: Mapping[str, Any], found: Mapping[str, Any], solution: Mapping[str, Any]
    ) -> str | None:
        faults = (checker.find_fault(expected, found, solution) for checker in self.checkers)
        return next(filter(None, faults), None)

    def tell_apart(self, first: Mapping[str, Any], second: Mapping[str, Any]) -> str | None:
        return next(filter(None, (checker.tell_apart(first, second) for checker in self.checkers)), None)


def _apply(law: Law, of: str, expected: Mapping[str, Any], solution: Mapping[str, Any]) -> Any:
    """Work out the law from the fields of the jury's observation that it has parameters for."""
    if isinstance(law, str) and law not in solution:
        raise LookupError(f"solution.py defines no {law}, the law of {of}")
    function: Callable[..., Any] = solution[law] if isinstance(law, str) else law
    wanted = inspect.signature(function).parameters
    return function(**{name: _read_plain(value) for name, value in expected.items() if name in wanted})


def _read_plain(value: Any) -> Any:
    """Return the NumPy array of what came over the wire as one; all else as it is."""
    values = getattr(value, "values", None)
    return values if isinstance(values, np.ndarray) else value


def _read_field(of: str, observation: Mapping[str, Any]) -> npt.NDArray[Any]:
    if of not in observation:
        raise ValueError(f"the case observes no {of}")
    return np.asarray(_read_plain(observation[of]))


def _read_integers(of: str, observation: Mapping[str, Any]) -> npt.NDArray[np.int64]:
    values = _read_field(of, observation)
    if values.dtype.kind not in "biu":
        raise ValueError(f"{of} holds no whole numbers")
    return values.astype(np.int64)


def _read_numbers(of: str, observation: Mapping[str, Any]) -> Numbers:
    """Return the numbers in order, the smallest first."""
    return np.sort(_read_field(of, observation).astype(np.float64).ravel())
