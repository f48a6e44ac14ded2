"""Which answers a run judges: names, folders, and what is left out of them and why."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from torch_judge.ui.cli.answers import NAMES_SAID, Answers, collect_answers

ANSWER = "def f(x):\n    return x\n"


def write(folder: Path, **texts: str) -> None:
    """Write Python files by their names, in which two underscores stand for a slash."""
    for name, text in texts.items():
        path = folder / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def collect(*paths: object) -> Answers:
    return collect_answers(list(map(str, paths)), entry_point="f")


def names(answers: Answers, folder: Path) -> list[str]:
    return [str(Path(submission.name).relative_to(folder)) for submission in answers.submissions]


def test_answers_come_in_the_order_in_which_they_are_named_each_once(tmp_path: Path) -> None:
    write(tmp_path, b=ANSWER, a=ANSWER, c__d=ANSWER, c__a=ANSWER)
    answers = collect(tmp_path / "b.py", tmp_path / "c", tmp_path / "a.py", tmp_path / "b.py")
    assert names(answers, tmp_path) == ["b.py", "c/a.py", "c/d.py", "a.py"]
    assert (answers.refused, answers.skipped) == ((), ())
    assert names(collect(tmp_path, tmp_path / "a.py"), tmp_path) == ["a.py", "b.py", "c/a.py", "c/d.py"]


def test_what_is_neither_is_refused_and_the_rest_is_read(tmp_path: Path) -> None:
    write(tmp_path, a=ANSWER)
    (tmp_path / "notes.txt").write_text("f")
    answers = collect(tmp_path / "no.py", tmp_path / "notes.txt", tmp_path / "a.py", tmp_path / "no.txt", "")
    assert names(answers, tmp_path) == ["a.py"]
    assert answers.refused == (
        f"{tmp_path}/no.py: no such file",
        f"{tmp_path}/notes.txt: neither a .py nor an .ipynb file, so it is not judged",
        f"{tmp_path}/no.txt: no such file",
        ".: not a file",
    )


def test_a_module_that_an_answer_imports_is_a_part_of_it(tmp_path: Path) -> None:
    write(
        tmp_path,
        anna__answer="from parts.inner import one\nimport tools\n" + ANSWER,
        anna__tools="two = 2\n",
        anna__parts__inner="one = 1\n",
        ben="import tools\n" + ANSWER,
    )
    (tmp_path / "anna" / "parts" / "__init__.py").write_text("")
    answers = collect(tmp_path)
    assert names(answers, tmp_path) == ["anna/answer.py", "ben.py"]
    assert sorted(answers.submissions[0].modules) == ["parts", "parts.inner", "tools"]
    assert not answers.submissions[1].modules
    (said,) = answers.skipped
    assert all(
        f"anna/{part}.py (answer.py imports it)" in said
        for part in ("tools", "parts/__init__", "parts/inner")
    )


def test_a_file_that_nobody_imports_is_an_answer_even_without_the_entry_point(tmp_path: Path) -> None:
    """Whoever gave the function another name gets a verdict, not silence."""
    write(tmp_path, anna=ANSWER, ben="def g(x):\n    return x\n")
    assert names(collect(tmp_path), tmp_path) == ["anna.py", "ben.py"]


def test_one_answer_of_a_folder_is_no_part_of_another(tmp_path: Path) -> None:
    write(tmp_path, anna=ANSWER, ben="from anna import f\n")
    anna, ben = collect(tmp_path).submissions
    assert not anna.modules and not ben.modules


def test_caches_libraries_links_and_hidden_files_are_left_out_and_said(tmp_path: Path) -> None:
    folder = tmp_path / "class"
    write(folder, anna=ANSWER, env__lib=ANSWER, node_modules__x=ANSWER)
    (folder / "env" / "pyvenv.cfg").write_text("")
    for hidden in (".git", "__pycache__", ".ipynb_checkpoints"):
        (folder / hidden).mkdir()
        (folder / hidden / "x.py").write_text(ANSWER)
    (folder / ".x.py").write_text(ANSWER)
    (folder / "link.py").symlink_to(folder / "anna.py")
    (folder / "round").symlink_to(folder, target_is_directory=True)
    answers = collect(folder)
    assert names(answers, folder) == ["anna.py"]
    (said,) = answers.skipped
    assert said.startswith(f"{folder}: not judged: ")
    listed = said.partition("not judged: ")[2]
    left_out = {".git/", "__pycache__/", ".ipynb_checkpoints/", "env/", "node_modules/", "round/", ".x.py"}
    assert set(listed.split(", ")) == {*left_out, "link.py (a link)"}


def test_of_much_else_in_a_folder_the_first_are_named(tmp_path: Path) -> None:
    write(tmp_path, a=ANSWER)
    for number in range(NAMES_SAID + 3):
        (tmp_path / f"{number:02}.csv").write_text("")
    (said,) = collect(tmp_path).skipped
    assert said.endswith(f"{NAMES_SAID - 1:02}.csv and 3 more")


def test_a_name_that_moves_the_cursor_is_shown_as_text(tmp_path: Path) -> None:
    write(tmp_path, a=ANSWER)
    (tmp_path / "\x1b[2J\nfake").write_text("")
    (said,) = collect(tmp_path).skipped
    assert "\x1b" not in said and "\n" not in said


def test_a_folder_without_an_answer_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("")
    answers = collect(tmp_path)
    assert answers.submissions == ()
    assert answers.refused == (f"{tmp_path}: holds no .py and no .ipynb file",)


@pytest.mark.parametrize("typed", [ANSWER, "\r\n".join(ANSWER.split("\n")), "\ufeff" + ANSWER])
def test_a_dash_reads_standard_input_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    write(tmp_path, a=ANSWER)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed.encode())))
    submissions = collect("-", tmp_path / "a.py", "-").submissions
    assert [submission.name for submission in submissions] == ["standard input", str(tmp_path / "a.py")]
    assert submissions[0].cells[0].source == ANSWER


def test_a_closed_standard_input_holds_no_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    (submission,) = collect("-").submissions
    assert submission.fault == "standard input holds no code"
