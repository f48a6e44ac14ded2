"""What a report reveals: less than everything holds no word, number or name of the hidden suite."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.packages import TOML, write_package
from torch_judge.model.bank import find_bank
from torch_judge.model.errors import BankError
from torch_judge.model.report import (
    CaseResult,
    Certainty,
    Counterexample,
    Diagnosis,
    ErrorMap,
    Explanation,
    Flag,
    Report,
    Verdict,
)
from torch_judge.model.reveals import Reveals, reduce_case, reduce_report

SECRET = "hidden_word"
NUMBER = 0.4242424242
CASES = (
    CaseResult(f"{SECRET}_a", f"{SECRET} a", Verdict.ACCEPTED, seconds=NUMBER, stdout=SECRET),
    CaseResult(
        f"{SECRET}_b",
        f"{SECRET} b",
        Verdict.WRONG_ANSWER,
        f"expected {NUMBER}, {SECRET}",
        NUMBER,
        SECRET,
        ErrorMap(SECRET, (424242,), 424242, ("9",)),
        predicted=True,
    ),
)
REPORT = Report(
    problem="double",
    submission="submission.py",
    verdict=Verdict.WRONG_ANSWER,
    seed=7,
    elapsed_seconds=0.5,
    cases=CASES,
    isolation=("process",),
    message=f"{SECRET} {NUMBER}",
    diagnosis=Diagnosis("adds", "It adds.", Certainty.EXACTLY, (f"{SECRET}_b",)),
    flags=(Flag("gc", SECRET, 1, "submission.py", SECRET),),
    counterexample=Counterexample((("x", str(NUMBER)),), (("y", SECRET),), (("y", SECRET),), ("y",)),
    explanations=(Explanation("adds", "It adds.", (f"{SECRET}_b",)),),
    notes=(SECRET,),
)


def test_everything_is_the_report_as_it_is() -> None:
    assert reduce_report(REPORT, Reveals.EVERYTHING) is REPORT
    assert reduce_case(CASES[1], 2, Reveals.EVERYTHING) is CASES[1]


@pytest.mark.parametrize("reveals", [Reveals.DIAGNOSIS, Reveals.VERDICTS])
def test_less_holds_nothing_of_the_suite(reveals: Reveals) -> None:
    said = reduce_report(REPORT, reveals).to_json()
    assert SECRET in REPORT.to_json()
    assert SECRET not in said
    assert "42424" not in said
    assert Report.from_json(said).verdict is Verdict.WRONG_ANSWER
    said = repr(reduce_case(CASES[1], 2, reveals))
    assert SECRET not in said
    assert "42424" not in said


@pytest.mark.parametrize("reveals", list(Reveals))
def test_verdicts_are_told_whatever_else_is_not(reveals: Reveals) -> None:
    told = reduce_report(REPORT, reveals)
    assert [case.verdict for case in told.cases] == [Verdict.ACCEPTED, Verdict.WRONG_ANSWER]
    assert (told.n_passed, told.seed, told.isolation) == (1, 7, ("process",))


def test_a_diagnosis_names_the_mistake_and_the_cases_by_number() -> None:
    told = reduce_report(REPORT, Reveals.DIAGNOSIS)
    assert told.diagnosis == Diagnosis("adds", "It adds.", Certainty.EXACTLY, ("case 2",))
    assert told.explanations == (Explanation("adds", "It adds.", ("case 2",)),)
    assert [case.title for case in told.cases] == ["case 1", "case 2"]
    assert [case.predicted for case in told.cases] == [False, True]


def test_verdicts_name_no_mistake() -> None:
    told = reduce_report(REPORT, Reveals.VERDICTS)
    assert told.diagnosis is None
    assert "adds" not in told.to_json().lower()


@pytest.mark.parametrize("reveals", [Reveals.DIAGNOSIS, Reveals.VERDICTS])
def test_what_stopped_a_submission_is_not_told_since_it_may_have_read_the_suite(reveals: Reveals) -> None:
    stopped = Report(
        "double", "submission.py", Verdict.RUN_TIME_ERROR, 7, 0.5, (), (), f"KeyError: {SECRET} {NUMBER}"
    )
    told = reduce_report(stopped, reveals)
    assert told.message == "what stopped it is not shown here: run your code yourself"
    failed = Report("double", "submission.py", Verdict.JUDGE_ERROR, 7, 0.5, (), (), f"{SECRET} broke")
    assert reduce_report(failed, reveals).message == "the judge failed; it is not your fault"


def test_of_two_the_less_holds() -> None:
    assert Reveals.EVERYTHING.limit(Reveals.DIAGNOSIS) is Reveals.DIAGNOSIS
    assert Reveals.VERDICTS.limit(Reveals.EVERYTHING) is Reveals.VERDICTS
    assert Reveals.DIAGNOSIS.limit(Reveals.VERDICTS) is Reveals.VERDICTS


def test_a_problem_says_what_it_reveals(tmp_path: Path) -> None:
    write_package(tmp_path)
    assert find_bank(tmp_path).load("double").reveals is Reveals.EVERYTHING
    toml = TOML.format(framework="torch").replace("[limits]", 'reveals = "verdicts"\n\n[limits]')
    write_package(tmp_path, problem=toml)
    assert find_bank(tmp_path).load("double").reveals is Reveals.VERDICTS


def test_another_word_is_refused(tmp_path: Path) -> None:
    toml = TOML.format(framework="torch").replace("[limits]", 'reveals = "nothing"\n\n[limits]')
    write_package(tmp_path, problem=toml)
    with pytest.raises(
        BankError, match="reveals expected one of verdicts, diagnosis, everything, found 'nothing'"
    ):
        find_bank(tmp_path).load("double")


def test_a_reduced_report_is_a_report_like_any_other() -> None:
    for reveals in Reveals:
        told = reduce_report(REPORT, reveals)
        assert Report.from_json(told.to_json()) == told
        assert json.loads(told.to_json())["schema"] == 1
