"""Templates, and the words that they are filled with: what a person has written stays text."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

from torch_judge.learning.standing import State
from torch_judge.model.naming import spell
from torch_judge.model.sanitize import one_line, sanitize
from torch_judge.model.submission import LARGEST_SOURCE
from torch_judge.model.version import PACKAGE

from .statics import locate_static

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER: Final = PACKAGE / "ui" / "web" / "templates"
MARKS: Final = {State.SOLVED: "✓", State.TRIED: "-", State.OPEN: ""}
"""Signs that tell the states apart without a colour."""


@cache
def find_templates() -> Environment:
    """Find the templates; what they show is escaped unless it is HTML of ours."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # late: the server answers before

    from .prose import render_markdown

    templates = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= {**_FILTERS, "markdown": render_markdown}
    templates.globals |= {"static": locate_static, "marks": MARKS}
    return templates


def render(template: str, **values: Any) -> str:
    """Fill a template."""
    return find_templates().get_template(template).render(**values)


def render_part(template: str, **values: Any) -> Markup:
    """Fill a template that is a part of a page."""
    return Markup(render(template, **values))  # noqa: S704 - the template has escaped what it was given


def _clean_code(text: str) -> str:
    """Clean code for reading: what hides or reorders characters is shown as an escape."""
    return sanitize(text, longest=LARGEST_SOURCE)


def _count(number: int, noun: str) -> str:
    """Write a number with its noun."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


_FILTERS: dict[str, Callable[..., Any]] = {
    "clean": sanitize,
    "line": one_line,
    "code": _clean_code,
    "spell": spell,
    "count": _count,
}
