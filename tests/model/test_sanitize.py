"""Plain text: nothing that a submission says moves, hides or reorders what is shown."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from torch_judge.model.sanitize import LONGEST_MESSAGE, TextBudget, sanitize

UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
BIDI = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x061C, 0x200E, 0x200F}
ZERO_WIDTH = {
    0x00AD,
    0x034F,
    0x115F,
    0x1160,
    0x180B,
    0x180E,
    0x200B,
    0x200C,
    0x200D,
    0x2060,
    0x3164,
    0xFE0F,
    0xFEFF,
    0xFFA0,
}


def harmful(text: str) -> list[str]:
    """Return the characters of a text that could steer a terminal or hide something."""
    return [
        hex(ord(character))
        for character in text
        if character not in "\n\t"
        and (
            unicodedata.category(character) in UNSAFE
            or ord(character) in BIDI
            or ord(character) in ZERO_WIDTH
        )
    ]


@pytest.mark.parametrize("page", range(0, 0x10000, 0x1000), ids=hex)
def test_no_character_that_moves_hides_or_reorders_text_survives(page: int) -> None:
    everything = "".join(map(chr, range(page, page + 0x1000)))
    assert harmful(sanitize(everything, longest=len(everything))) == []


@pytest.mark.parametrize(
    "character",
    ["\x1b", "\x9b", "\u202e", "\u200b", "\ud800", "\U000e0041", "\U000e0100", "\r", "\x00", "\u2028"],
)
def test_what_is_unsafe_is_shown_as_an_escape(character: str) -> None:
    shown = sanitize(f"a{character}b")
    assert shown.startswith("a\\")
    assert shown.endswith("b")
    assert shown.isascii()
    assert shown.isprintable()


@pytest.mark.parametrize(
    "text", ["", "plain words", "two\nlines\tand a tab", "größer als ½, 中文, ✓ ✗, \U0001f600", "back\\slash"]
)
def test_what_is_safe_stays_as_it_is(text: str) -> None:
    assert sanitize(text) == text


@given(st.text(st.characters(exclude_categories=())))
def test_plain_text_stays_plain_and_can_be_written_anywhere(text: str) -> None:
    shown = sanitize(text)
    assert harmful(shown) == []
    shown.encode("utf-8")
    assert sanitize(shown, longest=len(shown)) == shown


@given(st.integers(0, 5000), st.sampled_from(["a", "\x1b", "\U000e0041"]))
def test_the_length_is_bounded_and_says_what_was_cut(length: int, character: str) -> None:
    shown = sanitize(character * length)
    assert len(shown) <= 10 * LONGEST_MESSAGE + 50
    assert shown.endswith(f"[... {length - LONGEST_MESSAGE} more characters]") == (length > LONGEST_MESSAGE)


def test_what_fits_is_taken_whole() -> None:
    room = TextBudget(100)
    assert [room.take("a" * 40), room.take("b" * 40)] == ["a" * 40, "b" * 40]


def test_what_does_not_fit_is_cut_and_says_so() -> None:
    room = TextBudget(100)
    assert room.take("a" * 1000).endswith("a[... 951 more characters]")


@given(st.lists(st.text(max_size=3) | st.text(max_size=300), max_size=30), st.integers(0, 500))
def test_all_that_is_taken_stays_within_the_room(texts: list[str], size: int) -> None:
    room, longest_remark = TextBudget(size), len("[... 300 more characters]")
    taken = [room.take(text) for text in texts]
    assert sum(len(json.dumps(part)) for part in taken) <= size + len(texts) * (2 + longest_remark)
    assert all(text.startswith(part.partition("[... ")[0]) for text, part in zip(texts, taken, strict=True))


def test_a_room_that_is_used_up_takes_no_time_over_a_long_text() -> None:
    room = TextBudget(4)
    assert [room.take(text).partition("[")[0] for text in ("", "", "", "x" * 100_000, "y" * 100_000)] == [
        ""
    ] * 5
