"""The answer in what a model wrote: a code block of Markdown that defines the entry point, or the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_THOUGHT: Final = re.compile(r"<(think|thinking|reasoning)>", re.IGNORECASE)
_REST_OF_A_THOUGHT: Final = re.compile(r"^.*</(?:think|thinking|reasoning)>", re.DOTALL | re.IGNORECASE)
_UNENDED_THOUGHT: Final = re.compile(r"<(?:think|thinking|reasoning)>.*", re.DOTALL | re.IGNORECASE)
_FENCE: Final = re.compile(r"^[ ]{0,3}(?P<marks>`{3,}|~{3,})[ \t]*(?P<info>(?:[^\s`][^\n`]*)?)$")
_PYTHON: Final = {"", "python", "python3", "py", "py3", "ipython", "ipython3"}


class How(StrEnum):
    """How the code was found."""

    WHOLE = "whole"
    """The text is the code."""
    FENCED = "fenced"
    UNCLOSED = "unclosed"
    """In a block that never ends: the text was cut off, or its last line forgotten."""
    BODY = "body"
    """The text goes on where the starter ends."""


@dataclass(frozen=True, slots=True)
class Extracted:
    """Code, and how it was found."""

    code: str
    how: How


@dataclass(frozen=True, slots=True)
class _Block:
    code: str
    info: str
    closed: bool


def extract(text: str, entry_point: str) -> Extracted:
    """Find the answer in a text: the last block that defines the entry point, else the last one of Python.

    Thoughts are dropped first. Nothing is parsed as Python: a text may be anything.
    """
    text = drop_thoughts(text)
    blocks = [
        block for block in _list_blocks(text) if block.info in _PYTHON or defines(block.code, entry_point)
    ]
    chosen = next((block for block in reversed(blocks) if defines(block.code, entry_point)), None)
    if chosen is None and blocks and not defines(text, entry_point):
        chosen = blocks[-1]
    if chosen is None:
        return Extracted(text, How.WHOLE)
    return Extracted(chosen.code, How.FENCED if chosen.closed else How.UNCLOSED)


def complete(starter: str, body: str, entry_point: str) -> Extracted:
    """Put a body below the starter's head, where it defines no entry point and is indented as a body is."""
    if defines(body, entry_point) or not re.match(r"(?:[ \t]*\n)*[ \t]+\S", body):
        return Extracted(body, How.WHOLE)
    head = starter.rstrip().rpartition("\n")
    if not head[2].strip().startswith(("raise NotImplementedError", "pass", "...")):
        return Extracted(body, How.WHOLE)
    return Extracted(f"{head[0]}\n{body}", How.BODY)


def drop_thoughts(text: str) -> str:
    """Drop what a model thought before it answered, also where the beginning or the end was cut off."""
    text = "".join(_leave_out_thoughts(text.replace("\r\n", "\n").replace("\r", "\n")))
    text = _REST_OF_A_THOUGHT.sub("", text)
    return _UNENDED_THOUGHT.sub("", text)


def _leave_out_thoughts(text: str) -> Iterator[str]:
    """Yield what stands between the thoughts that end."""
    here = start = 0
    endless: set[str] = set()
    while opened := _THOUGHT.search(text, start):
        name, start = opened[1].lower(), opened.end()
        if name in endless:  # looked for once: a megabyte of them would be searched again for each
            continue
        closed = re.compile(f"</{name}>", re.IGNORECASE).search(text, start)
        if closed is None:
            endless.add(name)
            continue
        yield text[here : opened.start()]
        here = start = closed.end()
    yield text[here:]


def defines(code: str, name: str) -> bool:
    """Tell whether a text defines or assigns a name at the outermost level."""
    word = re.escape(name)
    return bool(
        re.search(rf"^(?:async\s+def|def|class)\s+{word}\b|^{word}\s*(?::[^=\n]*)?=[^=]", code, re.MULTILINE)
    )


def _list_blocks(text: str) -> list[_Block]:
    """List the fenced blocks of a Markdown text; the last may never end."""
    blocks: list[_Block] = []
    lines: list[str] = []
    opened: re.Match[str] | None = None
    for line in text.split("\n"):
        fence = _FENCE.match(line)
        if opened is None:
            if fence:
                opened, lines = fence, []
        elif fence and not fence["info"].strip() and fence["marks"].startswith(opened["marks"]):
            blocks.append(_make_block(opened, lines, closed=True))
            opened = None
        else:
            lines.append(line)
    if opened is not None and any(line.strip() for line in lines):
        blocks.append(_make_block(opened, lines, closed=False))
    return blocks


def _make_block(opened: re.Match[str], lines: list[str], *, closed: bool) -> _Block:
    words = opened["info"].strip().lower().split()
    info = words[0].strip("{}.") if words else ""
    return _Block("\n".join(lines) + "\n", info, closed)
