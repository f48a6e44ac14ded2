"""Name the mistake: which gotcha behaves exactly as a submission does, or which one or two explain the most.

An extra: whatever goes wrong here, there is no diagnosis, and the report is what it would be without.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from torch_judge.execution.forkserver.channel import HungUp, OutOfTime
from torch_judge.model.errors import BankError, WireError
from torch_judge.model.problem import Problem
from torch_judge.model.report import Certainty, Diagnosis, Explanation

from .checker_session import CheckerSession
from .composing import Pair, list_pairs
from .inquiry import Inquiry, Plan
from .signatures import Gotcha, read_signatures
from .symptoms import Symptoms
from .weighing import PARTLY, TOGETHER, Choice, Weighed, choose, rank

SECONDS: Final = 0.8
"""What a diagnosis may take in all."""
SECONDS_FOR_ONE_OF_MANY: Final = 4.0
"""What it may take for each of many answers: nobody waits for one, so a busy machine may take its time."""
LOOKS: Final = ((0, 2), (2, 5), (5, 9))
"""In which of its telling cases each mistake is looked at, until one explains a part."""
CASES_OF_A_PAIR: Final = 2
"""In how many failed cases two mistakes together are looked at."""
CLOSE_LOOK: Final = 12
"""In how many failed cases these are weighed."""
MOST_WEIGHED: Final = 6
"""How many mistakes are."""
MOST_HANDS: Final = 8
"""Of so many mistakes it is seen which hand is the nearest."""
MOST_LEADERS: Final = 5
MOST_PAIRS: Final = 40
"""How many of the nearest mistakes are tried with one another, and how many pairs in all."""
MOST_TELLING: Final = 12
"""Of the failed cases that a gotcha is known to fail, in so many it is run; in the others only where another
mistake does the same so far."""
MOST_DOUBTFUL: Final = 6
"""In how many of the cases that the submission passed it is seen that a gotcha passes too."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What there is to say about a submission that was not accepted."""

    diagnosis: Diagnosis | None = None
    explanations: tuple[Explanation, ...] = ()
    predicted: frozenset[str] = frozenset()
    """The failed cases in which all that is wrong is what these mistakes do."""


def diagnose(
    problem: Problem, checker: CheckerSession, symptoms: Symptoms, *, seconds: float = SECONDS
) -> Finding:
    """Have the checker run the gotchas that may be what the submission is, and name the one that is."""
    if seconds > 0 and symptoms.can_be_named:
        try:
            inquiry = Inquiry(
                problem, checker, symptoms, read_signatures(problem), time.monotonic() + seconds
            )
            return _Diagnoser(inquiry).find()
        except (HungUp, OutOfTime, WireError):
            checker.kill()  # whoever asks it next must not get a late answer to this
        except (BankError, OSError):
            return Finding()
    return Finding()


class _Diagnoser:
    """Finds what there is to say, from what is certain to what is likely."""

    def __init__(self, inquiry: Inquiry) -> None:
        self._inquiry, self._symptoms = inquiry, inquiry.symptoms
        self._equivalents = inquiry.problem.equivalents
        self._hands: dict[str, list[Gotcha]] = {}
        """The gotchas of each mistake, the nearest first, and the nearest mistake first."""

    def find(self) -> Finding:
        """Name the gotcha that does the same in every case, else what explains the most."""
        failed, passed = self._symptoms.failed, self._symptoms.passed
        candidates = self._inquiry.find_gotchas(lambda known: known.may_be_alike(failed, passed))
        alike = self._inquiry.find_alike(candidates, self._plan_briefly)
        if len({gotcha.mistake for gotcha in alike}) > 1:
            alike = self._inquiry.find_alike(alike, self._plan_exactly)
        if alike:
            says = {gotcha.mistake: gotcha.says for gotcha in alike}
            names = _drop_equivalents(says, self._equivalents)
            # two that tell different stories tell none
            if len(names) > 1:
                return Finding()
            cases = tuple(case for case in self._symptoms.results if case in failed)
            return Finding(Diagnosis(names[0], says[names[0]], cases=cases), predicted=failed)
        # one failed case is explained by whatever fails it, which says nothing
        return Finding() if len(failed) == 1 else self._word(self._weigh())

    def _weigh(self) -> Choice:
        """Choose the mistake, or the two, that explain the most of what is wrong."""
        self._find_nearest()
        nearest = [hands[0] for hands in self._hands.values()][:MOST_WEIGHED]
        singles = _by_name(self._inquiry.weigh(nearest, self._plan_closely))
        pairs = self._list_pairs(rank(singles.values()))
        both = _by_name(self._inquiry.weigh(pairs, self._plan_closely))
        chosen = choose(singles.values(), both.values(), self._equivalents)
        # what is said was seen in every failed case; where two are not, one may still be
        names = {each.sample for each in (*rank(singles.values())[:1], *chosen.parts)}
        singles |= _by_name(
            self._inquiry.weigh([one for one in nearest if one.name in names], self._plan_all)
        )
        if chosen.together:
            name = chosen.together.sample
            both |= _by_name(self._inquiry.weigh([two for two in pairs if two.name == name], self._plan_all))
        return choose(singles.values(), both.values(), self._equivalents)

    def _find_nearest(self) -> None:
        """Look at every mistake in one hand, then at the nearest in all, and sort them."""
        failed, passed = self._symptoms.failed, self._symptoms.passed
        hands: dict[str, list[Gotcha]] = {}
        for gotcha in self._inquiry.find_gotchas(lambda known: known.may_be_mixed_in(failed, passed)):
            hands.setdefault(gotcha.mistake, []).append(gotcha)
        found: dict[str, float] = {}
        for start, end in LOOKS:
            found |= self._look([gotchas[0] for gotchas in hands.values()], start, end, found)
            nearest = sorted(hands, key=lambda name: -found.get(hands[name][0].name, -1.0))
            if any(explained >= PARTLY for explained in found.values()):
                break
        start, end = 0, LOOKS[0][1]
        found |= self._look(
            [one for name in nearest[:MOST_HANDS] for one in hands[name][1:]], start, end, found
        )
        for gotchas in hands.values():
            gotchas.sort(key=lambda gotcha: -found.get(gotcha.name, -1.0))
        nearest.sort(key=lambda name: -found.get(hands[name][0].name, -1.0))
        self._hands = {name: hands[name] for name in nearest}

    def _look(
        self, gotchas: Sequence[Gotcha], start: int, end: int, before: Mapping[str, float]
    ) -> dict[str, float]:
        """Look at gotchas in a few cases: how much each may explain, by these and its signature."""
        fails, failed = {gotcha.name: gotcha.fails for gotcha in gotchas}, self._symptoms.failed
        looked = self._inquiry.weigh(gotchas, lambda gotcha: self._list_telling(gotcha)[start:end])
        explained = {each.sample: each.likeness * _compare(fails[each.sample], failed) for each in looked}
        return {name: max(share, before.get(name, 0.0)) for name, share in explained.items()}

    def _list_pairs(self, ranked: Sequence[Weighed]) -> list[Pair]:
        """List two in one text that are worth a closer look, where one does not explain nearly all."""
        if not ranked or ranked[0].likeness >= TOGETHER:
            return []
        leaders = [each.mistakes[0] for each in ranked[:MOST_LEADERS]]
        pairs = list(list_pairs(leaders, list(self._hands), self._hands, MOST_PAIRS))
        # where one alone does all that is wrong, a pair with it tells nothing
        alike = frozenset(ranked[0].alike)
        mixed = tuple(sorted(self._inquiry.telling, key=lambda case: case in alike)[:CASES_OF_A_PAIR])
        quick = sorted(self._inquiry.weigh(pairs, lambda _: mixed), key=lambda each: -each.likeness)
        names = {each.sample for each in quick[:CASES_OF_A_PAIR] if each.likeness}
        return [pair for pair in pairs if pair.name in names]

    def _word(self, chosen: Choice) -> Finding:
        """Say what was chosen."""
        says = {each.mistakes[0]: self._hands[each.mistakes[0]][0].says for each in chosen.parts}
        if len(chosen.parts) == 1:
            (one,) = chosen.parts
            (name,) = one.mistakes
            certainty = Certainty.LIKELY if chosen.likely else Certainty.PARTLY
            return Finding(Diagnosis(name, says[name], certainty, one.alike), predicted=chosen.predicted)
        named = [(each.mistakes[0], each.alike) for each in chosen.parts]
        several = tuple(Explanation(name, says[name], cases) for name, cases in named)
        return Finding(explanations=several, predicted=chosen.predicted)

    def _plan_briefly(self, gotcha: Gotcha) -> Plan:
        """List the cases of the exact plan, but of those that it is known to fail the most telling ones."""
        plan, known = self._plan_exactly(gotcha), gotcha.signature
        certain = [case for case in plan if case in known.fails and not known.remembers]
        left_out = frozenset(certain[MOST_TELLING:])
        return tuple(case for case in plan if case not in left_out)

    def _plan_exactly(self, gotcha: Gotcha) -> Plan:
        """List the cases that a gotcha has to be run through, those that tell the most first."""
        known, symptoms = gotcha.signature, self._symptoms
        if known.remembers:  # what it does in a case depends on those before
            return tuple(symptoms.results)
        doubtful = symptoms.passed - known.passes  # in the others it passes as the submission did
        return self._inquiry.telling + tuple(case for case in symptoms.results if case in doubtful)

    def _list_telling(self, gotcha: Gotcha) -> Plan:
        """List the failed cases that it may fail too, those first that tell most whether it is the one."""
        expected = [case for case in self._inquiry.telling if case in gotcha.fails]
        doubtful = [case for case in self._inquiry.telling if case not in gotcha.signature.passes]
        return tuple(dict.fromkeys(expected + doubtful))

    def _plan_closely(self, suspect: Gotcha | Pair) -> Plan:
        """List failed cases, half of them the most telling, and some that passed but may not."""
        telling = self._inquiry.telling
        first, others = telling[: CLOSE_LOOK // 2], telling[CLOSE_LOOK // 2 :]
        step = max(1, len(others) // (CLOSE_LOOK // 2))
        return (*first, *others[::step][: CLOSE_LOOK // 2], *self._doubt(suspect)[:MOST_DOUBTFUL])

    def _plan_all(self, suspect: Gotcha | Pair) -> Plan:
        """List the failed cases, and those that passed but may not."""
        return (*self._inquiry.telling, *self._doubt(suspect))

    def _doubt(self, suspect: Gotcha | Pair) -> Plan:
        """List the cases that passed but in which a suspect may fail; where it is sure to, that is known."""
        symptoms = self._symptoms
        known = suspect.fails if isinstance(suspect, Gotcha) else frozenset()
        doubtful = (case for case in symptoms.results if case in symptoms.passed and case not in known)
        return tuple(case for case in doubtful if suspect.may_fail(case))


def _compare(fails: frozenset[str], failed: frozenset[str]) -> float:
    """Compare the cases that are known to fail, if any are, with those that did."""
    return len(fails & failed) / len(fails | failed) if fails else 1.0


def _drop_equivalents(names: Iterable[str], equivalents: Mapping[str, str]) -> list[str]:
    """Drop the names whose equivalent is among them too, and sort the others."""
    known = set(names)
    return sorted(name for name in known if equivalents.get(name) not in known)


def _by_name(weighed: Iterable[Weighed]) -> dict[str, Weighed]:
    return {each.sample: each for each in weighed}
