"""`check` for notebooks, plain sessions and scripts, and the template notebooks."""

from __future__ import annotations

import atexit
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.judging.judge import judge
from torch_judge.learning.history import record
from torch_judge.model.isolation import required_layers
from torch_judge.model.problem import Framework, Problem, find_bank
from torch_judge.model.report import Report
from torch_judge.model.submission import Submission, from_object

from .display import display_of
from .session import MISSING, find_kernel, look_up

if TYPE_CHECKING:
    from nbformat import NotebookNode

REPOSITORY = "torch-judge/torch_judge"


def check(
    problem: str,
    submission: Any = MISSING,
    *,
    seed: int | None = None,
    bank: str | Path | None = None,
    require_isolation: str | None = None,
    counterexample: bool = True,
) -> Report:
    """Judge a function or class of this session, show a line per case, and return the report.

    Without `submission`, takes the problem's entry point from where `check` was called. `seed` replays an earlier check.
    `require_isolation` is a level or layers, as `torch-judge doctor` names them: nothing is run where they do not hold.
    `counterexample` looks for the smallest one after a failure, which takes up to a second.
    """
    required = None if require_isolation is None else required_layers(require_isolation)
    facts = find_bank(bank).load(problem)
    if submission is MISSING:
        submission = look_up(facts.entry_point, sys._getframe(1))
    judged = _submission(facts, submission)
    server = warm_server(facts.framework)
    with display_of(facts.slug, judged.name) as shown:
        report = judge(
            facts,
            judged,
            server=server,
            seed=seed,
            required=required,
            on_suite=shown.on_suite,
            on_case=shown.on_case,
            counterexample=counterexample,
        )
        unkept = record(facts, judged, report, value=submission)
        shown.finish(report, notes=[unkept] if unkept else [])
    return report


def _submission(problem: Problem, value: Any) -> Submission:
    name = problem.entry_point
    if value is MISSING:
        return Submission(name, fault=_not_defined(problem))
    if not callable(value):
        return Submission(
            name, fault=f"{name} is a value of type {type(value).__name__}, not something that can be called"
        )
    return from_object(value, name)


def _not_defined(problem: Problem) -> str:
    """Say that there is no submission, and where the template has the cell for it."""
    first = next(
        (line for line in problem.starter.splitlines() if line.startswith(("def ", "class "))),
        problem.entry_point,
    )
    return (
        f"{problem.entry_point} is not defined here; write it, run its cell, and check again. In the template that is the cell "
        f"right below the statement, the second one with code; it begins with {first.partition('(')[0]}"
    )


@cache
def warm_server(framework: Framework) -> ForkServer:
    """Return this session's server for a framework; it ends with the session."""
    server = ForkServer(framework)
    atexit.register(server.close)
    return server


def warm_up_in_a_notebook() -> None:
    """Start the server in the background if this is a notebook kernel, so that the first check is warm."""
    if find_kernel() is not None:
        warm_server(Framework.TORCH).warm_up()


def template(problem: Problem) -> NotebookNode:
    """Return a problem's notebook: statement, starter, debug cell, submit cell."""
    from nbformat import v4

    name = template_name(problem)
    badge = "[![Open In Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
    link = f"(https://colab.research.google.com/github/{REPOSITORY}/blob/main/templates/{name})"
    install = 'import sys\n\nif "google.colab" in sys.modules:\n    %pip install -q "torch-judge>=1.0"'
    submit = f'from torch_judge import check\n\ncheck("{problem.slug}")'
    cells = [
        v4.new_markdown_cell(badge + link),
        v4.new_code_cell(install),
        v4.new_markdown_cell(problem.statement.strip()),
        v4.new_code_cell(problem.starter.strip()),
        v4.new_markdown_cell(
            "## Try it\n\nThis cell is yours: look at what your function does before you submit it."
        ),
        v4.new_code_cell(problem.debug.strip()),
        v4.new_markdown_cell("## Submit"),
        v4.new_code_cell(submit),
    ]
    for number, cell in enumerate(cells):
        cell["id"] = f"{problem.slug.replace('_', '-')}-{number}"[-64:]
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return v4.new_notebook(cells=cells, metadata=metadata)


def template_text(problem: Problem) -> str:
    """Return the text of a problem's notebook file, the same each time."""
    import nbformat

    notebook = template(problem)
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


def template_name(problem: Problem) -> str:
    """Return the file name of a problem's notebook."""
    return f"{problem.number:02}_{problem.slug}.ipynb"
