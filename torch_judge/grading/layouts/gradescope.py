"""Gradescope's export: `submission_metadata.yml`, and a folder for what a student or a group submitted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from torch_judge.model.errors import UsageError

from .files import Export, File, UnreadableError
from .submitted import Arranged, Student, Submitted
from .times import parse_time

METADATA: Final = "submission_metadata.yml"


def recognise_gradescope(export: Export) -> bool:
    """Tell whether there is Gradescope's file on the submissions."""
    return any(file.name == METADATA for file in export.files)


def arrange_gradescope(export: Export) -> Arranged:
    """Take each folder that the file names, with its submitters. Raises UsageError if it cannot be read."""
    metadata = next((file for file in export.files if file.name == METADATA), None)
    if metadata is None:
        raise UsageError(f"{export.name}: there is no {METADATA}, as Gradescope writes it")
    place = metadata.path.removesuffix(METADATA)
    folders: dict[str, list[tuple[str, File]]] = {}
    for file in export.files:
        top, _, rest = file.path.removeprefix(place).partition("/")
        if file.path.startswith(place) and rest:
            files = folders.setdefault(top, [])
            if file.may_hold_code:
                files.append((rest, file))
    facts = _read_metadata(metadata, export.name)
    submitted = [
        _read_submission(folder, fields, folders.get(folder, []))
        for folder, fields in facts.items()
        if isinstance(fields, Mapping)
    ]
    unnamed = [(folder, f"{METADATA} does not name it") for folder in folders if folder not in facts]
    return Arranged(submitted, unnamed)


def _read_submission(folder: str, fields: Mapping[Any, Any], files: list[tuple[str, File]]) -> Submitted:
    people = fields.get(":submitters")
    found = [_read_student(person) for person in people or () if isinstance(person, Mapping)]
    students = tuple(student for student in found if student.key) or (Student(folder),)
    history = fields.get(":history")
    return Submitted(
        students,
        tuple(files),
        attempt=1 + len(history) if isinstance(history, list) else None,
        timestamp=_read_time(fields.get(":created_at")),
    )


def _read_student(person: Mapping[Any, Any]) -> Student:
    number, name, email = (_read_text(person.get(key)) for key in (":sid", ":name", ":email"))
    return Student(number or email or name, name, email)


def _read_text(value: object) -> str:
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _read_time(value: object) -> datetime | None:
    if isinstance(value, Mapping):  # a time in a zone, as Rails writes it out
        value = value.get("utc") or value.get("time")
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)  # YAML's times are UTC
    return parse_time(value) if isinstance(value, str) else None


def _read_metadata(file: File, name: str) -> dict[str, Any]:
    """Read the file; its tags name Ruby's classes, and only the plain values below them are taken."""
    import yaml

    loader: Any = type("Loader", (getattr(yaml, "CSafeLoader", yaml.SafeLoader),), {})
    loader.add_multi_constructor("!", _construct)
    try:
        found = yaml.load(file.read(), loader)  # noqa: S506 - it is a SafeLoader
    except (yaml.YAMLError, UnreadableError, UnicodeDecodeError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:120]
        raise UsageError(f"{name}: {METADATA} cannot be read: {reason}") from None
    if not isinstance(found, dict):
        raise UsageError(f"{name}: {METADATA} holds no submissions")
    return {str(key): value for key, value in found.items()}


def _construct(loader: Any, _tag: str, node: Any) -> Any:
    match node.id:
        case "mapping":
            return loader.construct_mapping(node, deep=True)
        case "sequence":
            return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)
