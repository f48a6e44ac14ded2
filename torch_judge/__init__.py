"""Judge machine-learning code that was written from scratch, and name the mistake in it.

Write the function that a problem asks for, in a notebook, a script or at the prompt, and check it:

    from torch_judge import check, problems

    problems()               # what there is: names, titles, topics, what to write
    check("batchnorm")       # judge my_batch_norm, show what is right and wrong, and return the report

Beside these:

    hint("batchnorm")        # the next hint, from gentle to plain
    solution("batchnorm")    # the jury solution, once you have solved the problem
    status()                 # what is solved, tried and open, and what to do next
    history("batchnorm")     # your attempts
    reset("batchnorm")       # begin again from the starter; what you have written is kept

    judge("batchnorm", source="def my_batch_norm(x, ...): ...")    # for programs: only returns the report

`help(check)` explains every parameter. The same as a command in a terminal: `torch-judge --help`.
"""

from __future__ import annotations

import importlib
import os
import sys
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .model.errors import TorchJudgeError, UsageError
    from .model.problem import Difficulty, Framework, Limits, Problem
    from .model.report import (
        CaseResult,
        Certainty,
        Counterexample,
        Diagnosis,
        ErrorMap,
        Explanation,
        Flag,
        Report,
        Verdict,
    )
    from .model.reveals import Reveals
    from .model.topic import Topic
    from .model.version import __version__ as __version__
    from .ui.document import Document as Sheet
    from .ui.notebook.check import check
    from .ui.notebook.learning import hint, history, reset, solution, status
    from .ui.notebook.scripting import judge, problems

__all__ = [
    "CaseResult",
    "Certainty",
    "Counterexample",
    "Diagnosis",
    "Difficulty",
    "ErrorMap",
    "Explanation",
    "Flag",
    "Framework",
    "Limits",
    "Problem",
    "Report",
    "Reveals",
    "Sheet",
    "Topic",
    "TorchJudgeError",
    "UsageError",
    "Verdict",
    "check",
    "hint",
    "history",
    "judge",
    "problems",
    "reset",
    "solution",
    "status",
]

_OF_A_REPORT = (
    *("CaseResult", "Certainty", "Counterexample", "Diagnosis", "ErrorMap", "Explanation"),
    *("Flag", "Report", "Verdict"),
)
_HOMES = {
    **dict.fromkeys(_OF_A_REPORT, "model.report"),
    **dict.fromkeys(("Difficulty", "Framework", "Limits", "Problem"), "model.problem"),
    **dict.fromkeys(("TorchJudgeError", "UsageError"), "model.errors"),
    **dict.fromkeys(("hint", "history", "reset", "solution", "status"), "ui.notebook.learning"),
    **dict.fromkeys(("judge", "problems"), "ui.notebook.scripting"),
    "Reveals": "model.reveals",
    "Sheet": "ui.document:Document",
    "Topic": "model.topic",
    "__version__": "model.version",
    "check": "ui.notebook.check",
}


_OWN_FILES = frozenset({"__init__.py", "__main__.py", "inspect.py", "rewards.py"})
_OWN_ROOMS = frozenset(
    (
        "authoring",
        "execution",
        "grading",
        "judging",
        "learning",
        "model",
        "problems",
        "sandbox",
        "service",
        "ui",
        "verification",
    )
)


def _find_foreign_files() -> list[str]:
    """Find modules in this folder that are not ours: another distribution has the same import package."""
    with os.scandir(__path__[0]) as entries:
        return sorted(
            entry.name
            for entry in entries
            if entry.name not in _OWN_FILES | _OWN_ROOMS
            and (entry.name.endswith(".py") or os.path.isfile(os.path.join(entry.path, "__init__.py")))  # noqa: PTH113, PTH118 - pathlib takes longer to load than this
        )


if _foreign := _find_foreign_files():
    warnings.warn(
        f"{', '.join(_foreign)} in {__path__[0]}: not of this torch_judge, so another "
        'distribution is mixed with it; uninstall both and install "torch-judge>=2.0" again',
        stacklevel=2,
    )


def __getattr__(name: str) -> Any:
    """Import a public name on first use.

    The command line and the worker do without the notebook's modules.
    """
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, inside = _HOMES[name].partition(":")
    return getattr(importlib.import_module(f".{module}", __name__), inside or name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


# In a kernel the server starts now, in the background, so that the first check finds it warm.
if "ipykernel" in sys.modules:
    from .ui.notebook.check import warm_up_in_a_notebook

    warm_up_in_a_notebook()
if "IPython" in sys.modules:
    from .ui.notebook.completion import offer_names

    offer_names()
