"""A worker session: what a worker says is doubted, what it does is paid for, one that is lost is replaced."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil
import pytest

from tests.support.packages import SOLUTION, write_package
from torch_judge.execution.forkserver.channel import LONGEST_OUTPUT, HungUp
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.execution.protocol.frames import Allowance, Header
from torch_judge.execution.protocol.messages import (
    ExampleRan,
    ExampleStopped,
    Failure,
    Flags,
    Loaded,
    Observation,
    Refused,
    RunExample,
    write,
)
from torch_judge.judging.jobs import Check, assign_cases, assign_examples, make_confinement
from torch_judge.judging.worker_session import (
    Budget,
    Fault,
    Tried,
    WorkerSession,
    _explain_status,
    _read_example,
    _read_flags,
    _read_loading,
    _read_outcome,
)
from torch_judge.model.bank import find_bank
from torch_judge.model.errors import WireError
from torch_judge.model.problem import Framework, Problem
from torch_judge.model.report import MOST_FLAGS, Verdict
from torch_judge.model.submission import from_source

CASES = ("doubles_by_default", "uses_the_scale_it_is_given", "lets_gradients_flow")
IN_THE_PROCESS = {
    Verdict.WRONG_ANSWER,
    Verdict.RUN_TIME_ERROR,
    Verdict.MEMORY_LIMIT_EXCEEDED,
    Verdict.RULE_VIOLATION,
}


def session(problem: Problem, server: ForkServer, text: str, budget: Budget | None = None) -> WorkerSession:
    job = assign_cases(Check(problem, from_source(text), 7))
    return WorkerSession(server, job, make_confinement(problem), budget or Budget(5.0, 20.0))


def double(body: str) -> str:
    return f"def double(x, scale=2.0):\n    {body}\n"


def children(server: ForkServer) -> int:
    return len(psutil.Process(server._programs[0]._process.pid).children())


def test_a_submission_is_loaded_and_run(problem: Problem, server: ForkServer) -> None:
    with session(problem, server, "import gc\n" + double("print('said')\n    return x * scale")) as worker:
        worker.start()
        assert worker.load() is None
        worker.ask(CASES[0], seed=7)
        run = worker.run(CASES[0], seed=7)
        assert worker.is_running
    assert isinstance(run.outcome, Observation)
    assert (run.outcome.case, run.printed) == (CASES[0], "said\n")
    assert "process" in worker.facts.isolation
    assert [flag.sign for flag in worker.facts.flags] == ["gc"]
    assert not worker.is_running
    assert children(server) == 0


def test_what_is_printed_belongs_to_its_case_where_others_are_asked_for_ahead(
    problem: Problem, server: ForkServer
) -> None:
    says = "import os, sys\n    print('said', scale)\n    os.write(2, b'below')\n    return x * scale"
    with session(problem, server, double(says)) as worker:
        worker.start()
        assert worker.load() is None
        cases = [*CASES, *CASES]
        for case in cases:
            worker.ask(case, seed=7)
        printed = [worker.run(case, seed=7).printed for case in cases]
    assert printed[: len(CASES)] == printed[len(CASES) :]
    assert printed[0] == "belowsaid 2.0\n"
    assert all(text.count("said") == 1 and text.count("below") == 1 for text in printed)


def test_a_submission_that_closes_its_output_is_judged_all_the_same(
    problem: Problem, server: ForkServer
) -> None:
    with session(problem, server, double("import os\n    os.close(1)\n    return x * scale")) as worker:
        worker.start()
        assert worker.load() is None
        for case in CASES:
            worker.ask(case, seed=7)
        outcomes = [worker.run(case, seed=7) for case in CASES]
    assert isinstance(outcomes[0].outcome, Observation)
    assert [run.printed for run in outcomes] == [""] * len(CASES)


def test_a_submission_that_does_not_load_has_a_fault_and_no_process(
    problem: Problem, server: ForkServer
) -> None:
    with session(problem, server, "1 / 0\n") as worker:
        worker.start()
        fault = worker.load()
        assert fault is not None
        assert fault.verdict is Verdict.RUN_TIME_ERROR
        assert "ZeroDivisionError" in fault.message
        assert not worker.is_running
        assert worker.facts.isolation
    assert children(server) == 0


def test_a_worker_that_was_not_started_is_our_error(problem: Problem, server: ForkServer) -> None:
    with session(problem, server, SOLUTION) as worker:
        fault = worker.load()
    assert fault is not None
    assert fault.verdict is Verdict.JUDGE_ERROR


def test_a_worker_that_cannot_start_says_why(problem: Problem, server: ForkServer) -> None:
    (problem.folder / "cases.py").write_text("raise ValueError('no suite')\n")
    with session(problem, server, SOLUTION) as worker:
        worker.start()
        fault = worker.load()
    assert fault is not None
    assert fault.verdict is Verdict.JUDGE_ERROR
    assert fault.message.startswith("the worker could not start: worker: ValueError: no suite")


def test_a_worker_that_is_lost_is_replaced_for_the_next_case(problem: Problem, server: ForkServer) -> None:
    with session(problem, server, double("if scale == 2.0: import os; os._exit(3)\n    return x")) as worker:
        worker.start()
        assert worker.load() is None
        worker.ask(CASES[0], seed=7)
        lost = worker.run(CASES[0], seed=7).outcome
        assert isinstance(lost, Fault)
        assert lost.lost
        assert lost.message == "the process ended itself before it had answered (exit status 3)"
        assert not worker.is_running
        assert isinstance(worker.run(CASES[1], seed=7).outcome, Observation)
        assert worker.is_running


def test_whoever_breaks_a_worker_waits_for_the_next_one(problem: Problem, server: ForkServer) -> None:
    with session(problem, server, double("import os; os._exit(3)")) as worker:
        worker.start()
        worker.load()
        worker.run(CASES[0], seed=7)
        before = worker.budget.seconds_left
        run = worker.run(CASES[1], seed=7)
        assert before - worker.budget.seconds_left >= run.seconds * 0.9
        assert worker.budget.seconds_left < before


def test_what_has_no_time_left_is_not_run(problem: Problem, server: ForkServer) -> None:
    with session(problem, server, SOLUTION, Budget(5.0, 20.0)) as worker:
        worker.start()
        assert worker.load() is None
        worker.budget.seconds_left = 0.0
        run = worker.run(CASES[0], seed=7)
    assert isinstance(run.outcome, Fault)
    assert run.outcome.message == "not run: the submission had used up its 20 seconds in all"
    assert run.seconds == 0.0


def test_another_process_that_costs_all_that_is_left_runs_no_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fresh process imports for longer than that; no message speaks of less than no time."""
    monkeypatch.setenv("TORCH_JUDGE_START", "spawn")
    write_package(tmp_path, framework="numpy")
    problem = find_bank(tmp_path).load("double")
    text = double("import os; os._exit(3)")
    with ForkServer(Framework.NUMPY) as server, session(problem, server, text) as worker:
        worker.start()
        worker.load()
        worker.ask(CASES[0], seed=7)
        assert isinstance(worker.run(CASES[0], seed=7).outcome, Fault)
        worker.budget.seconds_left = 0.05
        run = worker.run(CASES[1], seed=7)
    assert isinstance(run.outcome, Fault)
    assert run.outcome.message == "not run: the submission had used up its 20 seconds in all"


def test_a_case_over_its_time_is_a_lost_worker(problem: Problem, server: ForkServer) -> None:
    with session(problem, server, double("while True: pass")) as worker:
        worker.start()
        assert worker.load() is None
        worker.budget = Budget(0.2, 20.0)
        worker.ask(CASES[0], seed=7)
        outcome = worker.run(CASES[0], seed=7).outcome
        assert not worker.is_running
    says = "no answer after 0.2 seconds (line 2: `while True: pass`)"
    assert outcome == Fault(Verdict.TIME_LIMIT_EXCEEDED, says, lost=True)


def test_after_two_cases_over_their_time_no_other_is_run(problem: Problem, server: ForkServer) -> None:
    with session(problem, server, double("while True: pass"), Budget(0.3, 20.0)) as worker:
        worker.start()
        worker.load()
        worker.ask(CASES[0], seed=7)
        runs = [worker.run(case, seed=7) for case in CASES]
        assert not worker.is_running
    said = [run.outcome.message for run in runs if isinstance(run.outcome, Fault)]
    assert [text.partition(" seconds")[0] for text in said[:2]] == ["no answer after 0.3"] * 2
    assert said[2:] == ["not tried: 2 cases before had run over their time"]
    assert worker.budget.seconds_left > 15


def test_a_case_that_dies_is_none_over_its_time(problem: Problem, server: ForkServer) -> None:
    with session(problem, server, double("import os; os._exit(3)")) as worker:
        worker.start()
        worker.load()
        worker.ask(CASES[0], seed=7)
        runs = [worker.run(case, seed=7) for case in CASES]
    assert len(runs) == 3
    assert {run.outcome.verdict for run in runs if isinstance(run.outcome, Fault)} == {Verdict.RUN_TIME_ERROR}


WAITS = {
    "a loop in C": ("sum(range(10**12))", " (line 2: `sum(range(10**12))`)"),
    "a sleep": ("import time; time.sleep(60)", " (line 2: `import time; time.sleep(60)`)"),
    "much is printed": ("while True: print('x' * 999)", " (line 2: `while True: print('x' * 999)`)"),
    "it disarms this": (
        "import signal; signal.signal(signal.SIGUSR1, signal.SIG_IGN)\n    while True: pass",
        "",
    ),
}


@pytest.mark.skipif(sys.platform == "win32", reason="this system has no signal to ask with")
@pytest.mark.parametrize(("body", "where"), WAITS.values(), ids=WAITS.keys())
def test_a_case_over_its_time_names_the_line_where_it_stands(
    problem: Problem, server: ForkServer, body: str, where: str
) -> None:
    with session(problem, server, double(body), Budget(0.3, 20.0)) as worker:
        worker.start()
        worker.load()
        worker.ask(CASES[0], seed=7)
        run = worker.run(CASES[0], seed=7)
    said = f"no answer after 0.3 seconds{where}"
    assert run.outcome == Fault(Verdict.TIME_LIMIT_EXCEEDED, said, lost=True)
    assert "File" not in run.printed


@pytest.mark.skipif(sys.platform == "win32", reason="this system has no signal to ask with")
def test_last_words_that_nobody_asked_for_are_the_submission_s_fault(
    problem: Problem, server: ForkServer
) -> None:
    body = "import signal; signal.raise_signal(signal.SIGUSR1); return x * scale"
    with session(problem, server, double(body)) as worker:
        worker.start()
        worker.load()
        worker.ask(CASES[0], seed=7)
        outcome = worker.run(CASES[0], seed=7).outcome
    assert isinstance(outcome, Fault) and outcome.verdict is Verdict.RUN_TIME_ERROR


ARGUMENTS = "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--rate'{})\n"


def test_a_script_sees_its_own_name_and_no_arguments(problem: Problem, server: ForkServer) -> None:
    text = ARGUMENTS.format("") + "parser.parse_args()\nimport sys\nassert sys.argv == ['submission.py']\n"
    with session(problem, server, text + SOLUTION) as worker:
        worker.start()
        assert worker.load() is None


def test_what_a_script_says_before_it_exits_is_shown(problem: Problem, server: ForkServer) -> None:
    text = "print('x' * 5000)\n" + ARGUMENTS.format(", required=True") + "parser.parse_args()\n"
    with session(problem, server, text + SOLUTION) as worker:
        worker.start()
        fault = worker.load()
    assert fault is not None and fault.verdict is Verdict.RUN_TIME_ERROR
    first, *rest = fault.message.splitlines()
    assert first == "the submission called sys.exit(2) (line 5: `parser.parse_args()`):"
    assert rest[-1] == "submission.py: error: the following arguments are required: --rate"
    assert len(fault.message) < 600


def test_a_killed_worker_is_not_asked_any_more_and_another_can_be_opened(
    problem: Problem, server: ForkServer
) -> None:
    with session(problem, server, SOLUTION) as worker:
        worker.start()
        assert worker.load() is None
        worker.kill()
        assert not worker.is_running
        with worker.open_another(Budget(5.0, 20.0)) as another:
            another.start()
            assert another.load() is None
            assert children(server) == 2
    assert children(server) == 0


def test_small_inputs_of_a_session_without_a_process_have_hung_up(
    problem: Problem, server: ForkServer
) -> None:
    with session(problem, server, SOLUTION) as worker, pytest.raises(HungUp):
        worker.try_inputs((0,), deadline=0.0, allowance=Allowance())


def test_an_example_is_run_once_its_submission_is_loaded(problem: Problem, server: ForkServer) -> None:
    def attempt(text: str, code: str = "print('then')\ndouble(2.0)") -> Tried:
        job = assign_examples(Check(problem, from_source(text), 7))
        with WorkerSession(server, job, make_confinement(problem), Budget(1.0, 4.0)) as worker:
            tried = worker.try_example(RunExample("the example", code, 7))
            assert worker.facts.isolation
        assert children(server) == 0
        return tried

    ran = attempt(f"print('first')\n{SOLUTION}")
    assert (ran.outcome, ran.printed, ran.dropped) == (ExampleRan("4.0", is_cut=False), "first\nthen\n", 0)
    assert ran.is_loaded
    assert ran.seconds > 0
    flood = attempt(SOLUTION, "print('x' * 100_000)")
    assert (len(flood.printed), flood.dropped) == (LONGEST_OUTPUT, 100_001 - LONGEST_OUTPUT)
    broken = attempt("print('first')\n1 / 0\n")
    assert isinstance(broken.outcome, Fault)
    assert (broken.printed, broken.is_loaded, broken.seconds) == ("first\n", False, 0.0)
    endless = attempt(SOLUTION, "print('then')\nwhile True: pass")
    assert isinstance(endless.outcome, Fault)
    assert endless.outcome.verdict is Verdict.TIME_LIMIT_EXCEEDED
    assert endless.outcome.message.endswith("(the example, line 2: `while True: pass`)")
    assert (endless.printed, endless.is_loaded) == ("then\n", True)


# --- what a right message may say ---


def frame(message: Observation | Failure | Refused | Loaded | Flags) -> tuple[Header, bytes]:
    return write(message)


@pytest.mark.parametrize("verdict", Verdict)
def test_a_worker_gives_only_verdicts_that_are_its_to_give(verdict: Verdict) -> None:
    failure, refused = frame(Failure("a", verdict, "why")), frame(Refused(verdict, "why", exited=False))
    if verdict in IN_THE_PROCESS:
        assert _read_outcome("a", *failure) == Fault(verdict, "why")
    else:
        with pytest.raises(WireError):
            _read_outcome("a", *failure)
    stopped = write(ExampleStopped(verdict, "why"))
    if verdict in IN_THE_PROCESS - {Verdict.WRONG_ANSWER} | {Verdict.COMPILE_ERROR}:
        assert _read_loading(*refused) == Refused(verdict, "why", exited=False)
        assert _read_example(*stopped) == Fault(verdict, "why")
    else:
        for read, answer in ((_read_loading, refused), (_read_example, stopped)):
            with pytest.raises(WireError):
                read(*answer)


def test_to_an_example_a_worker_gives_no_other_answer() -> None:
    ran = ExampleRan("3", is_cut=False)
    assert _read_example(*write(ran)) == ran
    with pytest.raises(WireError):
        _read_example(*frame(Observation("a", [], b"")))


def test_an_answer_to_another_case_is_refused() -> None:
    for message in (Observation("b", [], b""), Failure("b", Verdict.RUN_TIME_ERROR, "why")):
        assert _read_outcome("b", *frame(message)) is not None
        with pytest.raises(WireError):
            _read_outcome("a", *frame(message))


def test_flags_are_bounded_and_cleaned() -> None:
    flag = ("gc\x1b[2J", "says\n", 3, "a\u202eb", "import gc")
    (read,) = _read_flags(*frame(Flags((flag,))))
    assert (read.sign, read.says, read.line, read.file) == ("gc\\x1b[2J", "says\\n", 3, "a\\u202eb")
    assert len(_read_flags(*frame(Flags((flag,) * MOST_FLAGS)))) == MOST_FLAGS
    with pytest.raises(WireError):
        _read_flags(*frame(Flags((flag,) * (MOST_FLAGS + 1))))


STATUSES = {
    None: (Verdict.RUN_TIME_ERROR, "the submission closed the judge's channel"),
    0: (Verdict.RUN_TIME_ERROR, "the process ended itself before it had answered (exit status 0)"),
    -9: (Verdict.MEMORY_LIMIT_EXCEEDED, "the process was killed, as the system does when memory runs out"),
    -24: (Verdict.TIME_LIMIT_EXCEEDED, "the process used up its processor time"),
    -11: (Verdict.RUN_TIME_ERROR, "the process crashed: SIGSEGV"),
    -99: (Verdict.RUN_TIME_ERROR, "the process crashed: signal 99"),
}


@pytest.mark.parametrize(("status", "said"), STATUSES.items())
def test_an_exit_status_is_explained(status: int | None, said: tuple[Verdict, str]) -> None:
    assert _explain_status(status) == said
