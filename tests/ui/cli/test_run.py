"""`torch-judge run`: what it judges, what it shows, and what it exits with."""

from __future__ import annotations

import json
import os
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import nbformat
import pexpect
import pytest

from tests.support import ROOT
from tests.support.commands import answer, torch_judge
from tests.support.packages import SOLUTION, write_package

KEYS = {
    "schema",
    "problem",
    "submission",
    "verdict",
    "seed",
    "elapsed_seconds",
    "cases",
    "diagnosis",
    "isolation",
    "message",
    "isolation_missing",
    "notes",
    "flags",
    "explanations",
    "counterexample",
}


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    write_package(tmp_path / "bank")
    return tmp_path / "bank"


def test_an_accepted_file_exits_with_0_and_lists_every_case(bank: Path, tmp_path: Path) -> None:
    done = torch_judge("run", "double", answer(tmp_path, SOLUTION), "--bank", bank)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[-1] == "double: accepted, 3 of 3 cases passed"
    assert lines[:3] == [
        "  ✓ doubles by default",
        "  ✓ uses the scale it is given",
        "  ✓ lets gradients flow",
    ]
    assert "\x1b" not in done.stdout


def test_a_wrong_file_exits_with_1_and_says_what_differs(bank: Path, tmp_path: Path) -> None:
    done = torch_judge(
        "run",
        "double",
        answer(tmp_path, "def double(x, scale=2.0):\n    print('hi')\n    return x * 2\n"),
        "--bank",
        bank,
    )
    assert done.returncode == 1
    assert "✗ uses the scale it is given: wrong answer" in done.stdout
    assert "The result is scale times x." in done.stdout
    assert re.search(r"output\[0, 0\]: expected \S+, found \S+", done.stdout)
    assert "printed | hi" in done.stdout


def test_json_is_one_object_for_each_submission_with_the_promised_keys(bank: Path, tmp_path: Path) -> None:
    paths = [
        answer(tmp_path, SOLUTION, "a.py"),
        answer(tmp_path, "def double(", "b.py"),
        answer(tmp_path, SOLUTION, "c.py"),
    ]
    done = torch_judge("run", "double", *paths, "--bank", bank, "--format", "json", "--seed", 7)
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert [report["submission"] for report in reports] == list(map(str, paths))
    assert [report["verdict"] for report in reports] == ["accepted", "compile error", "accepted"]
    assert {report["seed"] for report in reports} == {7}
    assert all(set(report) == KEYS for report in reports)
    assert set(reports[0]["cases"][0]) == {
        "name",
        "title",
        "verdict",
        "message",
        "seconds",
        "stdout",
        "picture",
        "predicted",
    }
    assert reports[0]["diagnosis"] is None
    assert isinstance(reports[0]["isolation"], list)


def test_junit_is_xml_with_a_suite_for_each_submission(bank: Path, tmp_path: Path) -> None:
    paths = [
        answer(tmp_path, SOLUTION, "a.py"),
        answer(tmp_path, "def double(x, scale=2.0): return '\\x00<&\\ud800'", "b.py"),
    ]
    done = torch_judge("run", "double", *paths, "--bank", bank, "--format", "junit")
    root = ET.fromstring(done.stdout)
    assert [suite.get("failures") for suite in root] == ["0", "3"]
    assert root[1][0][0].get("type") == "wrong answer"


def test_a_notebook_is_judged_by_what_it_defines(bank: Path, tmp_path: Path) -> None:
    sources = [
        "%matplotlib inline\n!pip install nothing\nimport numpy as np",
        "FACTOR = 1.0",
        "%%bash\nexit 1",
        "def scaled(x, s):\n    return x * s * FACTOR",
        "1 / 0  # a failing debug cell",
        "%%time\ndef double(x, scale=2.0):\n    return scaled(x, scale)",
        "while True: print(double(3))",
        "from torch_judge import check; check('double')",
    ]
    cells = [nbformat.v4.new_code_cell(source) for source in sources] + [
        nbformat.v4.new_markdown_cell("def double(: no")
    ]
    path = tmp_path / "answer.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    done = torch_judge("run", "double", path, "--bank", bank)
    assert done.returncode == 0, done.stdout


def test_a_helper_module_beside_the_file_is_carried_along(bank: Path, tmp_path: Path) -> None:
    answer(tmp_path, "from constants import ONE\ndef times(x, s):\n    return x * s * ONE\n", "helper.py")
    answer(tmp_path, "ONE = 1.0\n", "constants.py")
    path = answer(tmp_path, "import helper\ndef double(x, scale=2.0):\n    return helper.times(x, scale)\n")
    assert torch_judge("run", "double", path, "--bank", bank, cwd=bank).returncode == 0


def test_one_submission_of_a_folder_cannot_import_another(bank: Path, tmp_path: Path) -> None:
    alice = answer(tmp_path, SOLUTION, "alice.py")
    bob = answer(tmp_path, "from alice import double\n", "bob.py")
    done = torch_judge("run", "double", alice, bob, "--bank", bank)
    assert done.returncode == 1
    assert "No module named 'alice'" in done.stdout


def test_a_file_that_calls_check_itself_is_judged_all_the_same(bank: Path, tmp_path: Path) -> None:
    path = answer(tmp_path, f"from torch_judge import check\n{SOLUTION}\nprint(check('double'))\n")
    assert torch_judge("run", "double", path, "--bank", bank).returncode == 0


FILES = {
    "empty": ("answer.py", b"", "answer.py holds no code"),
    "spaces": ("answer.py", b"  \n\n", "answer.py holds no code"),
    "binary": ("answer.py", b"\x89PNG\r\n\x1a\n\xff\xfe", "is not Python source"),
    "prose": ("answer.py", b"Dear teacher, here is my answer.\n", "SyntaxError"),
    "nul": ("answer.py", b"x = 1\x00\n", "null byte"),
    "no json": ("answer.ipynb", b"{'cells': []}", "not JSON (line 1)"),
    "old": ("answer.ipynb", b'{"nbformat": 3, "worksheets": []}', "old format 3"),
    "json": ("answer.ipynb", b'{"a": 1}', "no list of cells"),
    "list": ("answer.ipynb", b"[1]", "JSON without cells"),
    "no code": ("answer.ipynb", b'{"nbformat": 4, "cells": []}', "holds no code"),
}


@pytest.mark.parametrize(("name", "raw", "message"), FILES.values(), ids=FILES.keys())
def test_a_file_that_holds_no_submission_is_a_compile_error(
    bank: Path, tmp_path: Path, name: str, raw: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(raw)
    done = torch_judge("run", "double", tmp_path / name, "--bank", bank)
    assert done.returncode == 1
    assert "compile error" in done.stdout
    assert message in done.stdout


def test_a_terminal_gets_colour_and_its_own_width(bank: Path, tmp_path: Path) -> None:
    path = answer(tmp_path, "def double(x, scale=2.0):\n    return x * 2\n")
    arguments = ["-m", "torch_judge", "run", "double", str(path), "--bank", str(bank)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "COLUMNS": "60"}
    environment.pop("NO_COLOR", None)
    child = pexpect.spawn(
        sys.executable,
        arguments,
        cwd=str(ROOT),
        env=environment,
        dimensions=(40, 60),
        encoding="utf-8",
        timeout=60,
    )
    child.expect(pexpect.EOF)
    assert "\x1b[" in child.before
    plain = re.sub(r"\x1b\[[0-9;]*m", "", child.before)
    assert max(len(line) for line in plain.splitlines()) <= 60
    assert "wrong answer" in plain


def test_a_printed_line_that_wraps_keeps_its_mark(bank: Path, tmp_path: Path) -> None:
    path = answer(
        tmp_path, "def double(x, scale=2.0):\n    print('a' * 44 + '  ✓ doubles by default')\n    return x\n"
    )
    arguments = ["-m", "torch_judge", "run", "double", str(path), "--bank", str(bank)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "COLUMNS": "60"}
    child = pexpect.spawn(
        sys.executable,
        arguments,
        cwd=str(ROOT),
        env=environment,
        dimensions=(40, 60),
        encoding="utf-8",
        timeout=60,
    )
    child.expect(pexpect.EOF)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", child.before)
    marked = [line for line in plain.splitlines() if "doubles by default" in line]
    assert [line.strip().partition(" ")[0] for line in marked] == ["✗", *["printed"] * 3]
