"""A class is judged under one seed; what is identical once, and nothing of what is done."""

from __future__ import annotations

from pathlib import Path

from tests.support.classes import IGNORES_SCALE, notebook, write_files, write_two_problems
from tests.support.packages import SOLUTION
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.grading.classroom.classwork import Work, list_works
from torch_judge.grading.classroom.intake import take_in
from torch_judge.grading.classroom.judging import ClassRun
from torch_judge.grading.engine import Run
from torch_judge.grading.records import Record, open_results
from torch_judge.judging.judge import judge
from torch_judge.judging.pool import JudgePool
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Framework
from torch_judge.model.submission import from_path

TRIPLE = SOLUTION.replace("double", "triple")
FILES = {
    "ada/hw.ipynb": notebook("%matplotlib inline\nimport helper", f"{SOLUTION}\nTWO = helper.two", TRIPLE),
    "ada/helper.py": "two = 2\n",
    "alan/hw.ipynb": notebook(IGNORES_SCALE),
    "bob/hw.ipynb": notebook(IGNORES_SCALE),
    "eve/hw.ipynb": "{",
}


def test_a_record_says_what_run_says_of_the_file_under_the_seed_of_the_class(tmp_path: Path) -> None:
    problems = find_bank(write_two_problems(tmp_path / "bank")).problems()
    folder = write_files(tmp_path / "class", FILES)
    works = list_works(take_in([str(folder)]).handins, problems)
    path = tmp_path / "r.jsonl"
    with open_results(path, resume=False) as file, JudgePool(1) as pool:
        records = list(ClassRun(Run(seed=7), pool, file, {}).judge(works, problems))
    found = {(record.task_id, record.sample_id): record for record in records}
    assert set(found) == {("double", "ada"), ("triple", "ada"), ("double", "alan"), ("double", "bob")}
    assert {record.seed for record in records} == {7}
    with ForkServer(Framework.TORCH) as server:
        for (slug, student), record in found.items():
            problem = next(each for each in problems if each.slug == slug)
            report = judge(problem, from_path(folder / student / "hw.ipynb"), server=server, seed=7)
            assert record.report
            assert record.report.cases[0].title == report.cases[0].title
            assert record.cases == {case.name: case.verdict.value for case in report.cases}
            assert record.report.counterexample == report.counterexample
    assert found["double", "ada"].passed
    assert found["double", "alan"].diagnosis == ("ignores_scale",)
    # alan and bob handed in the same: it was judged once, and the records differ in nothing but the name
    alan, bob = found["double", "alan"], found["double", "bob"]
    assert alan.report == bob.report
    again = check_that_all_is_read_again(path, works)
    with open_results(path, resume=True) as file, JudgePool(1) as pool:
        assert not list(ClassRun(Run(seed=7), pool, file, again).judge(works, problems))


def check_that_all_is_read_again(path: Path, works: list[Work]) -> dict[tuple[str, str, str], Record]:
    with open_results(path, resume=True) as file:
        there = {record.key: record for record in file.read()}
    assert {work.key for work in works if work.submission} == set(there)
    assert all(record.report and record.report.problem == record.task_id for record in there.values())
    return there
