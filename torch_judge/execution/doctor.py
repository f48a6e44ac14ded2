"""What this machine has to keep a submission apart, found by trying."""

from __future__ import annotations

import importlib.util
import json
import platform
from collections.abc import Collection
from dataclasses import dataclass

from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.model.isolation import Isolation, Layer, isolation_without
from torch_judge.model.problem import Framework


@dataclass(frozen=True, slots=True)
class Examination:
    """What a doctor finds: the system, what isolation holds, and what is required but missing."""

    system: str
    start: str
    isolation: Isolation
    scratch: str
    scratch_bounded: bool
    lacking: str

    def to_json(self) -> str:
        """Write the examination as one line of JSON."""
        facts = {
            "system": self.system,
            "start": self.start,
            "level": self.isolation.level,
            "layers": self.isolation.layers,
            "missing": self.isolation.reasons(),
            "scratch": {"bounded": self.scratch_bounded, "says": self.scratch},
            "lacking": self.lacking,
        }
        return json.dumps(facts)


def _name_system() -> str:
    kernel = f"{platform.system()} {platform.release()} ({platform.machine()})"
    return f"{kernel}, Python {platform.python_version()}"


def examine(required: Collection[Layer] = ()) -> Examination:
    """Start a warm server as a check would, have it attack its own sandbox, and return what held."""
    framework = Framework.TORCH if importlib.util.find_spec("torch") else Framework.NUMPY
    with ForkServer(framework) as server:
        described = server.describe()
    isolation = isolation_without({Layer(name): why for name, why in described.missing.items()})
    return Examination(
        system=_name_system(),
        start=server.method,
        isolation=isolation,
        scratch=described.scratch,
        scratch_bounded=described.bounded,
        lacking=isolation.lacks(required),
    )
