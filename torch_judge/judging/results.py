"""Results: what the cases of one check came to, cut to what a report has room for, and the report of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from torch_judge.execution.protocol.messages import Decision, ErrorMapFields, Suite
from torch_judge.model.report import CaseResult, Counterexample, ErrorMap, Report, Verdict
from torch_judge.model.sanitize import LONGEST_OUTPUT, TextBudget, one_line, sanitize

from .diagnosis import Finding
from .jobs import Check
from .missing_part import say_what_is_missing
from .symptoms import Symptoms
from .worker_session import Facts, Fault, Run

LONGEST_NOTE = 1000
ROOM_FOR_MESSAGES = ROOM_FOR_OUTPUT = 80 << 10
"""What all cases together may take of a report, as JSON."""
OnCase = Callable[[CaseResult], None]


class Results:
    """The results of one check, as they are decided."""

    def __init__(self, suite: Suite, on_case: OnCase | None = None) -> None:
        self._on_case = on_case
        self._sentences = {case.name: case.sentence for case in suite.cases}
        self._messages, self._output = TextBudget(ROOM_FOR_MESSAGES), TextBudget(ROOM_FOR_OUTPUT)
        self._said: dict[str, str] = {}
        self.by_name: dict[str, CaseResult] = {}

    def note(self, case: CaseResult, run: Run) -> CaseResult:
        """Add to a case what its run took and printed; its verdict is still to come."""
        printed = self._output.take(sanitize(run.printed, longest=LONGEST_OUTPUT))
        return replace(case, seconds=round(run.seconds, 6), stdout=printed)

    def fail(self, result: CaseResult, fault: Fault) -> None:
        """Decide a case that has no observation."""
        self._said[result.name] = fault.message
        sentence = f"{self._sentences[result.name]}\n" if fault.verdict is Verdict.WRONG_ANSWER else ""
        message = self._messages.take(sentence + sanitize(fault.message))
        self._keep(replace(result, verdict=fault.verdict, message=message))

    def decide(self, result: CaseResult, decision: Decision) -> None:
        """Decide a case as the checker says."""
        message = self._messages.take(sanitize(decision.message))
        picture = _read_error_map(decision.error_map)
        self._keep(replace(result, verdict=decision.verdict, message=message, picture=picture))

    @property
    def all_passed(self) -> bool:
        """Tell whether every case that was decided accepted the submission."""
        return all(result.passed for result in self.by_name.values())

    def describe_symptoms(self, order: Sequence[CaseResult], seed: int) -> Symptoms:
        """Say how the submission failed, in the order in which the cases ran."""
        return Symptoms({case.name: self.by_name[case.name] for case in order}, dict(self._said), seed)

    def list_in_order_of(self, cases: Sequence[CaseResult]) -> tuple[CaseResult, ...]:
        """Return what was decided, in the order of the file."""
        return tuple(self.by_name[case.name] for case in cases if case.name in self.by_name)

    def _keep(self, result: CaseResult) -> None:
        self.by_name[result.name] = result
        if self._on_case is not None:
            self._on_case(result)


def _read_error_map(fields: ErrorMapFields | None) -> ErrorMap | None:
    if fields is None:
        return None
    return ErrorMap(one_line(fields.where), fields.shape, fields.wrong, fields.grid)


def list_cases(suite: Suite) -> tuple[CaseResult, ...]:
    """List the cases of a suite, none of which has run."""
    return tuple(CaseResult(case.name, case.title, Verdict.JUDGE_ERROR, "not run") for case in suite.cases)


def report_of(
    check: Check,
    verdict: Verdict,
    message: str = "",
    *,
    cases: tuple[CaseResult, ...] = (),
    facts: Facts | None = None,
    finding: Finding | None = None,
    counterexample: Counterexample | None = None,
) -> Report:
    """Make the report on a submission; `message` says what stopped one that reached no case.

    Where it did reach them, what many of them miss in the same way is said once, above them all.
    """
    facts, finding = facts or Facts(), finding or Finding()
    if cases and verdict is not Verdict.ACCEPTED:
        message = say_what_is_missing(check.problem, cases, returns_nothing=facts.returns_nothing)
    return Report(
        problem=check.problem.slug,
        submission=check.name,
        verdict=verdict,
        seed=check.seed,
        elapsed_seconds=0.0,
        cases=tuple(
            replace(case, predicted=True) if case.name in finding.predicted else case for case in cases
        ),
        isolation=facts.isolation,
        message=sanitize(message),
        diagnosis=finding.diagnosis,
        isolation_missing=facts.isolation_missing,
        flags=facts.flags,
        counterexample=counterexample,
        explanations=finding.explanations,
        notes=tuple(one_line(note, longest=LONGEST_NOTE) for note in check.submission.notes),
    )
