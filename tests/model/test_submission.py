"""Submissions: what is read from a file or a notebook, and what is said of one that holds nothing."""

from __future__ import annotations

import io
import json
import os
import runpy
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from torch_judge.model.errors import UsageError
from torch_judge.model.submission import LARGEST_SOURCE, Carried, from_path, from_source, from_stream

FUNCTION = "def f(x):\n    return x\n"


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write files into a folder and return the first."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / next(iter(files))


def notebook(*sources: Any, **facts: Any) -> str:
    cells = [{"cell_type": "code", "source": source, "metadata": {}, "outputs": []} for source in sources]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells, **facts})


# --- files ---


def test_a_file_is_one_cell_of_its_own_name(tmp_path: Path) -> None:
    submission = from_path(write(tmp_path, {"mine.py": FUNCTION}))
    assert [(cell.name, cell.source) for cell in submission.cells] == [("mine.py", FUNCTION)]
    assert (submission.name, submission.notebook, submission.fault) == (str(tmp_path / "mine.py"), False, "")


def test_a_byte_order_mark_is_no_part_of_the_source(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_bytes(b"\xef\xbb\xbf" + FUNCTION.encode())
    assert from_path(tmp_path / "mine.py").cells[0].source == FUNCTION


def test_a_path_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.py: no such file"):
        from_path(tmp_path / "none.py")
    with pytest.raises(UsageError, match="not a file"):
        from_path(tmp_path)
    with pytest.raises(UsageError, match="no such file"):
        from_path(tmp_path / ("a" * 300 + ".py"))
    with pytest.raises(UsageError, match="no such file"):
        from_path(tmp_path / "a\0b.py")


def test_a_named_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    with pytest.raises(UsageError, match="not a file"):
        from_path(tmp_path / "pipe.py")


FAULTS = {
    "an empty file": ("mine.py", b"", "mine.py holds no code"),
    "a file of blanks": ("mine.py", b" \n\t\n", "mine.py holds no code"),
    "a picture": ("mine.py", b"\x89PNG\r\n\x1a\n", "mine.py is not Python source: byte 0 is not UTF-8"),
    "a coding line of no encoding": (
        "mine.py",
        b"# coding: klingon\n",
        "mine.py is not Python source: its coding line is wrong (unknown encoding: klingon)",
    ),
    "a mark that contradicts the coding line": (
        "mine.py",
        b"\xef\xbb\xbf# coding: gbk\nx = 1\n",
        "mine.py is not Python source: its coding line is wrong",
    ),
    "a byte that its encoding does not have": (
        "mine.py",
        b"# coding: gbk\nx = '\xff'\n",
        "mine.py is not Python source: byte 19 is not gbk",
    ),
    "a coding line that names no text": ("mine.py", b"# coding: rot13\nx", "rot13 is no encoding of a text"),
    "an encoding that takes minutes": (
        "mine.py",
        b"# coding: punycode\n" + b"x-" * 400_000 + b"a" * 200_000,
        "punycode is no encoding of a file",
    ),
    "a huge file": ("mine.py", b"#" * ((1 << 20) + 1), "mine.py is larger than 1 MiB"),
    "an empty notebook file": ("mine.ipynb", b"", "this is no notebook: it is not JSON (line 1)"),
    "a notebook that is not JSON": (
        "mine.ipynb",
        b'{"cells": [\n  oops\n',
        "this is no notebook: it is not JSON (line 2)",
    ),
    "a list": ("mine.ipynb", b"[]", "this is no notebook: it is JSON without cells"),
    "a text": ("mine.ipynb", b'"cells"', "this is no notebook: it is JSON without cells"),
    "an object": ("mine.ipynb", b'{"nbformat": 4}', "this is no notebook: it has no list of cells"),
    "cells that are no list": (
        "mine.ipynb",
        b'{"nbformat": 4, "cells": {"a": 1}}',
        "this is no notebook: it has no list of cells",
    ),
    "an old notebook": (
        "mine.ipynb",
        b'{"nbformat": 3, "worksheets": [{"cells": []}]}',
        "this notebook has the old format 3",
    ),
    "a notebook without cells": ("mine.ipynb", b'{"nbformat": 4, "cells": []}', "mine.ipynb holds no code"),
    "bottomless JSON": ("mine.ipynb", b"[" * 100_000 + b"]" * 100_000, "this is no notebook: it is not JSON"),
    "bottomless cells": (
        "mine.ipynb",
        b'{"cells":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        "this is no notebook: it is not JSON",
    ),
    "a huge integer": ("mine.ipynb", b"9" * 10_000, "this is no notebook: it is not JSON"),
    "a notebook that is no text": ("mine.ipynb", b"\xff\xfe", "byte 0 is not UTF-8"),
    "much code": (
        "mine.ipynb",
        notebook("#" * (1 << 20), "#").encode(),
        "this notebook holds more than 1 MiB of code",
    ),
}


WRITTEN = {
    "a coding line": "# -*- coding: gbk -*-\nname = '卷积'\n".encode("gbk"),
    "a coding line below another": "#!/bin/python\n# vim: set fileencoding=latin-1 :\nname = 'é'\n".encode(
        "latin-1"
    ),
    "a byte order mark": b"\xef\xbb\xbfname = 'x'\n",
    "old ends of line": "# coding: gbk\rname = '卷'\r".encode("gbk"),
    "ends of line of Windows": b'name = """a\r\nb"""\r\n',
    "a form feed": b"name = 1\n\x0cother = name\n",
}


@pytest.mark.parametrize("raw", WRITTEN.values(), ids=WRITTEN.keys())
def test_a_file_is_read_as_python_reads_it(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "mine.py").write_bytes(raw)
    submission = from_path(tmp_path / "mine.py")
    assert submission.fault == ""
    ours: dict[str, Any] = {}
    exec(submission.cells[0].source, ours)
    theirs = runpy.run_path(str(tmp_path / "mine.py"))
    assert ours["name"] == theirs["name"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_helper_is_found_and_read_whatever_ends_its_lines(tmp_path: Path, end: str) -> None:
    (tmp_path / "mine.py").write_bytes(f"x = 1{end}\x0cimport helper{end}".encode())
    (tmp_path / "helper.py").write_bytes(f"# coding: gbk{end}name = '卷'{end}".encode("gbk"))
    assert from_path(tmp_path / "mine.py").modules == {"helper": Carried("# coding: gbk\nname = '卷'\n")}


@pytest.mark.parametrize(("name", "raw", "says"), FAULTS.values(), ids=FAULTS.keys())
def test_a_file_that_holds_no_submission_says_why(tmp_path: Path, name: str, raw: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(raw)
    submission = from_path(tmp_path / name)
    assert says in submission.fault
    assert submission.cells == ()


@pytest.mark.skipif(
    sys.platform != "linux",
    reason="a file that nobody can read, not even root, is easy to find on Linux only",
)
def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    (tmp_path / "mine.py").symlink_to("/proc/self/mem")
    assert from_path(tmp_path / "mine.py").fault == "mine.py cannot be read: Input/output error"


def test_a_text_can_be_a_submission() -> None:
    assert [(cell.name, cell.source) for cell in from_source(FUNCTION, name="some/where.py").cells] == [
        ("where.py", FUNCTION)
    ]


# --- notebooks ---


def test_only_code_cells_count_and_each_is_named_by_its_place(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": "# words"},
        {"cell_type": "code", "source": "a = 1"},
        {"cell_type": "raw", "source": "raw"},
        {
            "cell_type": "code",
            "source": ["b = 2\n", "c = 3"],
            "metadata": {"junk": [None, {"deep": 1}]},
            "outputs": [{"text": "x"}],
        },
        {"cell_type": "code", "source": 3},
        {"cell_type": "code"},
        {"cell_type": "code", "source": ["d = 4\n", None, 5, "e = 6"]},
        "junk",
        None,
        [],
    ]
    submission = from_path(
        write(
            tmp_path, {"n.ipynb": json.dumps({"nbformat": 4, "metadata": "junk", "cells": cells, "more": {}})}
        )
    )
    found = [(cell.name, cell.source) for cell in submission.cells if cell.source]
    assert found == [("cell 2", "a = 1"), ("cell 4", "b = 2\nc = 3"), ("cell 7", "d = 4\ne = 6")]
    assert submission.notebook


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=10)
    | st.just("code"),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["cells", "nbformat", "cell_type", "source", "metadata"]) | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@given(JUNK, st.booleans())
def test_any_json_is_a_notebook_or_says_why_not(tmp_path_factory, value: Any, wrapped: bool) -> None:  # noqa: FBT001 - drawn
    path = tmp_path_factory.getbasetemp() / "junk.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "cells": value} if wrapped else value), encoding="utf-8")
    submission = from_path(path)
    assert bool(submission.fault) != bool(submission.cells)


# --- what stands beside ---


def carried(folder: Path, files: dict[str, str]) -> dict[str, Carried]:
    submission = from_path(write(folder, files))
    assert submission.fault == ""
    return dict(submission.modules)


BESIDE = {
    "a module": ({"m.py": "import h", "h.py": "A = 1"}, {"h"}),
    "an import as": ({"m.py": "import h as g, k as l", "h.py": "", "k.py": ""}, {"h", "k"}),
    "a from import": ({"m.py": "from h import A", "h.py": "A = 1"}, {"h"}),
    "an import in a function": (
        {"m.py": "def f():\n    from h import A\n    return A", "h.py": "A = 1"},
        {"h"},
    ),
    "an import after a colon": ({"m.py": "try: import h\nexcept ImportError: h = None", "h.py": ""}, {"h"}),
    "an import after a semicolon": ({"m.py": "import os; import h", "h.py": ""}, {"h"}),
    "a chain": ({"m.py": "import h", "h.py": "import k", "k.py": ""}, {"h", "k"}),
    "modules that import each other": (
        {"m.py": "import h", "h.py": "import k", "k.py": "import h"},
        {"h", "k"},
    ),
    "a package": ({"m.py": "import p", "p/__init__.py": "from .a import A", "p/a.py": "A = 1"}, {"p", "p.a"}),
    "from . import": (
        {"m.py": "import p", "p/__init__.py": "from . import a, b", "p/a.py": "", "p/b.py": ""},
        {"p", "p.a", "p.b"},
    ),
    "a submodule by name": ({"m.py": "import p.a", "p/__init__.py": "", "p/a.py": ""}, {"p", "p.a"}),
    "a submodule from a package": (
        {"m.py": "from p import a", "p/__init__.py": "", "p/a.py": ""},
        {"p", "p.a"},
    ),
    "a list in parentheses": (
        {
            "m.py": "from p import (  # these\n    a,\n    b as c,  # and that\n)",
            "p/__init__.py": "",
            "p/a.py": "",
            "p/b.py": "",
        },
        {"p", "p.a", "p.b"},
    ),
    "siblings": (
        {"m.py": "import p.a", "p/__init__.py": "", "p/a.py": "from .b import B", "p/b.py": "B = 1"},
        {"p", "p.a", "p.b"},
    ),
    "one level up": (
        {
            "m.py": "import p.q.a",
            "p/__init__.py": "",
            "p/q/__init__.py": "",
            "p/q/a.py": "from ..b import B",
            "p/b.py": "B = 1",
        },
        {"p", "p.q", "p.q.a", "p.b"},
    ),
    "a module of the level above": (
        {
            "m.py": "import p.q.a",
            "p/__init__.py": "",
            "p/q/__init__.py": "",
            "p/q/a.py": "from .. import b",
            "p/b.py": "",
        },
        {"p", "p.q", "p.q.a", "p.b"},
    ),
    "a folder without __init__": (
        {"m.py": "from p.q.a import A", "p/q/a.py": "A = 1"},
        {"p", "p.q", "p.q.a"},
    ),
    "a notebook of the same name": ({"m.ipynb": notebook("from m import A"), "m.py": "A = 1"}, {"m"}),
    "a notebook": ({"n.ipynb": notebook("%matplotlib inline\nimport h"), "h.py": ""}, {"h"}),
    "a folder on the path": ({"m.py": "import sys\nsys.path.append('lib')\nimport h", "lib/h.py": ""}, {"h"}),
    "a folder put first on the path": (
        {"m.py": 'import sys\nsys.path.insert(0, "./a/lib")\nimport p.h', "a/lib/p/h.py": ""},
        {"p", "p.h"},
    ),
    "no folder above": ({"in/m.py": "import sys\nsys.path.append('..')\nimport h", "h.py": ""}, set()),
    "no folder elsewhere": ({"m.py": "import sys\nsys.path.append('/usr/lib')\nimport h"}, set()),
    "a file that is run": (
        {"n.ipynb": notebook("%run -i ./lib/h.py\nx = 1"), "lib/h.py": ""},
        {"lib", "lib.h"},
    ),
    "a file that a cell writes": (
        {"n.ipynb": notebook("%%writefile h.py\nimport k", "import h"), "k.py": ""},
        {"h", "k"},
    ),
    "nothing that is written and not imported": (
        {"n.ipynb": notebook("%%writefile h.py\nK = 1", "x = 1")},
        set(),
    ),
    "no stand-in for a library that is written": (
        {"n.ipynb": notebook("%%writefile torch.py\nK = 1", "import torch")},
        set(),
    ),
    "nothing of its own name": ({"m.py": "import m"}, set()),
    "nothing that it does not import": ({"m.py": FUNCTION, "h.py": "", "bob.py": ""}, set()),
    "nothing that is not there": ({"m.py": "import nowhere.at.all"}, set()),
    "no stand-in for a standard module": (
        {"m.py": "import random, json", "random.py": "", "json/__init__.py": ""},
        set(),
    ),
    "no stand-in for the libraries": (
        {"m.py": "import torch, numpy as np", "torch.py": "", "numpy/__init__.py": ""},
        set(),
    ),
    "no stand-in for the judge": ({"m.py": "from torch_judge import check", "torch_judge.py": ""}, set()),
    "no data": ({"m.py": "import h", "h.json": "{}", "h/data.csv": ""}, set()),
}


@pytest.mark.parametrize(("files", "names"), BESIDE.values(), ids=BESIDE.keys())
def test_a_submission_carries_what_it_imports_from_beside_it(
    tmp_path: Path, files: dict[str, str], names: set[str]
) -> None:
    assert set(carried(tmp_path, files)) == names


def test_a_carried_module_keeps_its_text_and_knows_whether_it_is_a_package(tmp_path: Path) -> None:
    found = carried(tmp_path, {"m.py": "import p.a", "p/__init__.py": "P = 1\n", "p/a.py": "A = 1\n"})
    assert found == {"p": Carried("P = 1\n", package=True), "p.a": Carried("A = 1\n", package=False)}


def test_what_a_cell_writes_goes_before_the_file_and_is_put_together(tmp_path: Path) -> None:
    cells = ["%%writefile h.py\nA = 1\n", "%%file h.py\nB = 2\n", "%%writefile -a h.py\nC = 3\n", "import h"]
    assert carried(tmp_path, {"n.ipynb": notebook(*cells), "h.py": "OLD = 0"}) == {
        "h": Carried("B = 2\nC = 3\n")
    }


def test_a_file_of_another_person_is_not_read_in_the_place_of_one_that_a_cell_writes(tmp_path: Path) -> None:
    cells = ["%%writefile lib/bob.py\nB = 1\n", "import sys\nsys.path.append('lib')\nimport bob"]
    path = write(tmp_path, {"n.ipynb": notebook(*cells), "bob.py": "SECRET = 1"})
    assert from_path(path, apart_from=[tmp_path / "bob.py"]).modules == {"bob": Carried("B = 1\n")}


def test_a_link_to_a_folder_elsewhere_is_not_looked_in(tmp_path: Path) -> None:
    write(tmp_path / "out", {"secret.py": "KEY = 1"})
    path = write(tmp_path / "in", {"m.py": "import sys\nsys.path.append('lib')\nimport secret"})
    (tmp_path / "in" / "lib").symlink_to(tmp_path / "out")
    assert from_path(path).modules == {}


def test_a_link_that_leads_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    secret = write(tmp_path / "out", {"secret.py": "KEY = 1", "pack/__init__.py": "KEY = 2"})
    path = write(tmp_path / "in", {"m.py": "import secret, pack, near", "real.py": ""})
    (tmp_path / "in" / "secret.py").symlink_to(secret)
    (tmp_path / "in" / "pack").symlink_to(secret.parent / "pack")
    (tmp_path / "in" / "near.py").symlink_to("real.py")
    assert set(from_path(path).modules) == {"near"}


def test_a_dotted_name_does_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    write(tmp_path, {"secret.py": "KEY = 1"})
    assert (
        carried(tmp_path / "in", {"m.py": "from ..secret import KEY\nfrom .. import secret\nimport ..secret"})
        == {}
    )


def test_a_helper_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    path = write(
        tmp_path, {"m.py": "import binary, huge, fine", "fine.py": "", "huge.py": "#" * ((1 << 20) + 1)}
    )
    (tmp_path / "binary.py").write_bytes(b"\xff\xfe")
    assert set(from_path(path).modules) == {"fine"}


def test_hostile_imports_neither_raise_nor_take_long(tmp_path: Path) -> None:
    names = ",".join(f"a{n}" for n in range(100_000))
    bombs = [
        "import " + "a" * 300,
        f"import {names}",
        "from" + " " * 200_000,
        "from a import (" * 20_000,
        "from " + "." * 200_000,
        "import a\0b",
    ]
    for n, bomb in enumerate(bombs):
        assert carried(tmp_path / str(n), {"m.py": bomb}) == {}


def test_modules_that_take_more_than_a_frame_are_a_fault(tmp_path: Path) -> None:
    files = {"m.py": "import a, b, c, d", **{f"{name}.py": "#" * 1_000_000 for name in "abcd"}}
    assert (
        from_path(write(tmp_path, files)).fault
        == "m.py and the modules beside it that it imports take more than 3 MiB"
    )


def test_a_source_that_grows_on_its_way_is_a_fault_and_not_a_broken_judge(tmp_path: Path) -> None:
    assert (
        "take more than 3 MiB"
        in from_path(write(tmp_path, {"m.ipynb": notebook("#" + "\U0001f600" * 600_000)})).fault
    )


BOMBS = {
    "half a million lists": '{"cells": [' + "[]," * 500_000 + "[]]}",
    "millions of numbers": '{"cells": [], "x": [' + "1.5," * 2_000_001 + "1]}",
    "a hundred thousand deep": "[" * 100_000 + "]" * 100_000,
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS.keys())
def test_a_notebook_bomb_is_refused_unparsed(tmp_path: Path, text: str) -> None:
    """A list takes fifty times the memory of its text; nobody's notebook holds so many."""
    path = tmp_path / "bomb.ipynb"
    path.write_text(text)
    tracemalloc.start()
    submission = from_path(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert submission.fault
    assert peak < 5 * len(text) + (1 << 20)


PLACES = {
    "%cd": "%cd lib\nimport h",
    "%cd, quietly": "%cd -q 'lib'\nimport h",
    "cd without its %": "cd lib\nimport h",
    "%cd there and on": "%cd lib/..\n%cd ./lib\nimport h",
    "%cd and a folder on the path": "%cd .\nimport sys\nsys.path.append('lib')\nimport h",
    "os.chdir": "import os\nos.chdir('lib')\nimport h",
    "a path that is put together": "sys.path.insert(0, os.path.join(os.getcwd(), 'lib'))\nimport h",
    "a %run after a %cd": "%cd lib\n%run h.py",
    "a run without its %": "run lib/h.py",
}


@pytest.mark.parametrize("source", PLACES.values(), ids=PLACES)
def test_modules_are_found_where_a_notebook_goes(source: str, tmp_path: Path) -> None:
    path = write(tmp_path, {"n.ipynb": notebook(*source.split("\n")), "lib/h.py": "T = 2"})
    found = from_path(path).modules
    assert found[max(found, key=len)].source == "T = 2"
    assert set(found) <= {"h", "lib", "lib.h"}


def test_modules_are_found_that_the_cells_of_an_exported_script_import(tmp_path: Path) -> None:
    magics = (
        "get_ipython().run_line_magic('cd', 'lib')\n"
        "get_ipython().run_cell_magic('time', '', 'x = 1\\nfrom h import f\\nimport g\\n')\n"
        "get_ipython().run_cell_magic('time', '', \"import e\\n\")\n"
    )
    files = {"m.py": magics, "lib/h.py": "", "lib/g.py": "", "lib/e.py": ""}
    assert set(from_path(write(tmp_path, files)).modules) == {"h", "g", "e"}


@pytest.mark.parametrize("line", ["!cd lib", "%cd ..", "%cd /lib", "# %cd lib", "%cd = lib"])
def test_a_shell_s_own_cd_and_one_that_leaves_the_folder_change_nothing(line: str, tmp_path: Path) -> None:
    path = write(tmp_path / "in", {"n.ipynb": notebook(line, "import h"), "lib/h.py": "T = 2"})
    (tmp_path / "h.py").write_text("T = 3")
    assert from_path(path).modules == {}


def test_the_cells_of_a_notebook_that_is_run_stand_before_the_cell_that_runs_it(tmp_path: Path) -> None:
    """Once each, though they run each other; their own cells can be told from the notebook's."""
    files = {
        "n.ipynb": notebook("%cd sub", "%run ./my-tools.ipynb\nx = 1", "%run -i 'my-tools.ipynb'"),
        "sub/my-tools.ipynb": notebook("%run n.ipynb", "%run other one.ipynb", "T = 2"),
        "sub/other one.ipynb": notebook("%run my-tools.ipynb", "O = 1"),
    }
    cells = from_path(write(tmp_path, files)).cells
    assert [cell.source for cell in cells if "%" not in cell.source] == ["O = 1", "T = 2"]
    names = [cell.name for cell in cells]
    assert names[0] == "cell 1"
    assert (
        names.index("other one.ipynb cell 2") < names.index("my-tools.ipynb cell 3") < names.index("cell 2")
    )
    assert cells[-1].source == "%ran -i 'my-tools.ipynb'"


def test_another_person_s_notebook_is_not_put_in(tmp_path: Path) -> None:
    files = {"ann.ipynb": notebook("%run bob.ipynb"), "bob.ipynb": notebook("ANSWER = 1")}
    path = write(tmp_path, files)
    assert "ANSWER = 1" in [cell.source for cell in from_path(path).cells]
    cells = from_path(path, apart_from=[path, tmp_path / "bob.ipynb"]).cells
    assert [cell.source for cell in cells] == ["%ran bob.ipynb"]


def test_only_so_many_notebooks_are_put_in(tmp_path: Path) -> None:
    names = [f"{number}.ipynb" for number in range(20)]
    files = {"n.ipynb": notebook(*(f"%run {name}" for name in names))}
    path = write(tmp_path, files | dict.fromkeys(names, notebook("T = 1")))
    assert [cell.source for cell in from_path(path).cells].count("T = 1") == 16


@pytest.mark.parametrize("named", ["../secret.ipynb", "gone.ipynb"])
def test_a_notebook_that_lies_elsewhere_or_nowhere_is_not_read(named: str, tmp_path: Path) -> None:
    path = write(tmp_path / "in", {"n.ipynb": notebook(f"%run {named}")})
    (tmp_path / "secret.ipynb").write_text(notebook("ANSWER = 1"))
    assert [cell.source for cell in from_path(path).cells] == [f"%run {named}"]


# --- what is no file ---


def test_a_stream_is_read_as_a_file_with_the_modules_of_a_folder(tmp_path: Path) -> None:
    write(tmp_path, {"helper.py": "ONE = 1\n", "other.py": "TWO = 2\n"})
    text = "import helper, other\n" + FUNCTION
    for raw in (text, "\ufeff" + text, text.replace("\n", "\r\n")):
        read = from_stream(io.BytesIO(raw.encode()), folder=tmp_path, apart_from=[tmp_path / "other.py"])
        assert (read.name, read.notebook, read.fault) == ("standard input", False, "")
        assert [(cell.name, cell.source) for cell in read.cells] == [("stdin.py", text)]
        assert read.modules == {"helper": Carried("ONE = 1\n")}


def test_a_stream_that_is_a_notebook_is_read_as_one(tmp_path: Path) -> None:
    cells = [{"cell_type": "code", "source": FUNCTION}, {"cell_type": "markdown", "source": "f"}]
    raw = json.dumps({"nbformat": 4, "cells": cells}).encode()
    for start in (b"", b"\xef\xbb\xbf", b"\n  "):
        read = from_stream(io.BytesIO(start + raw), folder=tmp_path)
        assert (read.notebook, [cell.source for cell in read.cells]) == (True, [FUNCTION])


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"", "standard input holds no code"),
        (b" \n", "standard input holds no code"),
        (b"\xff\xfe", "standard input is not Python source: byte 0 is not UTF-8"),
        (b"{'cells': []}", "this is no notebook: it is not JSON (line 1)"),
        (b"#" * (LARGEST_SOURCE + 1), "standard input is larger than 1 MiB"),
    ],
)
def test_a_stream_that_holds_no_submission_has_a_fault(tmp_path: Path, raw: bytes, fault: str) -> None:
    assert from_stream(io.BytesIO(raw), folder=tmp_path).fault == fault


def test_a_text_stands_alone_and_its_lines_end_as_on_linux() -> None:
    submission = from_source("import helper\r\nx = 1\r")
    assert (submission.cells[0].source, submission.modules) == ("import helper\nx = 1\n", {})


@pytest.mark.parametrize(("text", "fault"), [(" \n", "holds no code"), ("#" * (LARGEST_SOURCE + 1), "1 MiB")])
def test_a_text_that_holds_no_submission_has_a_fault(text: str, fault: str) -> None:
    assert fault in from_source(text).fault and not from_source(text).cells
