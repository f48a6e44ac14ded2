"""Submissions from live objects: what travels with them, and which name is at fault where one cannot."""

from __future__ import annotations

import ast
import functools
import linecache
import pickle
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from torch_judge.execution.worker.notebook import choose_needed, parse_statements
from torch_judge.model.live_object import from_object, from_session
from torch_judge.model.submission import Carried, Cell

CONSTANT = 3
LOCK = threading.Lock()


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write files into a folder and return the first."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / next(iter(files))


def helper(x: int) -> int:
    return x + CONSTANT


def uses_helper(x: int) -> int:
    return helper(x)


def deep(x: int) -> Any:
    return middle(x)


def middle(x: int) -> Any:
    return LOCK, x


class Double:
    """A class with state."""

    factor = 2

    def __call__(self, x: int) -> int:
        """Double a number."""
        return helper(x) * self.factor


def by_value(source: str, name: str) -> Any:
    """Return an object as a notebook defines it: in `__main__`, without a file."""
    namespace: dict[str, Any] = {"__name__": "__main__", "threading": threading}
    exec(source, namespace)
    return namespace[name]


def closure() -> Any:
    factor = 5
    return lambda x: x * factor


LIVE = {
    "a function with helpers and constants": ("C = 3\ndef h(x): return x + C\ndef f(x): return h(x)", 4),
    "a class": ("class f:\n    def __new__(cls, x): return x + 9", 10),
    "a lambda": ("C = 3\nf = lambda x: x * C", 3),
    "a partial": ("import functools\ndef g(x, y): return x - y\nf = functools.partial(g, y=4)", -3),
    "a callable object": ("class G:\n    k = 7\n    def __call__(self, x): return x * self.k\nf = G()", 7),
    "a closure": ("def outer(k):\n    def inner(x): return x + k\n    return inner\nf = outer(20)", 21),
    "a bound method": ("class G:\n    def go(self, x): return x + 1\nf = G().go", 2),
    "a recursive function": ("def f(x): return x if x > 9 else f(x + 1)", 10),
    "an import in a cell": ("import math\nfrom math import floor as fl\ndef f(x): return fl(math.pi) * x", 3),
}


@pytest.mark.parametrize(("source", "result"), LIVE.values(), ids=LIVE.keys())
def test_a_live_object_travels_with_what_it_uses(source: str, result: int) -> None:
    submission = from_object(by_value(source, "f"), "f")
    assert submission.fault == ""
    assert submission.pickled is not None
    assert pickle.loads(submission.pickled)(1) == result


def test_a_closure_made_here_travels() -> None:
    submission = from_object(closure(), "f")
    assert submission.pickled is not None
    assert pickle.loads(submission.pickled)(2) == 10


UNPICKLABLE = {
    "a global": (
        "LOCK = threading.Lock()\ndef f(x): return LOCK",
        "f -> LOCK: `LOCK` is a lock, which cannot be sent",
        "inside f",
    ),
    "a global two functions away": (
        "LOCK = threading.Lock()\ndef h(x): return LOCK\ndef f(x): return h(x)",
        "f -> h -> LOCK: `LOCK` is a lock, which cannot be sent to the judge",
        "inside h",
    ),
    "a global of a nested function": (
        "LOCK = threading.Lock()\ndef f(x):\n    def g(): return [LOCK for _ in range(x)]\n    return g()",
        "f -> LOCK: `LOCK` is a lock",
        "inside f",
    ),
    "a name of a closure": (
        "def o():\n    k = threading.Lock()\n    return lambda x: k\nf = o()",
        "f -> k: `k` is a lock",
        "inside f",
    ),
    "a default": (
        "def f(x, y=threading.Lock()): return x",
        "f -> a default: `a default` is a lock",
        "inside f",
    ),
    "an attribute": (
        "class G:\n    def __init__(self): self.k = threading.Lock()\nf = G()",
        "f -> k: `k` is a lock",
        "inside f",
    ),
    "a class attribute": ("class f:\n    k = threading.Lock()", "f -> k: `k` is a lock", "inside f"),
    "itself": ("f = threading.Lock()", "f cannot be sent to the judge: TypeError: cannot pickle", ""),
    "its own complaint": (
        "class G:\n    def __reduce__(self): raise ValueError('no')\ng = G()\ndef f(x): return g",
        "f -> g: `g` is a G, which cannot be sent to the judge",
        "inside f",
    ),
}


@pytest.mark.parametrize(("source", "says", "advice"), UNPICKLABLE.values(), ids=UNPICKLABLE.keys())
def test_what_cannot_be_pickled_is_named_with_the_way_to_it(source: str, says: str, advice: str) -> None:
    submission = from_object(by_value(source, "f"), "f")
    assert submission.pickled is None
    assert submission.fault.startswith(says)
    assert submission.fault.endswith(advice) or advice in submission.fault


def test_a_live_object_that_is_too_large_says_so(monkeypatch) -> None:
    monkeypatch.setattr("torch_judge.model.live_object.LARGEST_PICKLE", 1 << 20)
    submission = from_object(functools.partial(max, bytes(3 << 20)), "f")
    assert submission.fault == "f and what it uses take 3 MiB, the limit is 1"


def test_modules_that_a_live_object_uses_are_carried(tmp_path: Path, monkeypatch) -> None:
    write(
        tmp_path,
        {
            "helpers_live.py": "from deeper_live import D\ndef h(x): return x + D\n",
            "deeper_live.py": "D = 2\n",
            "other_live.py": "",
        },
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    source = "import helpers_live\ndef f(x): return helpers_live.h(x)"
    try:
        submission = from_object(by_value(source, "f"), "f")
    finally:
        for name in ("helpers_live", "deeper_live"):
            sys.modules.pop(name, None)
    assert {"helpers_live", "deeper_live"} == set(submission.modules)


def test_a_package_whose_module_a_function_imports_is_carried_and_a_part_of_a_word_is_not(
    tmp_path: Path,
) -> None:
    write(tmp_path, {"e.py": "", "lambd.py": "", "lazy/__init__.py": "", "lazy/part.py": "P = 1\n"})
    source = "def f(x):\n    from lazy.part import P\n    return P"
    assert set(from_object(by_value(source, "f"), "f", folder=tmp_path).modules) == {"lazy", "lazy.part"}


def test_modules_are_found_through_a_link_to_the_folder(tmp_path: Path) -> None:
    write(tmp_path / "real", {"lazy_live.py": "L = 1\n"})
    (tmp_path / "link").symlink_to(tmp_path / "real")
    source = "def f(x):\n    import lazy_live\n    return lazy_live.L"
    submission = from_object(by_value(source, "f"), "f", folder=tmp_path / "link")
    assert submission.modules == {"lazy_live": Carried("L = 1\n")}


def test_a_loaded_module_with_a_wrong_name_does_not_stop_a_check(tmp_path: Path, monkeypatch) -> None:
    import types

    odd = types.ModuleType("odd")
    odd.__file__ = "/odd.py"
    monkeypatch.setitem(sys.modules, "very.odd.name.indeed", odd)
    submission = from_object(by_value("def f(x): return 'very.odd.name.indeed'", "f"), "f", folder=tmp_path)
    assert submission.fault == ""


def test_functions_of_an_imported_module_travel_by_name() -> None:
    submission = from_object(uses_helper, "uses_helper")
    assert __name__ in submission.modules
    assert submission.pickled is not None
    assert pickle.loads(submission.pickled)(1) == 4


def test_what_is_at_fault_deep_in_a_module_is_no_obstacle() -> None:
    assert from_object(deep, "deep").fault == ""
    assert from_object(Double(), "Double").fault == ""


# --- the session's source, where the object alone would not do ---

TYPED = (Cell("cell 1", "def f(x): return x\n"),)
BEYOND_PICKLING = "LOCK = threading.Lock()\ndef f(x): return LOCK"


def test_what_cannot_be_carried_is_judged_by_its_source_and_the_note_says_why() -> None:
    submission = from_object(by_value(BEYOND_PICKLING, "f"), "f", cells=TYPED)
    assert (submission.cells, submission.notebook, submission.pickled) == (TYPED, True, None)
    assert submission.fault == ""
    (note,) = submission.notes
    assert note.startswith(
        "What was judged is this session's source, not the live object: f -> LOCK: `LOCK` is"
    )


def test_what_can_be_carried_is_judged_as_it_is() -> None:
    submission = from_object(by_value("def f(x): return x", "f"), "f", cells=TYPED)
    assert submission.pickled is not None
    assert submission.notes == ()


READS = "import os\ndef f(x): return os.environ['SCALE_HERE']"


@pytest.mark.parametrize(
    ("text", "by_source"),
    [
        ("os.environ['SCALE_HERE'] = '2'", True),
        ("os.environ.setdefault('SCALE_HERE', '2')", True),
        ("os.environ.update(SCALE_HERE='2')", True),
        ("print(os.environ['SCALE_HERE'] == '2')", False),
    ],
)
def test_an_environment_that_the_session_sets_comes_with_its_source(text: str, *, by_source: bool) -> None:
    submission = from_object(by_value(READS, "f"), "f", cells=(Cell("cell 1", text), Cell("cell 2", READS)))
    assert (submission.pickled is None) is by_source
    assert any("environment variables" in note for note in submission.notes) is by_source


def test_a_text_that_names_a_device_has_its_source_judged() -> None:
    function = by_value("DEVICE = 'cuda'\ndef f(x): return x.to(DEVICE)", "f")
    (note,) = from_object(function, "f", cells=TYPED).notes
    assert "`DEVICE` names a device that the judge has not" in note


def test_of_a_session_runs_what_would_run_of_a_notebook() -> None:
    """Neither a cell that was tried out, nor what only an earlier version of the function needed."""
    texts = (
        "D = 1 / 0",
        "def f(): return D",
        "f()",
        "while True: pass",
        "K = 2\ndef f(): return K",
        "exit()",
    )
    cells = [Cell(f"cell {number}", text) for number, text in enumerate(texts, 1)]
    statements, _ = parse_statements(from_session("f", cells, "so it is").cells)
    chosen = [ast.unparse(statement.node) for statement in choose_needed(statements, "f")]
    assert chosen == ["K = 2", "def f():\n    return K"]


def test_a_session_comes_with_the_modules_beside_it(tmp_path: Path) -> None:
    write(tmp_path, {"lazy_live.py": "L = 1\n"})
    cells = (Cell("cell 1", "import lazy_live"),)
    assert set(from_session("f", cells, "so it is", folder=tmp_path).modules) == {"lazy_live"}


def test_a_folder_that_is_gone_has_no_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (gone := tmp_path / "gone").mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    submission = from_object(by_value("def f(x): return x", "f"), "f")
    assert (submission.fault, submission.modules) == ("", {})


def test_the_text_of_code_travels_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "def f(x): return 1 / 0\n"
    monkeypatch.setitem(linecache.cache, "/kernel/here.py", (len(text), None, [text], "/kernel/here.py"))
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(text, "/kernel/here.py", "exec"), namespace)
    assert from_object(namespace["f"], "f").cells == (Cell("/kernel/here.py", text),)


def test_a_module_that_was_edited_after_its_import_is_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path, {"stale_live.py": "def h(x): return x\n"})
    monkeypatch.syspath_prepend(tmp_path)
    function = by_value("import stale_live\ndef f(x): return stale_live.h(x)", "f")
    try:
        assert from_object(function, "f").notes == ()
        file.write_text("def h(x): return x + 12345\n")
        (note,) = from_object(function, "f").notes
    finally:
        sys.modules.pop("stale_live", None)
    assert f"{file} was edited" in note
