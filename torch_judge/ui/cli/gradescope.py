"""The commands `gradescope`, which writes an autograder, and `autograde`, which is what it runs there."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from torch_judge.model.bank import find_bank
from torch_judge.model.errors import UsageError

from .completion import complete_problem
from .exits import ACCEPTED, JUDGE_ERROR, exits
from .grade_files import make_folder, write_file
from .options import bank_option, counterexample_option, points_options, require_option, required_by

VISIBILITIES = ("visible", "after_due_date", "after_published", "hidden")


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="PROBLEM...", shell_complete=complete_problem)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The zip to upload: Configure Autograder, Zip file upload.",
)
@points_options
@click.option(
    "--visibility",
    type=click.Choice(VISIBILITIES),
    default="visible",
    show_default=True,
    help="When students see what failed.",
)
@click.option(
    "--seed", type=click.IntRange(0, 2**32 - 1), help="The seed for all that is handed in.  [default: drawn]"
)
@counterexample_option
@click.option(
    "--wheel",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Install this wheel of torch-judge there, and not the release.",
)
@click.option(
    "--pip-options", default="", metavar="TEXT", help="For pip there, such as the index of PyTorch for CPUs."
)
@require_option
@bank_option
@exits
def gradescope(
    *,
    names: tuple[str, ...],
    output: Path,
    scheme: str,
    weights: tuple[str, ...],
    total: float | None,
    visibility: str,
    seed: int | None,
    counterexample: bool,
    wheel: Path | None,
    pip_options: str,
    required: str | None,
    bank: str | None,
) -> int:
    """Write an autograder for Gradescope that judges PROBLEMs there.

    The zip holds the problems with their hidden suites: give it to nobody but Gradescope. Students hand in a
    notebook or scripts, with all answers in one or each in its own.
    """
    from torch_judge.grading.classroom.autograder import Config, write_autograder
    from torch_judge.grading.classroom.points import Scheme, parse_weights
    from torch_judge.grading.engine import draw_run_seed

    found = find_bank(bank)
    problems = list({problem.slug: problem for problem in map(found.load, names)}.values())
    if wheel is not None and wheel.suffix != ".whl":
        raise UsageError(f"{wheel}: is no wheel")
    required_by(required or "")  # a word that means nothing is said here, and not at each submission
    config = Config(
        problems=tuple(problem.slug for problem in problems),
        scheme=Scheme(scheme),
        weights=parse_weights(weights),
        total=total,
        seed=draw_run_seed() if seed is None else seed,
        visibility=visibility,
        counterexample=counterexample,
    )
    most = config.points.most
    make_folder(output.parent)
    write_autograder(output, problems, config, wheel=wheel, pip_options=pip_options, required=required or "")
    worth = ", ".join(f"{slug} {points:g}" for slug, points in most.items())
    click.echo(f"{output}: {worth}; {sum(most.values()):g} points in all; seed {config.seed}")
    return ACCEPTED


@click.command(hidden=True)
@click.argument("root", type=click.Path(path_type=Path, exists=True, file_okay=False))
@exits
def autograde(*, root: Path) -> int:
    """Judge what lies in ROOT/submission as ROOT/source/autograder.json says, and write ROOT/results.

    Where the judge fails, there are no results: Gradescope then tells the course's staff.
    """
    from torch_judge.grading.answers import Key
    from torch_judge.grading.classroom.autograder import read_autograder, take_in_submission
    from torch_judge.grading.classroom.grades import grade_works
    from torch_judge.grading.classroom.judging import judge_works
    from torch_judge.grading.engine import Run
    from torch_judge.grading.records import Record
    from torch_judge.judging.pool import JudgePool
    from torch_judge.ui.gradescope import Visibility, as_gradescope

    config, problems = read_autograder(root)
    works = take_in_submission(root, problems)
    run, records = Run(seed=config.seed), dict[Key, Record]()
    with JudgePool(1) as pool:
        for problem in problems:
            own = [work for work in works if work.task_id == problem.slug]
            judged = judge_works(own, problem, run=run, pool=pool, counterexample=config.counterexample)
            with closing(judged):
                records |= {record.key: record for record in judged}
    (marks,) = grade_works(works, records, config.points)
    for grade in marks.grades:
        click.echo(f"{grade.work.task_id}: {grade.verdict} {grade.cases}".rstrip())
    if marks.score is None:
        for record in records.values():
            click.echo(record.message if record.passed is None else "")
        return JUDGE_ERROR
    known = {problem.slug: problem for problem in problems}
    results = as_gradescope(marks, known, visibility=Visibility(config.visibility))
    write_file(root / "results" / "results.json", results)
    return ACCEPTED
