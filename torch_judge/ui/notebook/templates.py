"""The template notebooks: statement, starter, a cell to try things in, one that submits, and what follows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from torch_judge.learning.workspace import compose_starter, locate_notebook
from torch_judge.model.problem import Problem
from torch_judge.model.version import REQUIREMENT

if TYPE_CHECKING:
    from nbformat import NotebookNode

REPOSITORY = "torch-judge/torch_judge"


def build_template(problem: Problem) -> NotebookNode:
    """Build a problem's notebook: statement, starter, debug cell, submit cell, and what else to call."""
    from nbformat import v4

    name = template_name(problem)
    badge = "[![Open In Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
    link = f"(https://colab.research.google.com/github/{REPOSITORY}/blob/main/templates/{name})"
    install = f'import sys\n\nif "google.colab" in sys.modules:\n    %pip install -q "{REQUIREMENT}"'
    submit = f'from torch_judge import check, hint, solution, status\n\ncheck("{problem.slug}")'
    cells = [
        v4.new_markdown_cell(badge + link),
        v4.new_code_cell(install),
        v4.new_markdown_cell(problem.read_statement().strip()),
        v4.new_code_cell(problem.read_starter().strip()),
        v4.new_markdown_cell(
            "## Try it\n\nThis cell is yours: look at what your function does before you submit it."
        ),
        # "Run all" goes on after an error in a cell of this tag: the starter raises one here
        v4.new_code_cell(problem.read_debug().strip(), metadata={"tags": ["raises-exception"]}),
        v4.new_markdown_cell("## Submit"),
        v4.new_code_cell(submit),
        v4.new_markdown_cell(_say_what_else(problem)),
    ]
    for number, cell in enumerate(cells):
        cell["id"] = f"{problem.slug.replace('_', '-')}-{number}"[-64:]
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return v4.new_notebook(cells=cells, metadata=metadata)


def _say_what_else(problem: Problem) -> str:
    """Say what else there is to call in a cell."""
    slug = problem.slug
    return (
        "Stuck, or done? In a cell of your own:\n\n"
        f'- `hint("{slug}")` gives the next hint.\n'
        f'- `solution("{slug}")` shows the jury solution, once you have solved it.\n'
        "- `status()` shows what you have solved, and what is next."
    )


def template_text(problem: Problem) -> str:
    """Return the text of a problem's notebook file, the same each time."""
    import nbformat

    notebook = build_template(problem)
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


def template_name(problem: Problem) -> str:
    """Return the file name of a problem's notebook."""
    return locate_notebook(problem, Path()).name


def compose_text(problem: Problem, path: Path) -> str:
    """Compose what a learner's new file holds: the template if it is a notebook, else the starter."""
    return template_text(problem) if path.suffix == ".ipynb" else compose_starter(problem)
