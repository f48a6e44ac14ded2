"""What `evaluate` and `grade` do while many answers are judged: gather records, and show how far it is."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable
from contextlib import closing, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch_judge.grading.answers import Key
    from torch_judge.grading.records import Record


def gather_records(
    judged: Generator[Record], done: Iterable[Record], *, total: int, output: Path
) -> dict[Key, Record]:
    """Add records as they come to those that are done, with a bar at a terminal.

    An interruption says how to go on.
    """
    from torch_judge.ui.evaluation import ProgressBar

    records = {record.key: record for record in done}
    bar = ProgressBar(total, records.values()) if sys.stderr.isatty() else nullcontext()
    try:
        with bar as shown, closing(judged):
            for record in judged:
                records[record.key] = record
                if shown is not None:
                    shown.advance(record)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            f"{len(records)} of {total} answers are in {output}; go on with the same command and --resume"
        ) from None
    return records
