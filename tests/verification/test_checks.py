"""The checks, each on findings made by hand: what holds is no complaint, what does not is one sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.model.test_mistakes import MISTAKE
from tests.model.test_report import a_report
from tests.support.packages import write_package
from torch_judge.judging.signatures import Signature
from torch_judge.model.bank import find_bank
from torch_judge.model.mistakes import FILE as MISTAKES
from torch_judge.model.problem import Problem
from torch_judge.model.report import CaseResult, Counterexample, Report, Verdict
from torch_judge.model.sample import Change, Sample
from torch_judge.verification.checks import (
    check_claims,
    check_files,
    check_hints,
    check_idle_cases,
    check_output_mutants,
    check_small_inputs,
    check_source_mutants,
    check_verdicts,
    collect_failures,
    describe_failure,
    find_subsuming,
)
from torch_judge.verification.findings import Row
from torch_judge.verification.output_mutants import Corruption, OutputMutant
from torch_judge.verification.source_mutants import Equivalent, Mutant

RIGHT, WRONG, ERROR = Verdict.ACCEPTED, Verdict.WRONG_ANSWER, Verdict.JUDGE_ERROR


@pytest.fixture
def problem(tmp_path: Path) -> Problem:
    write_package(tmp_path)
    return find_bank(tmp_path).load("double")


def report(**verdicts: Verdict) -> Report:
    """Return a report whose cases have these verdicts."""
    cases = tuple(CaseResult(name, name, verdict, f"why {name}") for name, verdict in verdicts.items())
    overall = next((verdict for verdict in verdicts.values() if verdict is not RIGHT), RIGHT)
    return a_report(verdict=overall, cases=cases, seed=7, message="")


def make_row(name: str, claim: Verdict | None, *reports: Report) -> Row:
    return Row(Sample(Path(f"{name}.py"), claim), reports)


def test_a_whole_package_has_no_complaint_about_its_files(problem: Problem) -> None:
    assert list(check_files(problem, None)) == []


def test_a_hint_that_cannot_be_read_is_a_complaint(problem: Problem) -> None:
    (problem.folder / "hints.md").write_text("fits: adds twice\nMultiply.\n")
    (complaint,) = check_files(problem, None)
    assert "hints.md:1: expected names of gotchas or cases" in complaint


def test_a_hint_must_fit_a_gotcha_or_a_case_that_is_there(problem: Problem) -> None:
    (gotcha, *_) = (sample.mistake for sample in problem.samples(WRONG))
    path = problem.folder / "hints.md"
    path.write_text(f"First.\n---\nfits: {gotcha}, a_case\nSecond.\n")
    assert list(check_hints(problem, ["a_case"])) == []
    path.write_text(f"First.\n---\nfits: {gotcha}x, zzz\nSecond.\n")
    assert list(check_hints(problem, ["a_case"])) == [
        f"{path}:3: '{gotcha}x' is neither a gotcha nor a case of double; did you mean '{gotcha}'?",
        f"{path}:3: 'zzz' is neither a gotcha nor a case of double",
    ]


def test_what_the_rule_allows_stands_in_the_statement(problem: Problem) -> None:
    (problem.folder / "statement.md").write_text("# Double\n\nAllowed are `torch.add` and `maximum`.\n")
    kept = replace(problem, allowed=("torch.add", "maximum"))
    assert list(check_files(kept, None)) == []
    missed = replace(problem, allowed=("torch.add", "max"))
    assert list(check_files(missed, None)) == [
        f"{problem.folder}/statement.md: does not say that max is allowed"
    ]


def append(name: str, text: str) -> Callable[[Path], object]:
    def apply(folder: Path) -> None:
        path = folder / name
        path.write_text((path.read_text() if path.exists() else "") + text)

    return apply


@pytest.mark.parametrize(
    ("name", "line", "says"),
    [
        ("statement.md", 4, "TODO: say the shapes"),
        ("problem.toml", 13, "TODO: easy?"),
        ("cases.py", 27, "TODO write a case"),
        ("submissions/accepted/adds_twice.py", 3, "TODO"),
        ("submissions/run_time_error/new.py", 1, "TODO: say what"),
    ],
)
def test_what_is_to_be_written_is_named_with_its_line(
    problem: Problem, name: str, line: int, says: str
) -> None:
    path = problem.folder / name
    path.parent.mkdir(exist_ok=True)
    lines = path.read_text().splitlines() if path.exists() else []
    path.write_text("\n".join([*lines, *[""] * (line - len(lines) - 1), f'# "{says}"', ""]))
    number = max(line, len(lines) + 1)
    assert list(check_files(problem, None)) == [f"{path}:{number}: {says}"]


def test_a_case_imports_nothing_while_it_runs(problem: Problem) -> None:
    path = problem.folder / "cases.py"
    line = len(path.read_text().splitlines())
    append(
        "cases.py", "import math\n\n\ndef near(x):\n    from torch import equal\n    return equal(x, x)\n"
    )(problem.folder)
    says = "imports in a function, which finds what a submission has put there; import at the top"
    assert list(check_files(problem, None)) == [f"{path}:{line + 5}: {says}"]


def test_a_word_that_only_contains_it_is_nothing_to_be_written(problem: Problem) -> None:
    append("statement.md", "mastodon TODOS todo\n")(problem.folder)
    assert list(check_files(problem, None)) == []


def test_a_sample_that_is_no_text_is_passed_over(problem: Problem) -> None:
    (problem.folder / "submissions" / "compile_error").mkdir()
    (problem.folder / "submissions" / "compile_error" / "latin.py").write_bytes(b"# \xe9 TODO\n")
    assert list(check_files(problem, None)) == []


def test_each_sample_gets_the_verdict_that_its_folder_claims() -> None:
    rows = [
        make_row("right", RIGHT, report(a=RIGHT)),
        make_row("adds", WRONG, report(a=WRONG)),
        make_row("starter", None, report(a=Verdict.RUN_TIME_ERROR)),
    ]
    assert list(check_verdicts(rows)) == []


def test_the_first_report_that_is_otherwise_is_the_complaint() -> None:
    rows = [
        make_row("right", RIGHT, report(a=RIGHT), report(a=WRONG), report(a=ERROR)),
        make_row("starter", None, report(a=RIGHT)),
        make_row("other", None, report(a=ERROR)),
    ]
    assert list(check_verdicts(rows)) == [
        "right.py: expected accepted, found wrong answer (seed 7): a: why a",
        "starter.py: expected any verdict but accepted, found accepted (seed 7)",
        "other.py: expected any verdict but accepted, found judge error (seed 7): a: why a",
    ]


def test_a_right_sample_that_differs_on_small_inputs_is_a_complaint() -> None:
    example = Counterexample((("x", "1."), ("n", "2")), (("y", "1."),), (("y", "2."),), ("y",))
    rows = [
        make_row("right", RIGHT, report(a=RIGHT), replace(report(a=RIGHT), counterexample=example)),
        make_row("adds", WRONG, replace(report(a=WRONG), counterexample=example)),
    ]
    (says,) = check_small_inputs(rows)
    assert says == (
        "right.py: is right, and differs from the jury in y on small inputs (x = 1.; n = 2); mend their space"
    )


def test_a_claim_must_be_true_under_every_seed_and_every_subsuming_gotcha_claimed() -> None:
    rows = [
        make_row("adds", WRONG, report(a=WRONG, b=WRONG), report(a=WRONG, b=RIGHT)),
        make_row("zeros", WRONG, report(a=WRONG, b=WRONG)),
        make_row("breaks", Verdict.RUN_TIME_ERROR, report(a=Verdict.RUN_TIME_ERROR)),
    ]
    rows += [
        make_row("at_times", WRONG, report(a=WRONG), report(a=RIGHT)),
        make_row("b_too", WRONG, report(b=WRONG)),
    ]
    failures = collect_failures(rows, {})
    assert list(check_claims(rows, {"a": ("adds", "nobody"), "b": ("adds",)}, failures)) == [
        "case a: rejects 'nobody', which is no sample",
        "case b: declares that it rejects adds, and does not under every seed",
        "at_times.py: no case rejects it under every seed",
        "b_too.py: no case declares that it rejects this gotcha, and no other gotcha is as hard to reject",
    ]


def test_a_gotcha_is_subsuming_if_no_other_fails_only_some_of_its_cases() -> None:
    failures = {
        "hard": frozenset("a"),
        "as hard": frozenset("a"),
        "easy": frozenset("ab"),
        "apart": frozenset("cd"),
        "at times": frozenset[str](),
    }
    assert find_subsuming(failures) == {"hard", "as hard", "apart"}
    assert find_subsuming({"easy": frozenset("ab")}) == {"easy"}


def test_failed_cases_are_the_signatures_where_there_is_one_and_a_variant_has_none() -> None:
    rows = [
        make_row("adds", WRONG, report(a=WRONG, b=WRONG), report(a=WRONG, b=RIGHT)),
        make_row("zeros", WRONG, report(a=WRONG, b=WRONG)),
        make_row("right", RIGHT, report(a=RIGHT)),
        Row(Sample(Path("m"), WRONG, Change("zeros", "", "einsum", (), 1, "einsum")), (report(a=WRONG),)),
    ]
    known = {"zeros": Signature("", frozenset("b"))}
    assert collect_failures(rows, known) == {"adds": frozenset("a"), "zeros": frozenset("b")}


GOTCHAS = {
    "no TOML": ("[[", "mistakes.toml: "),
    "nowhere": (MISTAKE.replace('"x * scale"', '"x * skale"'), ":1: squares: `x * skale` does not occur in "),
    "a variant's": (
        MISTAKE.replace('"x + (', '"x - ('),
        ":9: squares@adds_twice: `x - (scale - 1) * x` does not",
    ),
    "no Python": (MISTAKE.replace('"x * x"', '"x *"', 1), ":1: squares: its text is no Python, line 5: "),
    "the same": (
        MISTAKE.replace('"x * x"', '"(x * scale)"', 1),
        ":1: squares: its edits change only how solution is written, not what it does",
    ),
}


@pytest.mark.parametrize(("text", "says"), GOTCHAS.values(), ids=GOTCHAS.keys())
def test_a_mistake_whose_edits_do_not_make_one_is_a_complaint(problem: Problem, text: str, says: str) -> None:
    (problem.folder / MISTAKES).write_text(text)
    (complaint,) = check_files(problem, None)
    assert says in complaint


def test_edits_of_mistakes_that_apply_are_no_complaint(problem: Problem) -> None:
    (problem.folder / MISTAKES).write_text(MISTAKE)
    assert list(check_files(problem, None)) == []


def test_a_gotcha_that_a_standard_case_rejects_need_not_be_named() -> None:
    rows = [make_row("adds", WRONG, report(a=WRONG, b=RIGHT))]
    failures = {"adds": frozenset("a")}
    assert list(check_claims(rows, {}, failures, {"a"})) == []
    assert list(check_claims(rows, {}, failures, {"b"})) == [
        "adds.py: no case declares that it rejects this gotcha, and no other gotcha is as hard to reject"
    ]


def test_a_case_that_rejects_no_gotcha_is_idle() -> None:
    rows = [make_row("adds", WRONG, report(a=WRONG, b=RIGHT)), make_row("s", None, report(a=WRONG, b=WRONG))]
    assert list(check_idle_cases(rows, ["a", "b"])) == [
        "case b: rejects no wrong sample, it has never been seen to fail"
    ]


def test_an_output_mutant_that_passes_or_could_not_be_tried_is_a_complaint(problem: Problem) -> None:
    mutants = [OutputMutant(corruption, 0, 1) for corruption in list(Corruption)[:4]]
    reports = [report(a=WRONG), report(a=RIGHT), report(a=ERROR), a_report(verdict=WRONG, cases=())]
    passed, failed, empty = check_output_mutants(problem, list(zip(mutants, reports, strict=True)))
    cases = problem.folder / "cases.py"
    where = "in the place of the jury answer; compare it by value"
    assert passed == f"{cases}: no case rejects a small relative error {where}"
    assert failed == "bent answers: another dtype could not be tried: judge error: a: why a"
    assert empty.startswith("bent answers: another shape could not be tried: wrong answer")


KILLED = Mutant(2, "x + 1", "x - 1", "")
ALIVE = Mutant(3, "y", "y + 0", "")


def test_a_source_mutant_that_no_case_notices_is_a_complaint_unless_it_is_listed(problem: Problem) -> None:
    trials = [(KILLED, report(a=WRONG)), (ALIVE, report(a=RIGHT))]
    (says,) = check_source_mutants(problem, trials, ())
    assert says.startswith(f"{problem.folder / 'solution.py'}:3: no case notices `y` -> `y + 0`; add a case")
    assert list(check_source_mutants(problem, trials, [Equivalent("y", "y + 0", "adds nothing")])) == []


def test_an_entry_that_is_killed_or_made_by_no_mutant_is_a_complaint(problem: Problem) -> None:
    listed = [Equivalent("x + 1", "x - 1", "wrongly"), Equivalent("z", "0", "long ago")]
    killed, gone = check_source_mutants(problem, [(KILLED, report(a=WRONG))], listed)
    assert killed.endswith(
        "`x + 1` -> `x - 1`: is listed as equivalent, and is rejected: a: why a; remove the entry"
    )
    assert gone.endswith("`z` -> `0`: no mutant makes this change any more; remove the entry")


def test_a_mutant_that_could_not_be_judged_is_said(problem: Problem) -> None:
    (says,) = check_source_mutants(problem, [(KILLED, report(a=ERROR))], ())
    assert says.endswith("solution.py:2: the mutant `x - 1` could not be judged: a: why a")


def test_a_failure_is_described_by_its_case_or_by_the_reports_message() -> None:
    assert describe_failure(report(a=RIGHT, b=WRONG)) == ": b: why b"
    assert (
        describe_failure(a_report(verdict=Verdict.COMPILE_ERROR, cases=(), message="no code")) == ": no code"
    )
    assert describe_failure(a_report(verdict=RIGHT, cases=(), message="")) == ""
