"""What an HTML page may hold that a learner is shown."""

from __future__ import annotations

import re
from html.parser import HTMLParser


class Tags(HTMLParser):
    """The tags of a page and whether each that is opened is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.open: list[str] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag and its attributes."""
        self.seen.add(tag)
        self.open.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        """Close the tag that was opened last."""
        assert self.open.pop() == tag


def assert_static(page: str) -> None:
    """Fail unless a page holds nothing that acts or is loaded, and no colour that another page hides."""
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    assert tags.seen <= {"div", "p", "strong", "code", "pre", "table", "tr", "th", "td"}
    assert tags.attributes <= {"style", "scope"}
    assert not re.search(r"#[0-9a-f]{3,6}\b|color: *(black|white)|url\(", page)


class _Elements(HTMLParser):
    """The elements of a page, each with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.found.append((tag, dict(attrs)))


def list_elements(page: str) -> list[tuple[str, dict[str, str | None]]]:
    """List the elements of a page, each with its attributes, as a browser finds them."""
    elements = _Elements()
    elements.feed(page)
    return elements.found
