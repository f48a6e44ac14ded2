"""A checker session: what the checker says is believed, and its failure is ours or the bank's."""

from __future__ import annotations

import time

import psutil
import pytest

from tests.support.packages import find_sample
from torch_judge.execution.forkserver.channel import HungUp
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.execution.protocol.messages import (
    Decision,
    Examine,
    Examined,
    Observation,
    Rehearse,
    Suite,
    TrySpace,
)
from torch_judge.judging.checker_session import CheckerSession, open_checker
from torch_judge.judging.jobs import make_checker_job, make_confinement
from torch_judge.model.errors import JudgeError, WireError
from torch_judge.model.problem import Problem
from torch_judge.model.report import Verdict


def opened(problem: Problem, server: ForkServer) -> CheckerSession:
    return open_checker(server, make_checker_job(problem, seed=7), make_confinement(problem))


def test_the_suite_says_what_each_case_is_called_and_rejects(problem: Problem, server: ForkServer) -> None:
    with opened(problem, server) as checker:
        suite = checker.read_suite()
    assert [(case.name, case.title, case.rejects) for case in suite.cases] == [
        ("doubles_by_default", "doubles by default", ("returns_x", "adds")),
        ("uses_the_scale_it_is_given", "uses the scale it is given", ("ignores_scale",)),
        ("lets_gradients_flow", "lets gradients flow", ("cuts_the_graph",)),
    ]
    assert suite.cases[1].sentence == "The result is scale times x."
    assert not psutil.Process(server._programs[0]._process.pid).children()


def test_an_observation_is_compared(problem: Problem, server: ForkServer) -> None:
    with opened(problem, server) as checker:
        checker.read_suite()
        checker.compare(Observation("doubles_by_default", ["none"], b""), seed=7)
        decision = checker.decide("doubles_by_default")
    assert decision.verdict is Verdict.WRONG_ANSWER
    assert decision.message.startswith(
        "Without a scale, the result is twice x.\nresult: expected a dict of 1"
    )


def test_answers_under_a_seed_that_is_expected_are_made_while_there_is_nothing_to_do(
    problem: Problem, server: ForkServer
) -> None:
    says = (
        'def double(x, scale=2.0):\n    print("answered", x.sum().item(), flush=True)\n    return x * scale\n'
    )
    (problem.folder / "solution.py").write_text(says)
    printed = ""

    def read(count: int) -> list[str]:
        nonlocal printed
        deadline = time.monotonic() + 60
        while printed.count("answered") < count:
            assert time.monotonic() < deadline, printed
            time.sleep(0.01)
            printed += checker.read_printed() + "\n"
        return printed.split()

    with opened(problem, server) as checker:
        cases = len(checker.read_suite().cases)
        first = read(cases)
        checker.expect(9)
        both = read(2 * cases)
        assert both[: len(first)] == first
        assert len(set(both) - {"answered"}) == 2 * cases  # other inputs
        checker.compare(Observation("doubles_by_default", ["none"], b""), seed=9)
        assert checker.decide("doubles_by_default").verdict is Verdict.WRONG_ANSWER
        assert "answered" not in checker.read_printed()  # it was made before


def test_a_verdict_on_another_case_is_our_error(problem: Problem, server: ForkServer) -> None:
    with opened(problem, server) as checker:
        checker.read_suite()
        checker.compare(Observation("doubles_by_default", ["none"], b""), seed=7)
        with pytest.raises(JudgeError, match="no verdict on lets_gradients_flow"):
            checker.decide("lets_gradients_flow")


def test_a_message_out_of_turn_is_refused(problem: Problem, server: ForkServer) -> None:
    with opened(problem, server) as checker, pytest.raises(WireError):
        checker.receive(Decision, deadline=time.monotonic() + 60)


def test_a_broken_suite_is_an_error_that_names_the_line(problem: Problem, server: ForkServer) -> None:
    (problem.folder / "cases.py").write_text("\n1 / 0\n")
    with opened(problem, server) as checker, pytest.raises(JudgeError, match=r"cases.py:2: ZeroDivision"):
        checker.read_suite()


def test_a_checker_that_ends_has_last_words(problem: Problem, server: ForkServer) -> None:
    (problem.folder / "solution.py").write_text("import os\nos.write(2, b'the last words')\nos._exit(3)\n")
    with opened(problem, server) as checker:
        with pytest.raises(JudgeError, match="the checker ended: the last words"):
            checker.read_suite()
        checker.forget()  # whoever tells it something finds out when it listens
        with pytest.raises(HungUp):
            checker.receive(Suite, deadline=time.monotonic() + 60)


def test_a_rehearsal_is_refused_by_a_checker_that_has_no_starter(
    problem: Problem, server: ForkServer
) -> None:
    with opened(problem, server) as checker:
        checker.read_suite()
        checker.tell(TrySpace())
        checker.tell(Rehearse("doubles_by_default", 7, 1, None, b""))
        with pytest.raises(WireError):
            checker.hear(Decision)  # what it says of the space
        with pytest.raises(JudgeError, match="without a starter"):
            checker.hear(Decision)


def test_a_sample_is_examined_under_the_seed_of_the_question(problem: Problem, server: ForkServer) -> None:
    from torch_judge.judging.signatures import Gotcha

    gotcha = Gotcha(find_sample(problem, "wrong_answer/ignores_scale"))
    with opened(problem, server) as checker:
        order = tuple(case.name for case in checker.read_suite().cases)
        checker.tell(Examine(gotcha.name, gotcha.code, order, alone=True, seed=8, text=""))
        assert checker.hear(Examined) == Examined(order[1:], remembers=False)
