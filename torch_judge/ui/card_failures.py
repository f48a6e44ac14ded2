"""The failed cases on a card: the first open, the others a click away, what is no news folded into a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from torch_judge.model.report import CaseResult, Report

from .card_style import BOX, FAINT_GREY, HEADING, LINE, MONO, QUIET, colour_of
from .card_values import draw_error_map
from .failures import Alike, Failures, count_cases, say_more_fail, split_message
from .html import Content, Part, part
from .wording import blame_prediction

_FOLD = "cursor:pointer;font-size:13px;font-weight:600"


def draw_failures(report: Report, failures: Failures) -> Iterator[Part]:
    """Draw what failed: first the case that decided the verdict."""
    if failures.leading is None:
        return
    total = failures.total
    says = "1 case failed" if total == 1 else f"{total} cases failed"
    if total > 1 and failures.is_predicted:
        says += f", all {blame_prediction(report)}"
    elif total > len(failures.leading.cases) and not failures.leading.first.predicted:
        says += "; start with this one"
    yield part("div", HEADING, says)
    yield _draw_failure(failures.leading, is_open=True)
    if failures.predicted:
        others = say_more_fail(count_cases(failures.predicted))
        summary = part("summary", _FOLD, f"{others}, {blame_prediction(report)}")
        closed = [_draw_failure(group) for group in failures.predicted]
        yield part("details", "margin:0 0 10px 0", summary, part("div", "padding:8px 0 0 14px", *closed))
    yield from (_draw_failure(group) for group in failures.others)


def _draw_failure(group: Alike, *, is_open: bool = False) -> Part:
    """Draw a failed case: its sentence, what is wrong and where, what the learner's code printed.

    Those that say the same are named below it.
    """
    case, others = group.first, group.cases[1:]
    sentence, found = split_message(case)
    style = f"border-left:3px solid {colour_of(case.verdict)};padding:1px 0 1px 14px;margin:0 0 10px 0"
    count = f" \u00d7 {len(group.cases)}" if others else ""
    title = part(
        "summary",
        "cursor:pointer",
        part("b", "font-weight:600", f"✗ {case.title}"),
        f": {case.verdict}{count}",
    )
    return part(
        "details",
        style,
        title,
        *([part("div", "margin:3px 0 0 0", *draw_prose(sentence))] if sentence else []),
        *([part("div", BOX, found)] if found else []),
        *draw_error_map(case.picture),
        *draw_printed(case.stdout),
        *_draw_same(others),
        **({"open": "open"} if is_open else {}),
    )


def _draw_same(cases: Sequence[CaseResult]) -> Iterator[Part]:
    """Name the cases that say the same."""
    if not cases:
        return
    summary = part("summary", _FOLD, f"{say_more_fail(len(cases))} with the same message")
    titles = [
        part("div", "margin:2px 0 0 0", f"✗ {case.title}", *draw_printed(case.stdout)) for case in cases
    ]
    yield part("details", "margin:6px 0 0 0", summary, part("div", f"padding:4px 0 0 14px;{QUIET}", *titles))


def draw_prose(text: str) -> Iterator[Content]:
    """Draw a text with what stands between backticks as code."""
    for n, piece in enumerate(text.split("`")):
        yield (
            part("code", f"{MONO};background:{FAINT_GREY};border-radius:4px;padding:1px 4px", piece)
            if n % 2
            else piece
        )


def draw_printed(text: str) -> Iterator[Part]:
    """Draw what the learner's code printed."""
    if text:
        yield part("div", f"margin:6px 0 0 0;font-size:12px;{QUIET}", "your code printed")
        yield part(
            "pre",
            f"{BOX};margin:2px 0 0 0;max-height:160px;overflow:auto;border:{LINE};background:transparent",
            text,
        )
