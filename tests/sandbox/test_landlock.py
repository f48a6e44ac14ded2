"""Files are out of reach for C code too."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.sandbox.harness import Server, need
from torch_judge.model.isolation import Layer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the sandbox's server needs fork")


def test_torch_cannot_map_a_file(tmp_path: Path, held: tuple[list[str], dict[str, str]]) -> None:
    """`torch.from_file` raises no audit event; the kernel refuses it all the same."""
    pytest.importorskip("torch")
    need(held, Layer.FILES)
    canary = tmp_path / "canary"
    canary.write_text("sings...")
    body = f"answer = bytes(torch.from_file({str(canary)!r}, size=5, dtype=torch.uint8).tolist()).decode()"
    inside, outside = (
        Server(before="import torch").run(["import torch\n" + body], enters=enters)[0]
        for enters in (True, False)
    )
    assert inside.get("error") == "RuntimeError", inside
    assert outside.get("answer") == "sings"
