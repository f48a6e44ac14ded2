"""Grids of conditional faults for tests: a few lines of a jury and of a suite, tried in a checker here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.support.packages import TOML, write_package
from torch_judge.execution.checker.serve import Checker
from torch_judge.execution.protocol.messages import Broken, FaultsTried
from torch_judge.judging.jobs import make_checker_job
from torch_judge.model.bank import find_bank

HEAD = """
import copy
import numpy as np
import torch
from torch import nn
from torch_judge.authoring import case, gradients, raised
"""
NUMPY_HEAD = "import numpy as np\nfrom torch_judge.authoring import case\n"


@dataclass(frozen=True)
class Grid:
    """What became of the faults, by name."""

    tried: FaultsTried

    def mark(self, condition: str, effect: str) -> str:
        """Return what became of one fault."""
        return self.row(condition)[effect]

    def row(self, condition: str) -> dict[str, str]:
        """Return what became of each effect under a condition."""
        row = self.tried.rows[list(self.met).index(condition)]
        return dict(zip(self.effects, row, strict=True))

    @property
    def met(self) -> dict[str, int]:
        """Return in how many cases each condition is met."""
        names = [name for name, _ in self.tried.conditions]
        return dict(zip(names, self.tried.met, strict=True))

    @property
    def effects(self) -> list[str]:
        """Return the names of the effects."""
        return [name for name, _ in self.tried.effects]


def write_suite(bank: Path, jury: str, *bodies: str, head: str = HEAD, top: str = "") -> Path:
    """Write a package whose solution defines `jury`; each text is the body of a case."""
    cases = "".join(
        f'\n\n@case()\ndef case_{number}(jury, rng):\n    """A case."""\n'
        + "".join(f"    {line}\n" for line in body.strip().splitlines())
        for number, body in enumerate(bodies)
    )
    toml = TOML.format(framework="torch").replace('entry_point = "double"', 'entry_point = "jury"')
    return write_package(bank, problem=toml, solution=head + jury, cases=head + top + cases)


def try_faults(bank: Path, jury: str, *bodies: str, seeds: tuple[int, ...] = (1, 2), top: str = "") -> Grid:
    """Try the faults of a jury on a suite."""
    write_suite(bank, jury, *bodies, top=top)
    checker = Checker(make_checker_job(find_bank(bank).load("double"), seed=1))
    tried = checker.try_faults(seeds)
    assert not isinstance(tried, Broken), tried.why
    return Grid(tried)
