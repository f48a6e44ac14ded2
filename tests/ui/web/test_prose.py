"""Markdown of a bank: tables, code and lists are set, and nothing that acts comes through."""

from __future__ import annotations

import pytest

from tests.support import ROOT
from torch_judge.model.bank import find_bank
from torch_judge.ui.web.prose import render_markdown


def test_tables_have_headings_and_a_box_that_scrolls() -> None:
    html = render_markdown("| a | b |\n|---|--:|\n| 1 | `2` |\n")
    assert '<div class="table" tabindex="0"><table>' in html and "</table>\n</div>" in html
    assert '<th scope="col">a</th>' in html
    assert '<td class="right"><code>2</code></td>' in html
    assert "style" not in html


def test_code_is_code_whatever_it_holds() -> None:
    html = render_markdown("```python\nx < y & z\n```\n\n    y = <b>\n")
    assert '<pre tabindex="0"><code class="language-python">x &lt; y &amp; z' in html
    assert "y = &lt;b&gt;" in html


def test_headings_go_below_those_of_the_page_and_the_title_may_be_left_out() -> None:
    text = "# Title\n\nFirst.\n\n## Part\n\n###### Deep\n"
    html = render_markdown(text, below=1, skip_title=True)
    assert "Title" not in html
    assert "<h3>Part</h3>" in html and "<h6>Deep</h6>" in html
    assert "<h1>Title</h1>" in render_markdown(text)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "a <img src=x onerror=alert(1)> b",
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>)",
        "![x](http://evil.example/x.png)",
        "<http://evil.example/<script>>",
        "| <script> |\n|---|\n| <img src=x> |",
        "```<script>\n</code></pre><script>\n```",
    ],
)
def test_nothing_that_acts_or_loads_comes_through(text: str) -> None:
    html = render_markdown(text)
    assert "<script" not in html and "<img" not in html
    assert 'href="javascript' not in html and 'href="data' not in html


@pytest.mark.parametrize("name", find_bank(ROOT / "problems").names())
def test_every_statement_and_hint_of_the_bank_is_set_whole(name: str) -> None:
    problem = find_bank(ROOT / "problems").load(name)
    html = render_markdown(problem.read_statement(), below=1, skip_title=True)
    assert len(html) > 500
    assert "<h1" not in html and "|---" not in html and "```" not in html and "$" not in html
    assert all("<p>" in render_markdown(hint.text) for hint in problem.read_hints())
