"""`judge` and `problems`: for programs, which show what they like themselves."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from torch_judge.model.bank import find_bank
from torch_judge.model.isolation import required_layers
from torch_judge.model.problem import Problem
from torch_judge.model.report import Report
from torch_judge.model.submission import from_path

from .answer import judge_what_arrives, make_submission
from .check import standing_judge, warm_server
from .display import NoDisplay
from .session import load_problem


def judge(
    problem: str | Problem,
    source: Any,
    *,
    seed: int | None = None,
    counterexample: bool = True,
    bank: str | Path | None = None,
    require_isolation: str | None = None,
) -> Report:
    """Judge an answer and return the report: nothing is shown, and nothing is kept in your history.

        from pathlib import Path
        from torch_judge import judge, problems

        report = judge("batchnorm", source=Path("answer.py").read_text(), seed=7)
        print(report.verdict, report.n_passed, [case.title for case in report.failed])

    problem            The problem's name, or one of those that `problems()` lists.
    source             The text of a program that defines the entry point; a `Path` of a .py or .ipynb file,
                       which brings the modules beside it; or a function or class.
    seed               Draws the inputs; the same seed draws the same ones. Left out, each call draws others.
    counterexample     After a failure, look for the smallest input that shows it, for up to a second.
    bank               A folder of problems, in the place of those that come with torch_judge.
    require_isolation  Judge nothing unless this much keeps the answer apart from the rest of the machine:
                       a level or layers, as `torch-judge doctor` names them.

    Whatever the answer does, a report comes back. Raises TypeError for what can be no answer, and UsageError,
    with a sentence, for a problem or a file that there is not.
    """
    required = None if require_isolation is None else required_layers(require_isolation)
    facts = load_problem(problem, bank=bank)
    judged = from_path(source) if isinstance(source, Path) else make_submission(facts, source)
    judge_here = partial(
        standing_judge().judge,
        facts,
        server=warm_server(facts.framework),
        seed=seed,
        required=required,
        counterexample=counterexample,
    )
    with NoDisplay() as shown:
        _, report = judge_what_arrives(judge_here, judged, source)
        shown.finish(report)
    return report


def problems(*, bank: str | Path | None = None) -> tuple[Problem, ...]:
    """List the problems, each with its facts, in the order of their numbers.

        from torch_judge import problems

        [problem.slug for problem in problems() if problem.difficulty == "easy"]

    A problem has `slug`, `number`, `title`, `topic`, `difficulty`, `entry_point`, `framework`, `tags`,
    `forbidden` and `limits`; `read_statement()` and `read_starter()` read what the learner is given.
    `bank` is a folder of problems, in the place of those that come with torch_judge.
    """
    return find_bank(bank).problems()
