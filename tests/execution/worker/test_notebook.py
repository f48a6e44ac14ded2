"""Notebooks: what is plain Python of a cell, and which statements an entry point needs."""

from __future__ import annotations

import ast

import pytest

from torch_judge.execution.worker.notebook import choose_needed, parse_statements, plain_python
from torch_judge.model.submission import Cell

CELLS = {
    "a line magic": ("%matplotlib inline\nx = 1", "pass\nx = 1"),
    "a shell line": ("!pip install -q 'torch-judge>=1.0'\nx = 1", "pass\nx = 1"),
    "two shell lines with odd quotes": ("!echo it's\nx = 1\n!echo (\n", "pass\nx = 1\npass\n"),
    "an indented magic": ("if x:\n    %pip install a\ny = 1", "if x:\n    pass\ny = 1"),
    "a shell line over two lines": ("!pip install a \\\n  b\nx = 1", "pass\n\nx = 1"),
    "an assignment from a shell": ("files = !ls\nx = 1", "pass\nx = 1"),
    "an assignment from a magic": ("a, b = %foo\nx = 1", "pass\nx = 1"),
    "a question": ("x = 1\nf?\nf.g??\n?f", "x = 1\npass\npass\npass"),
    "a timed cell": ("%%time\nx = 1", "\nx = 1"),
    "a captured cell with a magic": ("%%capture out --no-stderr\n%cd /tmp\nx = 1", "\npass\nx = 1"),
    "a cell of another language": ("%%bash\nls", ""),
    "a file to write": ("%%writefile h.py\nx = 1", ""),
    "a percent sign in a string": ("s = '''\n%d apples\n! not a shell\n'''", None),
    "a percent sign in a string beside a magic": (
        "%cd /tmp\ns = '''\n%d\n!x\n?\n'''\n!ls",
        "pass\ns = '''\n%d\n!x\n?\n'''\npass",
    ),
    "a modulo at the start of a line": ("y = (7\n% 4)\n%cd /tmp", "y = (7\n% 4)\npass"),
    "plain Python": ("x = 5 % 3\ny = x != 2", None),
    "a real mistake": ("%cd /tmp\nx = = 2", "pass\nx = = 2"),
    "Windows line ends": ("%cd /tmp\r\nx = 1\r\nf?\r\n", "pass\nx = 1\r\npass\n"),
    "a variable of the environment": ("%env TWO=2 3 \nx = 1", "import os; os.environ['TWO'] = '2 3'\nx = 1"),
    "a variable that is only shown": ("%env TWO\nx = 1", "pass\nx = 1"),
    "a variable that is computed": ("%env TWO={x}\n%env THREE=$y", "pass\npass"),
    "magics without their %": ("cd lib\nls *.py\npip install torch\nx = 1", "pass\npass\npass\nx = 1"),
    "names like those of magics": ("cd = 1\nls, time = 2, 3\nrun (cd)\ncat\nx = cd", None),
    "a mistake in a line that begins like a magic": ("time = = 2", None),
    "settings of a kernel": ("%load_ext autoreload\n%autoreload 2\n%config A.b = 1", "pass\npass\npass"),
    "a run of a notebook that is not there": ("%run other.ipynb", "from other import *"),
    "a run of a notebook that was put in": ("%ran other.ipynb", "pass"),
    "nothing": ("", None),
}


@pytest.mark.parametrize(("source", "plain"), CELLS.values(), ids=CELLS.keys())
def test_magics_and_shell_lines_go_and_all_else_stays_where_it_was(source: str, plain: str | None) -> None:
    assert plain_python(source) == (source if plain is None else plain)


# --- statements ---


def needed(*sources: str) -> list[str]:
    """Return the text of the statements that `f` needs."""
    statements, _ = parse_statements([Cell(f"cell {n}", source) for n, source in enumerate(sources, 1)])
    return [ast.unparse(statement.node) for statement in choose_needed(statements, "f")]


def test_a_chain_is_followed_to_its_end_in_any_order() -> None:
    """Each round of the search finds one more link, and what comes last in the search runs first."""
    chain = [f"x{n} = x{n + 1}" for n in range(5)]
    assert needed("x5 = 0", *chain[::-1], "f = x0") == ["x5 = 0", *chain[::-1], "f = x0"]
    assert needed("f = x0", *chain, "x5 = 0") == ["f = x0", *chain, "x5 = 0"]


def test_a_function_that_is_written_again_takes_what_it_alone_needed_along() -> None:
    """A session holds each version that was ever run, and what they needed may take hours."""
    old = ("DATA = load_for_hours()", "def f(): return g(DATA)", "f()", "def g(x): return x", "K = 2")
    assert needed(*old, "f()", "def f(): return g(K)", "f()") == [
        "def g(x):\n    return x",
        "K = 2",
        "def f():\n    return g(K)",
    ]


@pytest.mark.parametrize(
    "between",
    [
        "K = g()",
        "K = h()",
        "def f(k=g()): return k",
        "@g\ndef f(): return 1",
        "class K(g()): pass",
        "K = list(map(g, [1]))",
    ],
)
def test_a_function_that_is_used_before_it_is_written_again_is_needed(between: str) -> None:
    cells = ("ONE = 1", "def g(x=0): return ONE", "def h(): return g()", between, "def g(x=0): return 2")
    found = needed(*cells, "def f2(): pass" if " f(" in between else "def f(): return K")
    assert found[0] == "ONE = 1" and "def g(x=0):\n    return ONE" in found


def test_statements_that_need_each_other_end_the_search() -> None:
    assert needed("a = b", "b = a", "f = a", "c = a") == ["a = b", "b = a", "f = a"]


def test_a_statement_knows_what_it_sets_reads_and_leaves() -> None:
    (statement,), broken = parse_statements([Cell("cell 1", "def init(x=K):\n    global G\n    G = H")])
    assert broken == []
    assert statement.sets == {"init"}
    assert statement.reads == {"K", "G", "H"}
    assert statement.leaves == {"G"}


def test_a_cell_that_is_no_python_is_set_aside_with_its_error() -> None:
    statements, broken = parse_statements([Cell("cell 1", "x = 1"), Cell("cell 2", "def g(:")])
    assert [ast.unparse(statement.node) for statement in statements] == ["x = 1"]
    ((cell, error),) = broken
    assert (cell.name, error.filename) == ("cell 2", "cell 2")
