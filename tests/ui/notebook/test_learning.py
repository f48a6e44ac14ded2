"""`hint`, `solution`, `status`, `reset` and `history` in a real kernel and in a script."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel

from tests.support import ROOT
from tests.support.packages import SOLUTION, write_package
from tests.support.pages import assert_static
from tests.ui.notebook.test_check import executed, results
from torch_judge.learning.history import find_history


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a bank that kernels and scripts started from here find."""
    write_package(tmp_path / "bank", framework="numpy")
    (tmp_path / "bank" / "double" / "hints.md").write_text("First.\n---\nSecond.\n")
    monkeypatch.setenv("TORCH_JUDGE_BANK", str(tmp_path / "bank"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path / "bank"


def pages(cell: nbformat.NotebookNode) -> list[str]:
    return [output["data"]["text/html"] for output in cell.outputs if "text/html" in output.get("data", {})]


def test_a_day_in_a_notebook(bank: Path, tmp_path: Path) -> None:
    cells = executed(
        [
            "from torch_judge import check, hint, history, reset, solution, status",
            "hint('double')",
            "hint('double')",
            "hint('double')",
            "solution('double')",
            "def double(x, scale=2.0):\n    return x + 0",
            "r = check('double')",
            "status()",
            SOLUTION,
            "r = check('double')",
            "solution('double')",
            "history('double')",
            "print(history('double', 1).code)",
            "status()",
        ],
        tmp_path,
    ).cells
    text = [
        "\n".join(
            output.get("text")
            or output.get("data", {}).get("text/plain")
            or "\n".join(output.get("traceback", []))
            for output in cell.outputs
        )
        for cell in cells
    ]
    assert "First." in text[1] and "Second." in text[2] and "you have seen all 2 hints" in text[3]
    assert 'solution("double", give_up=True) shows the solution' in text[4]
    assert "1 tried" in text[7] and "returns x" in text[6]
    assert "return x * scale" in text[10] and 'history("double", 2)' in text[11]
    assert "return x + 0" in text[12] and "1 solved" in text[13]
    for number in (1, 2, 3, 7, 10, 11, 13):
        (page,) = pages(cells[number])
        assert_static(page)


def test_reset_gives_the_starter_in_a_new_cell_and_keeps_what_was_never_judged(
    bank: Path, tmp_path: Path
) -> None:
    notebook = executed(
        [
            "from torch_judge import history, reset",
            "reset('double')",
            "def double(x, scale=2.0):\n    return 'my hours of work'",
            "reset('double')",
            "reset('double')",
            "history('double')",
            "print(history('double', 1).code)",
        ],
        tmp_path,
    )
    out = [
        "\n".join(
            output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.outputs
        )
        for cell in notebook.cells
    ]
    assert "double is not defined here, so there was nothing to keep" in out[1]
    assert "raise NotImplementedError" in out[3] and 'history("double", 1)' in out[3]
    assert "double: 1 attempt\n" in out[5] and "put aside, not judged" in out[5]
    assert "my hours of work" in out[6]


def test_reset_puts_the_starter_into_the_next_cell(bank: Path) -> None:
    manager, client = start_new_kernel(kernel_name="python3")
    try:
        reply = client.execute_interactive("from torch_judge import reset; r = reset('double')", timeout=60)
        (payload,) = reply["content"]["payload"]
        assert payload["source"] == "set_next_input"
        assert "raise NotImplementedError" in payload["text"]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_giving_up_is_remembered(bank: Path, tmp_path: Path) -> None:
    out = results(
        ["from torch_judge import solution", "solution('double', give_up=True)", "solution('double')"],
        tmp_path,
    )
    assert "return x * scale" in out[1] and "return x * scale" in out[2]
    assert find_history().find_coaching(str(bank), "double").given_up


def test_a_home_that_cannot_be_used_is_said_below_the_report_and_changes_nothing(
    bank: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_JUDGE_HOME", "/dev/null/home")
    calls = "assert check('double').passed\nprint(hint('double'))\nprint(status())\nprint(reset('double'))\n"
    text = f"from torch_judge import *\n{SOLUTION}{calls}"
    (tmp_path / "script.py").write_text(text)
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    said = "torch_judge: this attempt is not kept: progress cannot be saved: /dev/null/home: Not a directory"
    assert done.stdout.splitlines().count(said) == 1
    assert "First." in done.stdout and "0 solved" in done.stdout and "Copy it before you go on" in done.stdout


def test_the_code_of_a_script_is_kept(bank: Path, tmp_path: Path) -> None:
    text = f"from torch_judge import check\n{SOLUTION}check('double')\n"
    (tmp_path / "script.py").write_text(text)
    subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, check=True)
    attempt = find_history().find(str(bank), "double", 1)
    assert attempt is not None and attempt.code == text


def test_unknown_names_are_one_sentence(bank: Path, tmp_path: Path) -> None:
    calls = [
        "hint('duble')",
        "solution('duble')",
        "reset('duble')",
        "history('duble')",
        "history('double', 7)",
    ]
    out = results(["from torch_judge import hint, solution, reset, history", *calls], tmp_path)
    assert out[1:5] == ["torch_judge: no problem 'duble'; did you mean 'double'?"] * 4
    assert out[5] == "torch_judge: no attempt 7 at double; there are none"
