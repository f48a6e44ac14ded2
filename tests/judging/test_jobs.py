"""Jobs: what a worker and a checker are told, and what a worker must never be told."""

from __future__ import annotations

import base64
import json
import marshal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.support.packages import TOML, write_package
from torch_judge.execution.protocol.messages import JuryJob, write
from torch_judge.judging.jobs import (
    Assignment,
    Check,
    assign_cases,
    assign_examples,
    assign_examples_of_the_jury,
    compile_file,
    compile_text,
    make_checker_job,
    make_confinement,
    make_rehearsal_job,
    prepare_for_cases,
)
from torch_judge.model.bank import find_bank
from torch_judge.model.errors import JudgeError
from torch_judge.model.isolation import Layer
from torch_judge.model.problem import Problem
from torch_judge.model.submission import Submission, from_path, from_source


def said(assignment: Assignment) -> str:
    """Write all that a worker is told, but for a body."""
    return "".join(json.dumps(write(each)[0]) for each in (assignment.preparation, assignment.job))


def test_a_worker_is_told_nothing_of_the_jury_solution(problem: Problem) -> None:
    (problem.folder / "solution.py").write_text("def double(x, scale=2.0):\n    return jury_secret\n")
    check = Check(problem, from_source("x = 1"), 7)
    worker, checker = assign_cases(check), make_checker_job(problem, seed=7)
    assert b"jury_secret" in base64.b64decode(checker.solution)
    assert b"jury_secret" not in base64.b64decode(worker.preparation.cases)
    assert checker.solution not in said(worker)


def test_a_worker_that_runs_examples_is_told_of_no_case_and_one_with_the_jury_holds_no_text(
    problem: Problem,
) -> None:
    (problem.folder / "cases.py").write_text("secret = 'of the cases' (")  # nobody compiles it
    solution = "def double(x, scale=2.0):\n    return x * scale  # jury_secret\n"
    (problem.folder / "solution.py").write_text(solution)
    check = Check(problem, from_source("x = 1"), 7)
    example, jury = assign_examples(check), assign_examples_of_the_jury(problem, seed=7)
    assert (example.preparation.cases, jury.preparation.cases) == ("", "")
    assert example.job.submission.cells == (("submission.py", "x = 1"),)
    assert isinstance(jury.job, JuryJob)
    assert jury.job.submission.cells == ()
    assert jury.job.solution == make_checker_job(problem, seed=7, suite="").solution
    assert jury.job.solution not in said(example)
    for assignment in (example, jury):
        assert "secret" not in said(assignment)
        assert str(problem.folder) not in said(assignment)
        assert assignment.preparation.forbidden == problem.forbidden
    code = marshal.loads(base64.b64decode(jury.job.solution))
    assert code.co_filename == "solution.py"


def test_a_submission_travels_whole(problem: Problem, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("import beside\n")
    (tmp_path / "beside.py").write_text("y = 2\n")
    parts = assign_cases(Check(problem, from_path(tmp_path / "mine.py"), 7)).job.submission
    assert parts.cells == (("mine.py", "import beside\n"),)
    assert parts.modules == {"beside": ("y = 2\n", False)}
    assignment = assign_cases(Check(problem, Submission("f", pickled=b"\x80"), 7))
    assert assignment.job.body == b"\x80"


@pytest.mark.parametrize(("framework", "forbidden"), [("torch", "operators"), ("numpy", "packages")])
def test_what_is_forbidden_is_an_operator_or_a_package(
    tmp_path: Path, framework: str, forbidden: str
) -> None:
    toml = TOML.format(framework=framework).replace(
        '["native_batch_norm", "batch_norm", "native_layer_norm"]', '["torch"]'
    )
    write_package(tmp_path, framework=framework, problem=toml)
    problem = find_bank(tmp_path).load("double")
    confinement, told = make_confinement(problem), prepare_for_cases(problem)
    assert {"operators": confinement.operators, "packages": confinement.packages}[forbidden] == ("torch",)
    assert confinement.operators + confinement.packages == ("torch",)
    assert (told.forbidden, told.packages) == (confinement.operators, confinement.packages)


def test_both_children_are_shut_in_as_the_problem_says(problem: Problem) -> None:
    confinement = make_confinement(problem, required=frozenset({Layer.FILES, Layer.CALLS}))
    assert (confinement.bank, confinement.seconds) == (str(problem.bank), 4)
    assert confinement.required == ("calls", "files")
    assert make_confinement(problem, seconds=60.0).seconds == 60.0


def test_a_file_that_is_no_python_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(JudgeError, match=rf"^{tmp_path}/cases.py:2: invalid syntax$"):
        compile_file("x = 1\ndef\n", tmp_path, "cases.py")
    with pytest.raises(JudgeError, match=r"cases.py:0: source code string cannot contain null bytes"):
        compile_file("\0", tmp_path, "cases.py")


def test_a_text_is_compiled_as_if_it_stood_alone() -> None:
    """The future statements of this module must not leak into the bank's files."""
    code = marshal.loads(
        base64.b64decode(compile_text("def f(x: int): pass\nkind = f.__annotations__['x']", "a.py"))
    )
    scope: dict[str, object] = {}
    exec(code, scope)
    assert scope["kind"] is int
    assert code.co_filename == "a.py"


def test_a_rehearsal_is_told_the_starter_besides(problem: Problem) -> None:
    job, rehearsal = make_checker_job(problem, seed=7), make_rehearsal_job(problem, seed=7)
    assert (rehearsal.cases, rehearsal.solution) == (job.cases, job.solution)
    assert rehearsal.starter == compile_text(problem.read_starter(), "starter.py")


def test_the_name_of_a_submission_is_cleaned(problem: Problem) -> None:
    check = Check(problem, Submission("my\nfile\x1b[2J" + "x" * 10_000), 7)
    assert check.name.startswith("my\\nfile\\x1b[2Jxxx")
    assert len(check.name) < 5000


def test_a_text_is_compiled_alike_however_this_process_was_started() -> None:
    """Docstrings are the sentences of cases; a warning, even as an error, is not for who judges."""
    text = 'def double():\n    """Say \\d."""\n    assert True\n    return 1 is 1\n'
    body = f"from torch_judge.judging.jobs import compile_text; print(compile_text({text!r}, 'cases.py'))"

    def compile_below(*options: str) -> str:
        command = [sys.executable, *options, "-c", body]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        return done.stdout

    assert compile_below("-OO") == compile_below("-W", "error") == compile_below()
