"""`check` by a judge elsewhere: what is defined here is sent as text, and the card is the same."""

from __future__ import annotations

from pathlib import Path
from types import FrameType
from typing import Any

from torch_judge.learning.history import find_folder
from torch_judge.model.errors import UsageError
from torch_judge.model.problem import Problem
from torch_judge.model.report import Report
from torch_judge.service.client import Remote, connect

from .answer import find_answer, make_source
from .display import NoDisplay, choose_display


def check_elsewhere(
    remote: Remote, problem: Any, value: Any, *, caller: FrameType, seed: int | None, quiet: bool
) -> Report:
    """Have an answer judged elsewhere, show what is right and wrong in it, and return the report."""
    facts = remote.find_problem(problem.slug if isinstance(problem, Problem) else str(problem))
    found, judged = find_answer(facts, value, caller=caller)
    source = make_source(judged, found)
    with NoDisplay() if quiet else choose_display(facts.slug, source.name) as shown:
        report = remote.judge(facts.slug, source, seed=seed, on_suite=shown.on_suite, on_case=shown.on_case)
        shown.finish(report)
    return report


def open_remote(
    address: str, *, allow_http: bool, bank: str | Path | None, require_isolation: str | None
) -> Remote:
    """Make a client of a judge elsewhere; raise UsageError for what that one decides by itself."""
    for name, given in (("bank", bank), ("require_isolation", require_isolation)):
        if given is not None:
            raise UsageError(f"{name} is the server's own: it cannot be chosen where `server` judges")
    return connect(address, folder=find_folder(), allow_http=allow_http)
