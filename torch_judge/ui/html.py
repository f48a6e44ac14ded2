"""HTML from parts: whatever text goes in is cleaned and escaped, and there is no way round it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final
from xml.etree import ElementTree as ET

from torch_judge.model.sanitize import sanitize

LONGEST_TEXT: Final = 1 << 16
Part = ET.Element
Content = str | Part
_BETWEEN_BACKQUOTES = re.compile(r"`([^`\n]+)`")


def part(name: str, style: str, *content: Content, **attributes: str) -> Part:
    """Make an element; texts and attributes are anyone's words, names and styles are ours.

    `_` in an attribute's name is `-`.
    """
    return make_part(name, style, content, attributes)


def make_part(
    name: str,
    style: str,
    content: Iterable[Content],
    attributes: Mapping[str, str] | None = None,
    *,
    longest: int = LONGEST_TEXT,
) -> Part:
    """Make an element as `part` does, its texts cut to `longest`."""
    element = ET.Element(name, {"style": style} if style else {})
    for key, value in (attributes or {}).items():
        element.set(key.rstrip("_").replace("_", "-"), sanitize(value, longest=LONGEST_TEXT))
    for item in content:
        _add(element, item, longest)
    return element


def mark_code(text: str, style: str, *, longest: int = LONGEST_TEXT) -> Iterator[Content]:
    """Make what stands between backquotes in a line of a text code, without them."""
    # split at a group, every second piece is the group's; a backquote that is alone stays as it is
    for number, piece in enumerate(_BETWEEN_BACKQUOTES.split(text)):
        yield make_part("code", style, [piece], longest=longest) if number % 2 else piece


def html(root: Part) -> str:
    """Write an element as HTML."""
    # XML escapes more than HTML demands, and without empty tags it is HTML too
    return ET.tostring(root, encoding="unicode", short_empty_elements=False)


def _add(element: Part, content: Content, longest: int) -> None:
    if isinstance(content, Part):
        element.append(content)
    elif len(element):
        element[-1].tail = (element[-1].tail or "") + sanitize(content, longest=longest)
    else:
        element.text = (element.text or "") + sanitize(content, longest=longest)
