"""How a submission failed: what a diagnosis goes by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch_judge.model.report import CaseResult, Verdict


@dataclass(frozen=True, slots=True)
class Symptoms:
    """How a submission failed, under which seed.

    The cases are in the order in which they ran; of those that returned nothing there is what they said.
    """

    results: Mapping[str, CaseResult]
    said: Mapping[str, str]
    seed: int

    @property
    def raised(self) -> dict[str, str]:
        """Return the sentences with which cases rejected."""
        return self._list_said(Verdict.WRONG_ANSWER)

    @property
    def stopped(self) -> dict[str, str]:
        """Return what the submission raised in cases."""
        return self._list_said(Verdict.RUN_TIME_ERROR)

    def _list_said(self, verdict: Verdict) -> dict[str, str]:
        return {case: text for case, text in self.said.items() if self.results[case].verdict is verdict}

    @property
    def failed(self) -> frozenset[str]:
        """Return the cases that rejected the submission."""
        return frozenset(name for name, result in self.results.items() if not result.passed)

    @property
    def passed(self) -> frozenset[str]:
        """Return the cases that accepted it."""
        return frozenset(name for name, result in self.results.items() if result.passed)

    @property
    def can_be_named(self) -> bool:
        """Tell whether gotchas can do the same: they give wrong answers and stop with errors."""
        given = {result.verdict for result in self.results.values()}
        named = {Verdict.ACCEPTED, Verdict.WRONG_ANSWER, Verdict.RUN_TIME_ERROR}
        return given <= named and bool(self.failed)
