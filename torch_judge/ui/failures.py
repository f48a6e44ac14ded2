"""The failed cases of a report as one looks at them: the first in full, the others as what they add to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from torch_judge.model.report import CaseResult, Report, Verdict

from .wording import blame_prediction


@dataclass(frozen=True, slots=True)
class Alike:
    """Failed cases that say the same, word for word; at least one."""

    cases: tuple[CaseResult, ...]

    @property
    def first(self) -> CaseResult:
        """Return the one that speaks for all."""
        return self.cases[0]


@dataclass(frozen=True, slots=True)
class Failures:
    """What failed: first the case that decided the verdict, with those that say the same.

    Of the others, those that the mistakes predict, and those that they do not.
    """

    leading: Alike | None = None
    predicted: tuple[Alike, ...] = ()
    others: tuple[Alike, ...] = ()

    @property
    def total(self) -> int:
        """Count the failed cases."""
        leading = (self.leading,) if self.leading else ()
        return count_cases((*leading, *self.predicted, *self.others))

    @property
    def is_predicted(self) -> bool:
        """Whether the mistakes that are named predict all of it."""
        return self.leading is not None and self.leading.first.predicted and not self.others


def count_cases(groups: Iterable[Alike]) -> int:
    """Count the cases of several groups."""
    return sum(len(group.cases) for group in groups)


def is_told_by_an_example(report: Report, failures: Failures) -> bool:
    """Tell whether the smallest failing input says anything that the cases do not.

    It does not where every case fails, and in the same words: with any input at all.
    """
    if report.counterexample is None or failures.leading is None:
        return False
    all_alike = len(failures.leading.cases) == len(report.cases)
    return not (
        all_alike and split_message(failures.leading.first)[1] in dict(report.counterexample.yours).values()
    )


def split_message(case: CaseResult) -> tuple[str, str]:
    """Split what a failed case says: what it checks, which a wrong answer is told, and what was found."""
    if case.verdict is not Verdict.WRONG_ANSWER:
        return "", case.message
    sentence, _, found = case.message.partition("\n")
    return sentence, found


def arrange_failures(report: Report) -> Failures:
    """Put what decided the verdict first, together what says the same, and apart what is predicted."""
    # the others stay in their order
    failed = sorted(report.failed, key=lambda case: case.verdict is not report.verdict)
    groups: dict[tuple[object, ...], list[CaseResult]] = {}
    for case in failed:
        sentence, found = split_message(case)
        words = (found,) if found and not sentence else (sentence, found, case.name)
        groups.setdefault((case.verdict, case.predicted, *words), []).append(case)
    if not groups:
        return Failures()
    leading, *others = (Alike(tuple(cases)) for cases in groups.values())
    return Failures(
        leading,
        tuple(group for group in others if group.first.predicted),
        tuple(group for group in others if not group.first.predicted),
    )


def count_the_others(failures: Failures, report: Report) -> list[str]:
    """Say in a line each how many cases fail besides the first, and how."""
    lines = []
    if failures.leading and len(failures.leading.cases) > 1:
        lines.append(f"{say_more_fail(len(failures.leading.cases) - 1)} with the same message")
    if failures.predicted:
        lines.append(f"{say_more_fail(count_cases(failures.predicted))}, {blame_prediction(report)}")
    repeated = [group for group in failures.others if len(group.cases) > 1]
    lines += [_word_repeated(group) for group in repeated]
    if single := len(failures.others) - len(repeated):
        explained = report.diagnosis or report.explanations
        lines.append(
            f"{say_more_fail(single)} in another way"
            if explained
            else f"{say_more_fail(single)}; start with this one"
        )
    return lines


def _word_repeated(group: Alike) -> str:
    """Say how many cases say the same; what was not tried has not failed."""
    words, number = split_message(group.first)[1], len(group.cases)
    return f"{number} more were {words}" if words.startswith("not ") else f"{say_more_fail(number)}: {words}"


def say_more_fail(number: int) -> str:
    """Say how many cases fail besides."""
    return "1 more fails" if number == 1 else f"{number} more fail"
