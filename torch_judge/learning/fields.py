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


def read_fields(kind: type[T], given: Mapping[str, Any], *, noun: str) -> T:
    """Make a value of a dataclass from its fields; `noun` names such a value.

    ProgressError names the field that is wrong and what was expected, which its type's `Meta` describes.
    """
    try:
        value = msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        place = _PLACE.search(str(error))
        if place is None:  # the whole is no object
            raise ProgressError(f"expected {noun}, found {_quote(given)}") from None
        key, index, missing = place.groups()
        raise _complain(kind, given, key or missing, None if index is None else int(index)) from None
    # msgspec passes over both of these: keys that a dataclass does not have, and halves of a character
    if odd := given.keys() - kind.__annotations__.keys():
        raise ProgressError(f"{_quote(min(odd))} is no field of {noun}")
    for key in given:
        if not _is_encodable(given[key]):
            raise _complain(kind, given, key)
    return value


def _complain(
    kind: type[object], given: Mapping[str, Any], key: str, index: int | None = None
) -> ProgressError:
    """Word what is wrong with a field, or with one item of it."""
    hint, value = get_type_hints(kind, include_extras=True)[key], given.get(key)
    if index is not None and value is not None:
        hint, value = get_args(get_args(hint)[0])[0], value[index]
    return ProgressError(f"{key}: expected {hint.__metadata__[0].description}, found {_quote(value)}")


def _quote(value: object) -> str:
    return one_line(repr(value), longest=LONGEST_QUOTE)


def _is_encodable(value: object) -> bool:
    """Tell whether a file can hold a value's texts."""
    if isinstance(value, list | tuple):
        return all(map(_is_encodable, value))
    if not isinstance(value, str):
        return True
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
