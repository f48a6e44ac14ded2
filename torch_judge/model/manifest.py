"""`problem.toml`, read strictly: a complaint names file, line and key, and what is expected."""

from __future__ import annotations

import itertools
import keyword
import math
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec

from .errors import BankError
from .files import parse_toml, read_text
from .operator_families import CLOSED_MODULES, FAMILIES, is_in_closed_module
from .problem import Difficulty, Framework, Limits, Problem
from .reveals import Reveals
from .topic import Topic

FILE: Final = "problem.toml"
LARGEST_MANIFEST: Final = 8 << 10
"""A dotted key takes time that grows with the square of its length: of this much, a fifth of a second."""

# Two types and not `float` alone, which would make 5 seconds 5.0 in every message.
Positive = Annotated[int, msgspec.Meta(gt=0)] | Annotated[float, msgspec.Meta(gt=0, le=sys.float_info.max)]


class _Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    seconds_per_case: Positive = Limits().seconds_per_case
    seconds_in_all: Positive = Limits().seconds_in_all
    memory_mib: Positive = Limits().memory_mib


class _Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    number: int
    difficulty: Difficulty
    entry_point: str
    framework: Framework
    tags: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    forbidden_families: tuple[str, ...] = ()
    forbidden_rule: str = ""
    allowed: tuple[str, ...] = ()
    reveals: Reveals = Reveals.EVERYTHING
    limits: _Limits = _Limits()
    equivalents: dict[str, str] = {}


_A_NUMBER: Final = "a number above zero"
_EXPECTED: Final[Mapping[str, str]] = {
    "title": "str",
    "number": "int",
    "difficulty": f"one of {', '.join(Difficulty)}",
    "entry_point": "a Python name",
    "framework": f"one of {', '.join(Framework)}",
    "tags": "a list of strings",
    "forbidden": "a list of strings",
    "forbidden_families": "a list of strings",
    "forbidden_rule": "str",
    "allowed": "a list of strings",
    "reveals": f"one of {', '.join(Reveals)}",
    "limits": "a table",
    "limits.seconds_per_case": _A_NUMBER,
    "limits.seconds_in_all": _A_NUMBER,
    "limits.memory_mib": _A_NUMBER,
    "equivalents": "a table from gotchas to the ones they are the same as",
}


def read_problem(folder: Path, *, bank: Path, topic: Topic | None = None) -> Problem:
    """Read the facts of the package in a folder. Raises BankError."""
    text = read_text(folder / FILE, within=folder, largest=LARGEST_MANIFEST)
    facts = _read_facts(folder / FILE, text)
    families = (FAMILIES[family] for family in facts.forbidden_families)
    return Problem(
        slug=folder.name,
        folder=folder,
        bank=bank,
        topic=topic,
        title=facts.title,
        number=facts.number,
        difficulty=facts.difficulty,
        entry_point=facts.entry_point,
        framework=facts.framework,
        tags=facts.tags,
        forbidden=tuple(dict.fromkeys((*facts.forbidden, *itertools.chain.from_iterable(families)))),
        forbidden_rule=facts.forbidden_rule,
        allowed=facts.allowed,
        reveals=facts.reveals,
        limits=Limits(
            seconds_per_case=facts.limits.seconds_per_case,
            seconds_in_all=facts.limits.seconds_in_all,
            memory_mib=math.ceil(facts.limits.memory_mib),
        ),
        equivalents=facts.equivalents,
    )


def _read_facts(path: Path, text: str) -> _Manifest:
    table = parse_toml(text, path)
    try:
        facts = msgspec.convert(table, _Manifest, strict=True)
        complaint = next(_find_faults(facts), None)
    except msgspec.ValidationError as error:
        complaint = _explain(str(error), table)
    if complaint:
        line = _find_line(text, complaint.keys[-1])
        where = f"{path}:{line}" if line else str(path)
        raise BankError(f"{where}: {'.'.join(complaint.keys)} {complaint.says}")
    return facts


@dataclass(frozen=True, slots=True)
class _Complaint:
    """What is wrong with the value of a key: of the file, or of a table in it."""

    keys: tuple[str, ...]
    says: str


_FIELD: Final = re.compile(r"(missing|unknown).* field `(.*?)`(?: - at `\$\.(\w+)`)?", re.DOTALL)
_PLACE: Final = re.compile(r" - at `\$\.(\w+)(?:\.(\w+))?.*`")


def _explain(message: str, table: Mapping[str, Any]) -> _Complaint:
    """Say in our words what msgspec says; its path leads to the key and to the value that was found."""
    if field := _FIELD.search(message):
        keys = tuple(filter(None, (field[3], field[2])))
        return _Complaint(keys, "is missing" if field[1] == "missing" else f"is no key of {FILE}")
    place = _PLACE.search(message)
    if not place:
        return _Complaint((FILE,), message)
    keys, value = tuple(filter(None, place.groups())), table
    for key in keys:
        value = value[key]
    return _expected(keys, _EXPECTED[".".join(keys)], value)


def _expected(keys: tuple[str, ...], what: str, value: object) -> _Complaint:
    return _Complaint(keys, f"expected {what}, found {value!r}")


def _find_faults(facts: _Manifest) -> Iterator[_Complaint]:
    """Find what a type cannot say."""
    if not facts.entry_point.isidentifier() or keyword.iskeyword(facts.entry_point):
        yield _expected(("entry_point",), "a Python name", facts.entry_point)
    yield from _find_faults_of_rule(facts)
    # One step and no chain: the diagnosis of a gotcha is looked up once.
    doubled = facts.equivalents.keys() & set(facts.equivalents.values())
    if doubled or not all(name.isidentifier() for name in facts.equivalents.values()):
        yield _expected(("equivalents",), _EXPECTED["equivalents"], facts.equivalents)


def _find_faults_of_rule(facts: _Manifest) -> Iterator[_Complaint]:
    """Find what is forbidden or allowed and cannot be."""
    for name in facts.forbidden:
        if not _is_python_name(name):
            yield _expected(("forbidden",), "Python names", name)
        elif "." in name and not (facts.framework is Framework.TORCH and is_in_closed_module(name)):
            yield _expected(("forbidden",), f"names in {', '.join(CLOSED_MODULES)}", name)
    for family in facts.forbidden_families:
        if family not in FAMILIES:
            yield _expected(("forbidden_families",), f"names of {', '.join(FAMILIES)}", family)
    families = (FAMILIES.get(family, ()) for family in facts.forbidden_families)
    refused = {*facts.forbidden, *itertools.chain.from_iterable(families)}
    for name in facts.allowed:
        if not _is_python_name(name):
            yield _expected(("allowed",), "names as a learner writes them", name)
        elif name in refused or name.rpartition(".")[2] in refused:
            yield _Complaint(("allowed",), f"holds {name}, which is forbidden as well")


def _is_python_name(name: str) -> bool:
    """Tell whether Python could read this as a name, or as names joined by dots."""
    return all(part.isidentifier() for part in name.split("."))


def _find_line(text: str, key: str) -> int | None:
    """Find the line in which a key or a table begins; one that is dotted or escaped is not looked for."""
    begins = re.compile(rf"""\s*\[?["']?{re.escape(key)}(?!\w)""")
    return next((number for number, line in enumerate(text.splitlines(), 1) if begins.match(line)), None)
