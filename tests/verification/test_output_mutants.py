"""Output mutants: a suite rejects every one, whatever an answer is made of; a careless suite is found out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.packages import CASES, write_package
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.judging.batch import BatchJudge
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Framework
from torch_judge.model.report import Report, Verdict
from torch_judge.verification.output_mutants import Corruption, describe_inapplicable, make_output_mutants


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    with ForkServer(Framework.TORCH) as server:
        yield server


def judged(bank: Path, server: ForkServer, parts: tuple[str, ...], **files: str) -> dict[str, Report]:
    write_package(bank, **files)
    problem = find_bank(bank).load("double")
    with BatchJudge(problem, server) as bench:
        return {
            each.name: bench.reports(each.submission(problem.read_solution(), problem.entry_point), [1])[0]
            for each in make_output_mutants(parts)
        }


def test_every_corruption_of_a_tensor_is_rejected_by_a_suite_that_compares_it(
    tmp_path: Path, server: ForkServer
) -> None:
    reports = judged(tmp_path, server, ("numbers",))
    assert set(reports) == {each.value for each in Corruption}
    assert all(
        report.cases and report.verdict in {Verdict.WRONG_ANSWER, Verdict.RUN_TIME_ERROR}
        for report in reports.values()
    )
    said = {
        name: next(each.message for each in report.cases if not each.passed)
        for name, report in reports.items()
    }
    assert (
        "nan" in said["one NaN"]
        and "dtype" in said["another dtype"]
        and "shape" in said["another shape"]
        and "None" in said["None"]
    )


def test_the_input_itself_is_no_bent_answer_where_an_argument_is_filled_and_returned() -> None:
    names = {each.corruption for each in make_output_mutants(("argument",))}
    assert names == set(Corruption) - {Corruption.INPUT}


TUPLE = """\
import torch


def double(x, scale=2.0):
    return {"doubled": x * scale, "rest": (x + 1, 2.5, x.argmax())}
"""
TUPLE_CASES = '''\
from torch_judge.authoring.suite import case
import torch


@case(rejects=["returns_x"])
def compares_all_parts(double, rng):
    """All."""
    return double(torch.tensor([1.5, 2.5]))
'''


def test_each_part_of_an_answer_is_corrupted_for_itself(tmp_path: Path, server: ForkServer) -> None:
    parts = ("numbers", "numbers", "number", "integers")
    reports = judged(tmp_path, server, parts, solution=TUPLE, cases=TUPLE_CASES)
    assert len(reports) == 7 + 7 + 6 + 5
    assert "a small relative error as part 2 of 4" in reports and "one NaN as part 4 of 4" not in reports
    assert [name for name, report in reports.items() if report.passed] == []


def test_a_suite_that_looks_at_one_part_only_is_found_out(tmp_path: Path, server: ForkServer) -> None:
    careless = TUPLE_CASES.replace(
        "double(torch.tensor([1.5, 2.5]))", 'double(torch.tensor([1.5, 2.5]))["doubled"]'
    )
    reports = judged(tmp_path, server, ("numbers", "numbers"), solution=TUPLE, cases=careless)
    assert {name for name, report in reports.items() if report.passed} == {
        f"{each.value} as part 2 of 2" for each in Corruption
    }


MODULE = """\
from torch import nn


class double(nn.Module):
    def __init__(self, scale=2.0):
        super().__init__()
        self.scale = scale

    def forward(self, x):
        return x * self.scale
"""
FACTORY = (
    f"{MODULE.replace('class double', 'class Double')}\n\ndef double(scale=2.0):\n    return Double(scale)\n"
)
MODULE_CASES = CASES.replace("double(draw(rng))", "double()(draw(rng))").replace(
    "double(draw(rng), scale=3.7)", "double(3.7)(draw(rng))"
)
MODULE_CASES = MODULE_CASES.replace("double(x, scale=1.3)", "double(1.3)(x)")


@pytest.mark.parametrize(
    ("solution", "part"),
    [(MODULE, "numbers"), (FACTORY, "module")],
    ids=["a class", "a function that makes a module"],
)
def test_what_a_module_computes_is_corrupted(
    tmp_path: Path, server: ForkServer, solution: str, part: str
) -> None:
    reports = judged(tmp_path, server, (part,), solution=solution, cases=MODULE_CASES, starter=solution)
    assert {name for name, report in reports.items() if not report.passed and report.cases} == {
        each.value for each in Corruption
    }


def test_what_does_not_apply_is_said() -> None:
    assert list(describe_inapplicable(("numbers", "module"))) == []
    assert list(describe_inapplicable(("numbers", "nothing"))) == [
        "bent answers: part 2 of 2 is nothing, which leaves out "
        + ", ".join(each.value for each in Corruption)
    ]
    says = "bent answers: none, for no case saw the entry point return anything"
    assert list(describe_inapplicable(())) == [says]
