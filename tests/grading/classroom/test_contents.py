"""What a student handed in is read as `run` reads it, and what cannot be read stops nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.support.classes import notebook, write_files, write_zip
from tests.support.packages import SOLUTION
from torch_judge.grading.classroom.contents import Contents, read_contents
from torch_judge.grading.layouts.files import File, open_exports
from torch_judge.grading.layouts.submitted import Student, Submitted
from torch_judge.model.submission import from_path


def read(folder: Path, files: Mapping[str, str]) -> Contents:
    write_files(folder, files)
    with open_exports([str(folder)]) as (export,):
        return read_contents(Submitted((Student("ada"),), tuple((file.path, file) for file in export.files)))


def test_a_file_is_what_run_makes_of_it_with_the_modules_beside_it(tmp_path: Path) -> None:
    files = {
        "hw/hw.ipynb": notebook("import helper", "%run other.py\n", SOLUTION),
        "hw/helper.py": "from deeper import x\n",
        "hw/deeper.py": "x = 1\n",
        "hw/other.py": "y = 2\n",
    }
    contents = read(tmp_path / "ada", files)
    expected = from_path(tmp_path / "ada" / "hw" / "hw.ipynb")
    (found,) = contents.find("double")
    assert (found.cells, dict(found.modules), found.notebook) == (expected.cells, expected.modules, True)
    assert set(found.modules) == {"helper", "deeper", "other"}
    assert found.name == "hw/hw.ipynb"


def test_an_answer_is_found_by_its_entry_point_a_notebook_first(tmp_path: Path) -> None:
    files = {"a.py": SOLUTION, "b.ipynb": notebook("x = 1", SOLUTION), "c.py": "y = x.double()\n"}
    contents = read(tmp_path / "ada", files)
    assert [each.name for each in contents.find("double")] == ["b.ipynb", "a.py"]
    assert contents.defines("double") and not contents.defines("triple")
    assert contents.find("triple") == ()


def test_where_none_defines_it_those_that_name_it_are_asked(tmp_path: Path) -> None:
    files = {"a.py": "if True:\n    def double(x): ...\n", "b.py": "x.double()\nmy_double = 1\n"}
    assert [each.name for each in read(tmp_path / "ada", files).find("double")] == ["a.py"]


def test_what_cannot_be_read_is_said_and_the_rest_is_read(tmp_path: Path) -> None:
    files = {"a.ipynb": "{", "b.py": SOLUTION, "c.ipynb": notebook(), "d.py": "# coding: nothing\n"}
    contents = read(tmp_path / "ada", files)
    assert [each.name for each in contents.submissions] == ["b.py"]
    assert dict(contents.refused) == {
        "a.ipynb": "this is no notebook: it is not JSON (line 1)",
        "c.ipynb": "holds no code",
        "d.py": "is not Python source: its coding line is wrong (unknown encoding: nothing)",
    }


def test_a_zip_that_was_handed_in_is_opened_but_not_one_in_it(tmp_path: Path) -> None:
    inner = write_zip(tmp_path / "inner.zip", {"x.py": SOLUTION}).read_bytes()
    folder = write_files(tmp_path / "ada", {})
    write_zip(folder / "hw.zip", {"src/hw.py": SOLUTION, "inner.zip": inner, "../out.py": "x"})
    contents = read(folder, {})
    assert [each.name for each in contents.submissions] == ["src/hw.py"]
    assert contents.refused == (("hw.zip/../out.py", "its name leads outside the zip"),)
    assert not (tmp_path / "out.py").exists()


def test_names_that_lead_outside_write_nothing(tmp_path: Path) -> None:
    files = tuple(
        (name, File(name, lambda: b"x = 1")) for name in ("../out.py", f"{tmp_path}/out.py", "a" * 300)
    )
    contents = read_contents(Submitted((Student("ada"),), files))
    assert [why for _, why in contents.refused] == [
        "its name leads outside the folder",
        "its name leads outside the folder",
        "its name cannot be used here",
    ]
    assert not list(tmp_path.iterdir())
