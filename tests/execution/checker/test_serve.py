"""The checker: it runs the jury once, compares, and says which case of the bank's is broken and where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.support.packages import CASES, SOLUTION, find_sample, write_package
from torch_judge.authoring.complaints import COMPLAINTS, SEEN
from torch_judge.execution.checker import serve
from torch_judge.execution.checker.serve import LONGEST_SAID, Checker, locate
from torch_judge.execution.protocol.codec import decode, encode
from torch_judge.execution.protocol.messages import (
    Compare,
    Decision,
    Examine,
    Examined,
    FindAlike,
    NothingToSay,
    Rehearse,
    Rehearsed,
    SpaceTried,
)
from torch_judge.judging.jobs import make_checker_job, make_rehearsal_job
from torch_judge.judging.signatures import Gotcha
from torch_judge.model.bank import find_bank
from torch_judge.model.errors import WireError
from torch_judge.model.problem import Problem
from torch_judge.model.report import Verdict

CASE = "doubles_by_default"


@pytest.fixture
def problem(tmp_path: Path) -> Problem:
    write_package(tmp_path)
    return find_bank(tmp_path).load("double")


@pytest.fixture
def checker(problem: Problem) -> Checker:
    return Checker(make_checker_job(problem, seed=7))


@pytest.fixture(autouse=True)
def _settings() -> Iterator[None]:
    """Leave the generators as they were: a checker sets them."""
    state, numbers = torch.get_rng_state(), np.random.get_state()  # noqa: NPY002 - it is the global one
    yield
    torch.set_rng_state(state)
    np.random.set_state(numbers)  # noqa: NPY002 - likewise


def answered(checker: Checker, value: Any) -> Decision:
    return checker.decide(Compare(CASE, 7, *encode(value)))


def right(checker: Checker) -> dict[str, torch.Tensor]:
    return checker.cases[CASE].observe(lambda x: x * 2, seed=7)


def test_the_jurys_own_answer_is_accepted_without_being_decoded(
    checker: Checker, monkeypatch: pytest.MonkeyPatch
) -> None:
    checker.prepare(CASE, 7)
    monkeypatch.delattr(serve.codec, "decode")
    assert answered(checker, right(checker)) == Decision(CASE, Verdict.ACCEPTED, "", None)


def test_answers_under_earlier_seeds_make_room_for_later_ones(
    checker: Checker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A checker that stays judges thousands of answers, each under its own seed."""
    made: list[int] = []
    make = checker._make_answer
    monkeypatch.setattr(checker, "_make_answer", lambda case, seed: made.append(seed) or make(case, seed))
    size = checker.prepare(CASE, 0).size
    monkeypatch.setattr(serve, "LARGEST_MEMORY", 3 * size)
    for seed in (1, 2, 3, 2, 0, 3):
        checker.prepare(CASE, seed)
    assert size > 0
    assert made == [0, 1, 2, 3, 0]


def test_an_answer_within_the_tolerance_is_accepted(checker: Checker) -> None:
    near = {"output": right(checker)["output"] * (1 + 1e-6)}
    assert answered(checker, near).verdict is Verdict.ACCEPTED
    assert checker.rejected.observations == {}


def test_a_wrong_answer_is_told_mapped_and_kept(checker: Checker) -> None:
    wrong = right(checker)["output"].clone()
    wrong[1, 2] += 1
    decision = answered(checker, {"output": wrong})
    assert decision.verdict is Verdict.WRONG_ANSWER
    assert decision.message.startswith("Without a scale, the result is twice x.\noutput[1, 2]: expected ")
    assert decision.error_map is not None
    assert (decision.error_map.where, decision.error_map.wrong) == ("output", 1)
    assert decision.error_map.grid == ("00000", "00900", "00000")
    assert list(checker.rejected.observations or {}) == [CASE]


def test_a_wrong_observation_and_the_jurys_are_decoded_once_each(
    checker: Checker, monkeypatch: pytest.MonkeyPatch
) -> None:
    checker.prepare(CASE, 7)
    decoded: list[bytes] = []
    decode = serve.codec.decode
    monkeypatch.setattr(serve.codec, "decode", lambda tree, body: decoded.append(body) or decode(tree, body))
    assert answered(checker, {"output": right(checker)["output"] + 1}).error_map is not None
    assert len(decoded) == len(set(decoded)) == 2


def test_what_no_encoder_wrote_is_the_submissions_fault(checker: Checker) -> None:
    decision = checker.decide(Compare(CASE, 7, ["tensor", "float32", [9, 9]], b""))
    assert decision.verdict is Verdict.RUN_TIME_ERROR
    assert decision.message == "the submission disturbed its channel: an array without its bytes"
    assert checker.rejected.observations == {}


def test_a_jury_solution_that_raises_is_a_broken_bank(problem: Problem) -> None:
    (problem.folder / "solution.py").write_text("def double(x, scale=2.0):\n    return 1 / 0\n")
    decision = answered(Checker(make_checker_job(problem, seed=7)), None)
    assert decision.verdict is Verdict.JUDGE_ERROR
    assert decision.message == f"{problem.folder}/solution.py:2: ZeroDivisionError: division by zero"


def test_a_case_with_a_checker_of_its_own_has_no_map_and_may_be_broken(problem: Problem) -> None:
    cases = CASES.replace(
        '@case(rejects=["returns_x", "adds"])', "@case(checker=lambda expected, found: SAYS)"
    )
    for body, verdict in (("'no'", Verdict.WRONG_ANSWER), ("1 / 0", Verdict.JUDGE_ERROR)):
        (problem.folder / "cases.py").write_text(cases.replace("SAYS", body))
        decision = answered(Checker(make_checker_job(problem, seed=7)), {"output": torch.zeros(3, 5)})
        assert (decision.verdict, decision.error_map) == (verdict, None)


def test_what_only_an_answer_makes_a_checker_stumble_over_is_the_answers_fault(problem: Problem) -> None:
    cases = CASES.replace(
        '@case(rejects=["returns_x", "adds"])',
        '@case(checker=lambda expected, found: 1 / int(found["output"].values.sum()) and None)',
    )
    (problem.folder / "cases.py").write_text(cases)
    checker = Checker(make_checker_job(problem, seed=7))
    decision = answered(checker, {"output": torch.zeros(3, 5)})
    assert decision.verdict is Verdict.WRONG_ANSWER
    assert decision.message.endswith("cannot be compared: ZeroDivisionError: division by zero")


def test_a_sentence_that_a_submission_has_made_long_is_cut(checker: Checker) -> None:
    decision = answered(checker, {COMPLAINTS: ["A" * 300] * 100, SEEN: {"A" * 60_000: 1}})
    assert decision.verdict is Verdict.WRONG_ANSWER
    assert len(decision.message) <= LONGEST_SAID


def test_an_error_that_no_file_of_the_bank_raised_names_the_folder() -> None:
    assert (
        locate(ValueError("cases.py declares no case"), "/bank/double")
        == "/bank/double/cases.py declares no case"
    )


def test_questions_about_gotchas_have_no_answer_where_something_is_wrong(checker: Checker) -> None:
    nothing = FindAlike((), (CASE,), {}, {}, 7, 600)  # a case failed of which nothing was kept
    assert checker.answer_about_gotchas(nothing) == NothingToSay()
    assert (
        checker.answer_about_gotchas(Examine("x", "no code", (CASE,), alone=False, seed=7, text=""))
        == NothingToSay()
    )


def test_a_sample_is_examined(problem: Problem, checker: Checker) -> None:
    gotcha = Gotcha(find_sample(problem, "wrong_answer/ignores_scale"))
    question = Examine(gotcha.name, gotcha.code, tuple(checker.cases), alone=False, seed=7, text="")
    assert checker.answer_about_gotchas(question) == Examined(
        ("uses_the_scale_it_is_given", "lets_gradients_flow"), remembers=False
    )


def test_a_rehearsal_says_what_a_case_used_and_whether_it_differs(problem: Problem) -> None:
    checker = Checker(make_rehearsal_job(problem, seed=7))
    first = checker.rehearse(Rehearse(CASE, 7, 1, None, b""))
    assert isinstance(first, Rehearsed)
    assert (first.given, first.left, first.parts, first.defaulted) == (
        (),
        ("scale",),
        ("numbers",),
        ("scale",),
    )
    again = checker.rehearse(Rehearse(CASE, 7, 1, first.tree, first.body))
    other = checker.rehearse(Rehearse(CASE, 8, 1, first.tree, first.body))
    assert isinstance(again, Rehearsed)
    assert isinstance(other, Rehearsed)
    assert again == first
    assert other.difference is not None
    assert other.difference.startswith("output[0, 0]: expected ")


def test_a_rehearsal_needs_a_starter(checker: Checker) -> None:
    with pytest.raises(WireError):
        checker.rehearse(Rehearse(CASE, 7, 1, None, b""))


def test_a_package_without_a_space_says_none(checker: Checker) -> None:
    assert checker.try_space() == SpaceTried(None)


def test_a_solution_without_the_entry_point_does_not_load(problem: Problem) -> None:
    (problem.folder / "solution.py").write_text(SOLUTION.replace("double", "twice"))
    with pytest.raises(LookupError, match=r"^solution.py defines no double$"):
        Checker(make_checker_job(problem, seed=7))


CONVENTIONS = SOLUTION + "\n\ndef halved(x, scale=2.0):\n    return x * scale / 2\n\n\nnumber = 3\n"


def with_checker(problem: Problem, checker: str, body: str = "", solution: str = CONVENTIONS) -> Checker:
    """Return a checker of the package whose first case has a checker of its own, and maybe another body."""
    text = CASES.replace('@case(rejects=["returns_x", "adds"])', f"@case(checker={checker})")
    text = text.replace("import case, gradients", "import case, frequencies, gradients, one_of")
    if body:
        text = text.replace('return {"output": double(draw(rng))}', body)
    (problem.folder / "cases.py").write_text(text)
    (problem.folder / "solution.py").write_text(solution)
    return Checker(make_checker_job(problem, seed=7))


BOTH_CALLS = 'return {"first": double(draw(rng)), "second": double(draw(rng))}'


def test_an_answer_keeps_to_one_of_several_conventions_throughout_a_case(problem: Problem) -> None:
    checker = with_checker(problem, 'one_of("halved")', BOTH_CALLS)
    case = checker.cases[CASE]
    one, other = (case.observe(lambda x, by=by: x * by, seed=7) for by in (2.0, 1.0))
    for right in (one, other, {name: value * (1 + 1e-7) for name, value in other.items()}):
        assert answered(checker, right) == Decision(CASE, Verdict.ACCEPTED, "", None)
    mixed = answered(checker, {"first": one["first"], "second": other["second"]})
    assert mixed.verdict is Verdict.WRONG_ANSWER
    assert mixed.message.endswith("; 2 conventions are right here, and this keeps to none of them")
    cut = answered(checker, {**other, "first": other["first"][:1]})
    assert "first: expected shape" in cut.message and "conventions" not in cut.message
    nearly = {**other, "first": other["first"].clone()}
    nearly["first"][0, 0] += 1
    assert "first[0, 0]: expected " in answered(checker, nearly).message
    assert "(1 of 15 values differ)" in answered(checker, nearly).message  # from the one that it is most like


def test_a_convention_that_the_jury_does_not_define_is_a_broken_bank(problem: Problem) -> None:
    checker = with_checker(problem, 'one_of("doubled")')
    decision = answered(checker, {"output": torch.zeros(3, 5)})
    assert decision.verdict is Verdict.JUDGE_ERROR
    assert decision.message == (
        f"{problem.folder}/solution.py defines no doubled, which {CASE} accepts as well"
    )


LAWS = SOLUTION + "\n\ndef chances(share):\n    return [1 - share, share]\n"


def test_what_was_drawn_is_judged_by_a_law_of_the_jurys_and_all_else_compared(problem: Problem) -> None:
    checker = with_checker(problem, 'frequencies("chances")', "return double(rng)", LAWS)
    rng = np.random.default_rng(3)
    checker.cases[CASE] = replace(checker.cases[CASE], function=lambda double, _: double(rng))
    checker._jury = lambda rng: {"share": 0.3, "draws": rng.random(600) < 0.3, "kept": 2.0}
    right = checker._jury(np.random.default_rng(9))
    assert answered(checker, right).verdict is Verdict.ACCEPTED
    for wrong, says in (
        ({**right, "draws": rng.random(600) < 0.5}, "draws: outcome "),
        ({**right, "kept": 2.5}, "kept: expected 2, found 2.5"),
        ({**right, "draws": rng.random(500) < 0.3}, "draws: expected shape (600,), found (500,)"),
        ({**right, "share": 0.5, "draws": rng.random(600) < 0.5}, "share: expected 0.3, found 0.5"),
    ):
        decision = answered(checker, wrong)
        assert decision.verdict is Verdict.WRONG_ANSWER
        assert says in decision.message


def test_a_checker_of_a_field_needs_fields(problem: Problem) -> None:
    checker = with_checker(problem, 'frequencies("chances")', "return double(draw(rng))", LAWS)
    decision = answered(checker, torch.zeros(3, 5))
    assert decision.verdict is Verdict.JUDGE_ERROR
    assert "returns no dict, of which its checker could judge a field" in decision.message


@pytest.mark.parametrize(("shares", "alike"), [((0.5, 0.5), True), ((0.5, 0.9), False)])
def test_mistakes_that_draw_alike_are_one_for_a_diagnosis(
    problem: Problem, shares: tuple[float, float], *, alike: bool
) -> None:
    checker = with_checker(problem, 'frequencies("chances")', "return double(rng)", LAWS)
    samples = [
        {"share": 0.3, "draws": np.random.default_rng(seed).random(600) < p} for seed, p in enumerate(shares)
    ]
    first, second = (decode(*encode(sample)) for sample in samples)
    runner = checker.make_sample_runner(7)
    assert (runner.differ(checker.cases[CASE], first, second) is None) is alike
