"""Signatures: which cases each gotcha fails, believed as long as the texts are those they were made from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.judging.test_diagnosis import package
from tests.support.packages import CASES, SAMPLES, find_sample, write_mistakes
from torch_judge.judging import signatures
from torch_judge.judging.signatures import (
    FILE,
    Signature,
    Signatures,
    digest,
    digest_suite,
    find_stale,
    read_signatures,
    write_signatures,
)
from torch_judge.verification.signing import sign

FIRST, SECOND, THIRD = "doubles_by_default", "uses_the_scale_it_is_given", "lets_gradients_flow"


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return tmp_path / "bank"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"suite": 3}',
        '{"suite": "", "cases": [], "gotchas": {"adds": {"fails": "#"}}}',
        "[" * 10**5,
    ],
)
def test_a_broken_file_of_signatures_counts_as_none(bank: Path, text: str) -> None:
    problem = package(bank)
    (problem.folder / FILE).write_text(text)
    assert read_signatures(problem) == Signatures()
    assert find_stale(problem) == ["is missing, or was made from another cases.py or solution.py"]


def test_a_signature_says_which_cases_a_gotcha_fails(bank: Path) -> None:
    problem = package(
        bank,
        at_times=(
            '"""At times."""\n\n\ndef double(x, scale=2.0):\n    return x * scale if x[0, 0] > 0 else x\n'
        ),
    )
    sign(problem, seeds=8)
    known = read_signatures(problem).known
    assert (known["cuts_the_graph"].fails, len(known["cuts_the_graph"].passes)) == (
        {"lets_gradients_flow"},
        2,
    )
    assert (known["at_times"].fails, known["at_times"].passes) == (frozenset(), frozenset())


def test_what_is_written_is_read_again(bank: Path) -> None:
    problem = package(bank)
    signature = Signature(
        digest(find_sample(problem, "wrong_answer/adds")), frozenset({FIRST}), frozenset({THIRD})
    )
    written = Signatures(digest_suite(problem), (FIRST, SECOND, THIRD), {"adds": signature})
    write_signatures(problem, seeds=2, signatures=written)
    read = read_signatures(problem)
    assert (read.cases, read.known) == (written.cases, written.known)
    assert read.rarity == {FIRST: 1, SECOND: 1, THIRD: 0}
    assert '"fails": "#?."' in (problem.folder / FILE).read_text()


def test_another_suite_makes_every_signature_stale(bank: Path) -> None:
    problem = package(bank)
    sign(problem, seeds=1)
    assert find_stale(problem) == []
    (problem.folder / "cases.py").write_text(CASES + "\n")
    assert read_signatures(problem) == Signatures()


def test_what_makes_the_standard_cases_is_a_part_of_the_suite_where_a_call_is_described(
    bank: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = package(bank)
    plain = digest_suite(problem)
    (problem.folder / "cases.py").write_text(CASES + "\n# describe(\n")
    described = digest_suite(problem)
    folder = bank / "judge" / "authoring"
    folder.mkdir(parents=True)
    (folder / "battery.py").write_text("ANOTHER = 1\n")
    monkeypatch.setattr(signatures, "PACKAGE", bank / "judge")
    signatures.digest_battery.cache_clear()
    try:
        assert digest_suite(problem) != described
        (problem.folder / "cases.py").write_text(CASES)
        assert digest_suite(problem) == plain
    finally:
        signatures.digest_battery.cache_clear()


def test_a_gotcha_that_changed_is_run_as_one_without_a_signature(bank: Path) -> None:
    problem = package(bank)
    sign(problem, seeds=1)
    wrong = problem.folder / "submissions" / "wrong_answer"
    (wrong / "adds.py").write_text(SAMPLES["wrong_answer/adds.py"] + "\n")
    (wrong / "returns_x.py").unlink()
    (wrong / "new.py").write_text(SAMPLES["wrong_answer/adds.py"])
    gotchas = {
        each.name: each for each in read_signatures(problem).find_gotchas(problem, lambda _known: True)
    }
    assert sorted(gotchas) == ["adds", "cuts_the_graph", "ignores_scale", "new"]
    assert [name for name, each in gotchas.items() if each.signature.digest] == [
        "cuts_the_graph",
        "ignores_scale",
    ]
    assert find_stale(problem) == [
        "holds no signature of adds as it is",
        "holds no signature of new as it is",
        "holds a signature of returns_x, which is no gotcha",
    ]


def test_a_mistake_is_stale_when_its_whole_text_changes_and_not_when_its_place_does(bank: Path) -> None:
    problem = package(bank)
    squares = ("x * scale", "x * x")
    write_mistakes(problem.folder, squares=squares)
    sign(problem, seeds=1)
    assert find_stale(problem) == []
    write_mistakes(problem.folder, cubes=("x * scale", "x**3"), squares=squares)
    assert find_stale(problem) == ["holds no signature of cubes as it is"]
    write_mistakes(problem.folder, squares=("x * scale", "x * x * 1"))
    assert find_stale(problem) == ["holds no signature of squares as it is"]


def test_a_gotcha_is_left_out_only_where_it_cannot_be_the_one() -> None:
    known = Signature("", frozenset({FIRST}), frozenset({THIRD}))
    some = frozenset({FIRST}), frozenset({SECOND, THIRD})
    assert known.may_be_alike(*some)
    assert known.may_be_alike(frozenset({FIRST, SECOND}), frozenset({THIRD}))
    assert not known.may_be_alike(frozenset({SECOND}), frozenset({FIRST, THIRD}))
    assert not known.may_be_alike(frozenset({FIRST, THIRD}), frozenset({SECOND}))
    assert known.may_be_mixed_in(frozenset({FIRST, THIRD}), frozenset({SECOND}))
    assert not known.may_be_mixed_in(frozenset({THIRD}), frozenset({SECOND}))
    remembering = Signature("", remembers=True)
    assert remembering.may_be_alike(frozenset({THIRD}), frozenset({FIRST}))
    assert not remembering.may_be_mixed_in(frozenset({THIRD}), frozenset({FIRST}))
