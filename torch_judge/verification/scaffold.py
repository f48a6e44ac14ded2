"""Lay out a new problem package: files that load and run, and say in TODO sentences what is left to write.

`torch-judge verify` complains about each TODO, and once there is none, about what its other checks find.
"""

from __future__ import annotations

import ast
import json
import keyword
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from torch_judge.model.bank import BANK_VARIABLE, Bank
from torch_judge.model.errors import UsageError
from torch_judge.model.files import find_own_bank
from torch_judge.model.problem import Problem
from torch_judge.model.topic import Topic
from torch_judge.model.version import PACKAGE

from .pattern import imitate, is_name_of, read_facts
from .skeleton import FACTS, HINTS, STATEMENT, fill_in, make_skeleton

_SLUG: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_ORDER: Final = ("title", "number", "difficulty", "entry_point", "framework", "tags")
_QUESTIONS: Final[Mapping[str, str]] = {
    "title": "is this how a learner should read it?",
    "difficulty": "easy, medium or hard?",
    "tags": "what it is about besides its topic; three at most, or none",
    "forbidden": "what would do the work of the learner?",
    "forbidden_families": "what would do the work of the learner?",
    "allowed": "what may a learner use all the same? the statement says it too",
    "forbidden_rule": "is this the sentence for whoever uses what is forbidden?",
}
"""What is asked about a setting in problem.toml; of the others there is a right default."""


def lay_out(slug: str, topic: Topic, *, bank: Bank, like: str | None = None) -> Problem:
    """Write the files of a new package into a bank, after the pattern of another if one is named.

    Raises UsageError for a name that will not do; nothing is overwritten.
    """
    folder = bank.folder / topic / slug
    _refuse_name(slug, folder, bank)
    pattern = None if like is None else _find_pattern(like, bank)
    entry_point = _name_entry_point(slug, pattern)
    title = slug.replace("_", " ").capitalize()
    number = max((problem.number for problem in bank.problems()), default=0) + 1
    facts = {"title": title, "number": number, "entry_point": entry_point}
    if pattern is None:
        facts |= FACTS
        texts = make_skeleton(slug=slug, entry_point=entry_point)
    else:
        facts |= read_facts(pattern)
        texts = imitate(pattern, entry_point=entry_point)
    signature = _read_signature(texts["starter.py"], entry_point)
    texts["problem.toml"] = _write_manifest(facts)
    texts["statement.md"] = fill_in(STATEMENT, title=title, signature=signature)
    texts["hints.md"] = HINTS
    _write(folder, texts)
    return bank.load(slug)


def find_writable_bank(folder: str | None = None) -> Bank:
    """Find the bank that a new package goes to: as `find_bank` does, but it may be an empty folder.

    Raises UsageError where it is not there, or is the one that was installed with the package.
    """
    given = folder or os.environ.get(BANK_VARIABLE)
    path = Path(given).expanduser().resolve() if given else find_own_bank()
    if not path.is_dir():
        raise UsageError(f"{path}: no such bank folder; make it first")
    if path.is_relative_to(PACKAGE):  # the next installation would delete what is written there
        raise UsageError(
            f"{path}: this bank was installed with torch_judge; give a folder of your own with --bank"
        )
    return Bank(path)


def _refuse_name(slug: str, folder: Path, bank: Bank) -> None:
    if not _SLUG.fullmatch(slug):
        raise UsageError(f"{slug!r}: a problem's name is made of small letters, digits and underscores")
    if slug in bank.names():
        raise UsageError(f"{bank.load(slug).folder}: there is a problem of this name already")
    if folder.exists():
        raise UsageError(f"{folder}: is there already, and nothing is overwritten")


def _find_pattern(name: str, bank: Bank) -> Problem:
    """Find the package to imitate: in the same bank, else in the one that ships with torch_judge."""
    if name not in bank.names():
        with suppress(UsageError):
            return Bank(find_own_bank()).load(name)
    return bank.load(name)


def _name_entry_point(slug: str, pattern: Problem | None) -> str:
    """Name the entry point after the problem, in the manner of the pattern, by a name that is free there."""
    if pattern is not None and pattern.entry_point[:1].isupper():
        name = "".join(word.capitalize() for word in slug.split("_"))
        return f"{name}Module" if is_name_of(pattern, name) else name
    taken = keyword.iskeyword(slug) or (pattern is not None and is_name_of(pattern, slug))
    return f"my_{slug}" if taken else slug


def _read_signature(starter: str, entry_point: str) -> str:
    """Read what a learner has to write: the line of the function, or those of a class and its methods."""
    return "\n".join(_list_headers(ast.parse(starter).body, entry_point, ""))


def _list_headers(nodes: list[ast.stmt], name: str | None, indent: str) -> Iterator[str]:
    for node in nodes:
        match node:
            case ast.FunctionDef() if name in {None, node.name}:
                yield f"{indent}def {node.name}({ast.unparse(node.args)}):"
            case ast.ClassDef() if name in {None, node.name}:
                bases = ", ".join(map(ast.unparse, node.bases))
                yield f"{indent}class {node.name}({bases}):" if bases else f"{indent}class {node.name}:"
                yield from _list_headers(node.body, None, f"{indent}    ")


def _write_manifest(facts: Mapping[str, Any]) -> str:
    """Write problem.toml: the plain settings first, then the tables."""
    lines, tables = [], []
    for key in dict.fromkeys([*_ORDER, *facts]):
        value = facts[key]
        if isinstance(value, dict):
            tables += ["", f"[{key}]", *(f"{name} = {_write_value(it)}" for name, it in value.items())]
        else:
            question = f"  # TODO: {_QUESTIONS[key]}" if key in _QUESTIONS else ""
            lines.append(f"{key} = {_write_value(value)}{question}")
    return "\n".join([*lines, *tables, ""])


def _write_value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)  # of texts, numbers and lists of these TOML says the same


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    folder.mkdir(parents=True)
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
