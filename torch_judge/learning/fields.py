"""Read strictly what anybody may have written: a row of a damaged file, a line of somebody's archive."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar, get_args, get_type_hints

import msgspec
from msgspec import Meta

from torch_judge.model.errors import ProgressError
from torch_judge.model.sanitize import one_line

LONGEST_WORD = 4096
LONGEST_QUOTE = 80
_SLUG = "[a-z][a-z0-9_]{0,63}"

Word = Annotated[
    str, Meta(max_length=LONGEST_WORD, description=f"a text of at most {LONGEST_WORD} characters")
]
Slug = Annotated[str, Meta(pattern=rf"^{_SLUG}\Z", description=f"a text like {_SLUG}")]

T = TypeVar("T")
_PLACE = re.compile(r"`\$\.(\w+)(?:\[(\d+)\])?`$|missing required field `(\w+)`$")


def read_fields(kind: type[T], given: object, *, noun: str) -> T:
    """Make a value of a dataclass from its fields; `noun` names such a value.

    ProgressError names the field that is wrong and what was expected, which its type's `Meta` describes.
    """
    if not isinstance(given, dict):
        raise ProgressError(f"expected {noun}, found {_quote(given)}")
    # msgspec lets an odd key of a dataclass pass, and half a character, unless it breaks at it
    if odd := given.keys() - kind.__annotations__.keys():
        raise ProgressError(f"{_quote(min(odd))} is no field of {noun}")
    for key, value in given.items():
        if not _is_encodable(value):
            raise _complain(kind, given, key)
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        place = _PLACE.search(str(error))
        if place is None:  # a sentence of msgspec's that we do not know
            raise ProgressError(f"expected {noun}: {one_line(str(error))}") from None
        key, index, missing = place.groups()
        raise _complain(kind, given, key or missing, None if index is None else int(index)) from None


def _complain(
    kind: type[object], given: Mapping[str, Any], key: str, index: int | None = None
) -> ProgressError:
    """Word what is wrong with a field, or with one item of it."""
    hint, value = get_type_hints(kind, include_extras=True)[key], given.get(key)
    if index is not None and value is not None:
        hint, value = get_args(get_args(hint)[0])[0], value[index]
    return ProgressError(f"{key}: expected {hint.__metadata__[0].description}, found {_quote(value)}")


def _quote(value: object) -> str:
    try:
        return one_line(repr(value), longest=LONGEST_QUOTE)
    except RecursionError:  # JSON may be nested deeper than what is left for repr
        return f"a {type(value).__name__}"


def _is_encodable(value: object) -> bool:
    """Tell whether a file can hold a value's text, or its texts; what is nested deeper is no field anyway."""
    try:
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str):
                text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
