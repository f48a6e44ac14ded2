"""What of the sandbox holds on this machine."""

from __future__ import annotations

import pytest

from tests.sandbox.harness import run_probe


@pytest.fixture(scope="module")
def held() -> tuple[list[str], dict[str, str]]:
    """Probe once which layers hold on this machine, and why the others do not."""
    return run_probe()
