"""Check 11: what a package allows, and what is said of the faults that no case rejects."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.packages import write_package
from torch_judge.execution.protocol.messages import FaultsTried
from torch_judge.model.bank import find_bank
from torch_judge.model.errors import BankError
from torch_judge.model.problem import Problem
from torch_judge.verification.conditional_faults import (
    Allowance,
    Allowances,
    check_conditional_faults,
    describe_faults,
    make_table,
    read_allowances,
)
from torch_judge.verification.findings import FaultMark

ENTRY = '[[allowed]]\nwhen = ["zeros(*)"]\neffect = ["*"]\nreason = "said so"\n'
BROKEN = {
    "no toml": ("[[allowed", "faults.toml: "),
    "another key": ("above = 3", "expected the number below and a list of [[allowed]], found above"),
    "a list of something else": ('allowed = "all"', "found allowed, which is no list"),
    "a share of two": ("below = 2", "below: expected a share between 0 and 1, such as 0.02, found 2"),
    "a share that is true": ("below = true", "below: expected a share between 0 and 1"),
    "no reason": (ENTRY.replace("said so", "  "), "faults.toml:1: reason is empty"),
    "a key misspelt": (
        ENTRY.replace("effect", "efect"),
        "faults.toml:1: efect is no key of it; did you mean 'effect'?",
    ),
    "no list of names": (
        ENTRY.replace('["*"]', '"*"'),
        "faults.toml:1: expected when and effect, lists of names",
    ),
    "an empty list": (
        ENTRY.replace('["*"]', "[]"),
        "faults.toml:1: expected when and effect, lists of names",
    ),
    "written in a line": (
        f"allowed = [{{{', '.join(ENTRY.split(chr(10))[1:3])}, reason = ''}}]",
        "faults.toml: entry 1: reason is empty",
    ),
    "the second entry": (ENTRY + ENTRY.replace("said so", ""), "faults.toml:5: reason is empty"),
}
TRIED = FaultsTried(
    conditions=(
        ("gradients_off", "gradients are off"),
        ("zeros(x)", "x is all zeros"),
        ("one_row", "one row"),
    ),
    effects=(
        ("changes(x)", "x is changed"),
        ("remembers", "the last result"),
        ("detaches(x)", "no gradient"),
    ),
    met=(3, 0, 1),
    rows=("o-.", "   ", "##o"),
    skipped=(),
    spoilt=(),
    runs=7,
)


@pytest.fixture
def problem(tmp_path: Path) -> Problem:
    write_package(tmp_path)
    return find_bank(tmp_path).load("double")


def complain(problem: Problem, *entries: Allowance, below: float | None = 0.02, **facts: object) -> list[str]:
    tried = FaultsTried(**{key: getattr(TRIED, key) for key in TRIED.__struct_fields__} | facts)
    allowances = Allowances(entries, below)
    return list(check_conditional_faults(problem, tried, make_table(tried, allowances), allowances))


def test_a_package_without_a_list_allows_nothing_and_is_held_to_nothing(problem: Problem) -> None:
    assert read_allowances(problem) == Allowances((), None)
    assert complain(problem, below=None) == []
    (note,) = describe_faults(make_table(TRIED, Allowances()), Allowances())
    assert note.startswith(
        "conditional faults: 2 of 5 are rejected, 60.0% are open, no case meets 1 of 3 conditions"
    )


def test_a_list_is_read_with_its_bound(problem: Problem) -> None:
    (problem.folder / "faults.toml").write_text("below = 0.5\n" + ENTRY)
    assert read_allowances(problem) == Allowances((Allowance(("zeros(*)",), ("*",), "said so"),), 0.5)
    (problem.folder / "faults.toml").write_text("")
    assert read_allowances(problem) == Allowances((), 0.02)


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_list_is_told_with_its_file_and_what_is_wrong(fault: str, problem: Problem) -> None:
    text, says = BROKEN[fault]
    (problem.folder / "faults.toml").write_text(text)
    with pytest.raises(BankError) as caught:
        read_allowances(problem)
    assert str(problem.folder / "faults.toml") in str(caught.value) and says in str(caught.value)


def test_survivors_are_told_by_condition_and_unmet_conditions_once(problem: Problem) -> None:
    cases = problem.folder / "cases.py"
    unmet, share, off, row = complain(problem)
    assert unmet == (
        f"{cases}: no case has a call in which x is all zeros; add one, or allow zeros(x) with "
        'effect = ["*"] in faults.toml with the reason'
    )
    asked = "below 2.0% is asked for"
    assert share == f"{cases}: 60.0% of 5 conditional faults are neither rejected nor allowed; {asked}"
    names = "changes(x), remembers (never shows)"
    assert off == f"when gradients are off (gradients_off, 3 cases): 2 of 2 effects are accepted: {names}"
    assert row == "when one row (one_row, 1 cases): 1 of 3 effects are accepted: detaches(x)"


def test_what_is_allowed_is_marked_and_not_complained_of(problem: Problem) -> None:
    entries = (
        Allowance(("gradients_off", "one_row"), ("changes(*", "remembers", "detaches(x)"), "because"),
        Allowance(("zeros(*",), ("*",), "zeros are refused"),
    )
    assert complain(problem, *entries) == []
    table = make_table(TRIED, Allowances(entries, 0.02))
    assert ["".join(row) for row in table.rows] == ["aa.", "   ", "##a"]
    assert (table.count(FaultMark.ALLOWED), table.share_open, table.find_unmet()) == (3, 0.0, ())


def test_below_the_bound_survivors_are_no_complaint(problem: Problem) -> None:
    assert [says for says in complain(problem, below=0.61) if "zeros(x)" not in says] == []
    assert len(complain(problem, below=0.6)) == 4


def test_an_allowance_that_nothing_needs_any_more_is_stale(problem: Problem) -> None:
    where = "bank/faults.toml:8"
    stale = Allowance(("one_row",), ("changes(x)", "remembers"), "once it was needed", where)
    needed = Allowance(("one_row",), ("*",), "one of these survives", "bank/faults.toml:3")
    assert [says for says in complain(problem, needed, stale) if "faults.toml:" in says] == [
        f"{where}: all that it allows is rejected or cannot be; remove the entry"
    ]


def test_an_allowance_of_an_unknown_name_is_told_with_the_nearest(problem: Problem) -> None:
    where = "bank/faults.toml:3"
    entry = Allowance(("one_rows", "one_row"), ("detach(x)", "remembers"), "because", where)
    assert [says for says in complain(problem, entry) if says.startswith(where)] == [
        f"{where}: 'one_rows' is no condition of this problem; did you mean 'one_row'?",
        f"{where}: 'detach(x)' is no effect of this problem; did you mean 'detaches(x)'?",
    ]


def test_cases_that_spoil_the_measure_are_told(problem: Problem) -> None:
    assert complain(problem, below=0.9, skipped=("a",), spoilt=("b",))[:2] == [
        "case a: does not accept the jury solution where its calls are watched",
        "case b: keeps what one call has changed for the next check; draw its inputs in the case",
    ]
