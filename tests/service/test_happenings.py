"""What events say of a suite and its cases comes back as it was."""

from __future__ import annotations

import json
from dataclasses import asdict

from torch_judge.model.report import CaseResult, Verdict
from torch_judge.service.happenings import describe_suite, read_case, read_suite

CASES = [
    CaseResult("doubles", "doubles x", Verdict.ACCEPTED, seconds=0.5),
    CaseResult("keeps_x", "keeps x", Verdict.WRONG_ANSWER, "x[0]: expected 1, found 2"),
]


def test_a_suite_comes_back_undecided() -> None:
    facts = json.loads(json.dumps(describe_suite(CASES)))
    assert facts == {
        "cases": [{"name": "doubles", "title": "doubles x"}, {"name": "keeps_x", "title": "keeps x"}]
    }
    assert [(case.name, case.title, case.passed) for case in read_suite(facts)] == [
        ("doubles", "doubles x", False),
        ("keeps_x", "keeps x", False),
    ]


def test_a_case_comes_back_as_it_was() -> None:
    for case in CASES:
        assert read_case(json.loads(json.dumps({"number": 1, "case": asdict(case)}))) == case
