"""A run over many answers: what is judged already is left, the rest is judged and written down."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from torch_judge.judging.pool import Pool
from torch_judge.model.errors import UsageError
from torch_judge.model.problem import Problem
from torch_judge.model.version import __version__

from .answers import Key
from .codes import Code
from .engine import Run, draw_run_seed, judge_codes, make_bank_version
from .records import Record, ResultsFile


@dataclass(frozen=True, slots=True)
class Shard:
    """One part of a run: I of N, counted from 1, as job arrays count."""

    number: int = 1
    count: int = 1

    def holds(self, code: Code) -> bool:
        """Tell whether an answer's code is in it; identical ones are in the same."""
        raw = hashlib.sha256(f"{code.task_id}\0{code.digest}".encode()).digest()
        return int.from_bytes(raw[:8]) % self.count == self.number - 1


def parse_shard(text: str) -> Shard:
    """Read `I/N`. Raises UsageError."""
    number, _, count = text.partition("/")
    if not (number.isascii() and number.isdigit() and count.isascii() and count.isdigit()) or not (
        1 <= int(number) <= int(count)
    ):
        raise UsageError(f"--shard {text}: expected I/N with 1 <= I <= N, such as 3/16")
    return Shard(int(number), int(count))


def find_run_seed(records: Sequence[Record], given: int | None) -> int | None:
    """Find the seed to go on with: that of the records, where none is given; None where there are none."""
    return given if given is not None or not records else records[0].run_seed


def list_done(
    file: ResultsFile, problems: Mapping[str, Problem], run: Run, records: Sequence[Record]
) -> dict[Key, Record]:
    """List by key what is judged already. Raises UsageError where another run wrote it."""
    tasks = {record.task_id for record in records}
    versions = {task: make_bank_version(problems[task]) for task in tasks if task in problems}
    for record in records:
        expected = {
            "seed": (record.run_seed, run.seed),
            "judge": (record.judge_version, __version__),
            f"version of {record.task_id}": (record.bank_version, versions.get(record.task_id, "")),
        }
        for what, (there, here) in expected.items():
            if there != here:
                says = f"there are results under another {what}: {there}; this run has {here or 'none'}"
                raise UsageError(f"{file.path}: {says}; name another file")
    return {record.key: record for record in records}


def take_up(
    file: ResultsFile, problems: Mapping[str, Problem], *, resume: bool, seed: int | None, diagnose: bool
) -> tuple[Run, dict[Key, Record]]:
    """Begin a run, or go on with the one in a file: what it judges under, and by key what is judged already.

    Raises UsageError where another run wrote what is there.
    """
    there = list(file.read()) if resume else []
    drawn = find_run_seed(there, seed)
    run = Run(seed=draw_run_seed() if drawn is None else drawn, diagnose=diagnose)
    return run, list_done(file, problems, run, there)


def judge_all(
    codes: Sequence[Code],
    problems: Mapping[str, Problem],
    *,
    run: Run,
    pool: Pool,
    file: ResultsFile,
    done: Mapping[Key, Record],
) -> Generator[Record]:
    """Judge what is not done, problem by problem; each record is in the file before it is yielded."""
    left = [code for code in codes if code.key not in done]
    for slug in sorted({code.task_id for code in left}):
        asked = [code for code in left if code.task_id == slug]
        with closing(judge_codes(problems[slug], asked, run=run, pool=pool)) as records:
            for record in records:
                file.append(record)
                yield record
