"""A check as one HTML card: where it stands while cases run, and the report at its end.

It holds no script and no style sheet, since Jupyter takes both out of a notebook that is not trusted: every
style is inline. Text keeps the colour of the page, and what has a colour of its own brings its own background
or lies translucent on the page's, so that light and dark pages show the same card. No colour speaks alone: a
mark or a word says the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from torch_judge.judging.starter import is_untouched
from torch_judge.model.naming import spell
from torch_judge.model.report import CaseResult, Flag, Report

from .card_failures import draw_failures, draw_printed, draw_prose
from .card_style import (
    BOX,
    CARD,
    FAINT_GREEN,
    FAINT_GREY,
    GREY,
    LINE,
    MONO,
    PILL,
    QUIET,
    ROW,
    VIOLET,
    colour_of,
)
from .card_values import draw_counterexample
from .failures import Failures, arrange_failures, is_told_by_an_example
from .html import Content, Part, html, part
from .wording import conclude, introduce_mistake, introduce_mistakes, name_missing_isolation, word_ahead


class CheckStage(StrEnum):
    """How far a check is that has no report yet."""

    WAITING = "waiting"
    STARTING = "starting"
    RUNNING = "running"
    EXPLAINING = "looking for the mistake"
    INTERRUPTED = "interrupted"
    FAILED = "judge error"


OVER: Final = frozenset({CheckStage.INTERRUPTED, CheckStage.FAILED})


@dataclass(frozen=True, slots=True)
class CheckState:
    """Where a check stands: its cases in order, and what is decided by their names."""

    problem: str
    submission: str
    stage: CheckStage = CheckStage.STARTING
    cases: Sequence[CaseResult] = ()
    decided: Mapping[str, CaseResult] = field(default_factory=dict)
    ahead: int | None = None
    """How many checks are before this one; None where it does not wait for them."""

    @property
    def running(self) -> CaseResult | None:
        """Return the first case that is not decided, which runs or is about to."""
        return next((case for case in self.cases if case.name not in self.decided), None)


def as_card(report: Report, *, notes: Sequence[str] = ()) -> str:
    """Return the card of a report: what the mistake is, the first failed case open, all others folded."""
    passed = [case for case in report.cases if case.passed]
    failures = arrange_failures(report)
    return _frame(
        f"{report.problem}: {conclude(report)}",
        _draw_head(report.problem, report.submission, *_draw_conclusion(report)),
        _draw_facts(_count_passed(report), f"{report.elapsed_seconds:.2f} s", f"seed {report.seed}"),
        *_draw_strip(report.cases, {case.name: case for case in report.cases}),
        *([part("div", BOX, report.message)] if report.message else []),
        *(part("p", "margin:10px 0 0 0", note) for note in (*report.notes, *notes)),
        *_draw_mistake(report),
        *_draw_example(report, failures),
        *draw_failures(report, failures),
        *_draw_passes(passed),
        *_draw_flags(report.flags),
        *_draw_missing_isolation(report),
    )


def as_progress(state: CheckState, *, why: str = "") -> str:
    """Return the card of a check that has no report yet.

    It has a mark for each case, the failed ones, and the one that runs now; or `why` it is over.
    """
    over = state.stage in OVER
    failed = [case for case in state.decided.values() if not case.passed]
    running = state.running
    now = (
        [] if over or running is None else [part("p", f"margin:10px 0 0 0;{QUIET}", f"now: {running.title}")]
    )
    return _frame(
        f"{state.problem}: {state.stage.value}",
        _draw_head(
            state.problem,
            state.submission,
            state.stage.value,
            GREY if state.stage is not CheckStage.FAILED else VIOLET,
        ),
        _draw_facts(_say_how_far(state)),
        *_draw_strip(state.cases, state.decided, running=None if over else running),
        *([part("p", "margin:10px 0 0 0", why or _say_why_over(state))] if over else []),
        *(
            part(
                "div",
                "margin:4px 0 0 0",
                part("b", "font-weight:600", f"✗ {case.title}"),
                f": {case.verdict}",
            )
            for case in failed
        ),
        *now,
    )


def _say_how_far(state: CheckState) -> str:
    if state.ahead is not None:
        return word_ahead(state.ahead)
    if state.cases:
        return f"{len(state.decided)} of {len(state.cases)} cases decided"
    return "no case was decided" if state.stage in OVER else "the submission is being loaded"


def _say_why_over(state: CheckState) -> str:
    if state.stage is CheckStage.FAILED:
        return "The judge could not go on; the error below says why."
    return (
        "You interrupted this check. Nothing of it is running any more; "
        "run the cell again to judge from the start."
    )


def _frame(label: str, *content: Content) -> str:
    """Put a frame around the content, and write it out.

    The class names keep MathJax from setting what a submission says between dollars.
    """
    classes = "torch-judge tex2jax_ignore mathjax_ignore"
    return html(
        part(
            "div",
            CARD,
            *content,
            class_=classes,
            lang="en",
            role="region",
            aria_label=f"torch_judge, {label}",
        )
    )


def _draw_head(problem: str, submission: str, says: str, colour: str) -> Part:
    title = part("span", "font-size:17px;font-weight:700;letter-spacing:-0.01em", problem)
    name = part("span", f"{MONO};{QUIET};overflow-wrap:anywhere", submission)
    return part("div", ROW, title, name, part("span", f"{PILL}{colour};margin-left:auto", says))


def _draw_facts(*facts: str) -> Part:
    return part("div", f"margin:2px 0 0 0;{QUIET}", " \u00b7 ".join(fact for fact in facts if fact))


def _count_passed(report: Report) -> str:
    passed, of = report.n_passed, len(report.cases)
    if not of:
        return "no case was reached"
    return f"all {of} cases passed" if passed == of else f"{passed} of {of} cases passed"


def _draw_strip(
    cases: Sequence[CaseResult], decided: Mapping[str, CaseResult], *, running: CaseResult | None = None
) -> Iterator[Part]:
    """Draw a mark for each case, which is a progress bar while they run."""
    if not cases:
        return
    failed = sum(not case.passed for case in decided.values())
    says = f"{len(decided) - failed} passed, {failed} failed, {len(cases) - len(decided)} not decided"
    marks = [
        _draw_mark(case, decided.get(case.name), now=running is not None and running.name == case.name)
        for case in cases
    ]
    yield part(
        "div", "display:flex;flex-wrap:wrap;gap:3px;margin:10px 0 0 0", *marks, role="img", aria_label=says
    )


def _draw_conclusion(report: Report) -> tuple[str, str]:
    """Say what a report comes to, with its mark, and choose the colour."""
    if is_untouched(report):
        return conclude(report), GREY
    return f"{'✓' if report.passed else '✗'} {conclude(report)}", colour_of(report.verdict)


def _draw_mark(case: CaseResult, result: CaseResult | None, *, now: bool) -> Part:
    mark, says, colours = "\u00b7", "not decided", f"background:{FAINT_GREY}"
    if result is not None and result.passed:
        mark, says, colours = "✓", "passed", f"background:{FAINT_GREEN}"
    elif result is not None:
        mark, says, colours = (
            "✗",
            result.verdict.value,
            f"background:{colour_of(result.verdict)};color:#ffffff;font-weight:700",
        )
    elif now:
        mark, says, colours = "▸", "running", f"background:{GREY};color:#ffffff"
    size = "width:17px;height:17px;line-height:17px;border-radius:4px;text-align:center;font-size:11px"
    style = f"{size};{colours}"
    return part("span", style, mark, title=f"{case.title}: {says}")


def _draw_mistake(report: Report) -> Iterator[Part]:
    """Say which mistake it was, or which ones together; the bank's words."""
    box = (
        "border-left:4px solid #d4880f;background:rgba(212,136,15,0.13);border-radius:0 6px 6px 0;"
        "padding:9px 14px;margin:14px 0 0 0"
    )
    if report.diagnosis is not None:
        lead = part(
            "div",
            "font-weight:600",
            f"{introduce_mistake(report, report.diagnosis)}: ",
            spell(report.diagnosis.gotcha),
        )
        yield part("div", box, lead, part("div", "margin:4px 0 0 0", *draw_prose(report.diagnosis.says)))
    if report.explanations:
        yield part(
            "div",
            box,
            part("div", "font-weight:600", f"{introduce_mistakes(report)}:"),
            *(_draw_explanation(explanation.gotcha, explanation.says) for explanation in report.explanations),
        )


def _draw_explanation(gotcha: str, says: str) -> Part:
    return part("div", "margin:6px 0 0 0", part("b", "", spell(gotcha)), ". ", *draw_prose(says))


def _draw_example(report: Report, failures: Failures) -> Iterator[Part]:
    if report.counterexample and is_told_by_an_example(report, failures):
        yield draw_counterexample(report.counterexample)


def _draw_passes(passed: Sequence[CaseResult]) -> Iterator[Part]:
    if not passed:
        return
    title = "1 case passed" if len(passed) == 1 else f"{len(passed)} cases passed"
    lines = [
        part("div", "margin:2px 0 0 0", f"✓ {case.title}", *draw_printed(case.stdout)) for case in passed
    ]
    summary = part("summary", "cursor:pointer;font-size:13px;font-weight:600", title)
    yield part("details", "margin:16px 0 0 0", summary, part("div", f"padding:4px 0 0 14px;{QUIET}", *lines))


def _draw_flags(flags: Sequence[Flag]) -> Iterator[Part]:
    """Draw what a grader may want to look at; the source line is the submission's words."""
    if not flags:
        return
    lines = [
        part(
            "div",
            "margin:4px 0 0 0",
            f"{flag.file} line {flag.line}: {flag.sign}. {flag.says}",
            part("div", BOX, flag.text),
        )
        for flag in flags
    ]
    summary = part(
        "summary", "cursor:pointer;font-size:13px;font-weight:600", f"flagged for a grader: {len(flags)}"
    )
    yield part("details", "margin:10px 0 0 0", summary, part("div", "padding:0 0 0 14px", *lines))


def _draw_missing_isolation(report: Report) -> Iterator[Part]:
    """Say what does not hold of that which every check asks for; nothing where all does."""
    missing = name_missing_isolation(report)
    if not missing:
        return
    says = f"Less isolated than it should be, without: {', '.join(missing)}"
    reasons = [
        part("div", "padding:2px 0 0 14px", f"{layer}: {report.isolation_missing[layer]}")
        for layer in missing
    ]
    style = f"border-top:{LINE};margin:16px 0 0 0;padding:8px 0 0 0;font-size:12px;{QUIET}"
    yield part("details", style, part("summary", "cursor:pointer", says), *reasons)
