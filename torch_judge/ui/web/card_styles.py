"""A card for a page whose policy allows no inline style: what each element looks like becomes data of it.

The page's script sets it, which the policy allows.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from markupsafe import Markup

from torch_judge.ui.html import html


def move_styles(card: str) -> Markup:
    """Move the styles of a card's elements into `data-style`."""
    root = ET.fromstring(card)  # noqa: S314 - our own card, which `html` has written
    for element in root.iter():
        style = element.attrib.pop("style", None)
        if style is not None:
            element.set("data-style", style)
    return Markup(html(root))  # noqa: S704 - written by `html`, which escapes
