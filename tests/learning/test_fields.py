"""Fields that anybody may have written: one sentence names the one that is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import pytest
from msgspec import Meta

from torch_judge.learning.fields import Slug, Word, read_fields
from torch_judge.model.errors import ProgressError


@dataclass(frozen=True, slots=True)
class Shelf:
    """Something with fields."""

    name: Slug
    books: Annotated[tuple[Word, ...], Meta(max_length=2, description="a list of books")]


def test_fields_become_a_value_of_the_right_types() -> None:
    assert read_fields(Shelf, {"name": "a1", "books": ["x", "ü"]}, noun="a shelf") == Shelf("a1", ("x", "ü"))


COMPLAINTS = {
    "another form": ({"name": "A"}, "name: expected a text like [a-z][a-z0-9_]{0,63}, found 'A'"),
    "an end of line": ({"name": "a\n"}, "name: expected a text like [a-z][a-z0-9_]{0,63}, found 'a\\n'"),
    "another type": ({"books": 1}, "books: expected a list of books, found 1"),
    "one item": ({"books": ["x", 2]}, "books: expected a text of at most 4096 characters, found 2"),
    "too many": ({"books": ["x", "y", "z"]}, "books: expected a list of books, found ['x', 'y', 'z']"),
    "half a character": ({"books": ["\ud800"]}, "books: expected a list of books, found ['\\ud800']"),
    "another key": ({"colour": "red"}, "'colour' is no field of a shelf"),
    "half a character for a key": ({"\ud800": 1}, "'\\ud800' is no field of a shelf"),
    "an object with odd keys": (
        {"name": {"\ud800": 1}},
        "name: expected a text like [a-z][a-z0-9_]{0,63}, found {'\\ud800': 1}",
    ),
    "a key that steers": ({"\x1b[2J": 1}, "'\\x1b[2J' is no field of a shelf"),
}


@pytest.mark.parametrize(("change", "says"), COMPLAINTS.values(), ids=COMPLAINTS.keys())
def test_a_field_that_is_wrong_is_named_with_what_was_expected(change: dict[str, object], says: str) -> None:
    with pytest.raises(ProgressError) as caught:
        read_fields(Shelf, {"name": "a", "books": [], **change}, noun="a shelf")
    assert str(caught.value) == says


def test_a_missing_field_and_what_has_no_fields_at_all_are_named() -> None:
    with pytest.raises(ProgressError, match=r"^books: expected a list of books, found None$"):
        read_fields(Shelf, {"name": "a"}, noun="a shelf")
    for given in ([], "a", None, 7):
        with pytest.raises(ProgressError, match=r"^expected a shelf, found "):
            read_fields(Shelf, given, noun="a shelf")
