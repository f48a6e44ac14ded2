"""`torch-judge run`: what it judges, what it shows, and what it exits with."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import nbformat
import pexpect
import pytest

from tests.support import ROOT
from tests.support.commands import answer, torch_judge
from tests.support.packages import SAMPLES, SOLUTION, give_time, write_package

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
    arguments = ["-m", "torch_judge", "run", "double", str(path), "--bank", str(bank), "-v"]
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


# --- several files ---


def run_in_a_terminal(*arguments: object, columns: int = 80) -> tuple[int, str]:
    """Run `torch-judge` in a terminal; return its exit status and what a person sees there at the end."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "COLUMNS": str(columns)}
    child = pexpect.spawn(
        sys.executable,
        ["-m", "torch_judge", *map(str, arguments)],
        cwd=str(ROOT),
        env=environment,
        dimensions=(24, columns),
        encoding="utf-8",
        timeout=120,
    )
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus, re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", child.before.rpartition("\x1b[?25h")[2])


def write_class(folder: Path) -> list[Path]:
    folder.mkdir()
    texts = {
        "anna.py": SOLUTION,
        "ben.py": SAMPLES["wrong_answer/ignores_scale.py"],
        "carla.py": SAMPLES["wrong_answer/ignores_scale.py"],
        "dora.py": "import nowhere_at_all\n" + SOLUTION,
    }
    return [answer(folder, text, name) for name, text in texts.items()]


def test_several_files_are_a_table_in_a_terminal_and_its_last_line_sums_up(
    bank: Path, tmp_path: Path
) -> None:
    paths = write_class(tmp_path / "class")
    status, shown = run_in_a_terminal("run", "double", *paths, "--bank", bank, "--seed", 7)
    lines = [line.rstrip() for line in shown.splitlines() if line.strip()]
    assert status == 1
    assert lines[0].split() == ["file", "verdict", "passed", "mistake"]
    assert [line.split()[0] for line in lines[1:5]] == ["anna.py", "ben.py", "carla.py", "dora.py"]
    assert "accepted" in lines[1] and "3 of 3" in lines[1]
    assert "wrong answer" in lines[2] and "1 of 3" in lines[2]
    assert "No module named" in shown
    assert shown.rstrip().endswith("seed 7 for all")
    assert "double: 1 of 4 files accepted; 2 wrong answer, 1 run-time error" in " ".join(lines)
    assert "✗" not in shown  # no report of a single file, which would push the table away
    assert max(map(len, lines)) <= 80


@pytest.fixture
def endless_class(bank: Path, tmp_path: Path) -> list[str]:
    """Write three answers, the last of which never ends, and return the command that judges them."""
    (tmp_path / "class").mkdir()
    texts = {"a": SOLUTION, "b": SAMPLES["wrong_answer/ignores_scale.py"], "c": "while True: pass\n"}
    for name, text in texts.items():
        (tmp_path / "class" / f"{name}.py").write_text(text)
    give_time(bank / "double")
    return ["-m", "torch_judge", "run", "double", str(tmp_path / "class"), "--bank", str(bank)]


def test_ctrl_c_at_a_terminal_loses_nothing_that_is_judged(endless_class: list[str]) -> None:
    child = pexpect.spawn(sys.executable, endless_class, encoding="utf-8", timeout=60, cwd=ROOT)
    child.expect("judging 3 of 3")
    child.sendintr()
    child.expect("1 of 2 files accepted")
    child.expect("torch-judge: interrupted: 2 of 3 answers judged")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130


def test_ctrl_c_in_a_pipe_loses_nothing_that_is_judged(endless_class: list[str]) -> None:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, *endless_class], text=True, cwd=ROOT, **pipes) as process:
        assert process.stdout is not None
        while not (line := process.stdout.readline()).startswith("double: wrong answer"):
            assert line
        process.send_signal(signal.SIGINT)
        shown, said = process.communicate(timeout=60)
    assert "1 of 2 files accepted" in shown
    assert (process.returncode, said) == (130, "torch-judge: interrupted: 2 of 3 answers judged\n")


def test_in_a_pipe_the_table_comes_after_the_reports(bank: Path, tmp_path: Path) -> None:
    done = torch_judge("run", "double", *write_class(tmp_path / "class"), "--bank", bank)
    reports, heading, table = done.stdout.partition("\nfile ")
    assert heading and reports.count("double: ") == 4 and "✗ uses the scale it is given" in reports
    assert len(set(re.findall(r"seed (\d+)", done.stdout))) == 1
    assert table.splitlines()[-1].startswith("double: 1 of 4 files accepted; ")


def test_one_seed_is_drawn_for_all_files_where_none_is_given(bank: Path, tmp_path: Path) -> None:
    paths = write_class(tmp_path / "class")
    done = torch_judge("run", "double", *paths, "--bank", bank, "--format", "json")
    again = torch_judge("run", "double", *paths, "--bank", bank, "--format", "json")
    seeds = [{json.loads(line)["seed"] for line in run.stdout.splitlines()} for run in (done, again)]
    assert len(seeds[0]) == len(seeds[1]) == 1
    assert seeds[0] != seeds[1]


def test_what_cannot_be_judged_stops_nothing_and_is_said_at_the_end(bank: Path, tmp_path: Path) -> None:
    path = answer(tmp_path, SOLUTION)
    notes = answer(tmp_path, "hello", "notes.txt")
    missing = tmp_path / "nowhere.py"
    done = torch_judge("run", "double", missing, notes, path, "--bank", bank)
    assert done.returncode == 2
    assert "double: accepted, 3 of 3 cases passed" in done.stdout
    assert done.stderr == (
        f"torch-judge: {missing}: no such file\n"
        f"torch-judge: {notes}: neither a .py nor an .ipynb file, so it is not judged\n"
    )
    as_json = torch_judge("run", "double", missing, path, "--bank", bank, "--format", "json")
    assert as_json.returncode == 2
    assert [json.loads(line)["verdict"] for line in as_json.stdout.splitlines()] == ["accepted"]


@pytest.mark.parametrize("name", ["notes.txt", "answer", "answer.pyc", "answer.PY"])
def test_a_file_of_another_kind_is_refused_by_name(bank: Path, tmp_path: Path, name: str) -> None:
    path = answer(tmp_path, SOLUTION, name)
    done = torch_judge("run", "double", path, "--bank", bank)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"torch-judge: {path}: neither a .py nor an .ipynb file, so it is not judged\n"


def test_a_dash_is_standard_input(bank: Path, tmp_path: Path) -> None:
    done = torch_judge("run", "double", "-", "--bank", bank, typed=SOLUTION)
    assert done.returncode == 0, done.stderr
    assert "double: accepted, 3 of 3 cases passed" in done.stdout and "standard input" in done.stdout
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(f"%time 1\n{SOLUTION}")])
    typed = nbformat.writes(notebook)
    done = torch_judge("run", "double", "-", "--bank", bank, "--format", "json", typed=typed)
    assert json.loads(done.stdout)["verdict"] == "accepted"
    empty = torch_judge("run", "double", "-", "--bank", bank, typed="")
    assert empty.returncode == 1
    assert "standard input holds no code" in empty.stdout


def test_a_folder_is_searched_and_what_is_not_judged_is_said(bank: Path, tmp_path: Path) -> None:
    folder = tmp_path / "class"
    write_class(folder)
    answer(folder, "hello", "notes.txt")
    done = torch_judge("run", "double", folder, "--bank", bank, "--format", "json")
    assert done.returncode == 1
    names = [Path(json.loads(line)["submission"]).name for line in done.stdout.splitlines()]
    assert names == ["anna.py", "ben.py", "carla.py", "dora.py"]
    assert done.stderr == f"{folder}: not judged: notes.txt\n"


def test_a_judge_error_is_graver_than_a_missing_file(bank: Path, tmp_path: Path) -> None:
    (bank / "double" / "cases.py").write_text("broken = (\n")
    done = torch_judge("run", "double", answer(tmp_path, SOLUTION), tmp_path / "nowhere.py", "--bank", bank)
    assert done.returncode == 3
    assert "nowhere.py: no such file" in done.stderr


def test_only_one_file_as_text_is_a_learner_s_attempt(bank: Path, tmp_path: Path) -> None:
    home = {"TORCH_JUDGE_HOME": str(tmp_path / "home")}
    path, other = answer(tmp_path, SOLUTION), answer(tmp_path, SOLUTION + "\n", "other.py")
    folder = tmp_path / "class"
    write_class(folder)

    def count_attempts() -> int:
        said = torch_judge("history", "double", "--bank", bank, **home).stdout
        return said.count("accepted")

    torch_judge("run", "double", path, other, "--bank", bank, **home)
    torch_judge("run", "double", folder, "--bank", bank, **home)
    torch_judge("run", "double", path, "--format", "json", "--bank", bank, **home)
    assert count_attempts() == 0
    torch_judge("run", "double", path, "--bank", bank, **home)
    assert count_attempts() == 1
