"""HTML from parts: there is no way round its cleaning and escaping."""

from __future__ import annotations

from torch_judge.ui.html import LONGEST_TEXT, html, make_part, mark_code, part

EVIL = "</p><script>alert('1')</script> & \x1b[2J\u202e"


def test_text_and_attributes_are_escaped_and_cleaned_wherever_they_stand() -> None:
    page = html(part("p", "", EVIL, part("b", "", EVIL), EVIL, title=f'" onclick="x" {EVIL}'))
    assert "<script" not in page and "\x1b" not in page and "\u202e" not in page and '" onclick' not in page
    assert page.count("&lt;script&gt;") == 4


def test_names_of_attributes_are_written_with_hyphens_and_empty_elements_are_closed() -> None:
    assert html(part("p", "", class_="a", aria_label="b")) == '<p class="a" aria-label="b"></p>'
    assert html(part("p", "margin:0", "x", part("br", ""), "y")) == '<p style="margin:0">x<br></br>y</p>'


def test_a_text_is_cut_where_it_is_longer_than_it_may_be() -> None:
    assert html(part("p", "", "x" * (LONGEST_TEXT + 3))).endswith("x[... 3 more characters]</p>")
    assert html(make_part("p", "", ["xxxx"], longest=2)) == "<p>xx[... 2 more characters]</p>"


def test_code_is_marked_between_backquotes_of_one_line_and_nowhere_else() -> None:
    for text, marked in {
        "`a` b `c`": '<p><code style="s">a</code> b <code style="s">c</code></p>',
        "a ` b": "<p>a ` b</p>",
        "``": "<p>``</p>",
        "`a\nb`": "<p>`a\nb`</p>",
        "`<b>`": '<p><code style="s">&lt;b&gt;</code></p>',
    }.items():
        assert html(part("p", "", *mark_code(text, "s"))) == marked
