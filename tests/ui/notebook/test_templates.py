"""The template notebooks: up to date, the same each time, and right when they are run from top to bottom."""

from __future__ import annotations

import json

import nbformat
import pytest

from tests.support import ROOT
from tests.support.kernels import cards, executed, shown
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Problem
from torch_judge.ui.notebook.templates import template_name, template_text

PROBLEMS = find_bank(ROOT / "problems").problems()


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.slug)
def test_every_template_is_up_to_date(problem: Problem) -> None:
    path = ROOT / "templates" / template_name(problem)
    assert path.read_text(encoding="utf-8") == template_text(problem), "run: torch-judge template"


def test_there_is_a_template_for_every_problem_and_no_other() -> None:
    assert {path.name for path in (ROOT / "templates").glob("*")} == {
        template_name(problem) for problem in PROBLEMS
    }


def code_cells(problem: Problem) -> list[str]:
    return [
        cell["source"] for cell in json.loads(template_text(problem))["cells"] if cell["cell_type"] == "code"
    ]


def as_given_and_solved(problem: Problem) -> list[str]:
    """List the cells of a session: the template from top to bottom, then again with the jury solution."""
    install, starter, debug, submit = (
        cell if isinstance(cell, str) else "".join(cell) for cell in code_cells(problem)
    )
    return ["%reset -f", install, starter, debug, submit, problem.read_solution(), debug, submit]


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[nbformat.NotebookNode]]:
    """Run every template in turn in one kernel, which is emptied between them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        sources = [as_given_and_solved(problem) for problem in PROBLEMS]
        cells = iter(
            executed(
                [source for cells in sources for source in cells], tmp_path_factory.mktemp("templates")
            ).cells
        )
    return {
        problem.slug: [next(cells) for _ in given] for problem, given in zip(PROBLEMS, sources, strict=True)
    }


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.slug)
def test_a_template_rejects_its_starter_and_accepts_the_jury_solution(
    problem: Problem, templates: dict
) -> None:
    _, install, starter, _, given, _, debug, solved = templates[problem.slug]
    assert "nothing is written yet" in shown(given)
    assert "accepted" not in shown(given) and "error" not in cards(given)[0]
    assert f"\n{problem.slug}: accepted" in shown(solved)
    assert len(cards(solved)) == len(solved.outputs) == 1 and "✓ accepted" in cards(solved)[0]
    assert shown(install) == shown(starter) == ""
    assert "Error" not in shown(debug) and shown(debug)
