"""The API's document held against what it answers: each answer is described, and is as it is described."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import jsonschema

from torch_judge.service.api import DOCUMENT

OPENAPI: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))


def validate(fields: object, schema: dict[str, Any]) -> None:
    """Hold a value against a schema of the document."""
    whole = {**schema, "components": OPENAPI["components"]}
    jsonschema.validate(fields, whole, cls=jsonschema.Draft202012Validator)


def find_operation(method: str, path: str) -> dict[str, Any]:
    """Find what the document says of a request; a path without braces goes before one with."""
    for template in sorted(OPENAPI["paths"], key=lambda path: path.count("{")):
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
            operation: dict[str, Any] = OPENAPI["paths"][template][method.lower()]
            return operation
    raise AssertionError(f"{method} {path} is not in the document")


def check_answer(answer: httpx.Response) -> None:
    """Hold an answer against the document: its status, its type and its body."""
    request = answer.request
    described = find_operation(request.method, request.url.path)["responses"]
    assert str(answer.status_code) in described, (request.method, request.url.path, answer.status_code)
    content = described[str(answer.status_code)]["content"]
    kind = answer.headers["content-type"].partition(";")[0]
    assert kind in content, (kind, content)
    if kind == "application/json":
        validate(answer.json(), content[kind]["schema"])
    if kind == "text/event-stream":
        for event in read_events(answer.text):
            validate(event["data"], content[kind]["x-events"][event["event"]])


def read_events(text: str) -> list[dict[str, Any]]:
    """Read a stream of events: the fields of each, and its data as JSON."""
    blocks = [block for block in text.split("\n\n") if block.strip() and not block.startswith(":")]
    events = [dict(line.split(": ", 1) for line in block.splitlines()) for block in blocks]
    return [{**event, "data": json.loads(event["data"])} for event in events]
