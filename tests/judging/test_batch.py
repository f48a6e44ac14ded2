"""A batch: many seeds through one worker and one checker, with the verdicts of an ordinary check."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from tests.judging.test_counterexample import SPACE
from tests.support.packages import CASES, SAMPLES, write_package
from tests.support.services import wait_until
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.judging import counterexample
from torch_judge.judging.batch import CASES_IN_TURN, STANDARD_CASES_IN_TURN, BatchJudge, Plan
from torch_judge.judging.judge import judge
from torch_judge.judging.signatures import Gotcha
from torch_judge.model.bank import find_bank
from torch_judge.model.errors import JudgeError
from torch_judge.model.isolation import Layer
from torch_judge.model.problem import Framework, Problem
from torch_judge.model.report import CaseResult, Report, Verdict
from torch_judge.model.sample import Sample
from torch_judge.model.submission import Submission, from_source

SEEDS = (1, 2, 3)
STUBBORN = {
    "starter": "def double(x, scale=2.0):\n    raise NotImplementedError\n",
    "no entry point": "def twice(x):\n    return x\n",
    "no python": "def double(x, scale=2.0:\n",
    "ends the process": (
        "import os\n\n\ndef double(x, scale=2.0):\n    if scale == 3.7:\n        os._exit(3)\n"
        "    return x * scale\n"
    ),
    "hangs in one case": (
        "def double(x, scale=2.0):\n    while scale == 3.7:\n        pass\n    return x * scale\n"
    ),
    "prints much": "def double(x, scale=2.0):\n    print('much ' * 50000)\n    return x * scale\n",
}


def verdicts(
    problem: Problem, submission: Submission, server: ForkServer
) -> list[tuple[Verdict, tuple[Verdict, ...]]]:
    reports = [judge(problem, submission, server=server, seed=seed) for seed in SEEDS]
    return [(each.verdict, tuple(case.verdict for case in each.cases)) for each in reports]


def leave_out_times(report: Report) -> Report:
    cases = tuple(replace(case, seconds=0.0) for case in report.cases)
    return replace(report, elapsed_seconds=0.0, cases=cases)


@pytest.mark.parametrize("text", [*SAMPLES.values(), *STUBBORN.values()], ids=[*SAMPLES, *STUBBORN])
def test_the_verdicts_are_those_of_ordinary_checks(text: str, problem: Problem, server: ForkServer) -> None:
    submission = from_source(text)
    with BatchJudge(problem, server) as bench:
        reports = bench.reports(submission, SEEDS)
    found = [(each.verdict, tuple(case.verdict for case in each.cases)) for each in reports]
    assert found == verdicts(problem, submission, server)[: len(found)]
    assert [each.seed for each in reports] == list(SEEDS[: len(found)])
    assert len(found) == (len(SEEDS) if reports[0].cases else 1)


def test_every_report_says_what_held_and_what_is_worth_a_look(problem: Problem, server: ForkServer) -> None:
    """As the report of an ordinary check does, wherever it stops."""
    texts = [f"import gc\n{SAMPLES['accepted/adds_twice.py']}", "import gc\n1 / 0\n"]
    with BatchJudge(problem, server) as bench:
        reports = [report for text in texts for report in bench.reports(from_source(text), SEEDS)]
    usual = judge(problem, from_source(texts[0]), server=server)
    assert len(reports) == len(SEEDS) + 1
    for report in reports:
        assert (report.isolation, report.isolation_missing) == (usual.isolation, usual.isolation_missing)
        assert [flag.sign for flag in report.flags] == ["gc"]


def test_a_report_under_one_seed_is_that_of_an_ordinary_check(tmp_path: Path, server: ForkServer) -> None:
    """With the counterexample, the diagnosis and what is said of an untouched starter."""
    write_package(tmp_path, cases=CASES + SPACE)
    problem = find_bank(tmp_path).load("double")
    texts = [*SAMPLES.values(), STUBBORN["starter"], STUBBORN["no python"]]
    plan = Plan(seconds_to_diagnose=20.0, counterexample=True)
    with BatchJudge(problem, server) as bench:
        for text in texts:
            report = bench.judge(from_source(text), 7, plan)
            usual = judge(problem, from_source(text), server=server, seed=7, seconds_to_diagnose=20.0)
            assert leave_out_times(report) == leave_out_times(usual)


def test_nothing_is_run_where_less_holds_than_is_required(problem: Problem, server: ForkServer) -> None:
    held = judge(problem, from_source(SAMPLES["accepted/adds_twice.py"]), server=server).isolation
    missing = frozenset(layer for layer in Layer if layer.value not in held)
    if not missing:
        pytest.skip("every layer holds here")
    with BatchJudge(problem, server, required=missing) as bench:
        report = bench.judge(from_source("print('it ran')"), 7)
    assert report.verdict is Verdict.JUDGE_ERROR
    assert "does not hold" in report.message or "isolation" in report.message


def test_who_asked_hears_of_the_cases_and_of_each_as_it_is_decided(
    problem: Problem, server: ForkServer
) -> None:
    heard: list[tuple[str, ...]] = []
    plan = Plan(
        on_suite=lambda cases: heard.append(tuple(case.name for case in cases)),
        on_case=lambda result: heard.append((result.name, result.verdict.value)),
    )
    with BatchJudge(problem, server) as bench:
        report = bench.judge(from_source(SAMPLES["wrong_answer/ignores_scale.py"]), 7, plan)
    assert heard == [
        tuple(case.name for case in report.cases),
        *((case.name, case.verdict.value) for case in report.cases),
    ]
    assert len(heard) == 4


def test_a_server_that_ends_after_the_last_verdict_makes_a_judge_error(problem: Problem) -> None:
    """What comes after the verdicts, such as the search for a counterexample, may fail as well."""
    decided: list[str] = []

    with ForkServer(Framework.TORCH) as server, BatchJudge(problem, server) as bench:

        def end_after_the_last(result: CaseResult) -> None:
            decided.append(result.name)
            if len(decided) == 3:
                server.close()

        plan = Plan(counterexample=True, on_case=end_after_the_last)
        report = bench.judge(from_source(SAMPLES["wrong_answer/returns_x.py"]), 7, plan)
    assert len(decided) == 3
    assert report.verdict is Verdict.JUDGE_ERROR


def test_one_bench_judges_one_submission_after_another(problem: Problem, server: ForkServer) -> None:
    texts = [
        SAMPLES["accepted/adds_twice.py"],
        STUBBORN["ends the process"],
        SAMPLES["wrong_answer/adds.py"],
        SAMPLES["accepted/adds_twice.py"],
    ]
    with BatchJudge(problem, server) as bench:
        found = [{each.verdict for each in bench.reports(from_source(text), SEEDS)} for text in texts]
    assert found == [{Verdict.ACCEPTED}, {Verdict.RUN_TIME_ERROR}, {Verdict.WRONG_ANSWER}, {Verdict.ACCEPTED}]


def test_each_submission_gets_the_diagnosis_that_an_ordinary_check_gives(
    problem: Problem, server: ForkServer
) -> None:
    """One submission after another through one checker, under a seed that is not the checker's own."""
    names = ["adds", "ignores_scale", "cuts_the_graph", "adds"]
    texts = [*(SAMPLES[f"wrong_answer/{each}.py"] for each in names), SAMPLES["accepted/adds_twice.py"]]
    with BatchJudge(problem, server) as bench:
        found = [bench.reports(from_source(text), SEEDS, Plan(seconds_to_diagnose=30.0)) for text in texts]
    assert [each[0].diagnosis and each[0].diagnosis.gotcha for each in found] == [*names, None]
    assert all(report.diagnosis is None for each in found for report in each[1:])


def test_a_search_in_the_small_that_is_cut_short_spoils_no_later_verdict(
    tmp_path: Path, server: ForkServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counterexample, "SECONDS", counterexample.SECONDS_TO_CONFIRM + 0.05)
    write_package(tmp_path, cases=CASES + SPACE)
    names = ["accepted/adds_twice", "wrong_answer/adds", "accepted/adds_twice"]
    with BatchJudge(find_bank(tmp_path).load("double"), server) as bench:
        found = [
            bench.reports(from_source(SAMPLES[f"{name}.py"]), SEEDS, Plan(in_the_small=True))
            for name in names
        ]
    assert [{each.verdict for each in reports} for reports in found] == [
        {Verdict.ACCEPTED},
        {Verdict.WRONG_ANSWER},
        {Verdict.ACCEPTED},
    ]


def test_the_first_case_that_fails_may_end_it(problem: Problem, server: ForkServer) -> None:
    with BatchJudge(problem, server) as bench:
        (report,) = bench.reports(
            from_source(SAMPLES["wrong_answer/returns_x.py"]), SEEDS, Plan(until_rejected=True)
        )
        right = bench.reports(
            from_source(SAMPLES["accepted/adds_twice.py"]), SEEDS, Plan(until_rejected=True)
        )
    assert report.verdict is Verdict.WRONG_ANSWER
    assert [each.verdict for each in right] == [Verdict.ACCEPTED] * 3


def test_state_from_one_seed_is_seen_under_the_next(problem: Problem, server: ForkServer) -> None:
    text = (
        "calls = []\n\n\ndef double(x, scale=2.0):\n    calls.append(1)\n    return x * "
        "(scale if len(calls) < 4 else 1)\n"
    )
    with BatchJudge(problem, server) as bench:
        reports = bench.reports(from_source(text), SEEDS)
    assert [each.verdict for each in reports] == [
        Verdict.ACCEPTED,
        Verdict.WRONG_ANSWER,
        Verdict.WRONG_ANSWER,
    ]


def test_a_broken_suite_is_a_judge_error_and_the_bench_goes_on(tmp_path: Path, server: ForkServer) -> None:
    write_package(tmp_path, cases="import nowhere\n")
    with BatchJudge(find_bank(tmp_path).load("double"), server) as bench:
        for _ in range(2):
            (report,) = bench.reports(from_source(SAMPLES["accepted/adds_twice.py"]), SEEDS)
            assert report.verdict is Verdict.JUDGE_ERROR
            assert "cases.py:1" in report.message


# --- beside the jury solution ---

BESIDE = {
    "right": (SAMPLES["accepted/adds_twice.py"], []),
    "wrong": (SAMPLES["wrong_answer/adds.py"], [1, 2, 3]),
    "no entry point": (STUBBORN["no entry point"], [1, 2, 3]),
    "no python": (STUBBORN["no python"], [1, 2, 3]),
    "ends the process": (STUBBORN["ends the process"], [1, 2, 3]),
    "wrong now and then": (
        (
            "def double(x, scale=2.0):\n    return x * scale + (0 if scale == 2.0 or "
            "float(x.detach().sum()) < THRESHOLD else 1)\n"
        ),
        None,
    ),
}


@pytest.mark.parametrize(("text", "expected"), BESIDE.values(), ids=BESIDE.keys())
def test_a_sample_beside_the_jury_solution_is_doubtful_where_a_check_rejects_it(
    tmp_path: Path, problem: Problem, server: ForkServer, text: str, expected: list[int] | None
) -> None:
    seeds = list(SEEDS) if expected is not None else list(range(12))
    sample = tmp_path / "sample.py"
    sample.write_text(text.replace("THRESHOLD", "0.0"))
    with BatchJudge(problem, server) as bench:
        gotcha = Gotcha(Sample(sample, Verdict.ACCEPTED))
        found = [
            seed
            for seed in seeds
            if any(bench.is_doubtful(gotcha, seed, turn=turn) for turn in range(CASES_IN_TURN))
        ]
        assert {
            each.verdict for each in bench.reports(from_source(SAMPLES["accepted/adds_twice.py"]), [1])
        } == {Verdict.ACCEPTED}
        if expected is None:
            expected = [
                seed for seed in seeds if not bench.reports(from_source(sample.read_text()), [seed])[0].passed
            ]
            assert 0 < len(expected) < len(seeds)
    assert found == expected


DESCRIBED = """
from torch_judge.authoring import Argument, Option, describe

call = describe(
    sizes={"rows": 3, "features": 5},
    arguments=[Argument("x", "rows features")],
    options=[Option("scale", 2.0, usual=(1.2, 1.8), also=[3.7])],
)
"""


def test_of_the_cases_every_seed_has_some_in_turn_and_of_the_standard_ones_fewer(
    tmp_path: Path, server: ForkServer
) -> None:
    cases = CASES + DESCRIBED
    write_package(tmp_path, cases=cases)
    problem, seeds = find_bank(tmp_path).load("double"), list(range(2 * STANDARD_CASES_IN_TURN))
    wrong = {
        "a standard case": "x * scale if x.ndim and x.shape[0] < 100 else x",
        "a case by hand": "x if scale == 2.0 else x * scale",
    }
    found = {}
    with BatchJudge(problem, server) as bench:
        for name, expression in wrong.items():
            sample = tmp_path / "sample.py"
            sample.write_text(f"def double(x, scale=2.0):\n    return {expression}\n")
            gotcha = Gotcha(Sample(sample, Verdict.ACCEPTED))
            found[name] = [
                [seed for seed in seeds if bench.is_doubtful(gotcha, seed, turn=turn + seed)]
                for turn in range(STANDARD_CASES_IN_TURN)
            ]
    by_turn = found["a standard case"]
    assert {len(each) for each in by_turn} == {2}
    assert sorted(seed for some in by_turn for seed in some) == seeds
    by_turn = found["a case by hand"]
    assert all(len(seeds) / CASES_IN_TURN <= len(each) < len(seeds) for each in by_turn)
    in_a_row = (by_turn[turn : turn + CASES_IN_TURN] for turn in range(len(by_turn) - CASES_IN_TURN))
    assert all({seed for some in turns for seed in some} == set(seeds) for turns in in_a_row)


def test_a_checker_that_was_killed_between_two_answers_is_replaced(
    problem: Problem, server: ForkServer
) -> None:
    right = from_source(SAMPLES["accepted/adds_twice.py"])
    with BatchJudge(problem, server) as bench:
        assert bench.judge(right, 1).passed
        (checker,) = psutil.Process(server._programs[0]._process.pid).children()
        checker.kill()
        wait_until(lambda: checker.status() == psutil.STATUS_ZOMBIE)
        assert bench.judge(right, 2).passed


def test_conditional_faults_are_tried_in_a_checker_and_the_next_answer_is_as_before(
    problem: Problem, server: ForkServer
) -> None:
    with BatchJudge(problem, server) as bench:
        tried = bench.try_faults([1, 2])
        assert tried == bench.try_faults([1, 2])
        row = tried.rows[[name for name, _ in tried.conditions].index("left_out(scale)")]
        marks = dict(zip([name for name, _ in tried.effects], row, strict=True))
        assert (marks["off(result)"], marks["changes(x)"]) == ("#", "o")
        assert (tried.skipped, tried.spoilt) == ((), ())
        assert bench.reports(from_source(SAMPLES["accepted/adds_twice.py"]), SEEDS)[0].passed


def test_conditional_faults_of_a_broken_jury_are_a_judge_error(tmp_path: Path, server: ForkServer) -> None:
    write_package(tmp_path, solution="def twice(x):\n    return x\n")
    with (
        BatchJudge(find_bank(tmp_path).load("double"), server) as bench,
        pytest.raises(JudgeError, match="defines no double"),
    ):
        bench.try_faults([1])
