"""A check as one HTML card: where it stands while cases run, and the report at its end.

It holds no script and no style sheet, since Jupyter takes both out of a notebook that is not trusted: every style is
inline. Text keeps the colour of the page, and what has a colour of its own brings its own background or lies
translucent on the page's, so that light and dark pages show the same card. No colour speaks alone: a mark or a word
says the same.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby
from typing import Final

from torch_judge.model.report import CaseResult, Counterexample, ErrorMap, Flag, Report, Rows, Verdict

from .html import Content, Part, html, part

MISSING: Final = "-"
MOST_OPEN: Final = 6
"""So many failed cases stand open; the others are a click away."""
MOST_VALUES_APART: Final = 160
"""Of a picture with no more places, each is drawn for itself."""

GREEN, RED, AMBER, VIOLET, GREY = "#1a7f37", "#b42318", "#8a5a00", "#6941c6", "#57606a"
FAINT_RED, FAINT_GREEN, FAINT_GREY = "rgba(224,62,47,0.18)", "rgba(46,160,67,0.22)", "rgba(128,128,128,0.16)"
LINE: Final = "1px solid rgba(128,128,128,0.32)"
MONO: Final = "font-family:ui-monospace,Menlo,Consolas,monospace;font-size:12.5px"
QUIET: Final = "opacity:0.72"
CARD: Final = (
    f"border:{LINE};border-radius:10px;padding:16px 20px 14px 20px;margin:6px 0 10px 0;max-width:820px;"
    "font-family:system-ui,sans-serif;font-size:14px;line-height:1.5;overflow-wrap:break-word"
)
ROW: Final = "display:flex;flex-wrap:wrap;align-items:center;gap:4px 12px"
PILL: Final = "color:#ffffff;border-radius:999px;padding:2px 12px;font-size:13px;font-weight:600;white-space:nowrap;background:"
HEADING: Final = "font-size:13px;font-weight:600;margin:18px 0 6px 0"
BOX: Final = f"{MONO};background:{FAINT_GREY};border-radius:6px;padding:6px 10px;margin:6px 0 0 0;white-space:pre-wrap;line-height:1.5"
TABLE: Final = "border-collapse:collapse;border:none;margin:0;table-layout:auto"
CELL: Final = "text-align:left;vertical-align:top;border:none;background:transparent;padding:3px 18px 3px 0;white-space:pre;max-width:none;"
_COLOURS: Final = {
    Verdict.ACCEPTED: GREEN,
    Verdict.TIME_LIMIT_EXCEEDED: AMBER,
    Verdict.MEMORY_LIMIT_EXCEEDED: AMBER,
    Verdict.JUDGE_ERROR: VIOLET,
}
_BETWEEN_NUMBERS: Final = re.compile(r"([\[\](){},\s]+)")


class CheckStage(StrEnum):
    """How far a check is that has no report yet."""

    STARTING = "starting"
    RUNNING = "running"
    EXPLAINING = "looking for the mistake"
    INTERRUPTED = "interrupted"
    FAILED = "judge error"


@dataclass(frozen=True, slots=True)
class CheckState:
    """Where a check stands: its cases in order, and what is decided by their names."""

    problem: str
    submission: str
    stage: CheckStage = CheckStage.STARTING
    cases: Sequence[CaseResult] = ()
    decided: Mapping[str, CaseResult] = field(default_factory=dict)

    @property
    def running(self) -> CaseResult | None:
        """Return the first case that is not decided."""
        return next((each for each in self.cases if each.name not in self.decided), None)


def as_card(report: Report, *, notes: Sequence[str] = ()) -> str:
    """Return the card of a report: what the mistake is, the failed cases open, the passed ones folded."""
    passed = [case for case in report.cases if case.passed]
    failed = [case for case in report.cases if not case.passed]
    mark = "✓" if report.passed else "✗"
    return _card(
        f"{report.problem}: {report.verdict.value}",
        _head(report.problem, report.submission, f"{mark} {report.verdict.value}", _colour(report.verdict)),
        _line(_counted(report), f"{report.elapsed_seconds:.2f} s", f"seed {report.seed}"),
        *_strip(report.cases, {case.name: case for case in report.cases}),
        *([part("div", BOX, report.message)] if report.message else []),
        *(part("p", "margin:10px 0 0 0", note) for note in notes),
        *_mistake(report),
        *([_example(report.counterexample)] if report.counterexample else []),
        *_failures(failed),
        *_passes(passed),
        *_flags(report.flags),
        _footer(report),
    )


def as_progress(progress: CheckState) -> str:
    """Return the card of a check that has no report yet: a mark for each case, the failed ones, what runs now."""
    over = progress.stage in {CheckStage.INTERRUPTED, CheckStage.FAILED}
    failed = [each for each in progress.decided.values() if not each.passed]
    running = progress.running
    now = (
        [] if over or running is None else [part("p", f"margin:10px 0 0 0;{QUIET}", f"now: {running.title}")]
    )
    return _card(
        f"{progress.problem}: {progress.stage.value}",
        _head(
            progress.problem,
            progress.submission,
            progress.stage.value,
            GREY if progress.stage is not CheckStage.FAILED else VIOLET,
        ),
        _line(
            f"{len(progress.decided)} of {len(progress.cases)} cases decided"
            if progress.cases
            else "the submission is being loaded"
        ),
        *_strip(progress.cases, progress.decided, running=None if over else running),
        *([part("p", "margin:10px 0 0 0", _over(progress))] if over else []),
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


def _over(progress: CheckState) -> str:
    if progress.stage is CheckStage.FAILED:
        return "The judge could not go on; the error below says why."
    return "You interrupted this check. Nothing of it is running any more; run the cell again to judge from the start."


def _card(label: str, *content: Content) -> str:
    """Return the whole card; the class names keep MathJax from setting what a submission says between dollars."""
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


def _head(problem: str, submission: str, says: str, colour: str) -> Part:
    title = part("span", "font-size:17px;font-weight:700;letter-spacing:-0.01em", problem)
    name = part("span", f"{MONO};{QUIET};overflow-wrap:anywhere", submission)
    return part("div", ROW, title, name, part("span", f"{PILL}{colour};margin-left:auto", says))


def _line(*facts: str) -> Part:
    return part("div", f"margin:2px 0 0 0;{QUIET}", " \u00b7 ".join(each for each in facts if each))


def _counted(report: Report) -> str:
    passed, of = sum(case.passed for case in report.cases), len(report.cases)
    if not of:
        return "no case was reached"
    return f"all {of} cases passed" if passed == of else f"{passed} of {of} cases passed"


def _colour(verdict: Verdict) -> str:
    return _COLOURS.get(verdict, RED)


def _strip(
    cases: Sequence[CaseResult], decided: Mapping[str, CaseResult], *, running: CaseResult | None = None
) -> Iterator[Part]:
    """Return a mark for each case, which is a progress bar while they run."""
    if not cases:
        return
    failed = sum(not each.passed for each in decided.values())
    says = f"{len(decided) - failed} passed, {failed} failed, {len(cases) - len(decided)} not decided"
    marks = [
        _mark(each, decided.get(each.name), now=running is not None and running.name == each.name)
        for each in cases
    ]
    yield part(
        "div", "display:flex;flex-wrap:wrap;gap:3px;margin:10px 0 0 0", *marks, role="img", aria_label=says
    )


def _mark(case: CaseResult, result: CaseResult | None, *, now: bool) -> Part:
    mark, says, colours = "\u00b7", "not decided", f"background:{FAINT_GREY}"
    if result is not None and result.passed:
        mark, says, colours = "✓", "passed", f"background:{FAINT_GREEN}"
    elif result is not None:
        mark, says, colours = (
            "✗",
            result.verdict.value,
            f"background:{_colour(result.verdict)};color:#ffffff;font-weight:700",
        )
    elif now:
        mark, says, colours = "▸", "running", f"background:{GREY};color:#ffffff"
    style = f"width:17px;height:17px;line-height:17px;border-radius:4px;text-align:center;font-size:11px;{colours}"
    return part("span", style, mark, title=f"{case.title}: {says}")


def _mistake(report: Report) -> Iterator[Part]:
    """Return which mistake it was, or which ones together; the bank's words."""
    box = "border-left:4px solid #d4880f;background:rgba(212,136,15,0.13);border-radius:0 6px 6px 0;padding:9px 14px;margin:14px 0 0 0"
    if report.diagnosis is not None:
        lead = part(
            "div",
            "font-weight:600",
            "Your code behaves exactly like one with this mistake: ",
            _spoken(report.diagnosis.gotcha),
        )
        yield part("div", box, lead, part("div", "margin:4px 0 0 0", *_prose(report.diagnosis.says)))
    if report.explanations:
        several = len(report.explanations)
        says = f"No single known mistake behaves like your code, but {several} together explain every failed case:"
        yield part(
            "div",
            box,
            part("div", "font-weight:600", says),
            *(_explained(each.gotcha, each.says) for each in report.explanations),
        )


def _explained(gotcha: str, says: str) -> Part:
    return part("div", "margin:6px 0 0 0", part("b", "", _spoken(gotcha)), ". ", *_prose(says))


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _prose(text: str) -> Iterator[Content]:
    """Return a text with what stands between backticks as code."""
    for n, each in enumerate(text.split("`")):
        yield (
            part("code", f"{MONO};background:{FAINT_GREY};border-radius:4px;padding:1px 4px", each)
            if n % 2
            else each
        )


def _example(found: Counterexample) -> Part:
    """Return the smallest counterexample: the inputs, then yours beside expected with the wrong numbers marked."""
    yours, expected = dict(found.yours), dict(found.expected)
    names = dict.fromkeys([*expected, *yours])
    heads = (
        part("th", f"{CELL}font-weight:600;padding-top:10px", each) for each in ("", "yours", "expected")
    )
    rows = [
        *_input_rows(found.inputs),
        _row(*heads),
        *(
            _answer_row(name, yours.get(name), expected.get(name), wrong=name in found.differs)
            for name in names
        ),
    ]
    table = part("table", TABLE, part("tbody", "", *rows))
    title = part("div", HEADING, "The smallest inputs found on which your answer is wrong")
    return part("div", "", title, part("div", "overflow-x:auto", table))


def _input_rows(rows: Rows) -> list[Part]:
    cells = [
        (part("td", f"{CELL}{QUIET}", name), part("td", f"{CELL}{MONO}", _stacked(text), colspan="2"))
        for name, text in rows
    ]
    return [_row(*pair) for pair in cells]


def _row(*cells: Part) -> Part:
    return part("tr", "background:transparent", *cells)


def _answer_row(name: str, yours: str | None, expected: str | None, *, wrong: bool) -> Part:
    if not wrong:
        same = [part("td", f"{CELL}{MONO};{QUIET}", _stacked(text or MISSING)) for text in (yours, expected)]
        return _row(part("td", f"{CELL}{QUIET}", name), *same)
    left, right = _told_apart(_stacked(yours or MISSING), _stacked(expected or MISSING))
    label = part("td", f"{CELL}font-weight:600", f"✗ {name}")
    return _row(label, part("td", f"{CELL}{MONO}", *left), part("td", f"{CELL}{MONO}", *right))


def _stacked(text: str) -> str:
    """Return a matrix with a line for each row."""
    return text.replace("], [", "],\n [")


def _told_apart(yours: str, expected: str) -> tuple[list[Content], list[Content]]:
    """Return both texts with the numbers that differ marked; all of them where the structures differ."""
    left, right = _BETWEEN_NUMBERS.split(yours), _BETWEEN_NUMBERS.split(expected)
    if left[1::2] != right[1::2]:
        return [_wrong(yours)], [_right(expected)]
    pairs = list(zip(left, right, strict=True))
    return [a if a == b else _wrong(a) for a, b in pairs], [b if a == b else _right(b) for a, b in pairs]


def _wrong(text: str) -> Part:
    style = (
        f"background:{FAINT_RED};border-radius:3px;padding:0 3px;font-weight:700;text-decoration:underline"
    )
    return part("span", style, text, title="wrong")


def _right(text: str) -> Part:
    return part("span", f"background:{FAINT_GREEN};border-radius:3px;padding:0 3px;font-weight:700", text)


def _failures(failed: Sequence[CaseResult]) -> Iterator[Part]:
    if failed:
        yield part("div", HEADING, "1 case failed" if len(failed) == 1 else f"{len(failed)} cases failed")
    for n, case in enumerate(failed):
        yield _failure(case, is_open=n < MOST_OPEN)


def _failure(case: CaseResult, *, is_open: bool) -> Part:
    """Return a failed case: its sentence, what is wrong and where, what the learner's code printed."""
    sentence, _, difference = (
        case.message.partition("\n") if case.verdict is Verdict.WRONG_ANSWER else ("", "", case.message)
    )
    style = f"border-left:3px solid {_colour(case.verdict)};padding:1px 0 1px 14px;margin:0 0 10px 0"
    attributes = {"open": "open"} if is_open else {}
    title = part(
        "summary", "cursor:pointer", part("b", "font-weight:600", f"✗ {case.title}"), f": {case.verdict}"
    )
    return part(
        "details",
        style,
        title,
        *([part("div", "margin:3px 0 0 0", *_prose(sentence))] if sentence else []),
        *([part("div", BOX, difference)] if difference else []),
        *_pictured(case.picture),
        *_printed(case.stdout),
        **attributes,
    )


def _printed(text: str) -> Iterator[Part]:
    if text:
        yield part("div", f"margin:6px 0 0 0;font-size:12px;{QUIET}", "your code printed")
        yield part(
            "pre",
            f"{BOX};margin:2px 0 0 0;max-height:160px;overflow:auto;border:{LINE};background:transparent",
            text,
        )


def _passes(passed: Sequence[CaseResult]) -> Iterator[Part]:
    if not passed:
        return
    title = "1 case passed" if len(passed) == 1 else f"{len(passed)} cases passed"
    lines = [part("div", "margin:2px 0 0 0", f"✓ {case.title}", *_printed(case.stdout)) for case in passed]
    summary = part("summary", "cursor:pointer;font-size:13px;font-weight:600", title)
    yield part("details", "margin:16px 0 0 0", summary, part("div", f"padding:4px 0 0 14px;{QUIET}", *lines))


def _pictured(picture: ErrorMap | None) -> Iterator[Part]:
    """Return where a tensor is wrong: a square for each value, or for a block of values in a large one; nothing if everywhere."""
    if picture is None:
        return
    values = math.prod(picture.shape)
    if picture.wrong == values:  # the sentence has said so
        return
    places = sum(len(row) for row in picture.grid)
    shape = " \u00d7 ".join(str(length) for length in picture.shape)
    count = f"{picture.wrong} of {values} values of {picture.where} ({shape})"
    says = f"\u00d7 marks the wrong ones, {count}"
    apart = places == values and places <= MOST_VALUES_APART
    rows = [_apart(row) if apart else _in_runs(row) for row in picture.grid]
    if not apart:
        says = f"where the wrong ones are, {count}: the stronger a place, the more of them"
    frame = f"display:inline-block;border:{LINE};border-radius:5px;padding:3px;max-width:100%;overflow-x:auto"
    grid = part("div", frame, *rows, role="img", aria_label=says)
    yield part("div", "margin:8px 0 0 0", grid, part("div", f"font-size:12px;{QUIET}", says))


def _apart(row: str) -> Part:
    base = "display:inline-block;width:13px;margin:1px;border-radius:3px;background:"
    wrong, right = f"{base}{RED};color:#ffffff", f"{base}{FAINT_GREY}"
    squares = [
        part("span", wrong, "\u00d7") if digit != "0" else part("span", right, "\u00a0") for digit in row
    ]
    return part(
        "div", "white-space:nowrap;line-height:13px;height:15px;text-align:center;font-size:11px", *squares
    )


def _in_runs(row: str) -> Part:
    """Return a row of blocks; neighbours that are alike are one part, which keeps a card small."""
    runs = [(digit, len(list(run))) for digit, run in groupby(row)]
    return part(
        "div",
        "white-space:nowrap;line-height:10px;height:10px",
        *(_run(int(digit), length) for digit, length in runs),
    )


def _run(digit: int, length: int) -> Part:
    colour = f"rgba(196,43,28,{0.25 + digit / 12:.2f})" if digit else FAINT_GREY
    return part("span", f"display:inline-block;width:{10 * length}px;height:10px;background:{colour}")


def _flags(flags: Sequence[Flag]) -> Iterator[Part]:
    """Return what a grader may want to look at; the source line is the submission's words."""
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


def _footer(report: Report) -> Part:
    style = f"border-top:{LINE};margin:16px 0 0 0;padding:8px 0 0 0;font-size:12px;{QUIET}"
    says = f"isolation: {', '.join(report.isolation) or 'none'}"
    if not report.isolation_missing:
        return part("div", style, says)
    reasons = [
        part("div", "padding:2px 0 0 14px", f"{layer}: {why}")
        for layer, why in report.isolation_missing.items()
    ]
    missing = part("summary", "cursor:pointer", f"{says}; missing: {', '.join(report.isolation_missing)}")
    return part("details", style, missing, *reasons)
