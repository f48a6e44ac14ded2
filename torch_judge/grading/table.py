"""A run's records as a table in Parquet, for what reads columns; the lines of JSON stay the truth."""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from torch_judge.model.errors import UsageError

from .records import Record

SUFFIX: Final = ".parquet"


def find_table(output: Path) -> tuple[Path, Path | None]:
    """Find the file of lines for an output, and the table if it is one. Raises UsageError without pyarrow."""
    if output.suffix != SUFFIX:
        return output, None
    _import_pyarrow(output)
    return output.with_suffix(".jsonl"), output


def write_table(records: Sequence[Record], path: Path) -> None:
    """Write a row for each record; the cases are a list of names and verdicts. It is there whole, or not."""
    arrow = _import_pyarrow(path)
    rows = [
        {**asdict(record), "cases": [{"name": n, "verdict": v} for n, v in record.cases.items()]}
        for record in records
    ]
    table = arrow.Table.from_pylist(rows, schema=_make_schema(arrow))
    part = path.with_name(f"{path.name}.part")
    try:
        importlib.import_module("pyarrow.parquet").write_table(table, part)
        os.replace(part, path)  # noqa: PTH105 - as the rest of this line says, in one step
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror or error}") from None


def _make_schema(arrow: Any) -> Any:
    texts = arrow.list_(arrow.string())
    case = arrow.struct([("name", arrow.string()), ("verdict", arrow.string())])
    kinds = {
        "passed": arrow.bool_(),
        "score": arrow.float64(),
        "seconds": arrow.float64(),
        "cases": arrow.list_(case),
        "seed": arrow.int64(),
        "run_seed": arrow.uint64(),
        **dict.fromkeys(("diagnosis", "flags", "isolation", "isolation_missing"), texts),
    }
    names = Record.__dataclass_fields__
    return arrow.schema([(name, kinds.get(name, arrow.string())) for name in names])


def _import_pyarrow(path: Path) -> Any:
    try:
        return importlib.import_module("pyarrow")
    except ImportError:
        said = 'pyarrow is not installed; pip install "torch-judge[parquet]>=2.0" brings it'
        raise UsageError(f"{path}: {said}; or name a .jsonl") from None
