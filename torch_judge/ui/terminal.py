"""A report for a person at a terminal: no more than the window holds, and what one needs most at its end."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from torch_judge.model.report import CaseResult, Counterexample, Report

from .failures import (
    Failures,
    arrange_failures,
    count_the_others,
    is_told_by_an_example,
    split_message,
)
from .text import (
    colour_of,
    write_circumstances,
    write_missing_isolation,
    write_mistake,
    write_title,
    write_verdict,
)
from .text_blocks import INDENT, Hanging, Indented, Printed, make_text, wrap
from .text_values import (
    CUT,
    MOST_LINES_OF_A_SIDE,
    Page,
    Right,
    list_answers,
    list_inputs,
    list_inputs_in_a_row,
)
from .wording import SMALLEST_INPUT

FEWEST_LINES: Final = 12
"""A window with fewer is scrolled."""
FEWEST_ANSWERS: Final = 1 + 2 * MOST_LINES_OF_A_SIDE
"""With so many lines a row has both sides."""
_BY: Final = 2


@dataclass(frozen=True, slots=True)
class Detail:
    """How much of a report is shown."""

    apart: bool = True
    """With an empty line between the parts."""
    printed: int = 6
    """So many lines of what the first failed case printed."""
    inputs_in_lines: bool = True
    """Each input in a line of its own."""
    right: Right = Right.IN_FULL
    """What is right on the smallest failing input, too."""
    sentence: bool = True
    """What the first failed case checks."""
    found: int = 6
    """So many lines of what was found in it."""
    inputs: int = 100
    answers: int = 100
    """So many lines of the smallest failing input, and of what came of it."""


_FEWER: Final = (
    {"inputs_in_lines": False},
    {"right": Right.BY_NAME},
    {"printed": 0},
    {"apart": False},
    {"found": 3},
    {"sentence": False},
    {"right": Right.LEFT_OUT},
    {"found": 1},
)


def _list_details() -> Iterator[Detail]:
    """List ever fewer details, first everything: what is missed least goes first."""
    detail = Detail()
    yield detail
    cut = ({"inputs": most, "answers": max(most, FEWEST_ANSWERS)} for most in range(12, 0, -1))
    for fewer in (*_FEWER, *cut, {"found": 0}):
        detail = replace(detail, **fewer)  # type: ignore[arg-type]
        yield detail


_DETAILS: Final = tuple(_list_details())


class Screenful:
    """A report in so many lines, by default those of the window but for the prompt.

    Where it does not fit it has fewer details; the mistake and the verdict are never cut. Of one that was not
    accepted, `more` says where all of it can be seen.
    """

    def __init__(self, report: Report, *, height: int | None = None, more: str = "") -> None:
        self._report, self._height, self._more = report, height, more
        self._failures = arrange_failures(report)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        height = max(self._height or console.height - 1, FEWEST_LINES)

        def list_lines(detail: Detail) -> list[Text]:
            return _Layout(
                self._report, self._failures, self._more, console, options.max_width, detail
            ).list_lines()

        # each has at most as many lines as the one before: the first that fits, or the last
        first = bisect_left(_DETAILS, -height, key=lambda detail: -len(list_lines(detail)))
        yield from list_lines(_DETAILS[min(first, len(_DETAILS) - 1)])


@dataclass(frozen=True, slots=True)
class _Layout:
    """One report with so much detail, so wide."""

    report: Report
    failures: Failures
    more: str
    console: Console
    width: int
    detail: Detail

    def list_lines(self) -> list[Text]:
        """List the lines: how the cases went, the first that failed, the smallest input, the mistake."""
        parts = [
            self._list_marks(),
            self._list_first_failure(),
            self._list_counterexample(self.report.counterexample),
            self._list_message(),
            self._list_mistake(),
        ]
        lines: list[Text] = []
        for part in filter(None, parts):
            lines += [*part, Text()] if self.detail.apart else part
        return lines + self._list_end()

    def _list_marks(self) -> list[Text]:
        """List a mark for each case."""
        room = max(self.width - 2 * _BY, 1)
        marks = [("✓" if case.passed else "✗", colour_of(case.verdict)) for case in self.report.cases]
        return [
            Text.assemble(" " * _BY, *marks[start : start + room]) for start in range(0, len(marks), room)
        ]

    def _list_first_failure(self) -> list[Text]:
        """List the case that decided the verdict, and how many fail besides."""
        leading = self.failures.leading
        if leading is None:
            return []
        lines = wrap(write_title(leading.first), self.console, self.width)
        sentence, found = split_message(leading.first)
        if sentence and self.detail.sentence:
            lines += self._indent(make_text(sentence))
        said = self._indent(make_text(found)) if found else []
        lines += _cut_lines(said, self.detail.found, by=INDENT)
        lines += self._list_printed(leading.first)
        others = count_the_others(self.failures, self.report)
        return lines + [
            line
            for other in others
            for line in _cut_lines(self._indent(make_text(other, "dim"), by=_BY + 2), 2, by=INDENT)
        ]

    def _list_printed(self, case: CaseResult) -> list[Text]:
        most = self.detail.printed
        return _cut_lines(Printed(case.stdout).list_lines(self.width), most, by=INDENT) if case.stdout else []

    def _list_counterexample(self, counterexample: Counterexample | None) -> list[Text]:
        if counterexample is None or not is_told_by_an_example(self.report, self.failures):
            return []
        page = Page(self.console, self.width)
        write = list_inputs if self.detail.inputs_in_lines else list_inputs_in_a_row
        inputs = write(counterexample.inputs, page)
        answers = list_answers(counterexample, page, right=self.detail.right)
        return [
            make_text(f"  {SMALLEST_INPUT}", "bold"),
            *_cut_lines(inputs, self.detail.inputs, by=INDENT),
            *_cut_lines(answers, self.detail.answers, by=INDENT),
        ]

    def _list_message(self) -> list[Text]:
        return self._indent(make_text(self.report.message), by=_BY) if self.report.message else []

    def _list_mistake(self) -> list[Text]:
        return [
            line
            for part in write_mistake(self.report, with_cases=False)
            for line in part.list_lines(self.console, self.width)
        ]

    def _list_end(self) -> list[Text]:
        """List what was said besides, and last the verdict."""
        notes = [line for note in self.report.notes for line in self._indent(make_text(note), by=_BY)]
        facts = write_circumstances(self.report)
        if self.more and self.report.cases and not self.report.passed:
            facts.append(f"; {self.more}")
        hanging = [Hanging(part) for part in (write_missing_isolation(self.report), facts) if part]
        said = [line for part in hanging for line in part.list_lines(self.console, self.width)]
        return [*notes, *said, write_verdict(self.report)]

    def _indent(self, text: Text, *, by: int = INDENT) -> list[Text]:
        return Indented(text, by=by).list_lines(self.console, self.width)


def _cut_lines(lines: Sequence[Text], most: int, *, by: int) -> list[Text]:
    """Cut lines that are too many, with a mark in the place of the last."""
    if len(lines) <= most:
        return list(lines)
    return [*lines[: most - 1], Text(" " * by + CUT, style="dim")] if most else []
