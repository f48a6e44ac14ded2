"""The command `grade`: what a class handed in, as its system leaves it, judged under one seed and graded."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from torch_judge.model.bank import Bank, find_bank
from torch_judge.model.errors import UsageError
from torch_judge.model.naming import enumerate_names

from .completion import complete_problem
from .exits import ACCEPTED, JUDGE_ERROR, exits
from .gathering import gather_records
from .grade_files import GradeFormat, Outputs, make_folder, read_template
from .options import bank_option, counterexample_option, jobs_option, points_options
from .output import caution, display

if TYPE_CHECKING:
    from torch_judge.grading.answers import Key
    from torch_judge.grading.classroom.classwork import Handin, Work
    from torch_judge.grading.records import Record
    from torch_judge.model.problem import Problem

RESULTS = "results.jsonl"
LAYOUTS = ("gradescope", "moodle", "nbgrader", "canvas", "otter", "plain")


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder for grades.csv, summary.html, feedback/ and results.jsonl.",
)
@click.option(
    "--problems",
    "names",
    multiple=True,
    metavar="PROBLEM,...",
    shell_complete=complete_problem,
    help="What is graded, in this order.  [default: what is found by entry point]",
)
@click.option("--layout", type=click.Choice(LAYOUTS), help="How the files lie.  [default: by their signs]")
@click.option(
    "--pattern",
    metavar="REGEXP",
    help="Find (?P<student>...) in each path; also name, email, assignment, attempt, timestamp, late, file.",
)
@click.option("--due", metavar="TIME", help="Mark what was handed in later as late: 2026-11-20T23:59.")
@points_options
@click.option(
    "--format",
    "forms",
    multiple=True,
    type=click.Choice([form.value for form in GradeFormat]),
    help="Write this too; canvas and moodle fill your own export, whose .csv is one of the PATHs.",
)
@click.option(
    "--column", default="", metavar="NAME", help="The column of the .csv to fill, if several may be meant."
)
@click.option(
    "--collect",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write one .py for each student and problem into this folder, for a plagiarism tool.",
)
@click.option("--resume", is_flag=True, help="Go on with the results that are there.")
@jobs_option
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="The seed of the class.  [default: drawn]")
@click.option("--diagnose/--no-diagnose", default=True, help="Name mistakes (on by default).")
@counterexample_option
@bank_option
@exits
def grade(
    *,
    paths: tuple[str, ...],
    output: Path,
    names: tuple[str, ...],
    layout: str | None,
    pattern: str | None,
    due: str | None,
    scheme: str,
    weights: tuple[str, ...],
    total: float | None,
    forms: tuple[str, ...],
    column: str,
    collect: Path | None,
    resume: bool,
    jobs: int | None,
    seed: int | None,
    diagnose: bool,
    counterexample: bool,
    bank: str | None,
) -> int:
    """Grade a class.

    A PATH is a folder or a zip as nbgrader, Otter, Gradescope, Moodle or Canvas leave it, a folder with
    STUDENT/FILE or STUDENT.py, or a single file. A notebook may answer several problems, which are found by
    their entry points. The latest attempt counts. What cannot be read is reported and stops nothing.

    Exit status: 0 graded, 2 wrong usage, 3 the judge failed at an answer.
    """
    from torch_judge.grading.classroom.classwork import list_works
    from torch_judge.grading.classroom.grades import grade_works
    from torch_judge.grading.classroom.intake import take_in
    from torch_judge.grading.classroom.points import Scheme, make_points, parse_weights
    from torch_judge.grading.layouts.pattern import compile_pattern
    from torch_judge.grading.layouts.recognition import Layout

    sources = [path for path in paths if not path.lower().endswith(".csv")]
    template = read_template([path for path in paths if path not in sources], forms, column)
    shares, chosen = parse_weights(weights), [name for text in names for name in text.split(",") if name]
    _keep_apart(sources, [output, *([collect] if collect else [])])
    intake = take_in(
        sources,
        layout=Layout(layout) if layout else None,
        pattern=compile_pattern(pattern) if pattern else None,
        due=_parse_due(due),
    )
    problems = _choose_problems(find_bank(bank), chosen, intake.handins)
    points = make_points(
        [problem.slug for problem in problems], scheme=Scheme(scheme), weights=shares, total=total
    )
    works = list_works(intake.handins, problems)
    make_folder(output)
    asked = _Asked(output / RESULTS, resume, jobs or os.cpu_count() or 1, seed, diagnose, counterexample)
    records, drawn = _judge(works, problems, asked)
    outputs = Outputs(output, problems, grade_works(works, records, points), intake, seed=drawn)
    outputs.write(scheme)
    for form in dict.fromkeys(forms):
        outputs.write_format(GradeFormat(form), template, due=due or "", scaled=total is None)
    if collect is not None:
        outputs.collect(works, collect)
    outputs.write_page()
    display(outputs.as_text())
    for sentence in outputs.remarks:
        caution(f"torch-judge: {sentence}")
    return JUDGE_ERROR if outputs.summary.judge_errors else ACCEPTED


@dataclass(frozen=True, slots=True)
class _Asked:
    """How a class is to be judged."""

    results: Path
    resume: bool
    jobs: int
    seed: int | None
    diagnose: bool
    counterexample: bool


def _judge(
    works: Sequence[Work], problems: Sequence[Problem], asked: _Asked
) -> tuple[dict[Key, Record], int]:
    """Judge a class, and return all records and the seed; an interruption says how to go on."""
    from torch_judge.grading.classroom.judging import ClassRun
    from torch_judge.grading.records import open_results
    from torch_judge.grading.run import take_up
    from torch_judge.judging.pool import JudgePool

    known = {problem.slug: problem for problem in problems}
    asked_for = {work.key for work in works if work.submission}
    with open_results(asked.results, resume=asked.resume) as file, JudgePool(asked.jobs) as pool:
        run, done = take_up(file, known, resume=asked.resume, seed=asked.seed, diagnose=asked.diagnose)
        judged = ClassRun(run, pool, file, done, asked.counterexample).judge(works, problems)
        before = [record for key, record in done.items() if key in asked_for]
        records = gather_records(judged, before, total=len(asked_for), output=asked.results)
    return records, run.seed


def _choose_problems(bank: Bank, names: Sequence[str], handins: Sequence[Handin]) -> list[Problem]:
    """Choose what is graded: what is asked for, or what is found; and say what that is."""
    from torch_judge.grading.classroom.classwork import choose_problems, count_answers

    size = len({handin.student.key for handin in handins})
    if names:
        problems = list({problem.slug: problem for problem in map(bank.load, names)}.values())
        _refuse_alike(problems)
        counts = count_answers(handins, problems)
    else:
        every = bank.problems()
        counts = count_answers(handins, every)
        problems, rare = choose_problems(counts, handins, every)
        if not problems:
            raise UsageError("no file defines what a problem asks for; --problems says what is to be graded")
        for problem in rare:
            said = f"{problem.slug}, which only {counts[problem.slug]} of {size} students have"
            caution(f"torch-judge: not graded: {said}; --problems asks for it")
    shares = (f"{problem.slug} ({counts.get(problem.slug, 0)} of {size} students)" for problem in problems)
    caution(f"torch-judge: graded: {enumerate_names(shares)}")
    return problems


def _refuse_alike(problems: Sequence[Problem]) -> None:
    counts = Counter(problem.entry_point for problem in problems)
    for entry_point, count in counts.items():
        if count > 1:
            alike = enumerate_names(each.slug for each in problems if each.entry_point == entry_point)
            raise UsageError(f"{alike} all ask for {entry_point}: grade one of them at a time")


def _parse_due(text: str | None) -> datetime | None:
    from torch_judge.grading.layouts.times import parse_time

    found = parse_time(text) if text else None
    if text and found is None:
        raise UsageError(f"--due {text}: is no time; write such as 2026-11-20T23:59, with +01:00 behind it")
    return found


def _keep_apart(sources: Iterable[str], outputs: Iterable[Path]) -> None:
    """Refuse to write into a folder that is read: the next run would take it for what was handed in."""
    for source in sources:
        for output in outputs:
            if Path(source).is_dir() and output.resolve().is_relative_to(Path(source).resolve()):
                raise UsageError(f"{output}: lies inside {source}, which is read; choose another folder")
