"""A report, and what the doctor found, as text; returns, prints nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from torch_judge.execution.doctor import Examination
from torch_judge.model.isolation import Layer
from torch_judge.model.report import CaseResult, Counterexample, Report, Verdict
from torch_judge.model.sanitize import sanitize

from .wording import introduce_mistake, introduce_mistakes

_COLOURS = {Verdict.ACCEPTED: "green", Verdict.JUDGE_ERROR: "magenta"}
INDENT = 6
UNFOLDED = 4
PRINTED = "printed | "
SOURCE = "source  | "
MISSING = "-"
_UNBOUNDED = 10_000
_LONGEST_PART = 1 << 16


def as_text(what: RenderableType) -> str:
    """Return what would be shown on a terminal as plain text, its lines as long as they are."""
    console = Console(width=_UNBOUNDED, color_system=None, highlight=False, force_jupyter=False)
    with console.capture() as capture:
        console.print(what, soft_wrap=True)
    return "\n".join(line.rstrip() for line in capture.get().splitlines())


def as_rich(report: Report, *, folded: bool = False) -> RenderableType:
    """Return a report for a terminal: a headline, a line per case, and under a failed one what went wrong.

    `folded` leaves out the cases that passed, and of many that failed the later ones.
    """
    parts: list[RenderableType] = [_Hanging(_write_headline(report))]
    if report.message:
        parts.append(_Indented(_make_text(report.message), by=4))
    parts += [_Indented(_make_text(note), by=2) for note in report.notes]
    parts += _write_mistake(report)
    parts += _write_flags(report)
    failed = [case for case in report.cases if not case.passed]
    for case in failed[:UNFOLDED] if folded else report.cases:
        parts.append(_write_case(case))
        parts += [_Indented(_make_text(line)) for line in case.message.splitlines()]
        if case.stdout and not case.passed:
            parts.append(_Printed(case.stdout))
    if folded and len(failed) > UNFOLDED:
        parts.append(_make_text(f"  ✗ and {len(failed) - UNFOLDED} more", "red"))
    if report.counterexample is not None:
        parts.append(_write_counterexample(report.counterexample))
    parts.append(_write_footer(report))
    return Group(*parts)


def _make_text(text: str, style: str = "") -> Text:
    """Make a text that cannot steer the terminal, whoever wrote it: a file's name is the learner's too."""
    return Text(sanitize(text, longest=_LONGEST_PART), style=style)


def _write_headline(report: Report) -> Text:
    text = _make_text(f"{report.problem}: ", style="bold")
    text.append(report.verdict.value, style=f"bold {_COLOURS.get(report.verdict, 'red')}")
    if report.cases:
        text.append(
            f", {sum(case.passed for case in report.cases)} of {len(report.cases)} cases passed",
            style="not bold",
        )
    text.append_text(_make_text(f"  {report.submission}", style="dim not bold"))
    return text


def _write_case(case: CaseResult) -> Text:
    line = Text("  ")
    line.append("✓ " if case.passed else "✗ ", style=_COLOURS.get(case.verdict, "red"))
    line.append_text(_make_text(case.title))
    if not case.passed:
        line.append(f": {case.verdict.value}", style=_COLOURS.get(case.verdict, "red"))
    return line


class _Indented:
    """A text that stands in from the left, wrapped lines too.

    rich's Padding does the same at ten times the cost.
    """

    def __init__(self, text: Text, *, by: int = INDENT) -> None:
        self._text, self._by = text, by

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = max(options.max_width - self._by, 20)
        for line in self._text.split(allow_blank=True):
            lines = [line] if line.cell_len <= width else line.wrap(console, width)
            yield from (Text.assemble(" " * self._by, part) for part in lines)


class _Hanging:
    """A line of ours that ends with the submission's words.

    Where it is wrapped, what follows stands in from the left, so that it cannot pass for a line of ours.
    """

    def __init__(self, text: Text) -> None:
        self._text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        first, *others = self._text.wrap(console, max(options.max_width - INDENT, 20))
        yield first
        yield from (Text.assemble(" " * INDENT, other) for other in others)


class _Printed:
    """The submission's own prints: each line is marked, wrapped ones too, so that none passes for ours."""

    def __init__(self, text: str) -> None:
        self._lines = [sanitize(line, longest=_LONGEST_PART) for line in text.splitlines()]

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        width = max(options.max_width - len(PRINTED) - INDENT, 20)
        for line in self._lines:
            for start in range(0, max(len(line), 1), width):
                yield Text(" " * INDENT + PRINTED + line[start : start + width], style="dim", no_wrap=True)


def _write_counterexample(counterexample: Counterexample) -> RenderableType:
    """Write the inputs and, below them, yours beside expected.

    What differs is marked by a cross, not by colour alone.
    """
    inputs = [(Text(" "), _make_text(name), _make_text(text)) for name, text in counterexample.inputs]
    yours, expected = dict(counterexample.yours), dict(counterexample.expected)
    answers = [(Text(" "), Text(), _make_text("yours", "bold"), _make_text("expected", "bold"))]
    for name in dict.fromkeys([*expected, *yours]):
        colour, mark = ("red", "✗") if name in counterexample.differs else ("", " ")
        answers.append(
            (
                Text(mark, colour),
                _make_text(name),
                _make_text(yours.get(name, MISSING), colour),
                _make_text(expected.get(name, MISSING)),
            )
        )
    return Group(
        _make_text("  the smallest inputs found on which your answer is not the expected one:", "bold"),
        _Aligned(inputs),
        _Aligned(answers),
    )


class _Aligned:
    """Rows whose columns line up, standing in from the left.

    rich's Table, which is slow, draws them only where they must be wrapped.
    """

    def __init__(self, rows: Sequence[tuple[Text, ...]], *, by: int = INDENT - 2) -> None:
        self._rows, self._by = rows, by

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        widths = [max(cell.cell_len for cell in column) for column in zip(*self._rows, strict=True)]
        if self._by + sum(widths) + 2 * len(widths) > options.max_width or any(
            "\n" in cell.plain for row in self._rows for cell in row
        ):
            yield Padding(self._make_table(), (0, 0, 0, self._by), expand=False)
            return
        for row in self._rows:
            line = Text(" " * self._by)
            for cell, width in zip(row, widths, strict=True):
                line.append_text(cell).append(" " * (width - cell.cell_len + 2))
            line.rstrip()
            yield line

    def _make_table(self) -> Table:
        table = Table(box=None, pad_edge=False, show_header=False)
        for row in self._rows:
            table.add_row(*row)
        return table


def _write_footer(report: Report) -> Text:
    isolation = ", ".join(report.isolation) or "none"
    missing = f"; missing: {', '.join(report.isolation_missing)}" if report.isolation_missing else ""
    return _make_text(
        f"seed {report.seed}, {report.elapsed_seconds:.2f} s, isolation: {isolation}{missing}", style="dim"
    )


def _write_mistake(report: Report) -> Iterator[RenderableType]:
    """Say which mistake it was; a bank's words, which are sanitized like all others."""
    if report.diagnosis is not None:
        lead = introduce_mistake(report, report.diagnosis)
        yield _make_text(f"  {lead}, {report.diagnosis.gotcha}:", style="bold")
        yield _Indented(_make_text(report.diagnosis.says))
    if report.explanations:
        yield _make_text(f"  {introduce_mistakes(report)}:", style="bold")
    titles = {case.name: case.title for case in report.cases}
    for explanation in report.explanations:
        yield _Indented(_make_text(f"{explanation.gotcha}: {explanation.says}"))
        cases = "; ".join(titles.get(case, case) for case in explanation.cases)
        if cases:
            yield _Indented(_make_text(f"Exactly so in: {cases}.", style="dim"), by=INDENT + 2)


def _write_flags(report: Report) -> Iterator[RenderableType]:
    """Write what a grader may want to look at; the source line is the submission's words."""
    for flag in report.flags:
        yield _Hanging(
            _make_text(f"  ! flagged, {flag.file} line {flag.line}: {flag.sign}. {flag.says}", style="yellow")
        )
        yield _Hanging(_make_text(f"{' ' * INDENT}{SOURCE}{flag.text}", style="dim"))


def as_examination(examination: Examination) -> RenderableType:
    """Return what a doctor found: a line per layer, with why it is missing."""
    reasons = examination.isolation.reasons()
    level = examination.isolation.level or "none"
    parts: list[RenderableType] = [
        _make_text(f"{examination.system}; children start by {examination.start}"),
        _make_text(f"isolation level: {level}", "bold"),
    ]
    for layer in Layer:
        held = layer in examination.isolation.layers
        parts.append(
            Text.assemble(
                "  ", ("✓ " if held else "✗ ", "green" if held else "red"), f"{layer:9} ", layer.sentence
            )
        )
        if not held:
            parts.append(
                Padding(_make_text(f"missing: {reasons[layer]}", "red"), (0, 0, 0, INDENT), expand=False)
            )
    bound = (
        "scratch folder, at most"
        if examination.scratch_bounded
        else "scratch folder on disk, measured while a submission runs:"
    )
    parts.append(_make_text(f"  {bound} {examination.scratch}"))
    if examination.lacking:
        parts.append(_make_text(f"what is required does not hold: {examination.lacking}", "bold red"))
    return Group(*parts)
