"""`torch-judge grade`: a class as a system leaves it, and all that a teacher gets of it."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pexpect
import pytest

from tests.support import ROOT
from tests.support.classes import IGNORES_SCALE, notebook, write_files, write_two_problems, write_zip
from tests.support.commands import torch_judge
from tests.support.packages import SOLUTION, STARTER, give_time

TRIPLE = SOLUTION.replace("double", "triple")
CLASS = {
    "lovelaceada_1001_501_hw.ipynb": notebook(SOLUTION, TRIPLE),
    "turingalan_LATE_1002_502_hw-1.ipynb": notebook(IGNORES_SCALE, TRIPLE),
    "turingalan_1002_402_hw.ipynb": notebook("def double(x): return None"),
    "hoppergrace_1003_503_hw.ipynb": "{torn",
    "knuthdon_1004_504_hw.ipynb": notebook(STARTER),
    "=evil_1005_505_hw.py": "def double(x, scale=2.0):\n    raise ValueError('<script>alert(1)</script>')\n",
}
GRADEBOOK = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,HW 1 (71)\r\n"
    "    Points Possible,,,,,10\r\n"
    '"Lovelace, Ada",1001,,ada,"A, 1",\r\n'
    '"Turing, Alan",1002,,alan,"A, 1",\r\n'
    '"Nobody",99,,,,\r\n'
)


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return write_two_problems(tmp_path / "bank")


def read_grades(folder: Path) -> list[dict[str, str]]:
    with (folder / "grades.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_zip_of_canvas_becomes_grades_pages_and_a_filled_gradebook(bank: Path, tmp_path: Path) -> None:
    source = write_zip(tmp_path / "submissions.zip", CLASS | {"../out.py": "x"})
    (tmp_path / "book.csv").write_bytes(GRADEBOOK.encode())
    out, collected = tmp_path / "out", tmp_path / "scripts"
    formats = [word for form in ("canvas", "junit", "nbgrader", "gradescope") for word in ("--format", form)]
    given = (*formats, "--weight", "double=3", "--seed", 7, "--collect", collected, "--jobs", 2)
    done = torch_judge("grade", source, tmp_path / "book.csv", "-o", out, *given, "--bank", bank)
    assert done.returncode == 0, done.stderr

    rows = {(row["student"], row["problem"]): row for row in read_grades(out)}
    facts = ("verdict", "score", "max", "cases", "diagnosis", "attempt", "late", "seed")
    assert {key: [row[fact] for fact in facts] for key, row in rows.items() if key[1] == "double"} == {
        ("1001", "double"): ["accepted", "3", "3", "3 of 3", "", "1", "no", "7"],
        ("1002", "double"): ["wrong answer", "1", "3", "1 of 3", "ignores scale", "2", "late", "7"],
        ("1003", "double"): ["unreadable", "0", "3", "", "", "1", "no", ""],
        ("1004", "double"): ["run-time error", "0", "3", "", "", "1", "no", "7"],
        ("1005", "double"): ["run-time error", "0", "3", "0 of 3", "", "1", "no", "7"],
    }
    assert rows["1002", "triple"]["verdict"] == "accepted" and rows["1004", "triple"]["verdict"] == "missing"
    assert rows["1005", "double"]["name"] == "'=evil"
    assert rows["", ""]["note"] == "its name leads outside the zip" and not (tmp_path / "out.py").exists()

    pages = {path.name: path.read_text(encoding="utf-8") for path in (out / "feedback").iterdir()}
    assert len(pages) == 5 and "lovelaceada_1001.html" in pages
    assert "ignores scale" in pages["turingalan_1002.html"]
    assert "nothing is written yet" in pages["knuthdon_1004.html"]
    assert (
        all("<script" not in page for page in pages.values()) and "&lt;script&gt;" in pages["evil_1005.html"]
    )
    summary = (out / "summary.html").read_text(encoding="utf-8")
    assert (
        "its name leads outside the zip" in summary and "hoppergrace" in summary and "<script" not in summary
    )

    assert (out / "canvas.csv").read_bytes().decode() == GRADEBOOK.replace(
        'ada,"A, 1",', 'ada,"A, 1",10'
    ).replace('alan,"A, 1",', 'alan,"A, 1",5')
    suites = ET.parse(out / "junit.xml").getroot()
    assert len(suites) == 10 and suites[0].get("name") == "double 1005"
    with (out / "nbgrader.csv").open(newline="") as stream:
        assert {row["student_id"]: row["score"] for row in csv.DictReader(stream)}["1002"] == "2"
    results = json.loads((out / "gradescope" / "turingalan_1002.json").read_text())
    assert (results["score"], results["tests"][0]["max_score"]) == (2, 3)
    assert (collected / "double" / "turingalan_1002.py").read_text().startswith(IGNORES_SCALE)
    assert (collected / "given" / "double.py").read_text() == STARTER

    shown = done.stdout + done.stderr
    assert (
        "5 students graded; mean " in done.stdout and "1 late" in done.stdout and "; seed 7\n" in done.stdout
    )
    assert "graded: double (4 of 5 students) and triple (2 of 5 students)" in done.stderr
    assert not [name for name in ("lovelace", "turing", "hopper", "knuth", "evil", "out.py") if name in shown]


def test_a_student_sees_the_smallest_failing_input_as_in_a_check(tmp_path: Path) -> None:
    source = write_files(tmp_path / "class", {"ada.py": "def relu(x):\n    return x.abs()\n"})
    done = torch_judge("grade", source, "-o", tmp_path / "out", "--problems", "relu", "--seed", 7)
    assert done.returncode == 0, done.stderr
    assert "Smallest failing input" in (tmp_path / "out" / "feedback" / "ada.html").read_text(
        encoding="utf-8"
    )


def test_a_group_gets_one_judging_and_a_row_for_each(bank: Path, tmp_path: Path) -> None:
    people = "".join(f"  - :name: {name}\n    :sid: '{sid}'\n" for name, sid in (("Ada", 1), ("Alan", 2)))
    metadata = f"submission_1:\n  :submitters:\n{people}  :created_at: 2026-11-20 12:00:00 Z\n"
    files = {"e/submission_metadata.yml": metadata, "e/submission_1/hw.py": SOLUTION}
    source, out = write_files(tmp_path / "class", files), tmp_path / "out"
    due = ("--due", "2026-11-20T11:59+00:00", "--total", 10)
    done = torch_judge("grade", source, "-o", out, *due, "--no-counterexample", "--bank", bank)
    assert done.returncode == 0, done.stderr
    rows = [
        (row["student"], row["name"], row["score"], row["late"], row["submitted"]) for row in read_grades(out)
    ]
    when = "2026-11-20T12:00:00+00:00"
    assert rows == [("1", "Ada", "10", "late", when), ("2", "Alan", "10", "late", when)]
    lines = [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()]
    assert lines[0]["report"] == lines[1]["report"]


def test_a_run_goes_on_where_it_was_and_says_the_same(bank: Path, tmp_path: Path) -> None:
    source = write_files(tmp_path / "class", {"ada.py": SOLUTION, "alan.py": IGNORES_SCALE})
    command = ("grade", source, "-o", tmp_path / "out", "--problems", "2,double", "--bank", bank)
    first = torch_judge(*command, "--points", "all-or-nothing")
    assert first.returncode == 0, first.stderr
    assert [(row["problem"], row["verdict"], row["score"]) for row in read_grades(tmp_path / "out")] == [
        ("triple", "missing", "0"),
        ("double", "accepted", "1"),
        ("triple", "missing", "0"),
        ("double", "wrong answer", "0"),
    ]
    again = torch_judge(*command)
    assert again.returncode == 2 and "--resume goes on with them" in again.stderr
    results = tmp_path / "out" / "results.jsonl"
    lines, grades = (
        results.read_text().splitlines(keepends=True),
        (tmp_path / "out" / "grades.csv").read_bytes(),
    )
    results.write_text(lines[0] + lines[1][:50])
    resumed = torch_judge(*command, "--points", "all-or-nothing", "--resume")
    assert resumed.returncode == 0, resumed.stderr
    assert (tmp_path / "out" / "grades.csv").read_bytes() == grades
    assert results.read_text().startswith(lines[0]) and len(results.read_text().splitlines()) == 2


def test_ctrl_c_says_how_to_go_on(bank: Path, tmp_path: Path) -> None:
    give_time(bank / "double")
    source = write_files(
        tmp_path / "class",
        {"ada.py": SOLUTION, "bob.py": f"{SOLUTION}while True: pass\n"},
    )
    command = ["-m", "torch_judge", "grade", str(source), "-o", str(tmp_path / "out"), "--bank", str(bank)]
    child = pexpect.spawn(sys.executable, command, encoding="utf-8", timeout=60, cwd=ROOT)
    child.expect("1/2")
    child.sendintr()
    child.expect("interrupted: 1 of 2 answers are in ")
    child.expect("--resume")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("none", "-o", "out"), "none: no such file or folder"),
        (("class", "-o", "class/out"), "lies inside class"),
        (("class", "-o", "out", "--problems", "doubel"), "no problem 'doubel'; did you mean 'double'"),
        (
            ("class", "-o", "out", "--problems", "triple", "--weight", "double=2"),
            "not among what is graded: triple",
        ),
        (("class", "-o", "out", "--due", "soon"), "--due soon: is no time"),
        (("class", "-o", "out", "--pattern", "("), "is no regular expression"),
        (("class", "-o", "out", "--layout", "moodle"), "nothing in it is as moodle has it"),
        (
            ("class", "-o", "out", "--format", "canvas"),
            "fills one .csv of yours, which is one of the PATHs; there are 0",
        ),
        (
            ("class", "book.csv", "-o", "out"),
            "book.csv: a .csv is what --format canvas or --format moodle fills",
        ),
        (("class", "book.csv", "-o", "out", "--format", "moodle"), "is no grading worksheet of Moodle"),
        (("class", "-o", "out", "--column", "x"), "--column names a column for"),
        (("empty", "-o", "out"), "empty: holds no .py, no .ipynb and no .zip file"),
        (("other", "-o", "out"), "no file defines what a problem asks for; --problems says"),
        (("class", "-o", "class/ada.py"), "ada.py"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_judged(
    bank: Path, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    write_files(tmp_path / "class", {"ada.py": SOLUTION})
    write_files(tmp_path / "other", {"ada.py": "x = 1\n"})
    (tmp_path / "empty").mkdir()
    (tmp_path / "book.csv").write_text(GRADEBOOK)
    done = torch_judge("grade", *arguments, "--bank", bank, cwd=tmp_path)
    assert done.returncode == 2 and said in done.stderr
    assert not (tmp_path / "out").exists() and "Traceback" not in done.stderr
