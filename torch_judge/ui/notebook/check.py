"""`check` for notebooks, plain sessions and scripts."""

from __future__ import annotations

import atexit
import sys
from functools import cache, partial
from pathlib import Path
from typing import Any

from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.judging.standing import StandingJudge
from torch_judge.judging.starter import recognise_starter
from torch_judge.learning.attempt import read_code
from torch_judge.learning.history import record
from torch_judge.model.isolation import required_layers
from torch_judge.model.problem import Framework
from torch_judge.model.report import Report
from torch_judge.service import find_server
from torch_judge.ui.learning_pages import Place, list_solved

from .answer import find_answer, judge_what_arrives
from .display import NoDisplay, choose_display
from .session import MISSING, find_kernel, load_problem


def check(
    problem: str,
    submission: Any = MISSING,
    *,
    seed: int | None = None,
    quiet: bool = False,
    counterexample: bool = True,
    bank: str | Path | None = None,
    require_isolation: str | None = None,
    server: str | None = None,
    allow_http: bool = False,
) -> Report:
    """Judge your answer to a problem, show what is right and wrong in it, and return the report.

    Write the function that the problem asks for, then check it:

        from torch_judge import check

        def my_batch_norm(x, ...): ...

        report = check("batchnorm")
        report.passed, report.n_passed, report.failed

    problem            The problem's name, such as "batchnorm"; `problems()` lists them all.
    submission         What to judge: a function or class, or the text of a program that defines it.
                       Left out, it is what the problem's entry point stands for where you call `check`.
    seed               Draw the inputs of an earlier check again: the one that showed this seed.
    quiet              Show nothing; the report says it all.
    counterexample     After a failure, look for the smallest input that shows it, for up to a second.
    bank               A folder of problems, in the place of those that come with torch_judge.
    require_isolation  Judge nothing unless this much keeps your code apart from the rest of the machine:
                       a level or layers, as `torch-judge doctor` names them.
    server             The address of a judge elsewhere, which judges in the place of this machine and keeps
                       your history; $TORCH_JUDGE_SERVER says the same. Your token is in $TORCH_JUDGE_TOKEN.
    allow_http         Send the token over plain HTTP beyond this machine too, where others can read it.

    The attempt is kept in your history. Raises TypeError for what can be no submission, and UsageError, with
    a sentence, for a problem that there is not.
    """
    if (address := find_server(server)) is not None:
        from .elsewhere import check_elsewhere, open_remote  # late: TLS takes a while to load

        remote = open_remote(address, allow_http=allow_http, bank=bank, require_isolation=require_isolation)
        return check_elsewhere(remote, problem, submission, caller=sys._getframe(1), seed=seed, quiet=quiet)
    required = None if require_isolation is None else required_layers(require_isolation)
    facts = load_problem(problem, bank=bank)
    submission, judged = find_answer(facts, submission, caller=sys._getframe(1))
    warm = warm_server(facts.framework)
    with NoDisplay() if quiet else choose_display(facts.slug, judged.name) as shown:
        judge_here = partial(
            standing_judge().judge,
            facts,
            server=warm,
            seed=seed,
            required=required,
            on_suite=shown.on_suite,
            on_case=shown.on_case,
            counterexample=counterexample,
        )
        judged, report = judge_what_arrives(judge_here, judged, submission)
        report = recognise_starter(facts, [read_code(judged, submission)], report)
        unkept = record(facts, judged, report, value=submission)
        solved = list_solved(facts, report, place=Place.NOTEBOOK)
        shown.finish(report, notes=[*([unkept] if unkept else []), *solved])
    return report


@cache
def warm_server(framework: Framework) -> ForkServer:
    """Return this session's server for a framework; it ends with the session."""
    server = ForkServer(framework)
    atexit.register(server.close)
    return server


@cache
def standing_judge() -> StandingJudge:
    """Return this session's judge; what it keeps ready ends with the session."""
    return StandingJudge()


def warm_up_in_a_notebook() -> None:
    """Start the server in the background if this is a notebook kernel, so that the first check is warm."""
    if find_kernel() is not None:
        warm_server(Framework.TORCH).warm_up()
