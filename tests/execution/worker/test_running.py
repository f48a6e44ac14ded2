"""Running: files and statements, and which failed statement explains what is missing."""

from __future__ import annotations

from typing import Any

import pytest

from torch_judge.execution.worker.audit import audit
from torch_judge.execution.worker.loader import list_texts
from torch_judge.execution.worker.notebook import parse_statements
from torch_judge.execution.worker.running import (
    Failed,
    Shell,
    find_cause,
    is_exported,
    list_magic_cells,
    make_python,
    run_statements,
)
from torch_judge.model.submission import Cell, Submission


def run(source: str, *, optional: bool) -> tuple[dict[str, Any], list[Failed]]:
    statements, _ = parse_statements([Cell("cell 1", source)])
    namespace = dict[str, Any]()
    chosen = set(map(id, statements)) if optional else set[int]()
    return namespace, list(run_statements(statements, namespace, optional=chosen))


def test_an_optional_statement_that_loops_for_ever_is_cut_off_and_the_next_one_runs() -> None:
    namespace, failures = run("while True:\n    try: pass\n    except Exception: pass\nK = 2", optional=True)
    assert namespace["K"] == 2
    assert [str(failed.error) for failed in failures] == ["takes longer than 1 s"]


def test_a_statement_that_waits_for_ever_is_cut_off_as_one_that_computes() -> None:
    _, failures = run("import time\nwhile True: time.sleep(0.05)", optional=True)
    assert [str(failed.error) for failed in failures] == ["takes longer than 1 s"]


def test_what_fails_is_yielded_with_the_names_it_would_have_set() -> None:
    namespace, failures = run("import nowhere_xyz as m\nT = {}\nT['k'] = 1 / 0\nK = 2", optional=False)
    assert namespace["K"] == 2
    assert [(type(failed.error), set(failed.sets), failed.changes) for failed in failures] == [
        (ModuleNotFoundError, {"m"}, False),
        (ZeroDivisionError, {"T"}, True),
    ]


MISSING, LATER, ZERO = ImportError("m"), NameError("m", name="m"), ZeroDivisionError()
FAILURES = [
    Failed(MISSING, frozenset({"m"})),
    Failed(LATER, frozenset({"k"})),
    Failed(ZERO, frozenset({"T"}), changes=True),
]


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (NameError("m", name="m"), MISSING),
        (NameError("k", name="k"), MISSING),
        (NameError("other", name="other"), None),
        (UnboundLocalError("m", name="m"), None),
        (KeyError("k"), ZERO),
        (AttributeError("k"), ZERO),
        (ValueError("k"), None),
    ],
)
def test_a_missing_thing_is_explained_by_what_would_have_set_it(
    error: BaseException, cause: BaseException | None
) -> None:
    assert find_cause(error, FAILURES) is cause


def test_two_names_that_miss_each_other_end_the_search() -> None:
    first, second = NameError("a", name="a"), NameError("b", name="b")
    failures = [Failed(first, frozenset({"b"})), Failed(second, frozenset({"a"}))]
    assert find_cause(NameError("a", name="a"), failures) in {first, second}


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("!ls\nx = 1\n", "pass\nx = 1\n"),
        ("x = '''\n!ls\n'''\n", "x = '''\n!ls\n'''\n"),
        ("!ls\nx = = 1\n", "!ls\nx = = 1\n"),
        ("%%bash\nx = 1\n", "pass\nx = 1\n"),
        ("time flies\nx = 1\n", "time flies\nx = 1\n"),
    ],
)
def test_only_a_script_that_is_python_but_for_its_magics_loses_them(source: str, plain: str) -> None:
    assert make_python(Cell("mine.py", source)) == plain


def test_a_shell_does_nothing_but_run_a_timed_cell() -> None:
    namespace = dict[str, Any]()
    timed = "%matplotlib inline\nK = 2\n"
    text = f"get_ipython().run_cell_magic('time', '', {timed!r})"
    shell = Shell(namespace, list_magic_cells(Cell("mine.py", text)))
    assert shell().run_line_magic("cd", "/tmp") is None
    assert shell().getoutput("ls") == []
    shell().run_cell_magic("bash", "", "exit 3")
    shell().run_cell_magic("time", "", timed)
    assert namespace["K"] == 2


def test_a_script_that_only_asks_whether_it_is_in_a_notebook_is_no_exported_one() -> None:
    assert is_exported("get_ipython().run_line_magic('matplotlib', 'inline')")
    assert not is_exported("try:\n    get_ipython()\nexcept NameError:\n    pass")


EXPORTED = (
    "import gc as g\nget_ipython().run_cell_magic('time', '', 'g.disable()\\nimport ctypes\\nK = 2\\n')\n"
)


def test_the_cells_under_magics_in_a_script_are_listed_with_those_in_them() -> None:
    inner = "get_ipython().run_cell_magic('capture', 'out', 'K = 2')\n"
    outer = f"x = 1\nget_ipython().run_cell_magic('time', '', {inner!r})\n"
    assert list(list_magic_cells(Cell("mine.py", outer))) == [
        Cell("mine.py, %%time in line 2", inner),
        Cell("mine.py, %%time in line 2, %%capture in line 1", "K = 2"),
    ]
    assert list(list_magic_cells(Cell("mine.py", outer.replace("time", "bash")))) == []


def test_a_cell_whose_text_does_not_stand_in_the_script_is_not_run() -> None:
    """It would be code that nobody has looked at."""
    namespace = dict[str, Any]()
    shell = Shell(namespace, list_magic_cells(Cell("mine.py", EXPORTED)))
    shell.run_cell_magic("time", "", "K = " + "3")
    assert "K" not in namespace


@pytest.mark.parametrize("notebook", [False, True])
def test_the_cells_under_magics_are_audited_as_all_else_is(notebook: bool) -> None:  # noqa: FBT001 - a parameter of the test
    name = "cell 1" if notebook else "mine.py"
    submission = Submission(name, (Cell(name, EXPORTED),), notebook=notebook)
    flags = audit(list_texts(submission).items())
    assert {(flag.sign, flag.file) for flag in flags} >= {
        ("gc", name),
        ("ctypes", f"{name}, %%time in line 2"),
    }
    assert any(flag.file != name and "disable" in flag.text for flag in flags)


@pytest.mark.parametrize("magic", ["%%time", "%%capture out", "%%timeit -n 1"])
def test_a_notebook_s_cell_under_a_magic_is_audited(magic: str) -> None:
    submission = Submission("n", (Cell("cell 1", f"{magic}\nimport ctypes\n"),), notebook=True)
    assert [(flag.sign, flag.line) for flag in audit(list_texts(submission).items())] == [("ctypes", 2)]
