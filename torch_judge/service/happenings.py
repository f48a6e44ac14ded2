"""What events say of a suite and its cases: judges write it, pages and clients read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from torch_judge.model.report import CaseResult, Verdict


def describe_suite(cases: Iterable[CaseResult]) -> dict[str, Any]:
    """Say which cases there are."""
    return {"cases": [{"name": case.name, "title": case.title} for case in cases]}


def read_suite(facts: Mapping[str, Any]) -> list[CaseResult]:
    """Read which cases there are; none is decided, so that none has passed."""
    return [CaseResult(**case, verdict=Verdict.JUDGE_ERROR) for case in facts["cases"]]


def read_case(facts: Mapping[str, Any]) -> CaseResult:
    """Read what became of a case."""
    return msgspec.convert(facts["case"], CaseResult)
