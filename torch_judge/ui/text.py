"""A report, and what the doctor found, as text; returns, prints nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from torch_judge.execution.doctor import Examination
from torch_judge.judging.starter import is_untouched
from torch_judge.model.isolation import Layer
from torch_judge.model.naming import spell
from torch_judge.model.report import CaseResult, Report, Verdict

from .text_blocks import INDENT, Hanging, Indented, Printed, make_text
from .text_values import CounterexampleText
from .wording import conclude, introduce_mistake, introduce_mistakes, name_missing_isolation

_COLOURS = {Verdict.ACCEPTED: "green", Verdict.JUDGE_ERROR: "magenta"}
SOURCE: Final = "source  | "
AS_ABOVE: Final = "as above"
_UNBOUNDED = 10_000


def as_text(what: RenderableType) -> str:
    """Return what would be shown on a terminal as plain text, its lines as long as they are."""
    console = Console(width=_UNBOUNDED, color_system=None, highlight=False, force_jupyter=False)
    with console.capture() as capture:
        console.print(what, soft_wrap=True)
    return "\n".join(line.rstrip() for line in capture.get().splitlines())


def as_rich(report: Report) -> RenderableType:
    """Return all of a report: a line per case, under a failed one what went wrong, and the verdict last."""
    parts: list[RenderableType] = [Indented(make_text(note), by=2) for note in report.notes]
    parts += _write_flags(report)
    before: set[tuple[Verdict, str]] = set()
    for case in report.cases:
        said = case.verdict, case.message
        # an error that stops each case in the same line is read once
        again = not case.passed and bool(case.message) and said in before
        parts.append(_write_case(case, again=again))
        before.add(said)
        parts += [Indented(make_text(line)) for line in case.message.splitlines() if not again]
        if case.stdout and not case.passed:
            parts.append(Printed(case.stdout))
    if report.counterexample is not None:
        parts.append(CounterexampleText(report.counterexample))
    if report.message:
        parts.append(Indented(make_text(report.message), by=4))
    parts += write_mistake(report)
    if missing := write_missing_isolation(report):
        parts.append(Hanging(missing))
    parts += [Hanging(write_circumstances(report)), write_verdict(report)]
    return Group(*parts)


def colour_of(verdict: Verdict) -> str:
    """Choose the colour of a verdict; that of all that the learner can mend is red."""
    return _COLOURS.get(verdict, "red")


def colour_of_conclusion(report: Report) -> str:
    """Choose the colour of what a report comes to: nothing is wrong yet where nothing is written."""
    return "yellow" if is_untouched(report) else colour_of(report.verdict)


def write_verdict(report: Report) -> Text:
    """Write the line that concludes a report; no word in it is the submission's."""
    text = make_text(f"{report.problem}: ", style="bold")
    text.append(conclude(report), style=f"bold {colour_of_conclusion(report)}")
    if report.cases:
        text.append(f", {report.n_passed} of {len(report.cases)} cases passed", style="not bold")
    return text


def write_circumstances(report: Report) -> Text:
    """Write under which seed what was judged, and how long that took."""
    return make_text(f"seed {report.seed}, {report.elapsed_seconds:.2f} s, {report.submission}", style="dim")


def write_missing_isolation(report: Report) -> Text | None:
    """Write which of the layers that every check asks for do not hold here; None if all do."""
    missing = ", ".join(name_missing_isolation(report))
    says = f"Less isolated than it should be, without: {missing}. torch-judge doctor says why."
    return make_text(says, style="yellow") if missing else None


def write_title(case: CaseResult) -> Text:
    """Write a case's title with its mark, and of one that failed the verdict."""
    line = Text("  ")
    line.append("✓ " if case.passed else "✗ ", style=colour_of(case.verdict))
    line.append_text(make_text(case.title))
    if not case.passed:
        line.append(f": {case.verdict.value}", style=colour_of(case.verdict))
    return line


def _write_case(case: CaseResult, *, again: bool) -> Text:
    title = write_title(case)
    return title.append(f", {AS_ABOVE}", style="dim") if again else title


def write_mistake(report: Report, *, with_cases: bool = True) -> Iterator[Indented]:
    """Say which mistake it was; a bank's words, which are sanitized like all others.

    Of several, `with_cases` says which cases fail exactly as each of them does.
    """
    if report.diagnosis is not None:
        lead = introduce_mistake(report, report.diagnosis)
        yield Indented(make_text(f"{lead}: {spell(report.diagnosis.gotcha)}", style="bold"), by=2)
        yield Indented(make_text(report.diagnosis.says))
    if report.explanations:
        yield Indented(make_text(f"{introduce_mistakes(report)}:", style="bold"), by=2)
    titles = {case.name: case.title for case in report.cases}
    for explanation in report.explanations:
        name = make_text(f"{spell(explanation.gotcha)}: ", style="bold")
        yield Indented(name.append_text(make_text(explanation.says, style="not bold")))
        cases = "; ".join(titles.get(case, case) for case in explanation.cases)
        if cases and with_cases:
            yield Indented(make_text(f"Exactly so in: {cases}.", style="dim"), by=INDENT + 2)


def _write_flags(report: Report) -> Iterator[RenderableType]:
    """Write what a grader may want to look at; the source line is the submission's words."""
    for flag in report.flags:
        yield Hanging(
            make_text(f"  ! flagged, {flag.file} line {flag.line}: {flag.sign}. {flag.says}", style="yellow")
        )
        yield Hanging(make_text(f"{' ' * INDENT}{SOURCE}{flag.text}", style="dim"))


def as_examination(examination: Examination) -> RenderableType:
    """Return what a doctor found: a line per layer, with why it is missing."""
    reasons = examination.isolation.reasons()
    level = examination.isolation.level or "none"
    parts: list[RenderableType] = [
        make_text(f"{examination.system}; children start by {examination.start}"),
        make_text(f"isolation level: {level}", "bold"),
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
                Padding(make_text(f"missing: {reasons[layer]}", "red"), (0, 0, 0, INDENT), expand=False)
            )
    bound = (
        "scratch folder, at most"
        if examination.scratch_bounded
        else "scratch folder on disk, measured while a submission runs:"
    )
    parts.append(make_text(f"  {bound} {examination.scratch}"))
    if examination.lacking:
        parts.append(make_text(f"what is required does not hold: {examination.lacking}", "bold red"))
    return Group(*parts)
