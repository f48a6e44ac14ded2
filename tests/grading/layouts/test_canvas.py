"""Canvas: late ones, and files that were handed in again."""

from __future__ import annotations

from pathlib import Path

from tests.support.classes import write_files
from torch_judge.grading.layouts.canvas import arrange_canvas
from torch_judge.grading.layouts.files import open_exports
from torch_judge.grading.layouts.submitted import Submitted


def arrange(folder: Path, *names: str) -> dict[str, Submitted]:
    write_files(folder, dict.fromkeys(names, "x = 1\n"))
    with open_exports([str(folder)]) as (export,):
        return {each.students[0].key: each for each in arrange_canvas(export).submitted}


def test_the_name_the_user_and_late_are_read(tmp_path: Path) -> None:
    found = arrange(tmp_path, "lovelaceada_LATE_12_345_my_hw_2.py", "turingalan_13_346_hw.py")
    assert (found["12"].students[0].name, found["12"].late, found["13"].late) == ("lovelaceada", True, False)
    assert found["12"].files[0][0] == "my_hw_2.py"


def test_of_a_file_that_was_handed_in_again_the_last_counts(tmp_path: Path) -> None:
    names = ("a_12_1_hw.py", "a_12_2_hw-1.py", "a_12_10_hw-10.py", "a_12_3_hw-2.py")
    found = arrange(tmp_path, *names)["12"]
    assert [(name, file.path) for name, file in found.files] == [("hw.py", "a_12_10_hw-10.py")]
    assert found.attempt == 11


def test_a_number_that_is_the_students_own_is_no_attempt(tmp_path: Path) -> None:
    found = arrange(tmp_path, "a_12_1_lab-2.py", "b_13_2_lab-2.py", "c_14_3_lab-2-1.py")
    assert [found[user].attempt for user in ("12", "13", "14")] == [1, 1, 2]
    assert found["14"].files[0][0] == "lab-2.py"
