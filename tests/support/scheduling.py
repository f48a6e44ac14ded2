"""Which tests may run at the same time under `pytest -n 2`, and in which order they are handed out."""

from __future__ import annotations

import re
from typing import Final

from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

MACHINE: Final = "what looks at the whole machine"
"""The attacks listen on fixed ports and look for files by name; others measure the free disk."""
BANK: Final = "tests/contracts/test_bank.py"
_ON_THE_MACHINE: Final = ("tests/attacks/", "tests/sandbox/")


def unit_of(test: str) -> str:
    """Name the unit that a test belongs to; the tests of one unit run in one process, one after the other.

    A module is one, since its tests share servers. The bank's is divided by topic, as the longest of all.
    """
    file, _, name = test.partition("::")
    if file.startswith(_ON_THE_MACHINE):
        return MACHINE
    topic = re.search(r"\[(\w+)-\w+\]$", name)
    return f"{file}[{topic[1]}]" if file == BANK and topic else file


def rank_of(unit: str) -> int:
    """Tell how early a unit has to start, so that no process is left alone with a long one in the end."""
    if unit == MACHINE:
        return 0
    return 1 if unit.startswith(BANK) else 2


class RoomScheduling(LoadScopeScheduling):
    """Hands out units, the longest first; of the others, those with the most tests first."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        self.workqueue.move_to_end(min(self.workqueue, key=rank_of), last=False)
        super()._assign_work_unit(node)
