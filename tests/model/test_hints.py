"""Hints: what separates them, what they say they fit, and what is wrong in such a line."""

from __future__ import annotations

import pytest

from torch_judge.model.errors import BankError
from torch_judge.model.hints import WrittenHint, parse_hints


def test_a_hint_may_say_what_it_fits_in_its_first_line() -> None:
    text = (
        "\nGentle: fits: nothing.\n---\n\n Fits : one,  other_2\nPlain.\n\nMore.\n--- \nLast.\nfits: inside"
    )
    assert parse_hints(text, "hints.md") == (
        WrittenHint("Gentle: fits: nothing.", (), 2),
        WrittenHint("Plain.\n\nMore.", ("one", "other_2"), 5),
        WrittenHint("Last.\nfits: inside", (), 10),
    )


def test_a_text_without_hints_has_none() -> None:
    assert parse_hints("\n---\n \n---\n", "hints.md") == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("fits: two words\nText.", "hints.md:3: expected names of gotchas or cases with commas between"),
        ("fits:\nText.", "found ''"),
        ("fits: a,\nText.", "found ''"),
        ("fits: a, b, a\nText.", "hints.md:3: a is named twice"),
        ("fits: a\n\n", "hints.md:3: no hint follows this line; write one, or take the line away"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_with_its_number(text: str, says: str) -> None:
    with pytest.raises(BankError, match=says):
        parse_hints(f"First.\n---\n{text}\n---\nLast.\n", "hints.md")
