"""What verification found out: values that add up, and a matrix that says what is certain."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path

from tests.model.test_report import a_report
from torch_judge.model.report import CaseResult, Report, Verdict
from torch_judge.model.sample import Change, Sample
from torch_judge.verification.findings import QUICK, Counts, Effort, Row, Verification

SAMPLE = Sample(Path("double/submissions/wrong_answer/adds.py"), Verdict.WRONG_ANSWER)


def report(**verdicts: Verdict) -> Report:
    cases = tuple(CaseResult(name, name, verdict, "") for name, verdict in verdicts.items())
    return a_report(verdict=Verdict.WRONG_ANSWER, cases=cases)


RIGHT, WRONG = Verdict.ACCEPTED, Verdict.WRONG_ANSWER


def test_counts_add_up_number_by_number() -> None:
    ones = Counts(*(1 for _ in fields(Counts)))
    twos = Counts(*(2 for _ in fields(Counts)))
    assert ones + ones == twos
    assert sum([ones, ones], Counts()) == twos


def test_a_quick_run_makes_no_mutants_and_tries_fewer_seeds() -> None:
    assert not QUICK.mutants and not QUICK.faults
    assert QUICK.seeds < Effort().seeds


def test_a_case_rejects_a_sample_always_only_if_it_did_under_every_seed() -> None:
    row = Row(SAMPLE, (report(a=WRONG, b=RIGHT, c=WRONG), report(a=WRONG, b=WRONG, c=RIGHT)))
    assert [case for case in "abcd" if row.is_always_rejected_by(case)] == ["a"]
    assert row.verdicts("b") == {RIGHT, WRONG}
    assert row.verdicts("d") == set()


def test_a_case_that_was_not_asked_again_may_still_reject_always() -> None:
    row = Row(SAMPLE, (report(a=WRONG, b=WRONG), report(a=WRONG)))
    assert row.is_always_rejected_by("b")


def test_a_verification_is_sound_without_complaints_whatever_the_notes_say() -> None:
    verification = Verification("double", notes=("no space",))
    assert verification.is_sound
    assert not replace(verification, complaints=("cases.py: something",)).is_sound


def test_a_judge_error_in_any_report_is_told() -> None:
    broken = Row(SAMPLE, (report(a=WRONG), a_report(verdict=Verdict.JUDGE_ERROR)))
    assert Verification("double", rows=(broken,)).judge_failed
    assert not Verification("double", rows=(Row(SAMPLE, (report(a=WRONG),)),)).judge_failed


def test_the_json_is_one_line_with_the_matrix_by_sample() -> None:
    row = Row(SAMPLE, (report(a=WRONG, b=RIGHT), report(a=WRONG, b=WRONG)), examined=5)
    text = Verification("double", ("a", "b"), (row,), ("stale",), seconds=1.23456).to_json()
    facts = json.loads(text)
    assert "\n" not in text
    assert (facts["sound"], facts["complaints"], facts["seconds"]) == (False, ["stale"], 1.235)
    assert facts["samples"] == {
        "wrong_answer/adds": {
            "verdicts": ["wrong answer"],
            "seeds": 7,
            "cases": {"a": ["wrong answer"], "b": ["accepted", "wrong answer"]},
        }
    }


def test_the_failures_of_a_row_are_the_cases_that_always_rejected() -> None:
    row = Row(SAMPLE, (report(a=WRONG, b=RIGHT, c=WRONG, d=WRONG), report(a=WRONG, b=WRONG, c=RIGHT)))
    assert row.list_failures() == {"a", "d"}


def test_a_mistake_stands_in_the_json_under_its_claim() -> None:
    change = Change("squares", "", "solution", (), 1, "einsum")
    sample = Sample(Path("double/submissions/mistakes.toml"), Verdict.WRONG_ANSWER, change)
    found = Verification("double", ("a",), (Row(sample, (report(a=WRONG),)),))
    assert list(json.loads(found.to_json())["samples"]) == ["wrong_answer/squares@einsum"]
