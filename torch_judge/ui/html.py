"""HTML from parts: whatever text goes in is cleaned and escaped, and there is no way round it."""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as ET

from torch_judge.model.sanitize import sanitize

LONGEST_TEXT: Final = 1 << 16
Part = ET.Element
Content = str | Part


def part(name: str, style: str, *content: Content, **attributes: str) -> Part:
    """Return an element; texts and attributes are anyone's words, names and styles are ours. `_` in an attribute's name is `-`."""
    element = ET.Element(name, {"style": style} if style else {})
    for key, value in attributes.items():
        element.set(key.rstrip("_").replace("_", "-"), _clean(value))
    for each in content:
        _add(element, each)
    return element


def html(root: Part) -> str:
    """Return an element as HTML; what is written as XML escapes more, and without empty tags it is HTML too."""
    return ET.tostring(root, encoding="unicode", short_empty_elements=False)


def _add(element: Part, content: Content) -> None:
    if isinstance(content, Part):
        element.append(content)
    elif len(element):
        element[-1].tail = (element[-1].tail or "") + _clean(content)
    else:
        element.text = (element.text or "") + _clean(content)


def _clean(text: str) -> str:
    return sanitize(text, longest=LONGEST_TEXT)
