"""Every layout is told by its signs, and gives each student their own files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.classes import list_submitted, notebook, write_files, write_zip
from tests.support.packages import SOLUTION
from torch_judge.grading.layouts.files import open_exports
from torch_judge.grading.layouts.recognition import Layout, arrange, recognise
from torch_judge.model.errors import UsageError

NOTEBOOK = notebook(SOLUTION)
METADATA = """\
submission_11:
  :submitters:
  - :name: Ada Lovelace
    :sid: '100'
    :email: ada@example.org
  - :name: Alan Turing
    :sid: '200'
    :email: alan@example.org
  :created_at: 2026-11-20 12:00:00 Z
"""
EXPORTS: dict[Layout, dict[str, str]] = {
    Layout.GRADESCOPE: {
        "assignment_7_export/submission_metadata.yml": METADATA,
        "assignment_7_export/submission_11/hw.py": SOLUTION,
    },
    Layout.MOODLE: {
        "Ada Lovelace_1327627_assignsubmission_file_/hw.ipynb": NOTEBOOK,
        "Alan Turing_1327628_assignsubmission_file_/src/hw.py": SOLUTION,
    },
    Layout.NBGRADER: {
        "submitted/ada/ps1/problem1.ipynb": NOTEBOOK,
        "submitted/ada/ps1/timestamp.txt": "2026-11-20 12:00:00.000000 UTC",
        "submitted/alan/ps1/problem1.ipynb": NOTEBOOK,
        "release/ps1/problem1.ipynb": NOTEBOOK,
    },
    Layout.CANVAS: {
        "lovelaceada_1001_50001_hw.ipynb": NOTEBOOK,
        "turingalan_LATE_1002_50002_hw.py": SOLUTION,
    },
    Layout.PLAIN: {"ada/hw.ipynb": NOTEBOOK, "ada/helper.py": "x = 1\n", "alan.py": SOLUTION},
}
STUDENTS = {
    Layout.GRADESCOPE: {"100": ["hw.py"], "200": ["hw.py"]},
    Layout.MOODLE: {"1327627": ["hw.ipynb"], "1327628": ["src/hw.py"]},
    Layout.NBGRADER: {"ada": ["problem1.ipynb"], "alan": ["problem1.ipynb"]},
    Layout.CANVAS: {"1001": ["hw.ipynb"], "1002": ["hw.py"]},
    Layout.PLAIN: {"ada": ["helper.py", "hw.ipynb"], "alan": ["alan.py"]},
}


@pytest.mark.parametrize("layout", EXPORTS, ids=str)
@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
def test_an_export_is_told_by_its_signs(tmp_path: Path, layout: Layout, packed: bool) -> None:  # noqa: FBT001
    files = EXPORTS[layout]
    path = (
        write_zip(tmp_path / "e.zip", files | {"__MACOSX/._hw.py": "", ".DS_Store": ""})
        if packed
        else write_files(tmp_path / "e", files)
    )
    with open_exports([str(path)]) as (export,):
        assert recognise(export) is layout
    assert list_submitted(path) == STUDENTS[layout]


def test_otters_zip_is_one_student_of_its_name(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "ada.zip", {"hw.ipynb": NOTEBOOK, ".OTTER_LOG": "", "__zip_filename__": "x"})
    assert list_submitted(path) == {"ada": ["hw.ipynb"]}


def test_in_a_folder_each_zip_is_a_students(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "class", {"alan.ipynb": NOTEBOOK})
    write_zip(folder / "ada.zip", {"hw.ipynb": NOTEBOOK})
    assert list_submitted(folder) == {"ada": ["ada.zip"], "alan": ["alan.ipynb"]}
    assert list_submitted(folder, Layout.OTTER) == list_submitted(folder, Layout.PLAIN)


@pytest.mark.parametrize(
    ("files", "students"),
    [
        ({"hw1/ada/a.py": "", "hw1/alan/a.py": ""}, {"ada", "alan"}),
        ({"hw1/ada.py": "", "hw1/alan.py": ""}, {"ada", "alan"}),
        ({"ada/hw.py": ""}, {"ada"}),
        ({"ada/hw.py": "", "ada/helpers/a.py": ""}, {"ada"}),
    ],
)
def test_a_folder_that_a_zip_wraps_around_all_is_no_student(
    tmp_path: Path, files: dict[str, str], students: set[str]
) -> None:
    assert set(list_submitted(write_zip(tmp_path / "hw1.zip", files))) == students


def test_a_folder_of_one_student_is_not_taken_for_a_wrapper(tmp_path: Path) -> None:
    assert list_submitted(write_files(tmp_path / "c", {"ada/src/hw.py": SOLUTION})) == {"ada": ["src/hw.py"]}


def test_a_teacher_may_say_the_layout(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "c", {"lovelaceada_1001_50001_hw.ipynb": NOTEBOOK})
    assert list_submitted(folder, Layout.PLAIN) == {
        "lovelaceada_1001_50001_hw": ["lovelaceada_1001_50001_hw.ipynb"]
    }


def test_what_holds_no_code_is_said(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "c", {"ada/essay.pdf": ""})
    with pytest.raises(UsageError, match=r"c: holds no \.py, no \.ipynb and no \.zip file"):
        list_submitted(folder)


def test_what_fits_no_layout_is_said_with_what_there_is(tmp_path: Path) -> None:
    files = {"Ada_12_assignsubmission_onlinetext_/page.html": "", "notes.py": ""}
    with pytest.raises(UsageError, match=r"fits no layout: gradescope \(submission_metadata.yml .*--pattern"):
        list_submitted(write_files(tmp_path / "c", files))


@pytest.mark.parametrize("layout", [Layout.MOODLE, Layout.CANVAS, Layout.NBGRADER], ids=str)
def test_a_layout_that_was_asked_for_and_fits_nothing_is_said(tmp_path: Path, layout: Layout) -> None:
    folder = write_files(tmp_path / "c", {"ada.py": SOLUTION})
    with pytest.raises(UsageError, match=f"nothing in it is as {layout} has it: "):
        list_submitted(folder, layout)


def test_files_that_do_not_fit_are_left_out_and_said(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "c", EXPORTS[Layout.CANVAS] | {"notes.py": ""})
    with open_exports([str(folder)]) as (export,):
        _, arranged = arrange(export)
    assert arranged.refused == [("notes.py", "its name is not as Canvas names files")]
