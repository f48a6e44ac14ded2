"""Documents: text as wide as it may be, HTML that does nothing, whoever wrote the words."""

from __future__ import annotations

from tests.support.pages import assert_static
from torch_judge.ui.document import LONGEST, Code, Document, Grid, Heading, Paragraph, Tone
from torch_judge.ui.html import LONGEST_TEXT

EVIL = "</pre><script>alert(1)</script><img src=x onerror=alert(1)> & \x1b[2J \u202e"


def test_a_document_is_static_and_escapes_whoever_wrote_it() -> None:
    document = Document((Heading(EVIL), Paragraph(f"`{EVIL}` {EVIL}"), Code(EVIL), Grid((EVIL,), ((EVIL,),))))
    assert_static(document._repr_html_())
    assert "\x1b" not in document._repr_html_() and "\u202e" not in document._repr_html_()
    assert "\x1b" not in repr(document) and "\u202e" not in repr(document)


def test_a_document_as_text_is_as_wide_as_it_may_be_and_keeps_code_as_it_is() -> None:
    document = Document(
        (
            Heading("h"),
            Paragraph("word " * 100),
            Code("x" * 300),
            Grid(("a", "b"), (("longer", "1"), ("s", "2"))),
        )
    )
    lines = document.as_text(width=40, heading=str.upper).splitlines()
    assert lines[0] == "H"
    assert max(len(line) for line in lines if "x" not in line) <= 40
    assert "x" * 300 in lines
    assert lines[-3:] == ["a       b", "longer  1", "s       2"]
    assert document.code == "x" * 300 and Document(()).code == ""


def test_what_stands_between_backquotes_in_a_line_is_code() -> None:
    page = Document((Paragraph("`hint(1)` and `a < b`, 5` and\n3`."),))._repr_html_()
    assert page.count("<code") == page.count("</code>") == 2
    assert ">hint(1)</code> and <code" in page and ">a &lt; b</code>, 5` and\n3`.</p>" in page
    cell = Document((Grid(("`a`",), (("`b`",),)),))._repr_html_()
    assert ">`a`</th>" in cell and ">b</code></td>" in cell


def test_code_of_any_length_that_is_kept_is_shown_whole() -> None:
    code = "x" * (LONGEST_TEXT + 1000)
    assert code in Document((Code(code),))._repr_html_() and code in repr(Document((Code(code),)))
    assert "[... 7 more characters]" in Document((Code("x" * (LONGEST + 7)),))._repr_html_()


def test_notices_come_last_and_code_alone_leaves_the_rest_out() -> None:
    document = Document((Heading("h"), Code("x = 1"))).with_notices(["a.", "b."])
    assert repr(document) == "h\n\nx = 1\n\ntorch_judge: a.\n\ntorch_judge: b."
    assert repr(document.code_alone()) == "x = 1"


TONED = Grid(
    ("", "name", "title"),
    (("", "topic", ""), ("x", "one", "a long title of many words"), ("", "two", "short")),
    (Tone.TOPIC, Tone.DONE, Tone.PLAIN),
    yields=2,
)


def test_a_table_that_is_too_wide_cuts_the_column_that_yields_and_no_other() -> None:
    assert Document((TONED,)).as_text(width=30).splitlines() == [
        "   name   title",
        "   topic",
        "x  one    a long title of m...",
        "   two    short",
    ]
    assert "x  one    a long title of many words" in Document((TONED,)).as_text(width=36)
    assert "x  one    a long ti..." in Document((TONED,)).as_text(width=1)


def test_rows_are_painted_by_their_tone_and_the_headings_are_not() -> None:
    painted = Document((TONED,)).as_text(paint=lambda tone, line: f"{tone.value}|{line}")
    assert [line.partition("|")[0] for line in painted.splitlines()[1:]] == ["topic", "done", "plain"]
    assert "|" not in painted.splitlines()[0]
    rows = Document((TONED,))._repr_html_().split("<tr")[2:]
    assert ["rgba(46, 160, 67" in row for row in rows] == [False, True, False]
    assert ["font-weight: 600" in row for row in rows] == [True, False, False]
