"""Templates: what they are given is escaped, and what they are not given is an error."""

from __future__ import annotations

import pytest
from jinja2 import TemplateError, UndefinedError

from torch_judge.ui.web.rendering import FOLDER, find_templates, render, render_part

HOSTILE = "<script>alert('x')</script> \x1b[31m \u202e"


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_no_template_has_an_inline_script_or_style_or_trusts_what_it_is_given(path: object) -> None:
    text = path.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    find_templates().get_template(path.name)  # type: ignore[attr-defined]
    assert "<style" not in text and " style=" not in text and "javascript:" not in text
    assert "| safe" not in text and "|safe" not in text and "autoescape" not in text
    assert " onclick=" not in text and " onload=" not in text
    assert "http://" not in text and "https://" not in text


def test_what_is_given_is_escaped_and_cleaned() -> None:
    page = render("message.html", title=HOSTILE, sentence=HOSTILE)
    assert "&lt;script&gt;" in page and "<script>" not in page
    assert "\x1b" not in page and "\u202e" not in page
    assert "<p>&lt;script&gt;" in page


def test_what_is_not_given_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render("message.html", title="Not shown")
    with pytest.raises(TemplateError):
        render("nothing.html")


def test_a_part_may_stand_in_a_page_and_a_text_may_not() -> None:
    part = render_part("diff.html", old=HOSTILE, new="b", lines=None)
    assert part.__html__() == str(part)
    assert "&lt;script&gt;" in part and "too long to compare" in part


def test_numbers_have_their_nouns() -> None:
    count = find_templates().filters["count"]
    assert [count(number, "hint") for number in (0, 1, 2)] == ["0 hints", "1 hint", "2 hints"]
