"""Names of problems are completed in a real kernel."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

from tests.support import ROOT
from tests.support.packages import write_package
from torch_judge.ui.notebook.completion import find_name_begun


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BlockingKernelClient]:
    write_package(tmp_path / "bank", framework="numpy")
    monkeypatch.setenv("TORCH_JUDGE_BANK", str(tmp_path / "bank"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    manager, client = start_new_kernel(kernel_name="python3")
    client.execute_interactive("import torch_judge\nfrom torch_judge import *", timeout=60)
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_names_of_problems_are_completed_in_calls_of_ours_alone(kernel: BlockingKernelClient) -> None:
    for code in ("hint('do", 'check("do', "x = 1\nhistory('", "torch_judge.reset(problem='dou"):
        content = kernel.complete(code, len(code), reply=True, timeout=30)["content"]
        assert content["matches"] == ["double"], (code, content)
        assert code[: content["cursor_start"]] + "double" == re.sub(r"(?<=['\"])\w*$", "double", code)
    for code in ("print('do", "hint(do", "hint('x"):
        assert "double" not in kernel.complete(code, len(code), reply=True, timeout=30)["content"]["matches"]


def test_a_second_import_offers_no_name_twice(kernel: BlockingKernelClient) -> None:
    kernel.execute_interactive(
        "from torch_judge.ui.notebook.completion import offer_names\noffer_names()", timeout=60
    )
    assert kernel.complete("hint('do", 8, reply=True, timeout=30)["content"]["matches"] == ["double"]


@pytest.mark.parametrize(
    ("text", "begun"),
    [
        ("hint('", ""),
        ('check( "ba', "ba"),
        ('judge("ba', "ba"),
        ("status('", None),
        ("print('x", None),
        ("unhint('a", None),
        ("hint('a', 'b", None),
    ],
)
def test_what_is_typed_of_a_name_is_found(text: str, begun: str | None) -> None:
    assert find_name_begun(text) == begun
