"""The learner's files: nothing is ever written over."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT
from torch_judge.judging.starter import _ends_with_the_starter
from torch_judge.learning.workspace import (
    compose_page_starter,
    compose_starter,
    find_answer,
    lay_out,
    put_back,
)
from torch_judge.model.bank import find_bank
from torch_judge.model.errors import UsageError
from torch_judge.model.problem import Problem

PROBLEMS = find_bank(ROOT / "problems").problems()


def test_laying_out_refuses_whatever_is_there(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("file", "folder", "link"):
        with pytest.raises(UsageError, match="is there already, and is left as it is"):
            lay_out(tmp_path / name, "new")
    assert (tmp_path / "file").read_text() == "mine"
    assert not (tmp_path / "nowhere").exists()


def test_a_full_disk_leaves_no_half_of_a_file_and_the_old_answer_where_it_was(tmp_path: Path) -> None:
    (tmp_path / "old.py").write_text("mine")
    script = (
        "import resource, sys\nfrom pathlib import Path\nfrom torch_judge.learning.workspace import *\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "for work, name in ((lay_out, 'new.py'), (put_back, 'old.py')):\n"
        "    try: work(Path(sys.argv[1]) / name, 'x' * 5000)\n"
        "    except UsageError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert len(done.stdout.splitlines()) == 2
    assert all("cannot be written: File too large" in line for line in done.stdout.splitlines())
    assert [path.name for path in tmp_path.iterdir()] == ["old.py"]
    assert (tmp_path / "old.py").read_text() == "mine"


def test_what_is_no_file_is_not_put_back(tmp_path: Path) -> None:
    (tmp_path / "double.py").mkdir()
    with pytest.raises(UsageError, match="cannot be put back: Is a directory"):
        put_back(tmp_path / "double.py", "x")


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.slug)
def test_a_starter_file_is_the_starter_and_the_debug_cell_as_an_example_to_run(problem: Problem) -> None:
    *before, main = ast.parse(compose_starter(problem)).body
    assert isinstance(main, ast.If) and ast.unparse(main.test) == "__name__ == '__main__'"
    given, example = (
        [ast.dump(node) for node in ast.parse(text).body]
        for text in (problem.read_starter(), problem.read_debug())
    )
    found = [ast.dump(node) for node in (*before, *main.body)]
    assert sorted(set(found)) == sorted({*given, *example})
    assert len(found) == len(set(found))
    assert not any(isinstance(node, ast.Import | ast.ImportFrom) for node in main.body)


def test_the_head_of_a_starter_file_names_the_problem_and_the_commands(problem: Problem) -> None:
    head = compose_starter(problem).partition("\n\n")[0].splitlines()
    assert head[0] == "# 1. Double (easy): write double."
    assert [line.split("  ")[2].strip() for line in head[2:]] == [
        "torch-judge show double",
        "torch-judge watch double.py",
        "torch-judge hint double",
        "python double.py",
    ]


def test_a_starter_file_has_each_import_once_and_keeps_texts_of_several_lines(problem: Problem) -> None:
    (problem.folder / "starter.py").write_text(
        "import torch\nfrom a import b\n\ndef double(x):\n    raise E\n"
    )
    debug = 'import torch\nimport copy\n\nprint("""one\n  two""")\nfor x in ():\n    double(x)\n'
    (problem.folder / "debug.py").write_text(debug)
    assert compose_starter(problem).partition("\n\n")[2] == (
        "import copy\n\nimport torch\nfrom a import b\n\n\ndef double(x):\n    raise E\n\n\n"
        'if __name__ == "__main__":\n    print("""one\n  two""")\n    for x in ():\n        double(x)\n'
    )


def test_an_answer_is_looked_for_as_a_file_and_then_as_a_notebook(problem: Problem, tmp_path: Path) -> None:
    assert find_answer(problem, tmp_path) == tmp_path / "double.py"
    (tmp_path / "01_double.ipynb").touch()
    assert find_answer(problem, tmp_path) == tmp_path / "01_double.ipynb"
    (tmp_path / "double.py").touch()
    assert find_answer(problem, tmp_path) == tmp_path / "double.py"


def test_a_pages_editor_begins_with_the_imports_and_the_starter(problem: Problem) -> None:
    (problem.folder / "debug.py").write_text("import numpy as np\nimport copy\n\nprint(double)\n")
    (problem.folder / "starter.py").write_text("from torch import nn\n\n\ndef double(x):\n    ...\n")
    expected = "import copy\n\nimport numpy as np\nfrom torch import nn\n\n\ndef double(x):\n    ...\n"
    assert compose_page_starter(problem) == expected
    (problem.folder / "debug.py").write_text("print(double)\n")
    (problem.folder / "starter.py").write_text("def double(x):\n    ...\n")
    assert compose_page_starter(problem) == "def double(x):\n    ...\n"


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.slug)
def test_every_pages_starter_is_known_as_nothing_written(problem: Problem) -> None:
    assert _ends_with_the_starter(problem, compose_page_starter(problem))
