"""A submission as JSON: what a client sends, and what the queue keeps. Text only, nothing is unpickled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from torch_judge.model.errors import UsageError
from torch_judge.model.sanitize import one_line
from torch_judge.model.submission import MOST_MODULES, Carried, Cell, Submission, describe_excess, from_source

MOST_CELLS: Final = 2000
LONGEST_NAME: Final = 200
LONGEST_NOTE: Final = 1000
MOST_NOTES: Final = 20
NAME: Final = "submission.py"


class SentCell(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A piece of source, and what to call it in a message."""

    name: str
    source: str


class SentModule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A module that lies beside the submission."""

    source: str
    package: bool = False


class Parcel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A submission on its way: one `source`, or the `cells` of a notebook, with the modules they import."""

    source: str | None = None
    cells: tuple[SentCell, ...] = ()
    notebook: bool = False
    modules: dict[str, SentModule] = {}
    name: str = NAME
    notes: tuple[str, ...] = ()


def pack(submission: Submission) -> dict[str, Any]:
    """Name the parts of a submission as JSON has them. Raises UsageError for what is no text."""
    if submission.fault:
        raise UsageError(submission.fault)
    if submission.pickled is not None:
        raise UsageError(f"{submission.name}: a live object cannot be sent, its source can")
    return {
        "name": submission.name[:LONGEST_NAME],
        "cells": [{"name": cell.name, "source": cell.source} for cell in submission.cells],
        "notebook": submission.notebook,
        "modules": {
            name: {"source": module.source, "package": module.package}
            for name, module in submission.modules.items()
        },
        "notes": list(submission.notes[:MOST_NOTES]),
    }


def unpack(fields: Mapping[str, Any]) -> Submission:
    """Make a submission of what was sent. Raises UsageError, which says what is wrong with it."""
    try:
        parcel = msgspec.convert(fields, Parcel, strict=True)
    except msgspec.ValidationError as error:
        raise UsageError(f"this is no submission: {error}") from None
    if complaint := next(iter(_find_faults(parcel)), ""):
        raise UsageError(f"this is no submission: {complaint}")
    name = one_line(parcel.name, longest=LONGEST_NAME) or NAME
    if parcel.source is not None:
        return from_source(parcel.source, name=name)
    cells = tuple(Cell(one_line(cell.name, longest=LONGEST_NAME), cell.source) for cell in parcel.cells)
    modules = {key: Carried(module.source, module.package) for key, module in parcel.modules.items()}
    if not any(cell.source.strip() for cell in cells):
        return Submission(name, fault=f"{name} holds no code")
    if fault := describe_excess(cells, modules):
        return Submission(name, fault=f"{name} {fault}")
    notes = tuple(one_line(note, longest=LONGEST_NOTE) for note in parcel.notes)
    return Submission(name, cells, parcel.notebook, modules=modules, notes=notes)


def write_parcel(submission: Submission) -> str:
    """Write a submission as one line of JSON in ASCII, as the queue keeps it."""
    return json.dumps(pack(submission))


def read_parcel(text: str) -> Submission:
    """Read what `write_parcel` wrote."""
    return unpack(json.loads(text))


def _find_faults(parcel: Parcel) -> list[str]:
    """Find what a type cannot say."""
    faults = []
    if (parcel.source is None) == (not parcel.cells):
        faults.append("it has either a `source` or `cells`")
    if parcel.source is not None and (parcel.modules or parcel.notebook):
        faults.append("a `source` stands alone; `cells` may come with modules")
    if len(parcel.cells) > MOST_CELLS:
        faults.append(f"it has more than {MOST_CELLS} cells")
    if len(parcel.modules) > 2 * MOST_MODULES:  # the packages above them come along
        faults.append(f"it has more than {2 * MOST_MODULES} modules")
    if len(parcel.notes) > MOST_NOTES:
        faults.append(f"it has more than {MOST_NOTES} notes")
    odd = [name for name in parcel.modules if not all(part.isidentifier() for part in name.split("."))]
    if odd:
        faults.append(f"{odd[0]!r} is no module's name")
    return faults
