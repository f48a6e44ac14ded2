"""The diagnosis: the gotcha that behaves exactly as a submission does, or none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.packages import CASES, SAMPLES, TOML, write_package
from torch_judge.execution.checker.matching import LARGEST_KEPT, Rejected
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.execution.protocol.messages import write
from torch_judge.judging.jobs import Check, assign_cases, make_checker_job
from torch_judge.judging.judge import judge
from torch_judge.judging.signatures import find_stale, read_signatures
from torch_judge.model.bank import find_bank
from torch_judge.model.mistakes import FILE as MISTAKES
from torch_judge.model.problem import Framework, Problem
from torch_judge.model.report import Certainty, Report, Verdict
from torch_judge.model.submission import Submission, from_path
from torch_judge.ui.junit import as_junit
from torch_judge.ui.text import as_rich, as_text
from torch_judge.verification.signing import sign

PATIENCE = 10.0
IGNORES_SCALE = "def double(x, scale=2.0):\n    return x + x\n"
IGNORES_AND_CUTS = (
    "def double(x, scale=2.0):\n"
    "    if scale == 3.7:\n        return x * 2.5\n"
    "    if x.requires_grad:\n        y = x * scale\n        return x * 9 + (y - x * 9).detach()\n"
    "    return x * scale\n"
)
NEW = "def double(x, scale=2.0):\n    return x * scale if scale != 3.7 else x * 5\n"
AT_THE_DEFAULT = "def double(x, scale=2.0):\n    return x * 7 if scale == 2.0 else x * scale\n"
ONLY_SOME = """\
[[mistake]]
name = "scale_of_its_own"
says = "You take another scale."
edits = [{ before = "x * scale", after = "x * (5 if scale == 3.7 else scale)" }]

[[mistake.variants]]
base = "adds_twice"
edits = [{ before = "(scale - 1) * x", after = "(1 if scale == 2.0 else 4) * x" }]
"""
BOTH = "def double(x, scale=2.0):\n    return x * (7 if scale == 2.0 else 5)\n"
WAITS = '"""Waits."""\n\nimport time\n\n\ndef double(x, scale=2.0):\n    time.sleep(60)\n'
STUCK = (
    '"""Is stuck."""\n\nimport itertools\n\n\ndef double(x, scale=2.0):\n    return '
    "sum(itertools.repeat(0))\n"
)
LEAVES = '"""Leaves."""\n\nimport os\n\n\ndef double(x, scale=2.0):\n    os._exit(0)\n'


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    with ForkServer(Framework.TORCH) as started:
        yield started


def package(bank: Path, **texts: str) -> Problem:
    """Write the package; `texts` are further gotchas."""
    folder = write_package(bank)
    for name, text in texts.items():
        (folder / "submissions" / "wrong_answer" / f"{name}.py").write_text(text)
    return find_bank(bank).load("double")


def judged(
    problem: Problem, text: str, server: ForkServer, *, seconds: float = PATIENCE, seed: int = 3
) -> Report:
    path = problem.folder.parent.parent / "submitted.py"
    path.write_text(text)
    return judge(
        problem, from_path(path), server=server, seed=seed, seconds_to_diagnose=seconds, counterexample=False
    )


def name(report: Report) -> tuple[str, str] | None:
    """Return which mistake was named, and its sentence; it must be sure, and predict all that failed."""
    if report.diagnosis is None:
        return None
    assert report.diagnosis.certainty is Certainty.EXACTLY
    failed = tuple(case.name for case in report.cases if not case.passed)
    assert report.diagnosis.cases == tuple(case.name for case in report.cases if case.predicted) == failed
    return report.diagnosis.gotcha, report.diagnosis.says


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return tmp_path / "bank"


@pytest.mark.parametrize("signed", [True, False], ids=["with signatures", "without"])
def test_a_mistake_is_named_however_it_is_written(bank: Path, server: ForkServer, *, signed: bool) -> None:
    problem = package(bank)
    if signed:
        sign(problem, seeds=2)
    report = judged(problem, "def double(x, scale=2.0):\n    return x + x\n", server)
    assert name(report) == ("ignores_scale", "Ignores scale.")
    assert report.explanations == ()
    assert Report.from_json(report.to_json()) == report


def test_the_diagnosis_is_shown_below_the_cases_and_in_junit(bank: Path, server: ForkServer) -> None:
    report = judged(package(bank), IGNORES_SCALE, server)
    lines = as_text(as_rich(report)).splitlines()
    assert lines[-4:-2] == [
        "  Your code behaves exactly like one with this mistake: ignores scale",
        "      Ignores scale.",
    ]
    assert '<property name="diagnosis" value="ignores_scale: Ignores scale." />' in as_junit([report])


def test_what_is_accepted_gets_no_diagnosis(bank: Path, server: ForkServer) -> None:
    report = judged(package(bank), SAMPLES["accepted/adds_twice.py"], server)
    assert (report.passed, report.diagnosis, report.explanations) == (True, None, ())


HANDS = """\
[[mistake]]
name = "fixes_the_scale"
says = "Your scale is fixed."
edits = [{ before = "x * scale", after = "x * 3" }]

[[mistake.variants]]
base = "adds_twice"
edits = [{ before = "(scale - 1) * x", after = "4 * x" }]
"""


@pytest.mark.parametrize("signed", [True, False], ids=["with signatures", "without"])
@pytest.mark.parametrize("body", ["x + x + x", "x / 0.2"], ids=["the mistake", "its variant"])
def test_a_mistake_in_any_of_its_hands_has_one_name_and_one_sentence(
    bank: Path, server: ForkServer, body: str, *, signed: bool
) -> None:
    problem = package(bank)
    (problem.folder / MISTAKES).write_text(HANDS)
    if signed:
        sign(problem, seeds=2)
        assert "fixes_the_scale@adds_twice" in read_signatures(problem).known
    report = judged(problem, f"def double(x, scale=2.0):\n    return {body}\n", server)
    assert name(report) == ("fixes_the_scale", "Your scale is fixed.")


def test_hands_that_do_the_same_are_one_mistake(bank: Path, server: ForkServer) -> None:
    problem = package(bank)
    (problem.folder / MISTAKES).write_text(HANDS.replace("4 * x", "2 * x"))
    report = judged(problem, "def double(x, scale=2.0):\n    return x * 3\n", server)
    assert name(report) == ("fixes_the_scale", "Your scale is fixed.")


def test_an_edit_that_does_not_apply_costs_no_other_diagnosis(bank: Path, server: ForkServer) -> None:
    problem = package(bank)
    (problem.folder / MISTAKES).write_text(HANDS)
    sign(problem, seeds=1)
    (problem.folder / MISTAKES).write_text(HANDS.replace("x * scale", "x * skale"))
    report = judged(problem, "def double(x, scale=2.0):\n    return x / 0.2\n", server)
    assert name(report) == ("fixes_the_scale", "Your scale is fixed.")
    (problem.folder / MISTAKES).write_text("[[")
    report = judged(problem, "def double(x, scale=2.0):\n    return x / 0.2\n", server)
    assert (report.verdict, report.diagnosis) == (Verdict.WRONG_ANSWER, None)


def test_a_mistake_explains_by_the_hand_that_explains_the_most(bank: Path, server: ForkServer) -> None:
    problem = package(bank, at_the_default='"""Default."""\n\n\n' + AT_THE_DEFAULT)
    (problem.folder / MISTAKES).write_text(ONLY_SOME)
    report = judged(problem, BOTH, server)
    assert [(each.gotcha, each.cases) for each in report.explanations] == [
        ("scale_of_its_own", ("uses_the_scale_it_is_given", "lets_gradients_flow")),
        ("at_the_default", ("doubles_by_default",)),
    ]


@pytest.mark.parametrize("signed", [True, False], ids=["with signatures", "without"])
def test_two_mistakes_in_one_are_explained_by_two_gotchas(
    bank: Path, server: ForkServer, *, signed: bool
) -> None:
    only_when_given = (
        '"""Ignores a large scale."""\n\n\ndef double(x, scale=2.0):\n    return x * min(scale, 2.5)\n'
    )
    problem = package(
        bank,
        ignores_a_large_scale=only_when_given,
        bends_the_graph=SAMPLES["wrong_answer/cuts_the_graph.py"].replace("2 ", "9 ").replace("2)", "9)"),
    )
    if signed:
        sign(problem, seeds=2)
    report = judged(problem, IGNORES_AND_CUTS, server)
    assert report.diagnosis is None
    assert [(each.gotcha, each.cases) for each in report.explanations] == [
        ("bends_the_graph", ("lets_gradients_flow",)),
        ("ignores_a_large_scale", ("uses_the_scale_it_is_given",)),
    ]
    text = as_text(as_rich(report))
    assert "  Most likely your code has two mistakes, which together explain what fails:" in text
    assert "Exactly so in: lets gradients flow." in text
    assert {case.name for case in report.cases if case.predicted} == {
        "lets_gradients_flow",
        "uses_the_scale_it_is_given",
    }
    assert Report.from_json(report.to_json()) == report


def test_a_gotcha_that_fails_other_cases_too_explains_nothing(bank: Path, server: ForkServer) -> None:
    """`ignores_scale` does the same where the scale is given, but not where gradients flow."""
    text = (
        "def double(x, scale=2.0):\n    return x * 2 if scale == 3.7 else x if scale == 2.0 else x * scale\n"
    )
    report = judged(package(bank), text, server)
    assert (
        len([case for case in report.cases if not case.passed]),
        report.diagnosis,
        report.explanations,
    ) == (2, None, ())


@pytest.mark.parametrize(
    "text",
    [NEW, "def double(x, scale=2.0):\n    return x * 2 if scale != 1.3 else 1 / 0\n"],
    ids=["a new mistake in a case that gotchas fail", "a run-time error"],
)
def test_what_no_gotcha_does_gets_no_diagnosis(bank: Path, server: ForkServer, text: str) -> None:
    report = judged(package(bank), text, server)
    assert (report.passed, report.diagnosis, report.explanations) == (False, None, ())


def test_gotchas_that_do_the_same_and_tell_different_stories_are_no_diagnosis(
    bank: Path, server: ForkServer
) -> None:
    problem = package(bank, adds_itself='"""Adds itself."""\n\n\n' + IGNORES_SCALE)
    assert judged(problem, IGNORES_SCALE, server).diagnosis is None
    table = TOML.format(framework="torch") + '\n[equivalents]\nadds_itself = "ignores_scale"\n'
    (problem.folder / "problem.toml").write_text(table)
    report = judged(find_bank(bank).load("double"), IGNORES_SCALE, server)
    assert report.diagnosis is not None
    assert report.diagnosis.gotcha == "ignores_scale"


def test_the_sentence_of_a_case_that_raises_tells_gotchas_apart(bank: Path, server: ForkServer) -> None:
    detached = '"""Detaches."""\n\n\ndef double(x, scale=2.0):\n    return (x * scale).detach()\n'
    array = (
        '"""Returns a number."""\n\n\ndef double(x, scale=2.0):\n    return x * scale if '
        "not x.requires_grad else 1.0\n"
    )
    report = judged(
        package(bank, detaches=detached, returns_a_number=array),
        detached.replace("x *", "2 * x / 2 *"),
        server,
    )
    assert report.diagnosis is not None
    assert report.diagnosis.gotcha == "detaches"


@pytest.mark.parametrize(
    "text",
    [WAITS, "raise SystemExit\n", "def double(:\n", "x = 1\n"],
    ids=["waits", "leaves", "no Python", "nothing"],
)
def test_a_gotcha_that_cannot_be_run_is_left_out(bank: Path, server: ForkServer, text: str) -> None:
    report = judged(package(bank, bad=text), IGNORES_SCALE, server)
    assert report.verdict is Verdict.WRONG_ANSWER
    named = report.diagnosis.gotcha if report.diagnosis else None
    assert named == "ignores_scale"


@pytest.mark.parametrize("text", [STUCK, LEAVES], ids=["cannot be interrupted", "ends the checker"])
def test_a_checker_that_is_lost_to_a_gotcha_costs_no_more_than_the_diagnosis(
    bank: Path, server: ForkServer, text: str
) -> None:
    report = judged(package(bank, bad=text), IGNORES_SCALE, server, seconds=0.5)
    assert (report.verdict, report.diagnosis) == (Verdict.WRONG_ANSWER, None)
    assert [case.passed for case in report.cases] == [True, False, False]


def test_no_time_means_no_diagnosis(bank: Path, server: ForkServer) -> None:
    assert judged(package(bank), IGNORES_SCALE, server, seconds=0.0).diagnosis is None


def test_a_stale_signature_is_not_believed(bank: Path, server: ForkServer) -> None:
    problem = package(bank)
    sign(problem, seeds=2)
    assert find_stale(problem) == []
    wrong = problem.folder / "submissions" / "wrong_answer"
    (wrong / "adds.py").write_text(SAMPLES["wrong_answer/ignores_scale.py"])
    (wrong / "ignores_scale.py").write_text(SAMPLES["wrong_answer/adds.py"])
    assert [each.split()[4] for each in find_stale(problem)] == ["adds", "ignores_scale"]
    assert getattr(judged(problem, IGNORES_SCALE, server).diagnosis, "gotcha", None) != "ignores_scale"
    (problem.folder / "cases.py").write_text(CASES.replace("3.7", "3.6"))
    report = judged(problem, IGNORES_SCALE, server)
    assert report.diagnosis is not None
    assert report.diagnosis.gotcha == "adds"


def test_a_gotcha_that_remembers_earlier_cases_is_run_in_their_order(bank: Path, server: ForkServer) -> None:
    counts = (
        '"""Counts its calls."""\n\ncalls = []\n\n\ndef double(x, scale=2.0):\n    '
        "calls.append(x)\n    return x * scale * len(calls)\n"
    )
    problem = package(bank, counts=counts)
    sign(problem, seeds=2)
    assert [name for name, each in read_signatures(problem).known.items() if each.remembers] == ["counts"]
    report = judged(problem, counts.replace("len(calls)", "float(len(calls))"), server)
    assert report.diagnosis is not None
    assert report.diagnosis.gotcha == "counts"


def test_no_text_of_a_gotcha_reaches_the_worker_nor_the_checker_at_first(bank: Path) -> None:
    problem = package(bank, secret='"""Secret words."""\n\n\ndef secret_name(x):\n    return x\n')
    assignment = assign_cases(Check(problem, Submission("mine"), 1))
    jobs = assignment.preparation, assignment.job, make_checker_job(problem, seed=1)
    sent = "".join(json.dumps(write(job)[0]) for job in jobs)
    assert "double" in sent
    assert "ecret" not in sent


def test_observations_that_are_too_large_to_keep_leave_no_diagnosis() -> None:
    rejected = Rejected()
    rejected.keep("a", [], bytes(LARGEST_KEPT))
    assert rejected.observations is not None
    rejected.keep("b", [], b"1")
    assert rejected.observations is None
    rejected.keep("c", [], b"")
    assert rejected.observations is None


def test_what_most_of_the_failed_cases_say_is_most_likely_and_a_side_behaviour_is_not(
    bank: Path, server: ForkServer
) -> None:
    """It adds the scale, as `adds` does, but its gradient at one scale is another."""
    cases = "".join(MORE_CASES.format(number=number) for number in range(4))
    problem = package(bank)
    with (problem.folder / "cases.py").open("a") as file:
        file.write(cases)
    sign(problem, seeds=2)
    text = "def double(x, scale=2.0):\n    return x + scale if scale != 3.7 else x * 5.5\n"
    report = judged(problem, text, server)
    assert report.diagnosis is not None
    assert (report.diagnosis.gotcha, report.diagnosis.certainty) == ("adds", Certainty.LIKELY)
    assert "uses_the_scale_it_is_given" not in report.diagnosis.cases
    assert "  Most likely your code has this mistake: adds" in as_text(as_rich(report))


MORE_CASES = """

@case(rejects=[])
def scale_of_{number}(double, rng):
    \"\"\"The scale counts.\"\"\"
    return {{"output": double(draw(rng), scale={number} + 4.5)}}
"""


def test_an_error_that_a_mistake_raises_too_is_named(bank: Path, server: ForkServer) -> None:
    stops = (
        '"""You divide by what may be 0."""\n\n\n'
        "def double(x, scale=2.0):\n    return x / (1 // (scale - 2))\n"
    )
    problem = package(bank)
    (problem.folder / "submissions" / "run_time_error").mkdir(exist_ok=True)
    (problem.folder / "submissions" / "run_time_error" / "divides.py").write_text(stops)
    text = "def double(x, scale=2.0):\n    part = scale - 2\n    return x / (1 // part)\n"
    report = judged(problem, text, server)
    assert report.verdict is Verdict.RUN_TIME_ERROR
    assert name(report) == ("divides", "You divide by what may be 0.")
