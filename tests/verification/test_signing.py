"""Signing: every gotcha is diagnosed as itself, or verify says which is not and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.judging.test_diagnosis import IGNORES_SCALE, PATIENCE, package
from tests.support.packages import SAMPLES, TOML
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.judging.judge import judge
from torch_judge.judging.signatures import FILE
from torch_judge.model.bank import find_bank
from torch_judge.model.errors import JudgeError
from torch_judge.model.problem import Framework, Problem
from torch_judge.model.report import Verdict
from torch_judge.verification.findings import QUICK
from torch_judge.verification.signing import MOST_UNSIGNED, find_misdiagnosed, sign
from torch_judge.verification.verify import verify_package


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    with ForkServer(Framework.TORCH) as started:
        yield started


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return tmp_path / "bank"


BROKEN = {
    "a suite that does not load": ("cases.py", "1 / 0\n", "cases.py: .*ZeroDivisionError"),
    "a solution that ends the process": (
        "solution.py",
        "import os\nos._exit(1)\n",
        "cases.py: the checker ended",
    ),
}


@pytest.mark.parametrize(("name", "text", "says"), BROKEN.values(), ids=BROKEN.keys())
def test_a_package_that_cannot_be_signed_says_why(bank: Path, name: str, text: str, says: str) -> None:
    problem = package(bank)
    (problem.folder / name).write_text(text)
    with pytest.raises(JudgeError, match=says):
        sign(problem, seeds=1)
    assert not (problem.folder / FILE).exists()


def complaints(problem: Problem, server: ForkServer) -> list[str]:
    samples = [*problem.samples(Verdict.WRONG_ANSWER), *problem.samples(Verdict.ACCEPTED)]
    reports = {
        sample: [
            judge(
                problem,
                sample.read_submission(),
                server=server,
                seed=n,
                seconds_to_diagnose=PATIENCE,
                counterexample=False,
            )
            for n in range(2)
        ]
        for sample in samples
    }
    return list(find_misdiagnosed(problem, reports))


def test_verify_complains_about_a_gotcha_that_is_not_diagnosed_as_itself(
    bank: Path, server: ForkServer
) -> None:
    problem = package(bank)
    assert complaints(problem, server) == []
    problem = package(bank, adds_itself='"""Adds itself."""\n\n\n' + IGNORES_SCALE)
    sign(problem, seeds=2)
    remedy = "tell them apart by a case, or name one of them as the other's equivalent in problem.toml"
    assert [each.partition(": ")[2] for each in complaints(problem, server)] == [
        f"is not diagnosed under 2 of 2 seeds, for one 0; the same cases reject {each}: {remedy}"
        for each in ("ignores_scale", "adds_itself")
    ]
    table = (
        TOML.format(framework="torch") + '\n[equivalents]\nadds_itself = "ignores_scale"\nnobody = "adds"\n'
    )
    (problem.folder / "problem.toml").write_text(table)
    assert [each.partition(": ")[2] for each in complaints(find_bank(bank).load("double"), server)] == [
        "equivalents names nobody, which is no gotcha"
    ]


def test_verify_complains_about_signatures_that_are_stale_or_missing_where_they_are_needed(
    bank: Path, server: ForkServer
) -> None:
    problem = package(bank)
    sign(problem, seeds=2)
    (problem.folder / "submissions" / "wrong_answer" / "adds.py").write_text(
        SAMPLES["wrong_answer/adds.py"] + "\n"
    )
    found = complaints(problem, server)
    assert len(found) == 1
    assert "holds no signature of adds as it is; run torch-judge verify --write-signatures double" in found[0]
    (problem.folder / FILE).unlink()
    many = {
        f"adds_{n}": f'"""Adds {n}."""\n\n\ndef double(x, scale=2.0):\n    return x + {n}\n'
        for n in range(MOST_UNSIGNED)
    }
    assert any("signatures.json: is missing" in each for each in complaints(package(bank, **many), server))


def test_the_whole_of_verify_makes_check_10(bank: Path) -> None:
    problem = package(bank, adds_itself='"""Adds itself."""\n\n\n' + IGNORES_SCALE)
    assert any(
        "adds_itself.py: is not diagnosed" in each
        for each in verify_package(problem, effort=QUICK).complaints
    )


def test_every_gotcha_of_batchnorm_is_diagnosed_as_itself(server: ForkServer) -> None:
    problem = find_bank().load("batchnorm")
    reports = {
        sample: [
            judge(
                problem,
                sample.read_submission(),
                server=server,
                seed=1,
                seconds_to_diagnose=PATIENCE,
                counterexample=False,
            )
        ]
        for sample in problem.samples(Verdict.WRONG_ANSWER)
    }
    assert len(reports) > 100
    assert list(find_misdiagnosed(problem, reports)) == []
