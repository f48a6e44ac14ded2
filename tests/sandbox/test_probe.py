"""The probe: a layer that was entered and stops nothing is seen."""

from __future__ import annotations

import sys

import pytest

from tests.sandbox.harness import Server, need, run_probe
from torch_judge.model.isolation import Isolation, Layer, Missing, isolation_without

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the sandbox's server needs fork")


def test_the_probe_finds_what_enter_claims(held: tuple[list[str], dict[str, str]]) -> None:
    """On a kernel that has the layers, they hold against what the probe tries."""
    assert set(held[0]) == set(Server().ask("answer = 1")["layers"])


@pytest.mark.parametrize(
    ("prepared", "layers"),
    [
        (
            "import seccompy; prepared = replace(prepared, calls=seccompy.Filter(seccompy.Action.ALLOW))",
            {"calls", "network"},
        ),
        (
            """from landlockpy import AccessFS, Ruleset
prepared = replace(prepared, files=Ruleset(handled_fs=AccessFS.EXECUTE))""",
            {"files"},
        ),
        ("assert sandbox.limit_process; sandbox.limit_process = lambda limits: None", {"limits"}),
        ("os.setsid = lambda: None", {"process"}),
        (
            "assert sandbox.close_descriptors; sandbox.close_descriptors = lambda descriptors: None",
            {"process"},
        ),
    ],
)
def test_the_probe_sees_a_layer_that_does_not_hold(
    prepared: str, layers: set[str], held: tuple[list[str], dict[str, str]]
) -> None:
    """A layer that was entered and stops nothing is missing, with what got through."""
    need(held, *map(Layer, layers))
    _, missing = run_probe(prepared=prepared)
    assert set(missing) - set(held[1]) == layers
    assert all(missing[each] for each in layers)


def test_the_probe_leaves_nothing_behind() -> None:
    """No child, no folder, no descriptor."""
    again = """import tempfile
from torch_judge.sandbox import reaper as orphans
def left(): return len(os.listdir('/dev/fd')), os.listdir(tempfile.tempdir), orphans._list_children()
tempfile.tempdir = tempfile.mkdtemp()
before = left()
for _ in range(3): probe.probe(prepared, limits=ProcessLimits())
assert left() == before == (before[0], [], set())"""
    run_probe(prepared=again + "\nos.rmdir(tempfile.tempdir); tempfile.tempdir = None")


def test_an_isolation_is_confirmed_by_a_probe() -> None:
    """What did not hold when probed is not reported, whatever entering said; each list keeps its order."""
    entered = isolation_without({Layer.IDENTITY: "not root"})
    probed = isolation_without({Layer.CALLS: "a process could be started", Layer.IDENTITY: "something else"})
    assert entered.confirmed_by(probed) == Isolation(
        (Layer.PROCESS, Layer.LIMITS, Layer.FILES, Layer.NETWORK, Layer.SIGNALS),
        (Missing(Layer.CALLS, "a process could be started"), Missing(Layer.IDENTITY, "not root")),
    )


def test_every_layer_has_a_sentence() -> None:
    """`torch-judge doctor` prints it."""
    assert all(layer.sentence.endswith(".") for layer in Layer)
