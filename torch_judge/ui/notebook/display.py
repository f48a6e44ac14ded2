"""A check on display: a live card in a notebook kernel, the report as text everywhere else."""

from __future__ import annotations

import contextvars
import secrets
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from types import TracebackType
from typing import Any, Final, Protocol, Self

from torch_judge.model.errors import Interrupted
from torch_judge.model.report import CaseResult, Report
from torch_judge.ui.card import CheckStage, CheckState, as_card, as_progress
from torch_judge.ui.encoding import PLAIN, is_terminal

from .session import find_kernel

SECONDS_BETWEEN_CARDS: Final = 0.1
"""A check that is faster than this shows its last card only, so nothing flickers and little is rendered."""
MOST_SECONDS_BETWEEN_CARDS: Final = 0.5
LONGER: Final = 1.5
"""How much longer each pause is than the one before."""


class Display(Protocol):
    """Where a check is shown; a context that ends whatever it started."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def on_suite(self, cases: Sequence[CaseResult]) -> None:
        """Learn which cases there are."""

    def on_case(self, result: CaseResult) -> None:
        """Learn what became of a case."""

    def finish(self, report: Report, *, notes: Sequence[str] = ()) -> None:
        """Show the report; each note is a sentence of ours below its headline."""


def choose_display(problem: str, submission: str) -> Display:
    """Choose where this session shows a check."""
    kernel = find_kernel()
    return TextDisplay() if kernel is None else CardDisplay(kernel, CheckState(problem, submission))


class TextDisplay:
    """The report as text on stdout, at the end."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing was started."""

    def on_suite(self, cases: Sequence[CaseResult]) -> None:
        """Show nothing yet."""

    def on_case(self, result: CaseResult) -> None:
        """Show nothing yet."""

    def finish(self, report: Report, *, notes: Sequence[str] = ()) -> None:
        """Print the report, whatever became of `print` and of the stream's encoding in this session."""
        stream = sys.stdout
        if stream is None:  # closed by whoever started this program: the report is returned all the same
            return
        encoding = getattr(stream, "encoding", None) or "utf-8"
        text = _write_screenful(report, notes) if is_terminal(stream) else _write_text(report, notes)
        stream.write(text.encode(encoding, PLAIN).decode(encoding) + "\n")
        stream.flush()


class NoDisplay(TextDisplay):
    """Nowhere: whoever asked has the report."""

    def finish(self, report: Report, *, notes: Sequence[str] = ()) -> None:  # noqa: ARG002 - none is shown
        """Show nothing, not at the end of the cell that asked either; a later cell may show the report."""
        kernel = find_kernel()
        if kernel is not None:
            _latest_card().remember(kernel, report)
            _show_reports_as_cards(kernel)


class CardDisplay:
    """One card in a notebook: published by a thread while cases run, and a last time with the report."""

    def __init__(self, kernel: Any, state: CheckState) -> None:
        self._kernel, self._state, self._shown = kernel, state, state
        self._identity = {"display_id": secrets.token_hex(8)}
        self._is_out = False
        self._over = threading.Event()
        context = contextvars.copy_context()  # in it is which cell the card belongs to
        self._thread = threading.Thread(
            target=context.run, args=(self._keep_up_to_date,), name="torch_judge card", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        if kind is None:
            return
        interrupted = issubclass(kind, KeyboardInterrupt)
        self._show_state(
            replace(self._state, stage=CheckStage.INTERRUPTED if interrupted else CheckStage.FAILED)
        )
        if interrupted:
            raise Interrupted(*(error.args if error is not None else ())) from None

    def on_suite(self, cases: Sequence[CaseResult]) -> None:
        """Learn which cases there are."""
        self._state = replace(self._state, stage=CheckStage.RUNNING, cases=tuple(cases))

    def on_case(self, result: CaseResult) -> None:
        """Learn what became of a case; the thread shows it soon."""
        decided = {**self._state.decided, result.name: result}
        stage = CheckStage.EXPLAINING if len(decided) == len(self._state.cases) else CheckStage.RUNNING
        self._state = replace(self._state, stage=stage, decided=decided)

    def finish(self, report: Report, *, notes: Sequence[str] = ()) -> None:
        """Show the report in the place of all that was shown before."""
        self._end()
        self._publish(as_card(report, notes=notes), _write_text(report, notes))
        _latest_card().remember(self._kernel, report)
        _show_reports_as_cards(self._kernel)

    def _keep_up_to_date(self) -> None:
        import torch_judge.ui.text  # noqa: F401 - rich takes a while to load, and now there is time

        pause = SECONDS_BETWEEN_CARDS
        while not self._over.wait(pause):
            if not self._is_out or self._state is not self._shown:
                self._show_state(self._state)
                pause = min(pause * LONGER, MOST_SECONDS_BETWEEN_CARDS)

    def _show_state(self, state: CheckState) -> None:
        self._shown = state
        decided = f", {len(state.decided)} of {len(state.cases)} cases decided" if state.cases else ""
        self._publish(as_progress(state), f"{state.problem}: {state.stage.value}{decided}")

    def _publish(self, card: str, text: str) -> None:
        data = {"text/html": card, "text/plain": text}
        self._kernel.display_pub.publish(data, transient=self._identity, update=self._is_out)
        self._is_out = True

    def _end(self) -> None:
        # The thread ends before the last card is published: it could put an older one in its place.
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()


def _write_screenful(report: Report, notes: Sequence[str]) -> str:
    """Write as much of a report as the window of a person at a terminal holds."""
    from rich.console import Console

    from torch_judge.ui.terminal import Screenful

    console = Console(highlight=False, force_jupyter=False)
    with console.capture() as capture:
        console.print(Screenful(report, height=console.height - 1 - len(notes)))
    return "\n".join([capture.get().rstrip("\n"), *notes])


def _write_text(report: Report, notes: Sequence[str]) -> str:
    from torch_judge.ui.text import as_rich, as_text  # rich takes longer to load than all the rest

    return "\n".join([as_text(as_rich(report)), *notes])


class _LatestCard:
    """Which report's card a cell has just shown: at its end the cell need not show its value again."""

    def __init__(self) -> None:
        self._report: Report | None = None
        self._count: int | None = None

    def remember(self, kernel: Any, report: Report) -> None:
        self._report, self._count = report, kernel.execution_count

    def is_of(self, kernel: Any, report: Report) -> bool:
        return report is self._report and kernel.execution_count == self._count


@cache
def _latest_card() -> _LatestCard:
    return _LatestCard()


def _show_reports_as_cards(kernel: Any) -> None:
    """Have a report that a cell ends with shown as its card."""
    kernel.display_formatter.ipython_display_formatter.for_type(Report, _show_again)


def _show_again(report: Report) -> None:
    kernel = find_kernel()
    if kernel is not None and not _latest_card().is_of(kernel, report):
        kernel.display_pub.publish({"text/html": as_card(report), "text/plain": _write_text(report, ())})
