"""Loading: which part of a file or a notebook runs, and what is said where there is no entry point."""

from __future__ import annotations

import inspect
import linecache
import sys
import textwrap
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from torch_judge.execution.worker.loader import (
    Unfit,
    describe_misfit,
    list_files,
    load_entry_point,
    load_jury,
    read_starter_parameters,
)
from torch_judge.execution.worker.running import Failed
from torch_judge.model.live_object import from_object
from torch_judge.model.submission import Carried, Cell, Submission, from_path, from_source

RAN: list[str] = []


@pytest.fixture(autouse=True)
def restore_imports() -> Iterator[None]:
    """Undo what loading leaves behind: it is made for a process of its own."""
    modules, path, cache, limit = (
        set(sys.modules),
        list(sys.meta_path),
        dict(linecache.cache),
        sys.getrecursionlimit(),
    )
    RAN.clear()
    yield
    for name in set(sys.modules) - modules:
        if name.partition(".")[0] in {"__submission__", "h", "k", "p"}:
            del sys.modules[name]
    sys.meta_path[:] = path
    sys.setrecursionlimit(limit)
    linecache.cache.clear()
    linecache.cache.update(cache)


def notebook(*sources: str, **modules: str) -> Submission:
    cells = tuple(Cell(f"cell {n}", textwrap.dedent(source)) for n, source in enumerate(sources, 1))
    return Submission(
        "n.ipynb", cells, notebook=True, modules={name: Carried(text) for name, text in modules.items()}
    )


def load(*sources: str) -> Any:
    """Return `f` as a notebook of these cells defines it."""
    return load_entry_point(notebook(*sources), "f")


TRACE = f"from {__name__} import RAN\n"
ENDLESS = "while True:\n    pass"

# --- what a notebook's entry point needs ---

NEEDED = {
    "a constant": (["K = 2", "def f(): return K"], 2),
    "a constant after the function": (["def f(): return K", "K = 2"], 2),
    "a chain of helpers": (
        ["K = 2", "def h(): return K", "def g(): return h() + 1", "def f(): return g()"],
        3,
    ),
    "a helper redefined later": (["def h(): return 1", "def f(): return h()", "def h(): return 2"], 2),
    "the last of its own definitions": (["def f(): return 1", "def f(): return 2"], 2),
    "an import with an alias": (["import math as m", "def f(): return m.floor(2.5)"], 2),
    "a dotted import": (["import os.path", "def f(): return os.path.basename('a/b')"], "b"),
    "a name from a module": (["from math import floor as fl", "def f(): return fl(2.5)"], 2),
    "a star import": (["from math import *", "def f(): return floor(2.5)"], 2),
    "a decorator": (["def twice(g): return lambda: 2 * g()", "@twice\ndef f(): return 4"], 8),
    "a decorator with an argument": (
        ["N = 3", "def times(n): return lambda g: lambda: n * g()", "@times(N)\ndef f(): return 4"],
        12,
    ),
    "a base class in another cell": (
        ["class Base:\n    k = 5", "class f(Base):\n    def __new__(cls): return cls.k"],
        5,
    ),
    "a name in a class body": (["K = 5", "class f:\n    k = K\n    def __new__(cls): return cls.k"], 5),
    "a name in a method": (["K = 5", "class f:\n    def __new__(cls): return K"], 5),
    "a definition under a condition": (
        ["import sys", "if sys.maxsize > 0:\n    def f(): return 1\nelse:\n    def f(): return 2"],
        1,
    ),
    "a helper under a condition": (
        [
            "FAST = False",
            "if FAST:\n    def h(): return 1\nelse:\n    def h(): return 2",
            "def f(): return h()",
        ],
        2,
    ),
    "an import that may fail": (
        ["try:\n    import nowhere_xyz as m\nexcept ImportError:\n    m = None", "def f(): return m"],
        None,
    ),
    "a name in a nested function": (["K = 2", "def f():\n    def g(): return K\n    return g()"], 2),
    "a name in a lambda": (["K = 2", "def f(): return (lambda: K)()"], 2),
    "a name in a comprehension": (["K = 2", "def f(): return [K * n for n in range(3) if K]"], [0, 2, 4]),
    "a name in a generator in a lambda": (["K = 2", "f = lambda: sum(K for _ in range(3))"], 6),
    "a name in a default": (["K = 2", "def f(x=K): return x"], 2),
    "a name in an annotation": (["Number = int", "def f(x: Number = 2) -> Number: return x"], 2),
    "a name in an f-string": (["K = 2", "def f(): return f'{K:>{K}}'"], " 2"),
    "a walrus": (["(K := 2)", "def f(): return K"], 2),
    "a deletion": (["K = 1", "del K", "K = 2", "def f(): return K"], 2),
    "an annotated constant": (["K: int = 2", "def f(): return K"], 2),
    "unpacking": (["(a, *b), c = [1, 2, 3], 4", "def f(): return a, b, c"], (1, [2, 3], 4)),
    "a sum in steps": (["K = 1", "K += 1", "def f(): return K"], 2),
    "a with": (
        ["import io", "with io.StringIO('text') as file:\n    K = file.read()", "def f(): return K"],
        "text",
    ),
    "a loop": (["K = []", "for n in range(3):\n    K.append(n)", "def f(): return K"], [0, 1, 2]),
    "a match": (["K = 1", "match K:\n    case 1:\n        def f(): return 'one'"], "one"),
    "an assignment of a function": (["def g(): return 2", "f = g"], 2),
    "an alias of an alias": (["import functools", "def g(x): return x", "f = functools.partial(g, 2)"], 2),
    "an update": (["CONFIG = {'a': 1}", "CONFIG.update(a=2)", "def f(): return CONFIG"], {"a": 2}),
    "an update deep inside": (
        ["from types import SimpleNamespace as S", "K = S(d={})\nK.d.update(a=1)", "def f(): return K.d"],
        {"a": 1},
    ),
    "an item": (["CONFIG = {}", "CONFIG['a'] = 2", "def f(): return CONFIG"], {"a": 2}),
    "an item that goes": (["CONFIG = {'a': 1}", "del CONFIG['a']", "def f(): return CONFIG"], {}),
    "an item deep inside": (
        ["CONFIG = {'a': [0]}", "CONFIG['a'][0] = 2", "def f(): return CONFIG['a']"],
        [2],
    ),
    "an item set in a loop": (
        ["W = [0, 0]", "for n in range(2):\n    W[n] = n + 1", "def f(): return W"],
        [1, 2],
    ),
    "an attribute": (["def f(): return f.k", "f.k = 2"], 2),
    "an attribute by setattr": (["def f(): return f.k", "setattr(f, 'k', 2)"], 2),
    "a method put in later": (
        [
            "class f:\n    def __new__(cls): return cls.go()",
            "@classmethod\ndef go(cls): return 2",
            "f.go = go",
        ],
        2,
    ),
    "a global set by a call": (["def init():\n    global K\n    K = 2", "init()", "def f(): return K"], 2),
    "a value that a call returns": (["def make():\n    return lambda: 2", "f = make()"], 2),
    "a global that counts": (
        ["count = 0", "def f():\n    global count\n    count += 1\n    return count"],
        1,
    ),
    "an in-place function": (
        ["import torch", "W = torch.ones(2)", "torch.nn.init.zeros_(W)", "def f(): return W.tolist()"],
        [0.0, 0.0],
    ),
    "a method that a decorator adds": (
        [
            "def add_to(cls): return lambda g: setattr(cls, g.__name__, g)",
            "class f:\n    def __new__(cls): return cls.go(2)",
            "K = 3",
            "@add_to(f)\ndef go(x): return x + K",
        ],
        5,
    ),
    "a method that setattr adds to a helper": (
        ["class Net: pass", "def go(self): return 2", "setattr(Net, 'go', go)", "def f(): return Net().go()"],
        2,
    ),
    "a registry that a decorator fills": (
        [
            "TABLE = {}",
            "def register(k):\n    def put(g):\n        TABLE[k] = g\n        return g\n    return put",
            "@register('root')\ndef root(): return 2",
            "def f(): return TABLE['root']()",
        ],
        2,
    ),
    "a registry that a function of a function fills": (
        [
            "TABLE = {}\ndef put(g): TABLE.update({g.__name__: g})",
            "def register(g):\n    put(g)\n    return g",
            "@register\ndef root(): return 2",
            "def f(): return TABLE['root']()",
        ],
        2,
    ),
    "a registry with a method": (
        [
            "class Registry(dict):\n    def add(self, g): self[g.__name__] = g",
            "TABLE = Registry()",
            "@TABLE.add\ndef root(): return 2",
            "def f(): return TABLE['root']()",
        ],
        2,
    ),
    "a registry of subclasses": (
        [
            "class Base:\n    table = {}\n    def __init_subclass__(cls): Base.table[cls.__name__] = cls",
            "class Root(Base): k = 2",
            "def f(): return Base.table['Root'].k",
        ],
        2,
    ),
    "a function for another type": (
        [
            "from functools import singledispatch\n@singledispatch\ndef g(x): return 'any'",
            "@g.register\ndef _(x: int): return 'int'",
            "def f(): return g(1)",
        ],
        "int",
    ),
    "a call that fills its argument": (
        ["def fill(table): table['a'] = 2", "K = {}", "fill(K)", "def f(): return K['a']"],
        2,
    ),
    "a change by another name": (
        ["P = {'w': [0]}", "w = P['w']", "w[0] = 2", "def f(): return P"],
        {"w": [2]},
    ),
    "a name set in globals": (["globals()['K'] = 2", "def f(): return K"], 2),
    "an attribute put on a module": (
        ["import math", "math.tau2 = 2", "import math as m\ndef f(): return m.tau2"],
        2,
    ),
    "a method put on a tensor": (
        [
            "from torch import Tensor, ones",
            "Tensor.root_of_f = lambda x: 2",
            "g = ones(1)\ndef f(): return g.root_of_f()",
        ],
        2,
    ),
    "a method that a decorator puts on a tensor": (
        [
            "from torch import Tensor, ones",
            "def add_to(cls): return lambda g: setattr(cls, g.__name__, g)",
            "@add_to(Tensor)\ndef root_of_g(x): return 2",
            "g = ones(1)\ndef f(): return g.root_of_g()",
        ],
        2,
    ),
    "an annotation of the class itself": (
        ["from __future__ import annotations", "class f:\n    def __new__(cls: f) -> f: return 2"],
        2,
    ),
    "an annotation of the class itself in the same cell": (
        ["from __future__ import annotations\nclass f:\n    def __new__(cls: f) -> f: return 2"],
        2,
    ),
    "an await": (["async def load(): return 2", "K = await load()", "def f(): return K"], 2),
    "an await that waits": (
        ["import asyncio", "K = await asyncio.sleep(0.001, 2)", "def f(): return K"],
        2,
    ),
    "an await of a thread": (
        ["import asyncio", "K = await asyncio.to_thread(lambda: 2)", "def f(): return K"],
        2,
    ),
    "an async comprehension": (
        [
            "async def count():\n    for n in range(3):\n        yield n",
            "K = [n async for n in count()]",
            "def f(): return K",
        ],
        [0, 1, 2],
    ),
    "an async loop": (
        [
            "async def count():\n    for n in range(3):\n        yield n",
            "K = []",
            "async for n in count():\n    K.append(n)",
            "def f(): return K",
        ],
        [0, 1, 2],
    ),
    "a name that a text hides until more of the notebook runs": (
        ["exec('K = 2')", "f = (lambda k: lambda: k)(K)"],
        2,
    ),
    "a variable of the environment": (
        ["%env TORCH_JUDGE_TEST=2", "import os\ndef f(): return os.environ['TORCH_JUDGE_TEST']"],
        "2",
    ),
    "a setting": (
        ["import sys", "sys.setrecursionlimit(5000)", "def f(): return sys.getrecursionlimit()"],
        5000,
    ),
}


@pytest.mark.parametrize(("cells", "result"), NEEDED.values(), ids=NEEDED.keys())
def test_what_the_entry_point_needs_is_run(cells: list[str], result: Any) -> None:
    assert load(*cells)() == result


NOT_NEEDED = {
    "a failing debug cell": "1 / 0",
    "a failing test of the learner's": "assert f() == 'another'",
    "a printing cell": "print(RAN.append('print') or f())",
    "an endless training loop": ENDLESS,
    "an endless loop over what the entry point knows": "for k in iter(int, 1):\n    loss = f()",
    "a call that never returns": "def train():\n    while True: pass\ntrain()",
    "a model that is trained for ever": "def train(m):\n    while True: m.k = K\nmodel = train(object())",
    "a change inside a function that nobody calls": "def train():\n    CONFIG['a'] = model\n"
    "model = RAN.append('trained')",
    "a comparison with another library": "import numpy as np\n"
    "np.testing.assert_allclose(RAN.append('compared') or 1, f())",
    "a comparison with torch": "torch.testing.assert_close(torch.tensor(RAN.append('compared') or 1), f())",
    "a plot": "torch.nn.functional.relu(torch.tensor(RAN.append('plotted') or 1.0))",
    "a shell line": "!touch /tmp/never; sleep 1000",
    "a magic": "%timeit RAN.append('timed')",
    "a cell of another language": "%%bash\nwhile true; do :; done",
    "a help line": "f?",
    "a call that ends the process": "import sys\nsys.exit(3)",
    "a broken cell": "def g(:\n",
    "a cell that only compiles half": "def g(a, a): pass\nRAN.append('half')",
    "a return": "return 3",
    "an await": "RAN.append(await g())",
    "a lone surrogate": "s = '\ud800'",
    "a NUL": "s = 1\0",
    "bottomless brackets": "x = " + "(" * 1000 + ")" * 1000,
    "a sum of twenty thousand": "x = " + "+".join(["1"] * 20_000),
    "bottomless signs": "x = " + "-" * 100_000 + "1",
    "a cache that the entry point fills": "while True:\n    print(f())",
    "a test with decorators": "@torch.no_grad()\ndef test(): RAN.append('tested')\ntest()",
    "a training that changes what it is given": "def train(m):\n    while True: m['a'] = K\ntrain({})",
    "another entry point of the same kind": "def F(): RAN.append('F')\nF()",
    "the cell that submits": "from torch_judge import check\ncheck('double', f, seed=RAN.append('checked'))",
}


@pytest.mark.parametrize("cell", NOT_NEEDED.values(), ids=NOT_NEEDED.keys())
@pytest.mark.parametrize("first", [True, False], ids=["before", "after"])
def test_what_the_entry_point_does_not_need_is_not_run(cell: str, first: bool) -> None:  # noqa: FBT001 - a parameter of the test
    function = "def f():\n    return K, CONFIG, torch.pi, len(RAN)"
    own = f"import torch\n{TRACE}\nCONFIG = {{'a': 1}}\nK = 2\n{function}"
    cells = [cell, own] if first else [own, cell]
    assert load(*cells)() == (2, {"a": 1}, torch.pi, 0)
    assert RAN == []


def test_a_failed_statement_does_not_stop_the_next_one() -> None:
    assert load(
        "import nowhere_xyz",
        "K = 2",
        "nowhere_xyz.setup()",
        "def f(): return K, 'nowhere_xyz' in globals() or nowhere_xyz",
    )


CACHE = """
SEEN = {}
def helper(x):
    SEEN[x] = x
    return x
def f():
    return helper(2)
"""


def test_what_the_entry_point_changes_itself_makes_no_debug_cell_needed() -> None:
    assert (
        load(CACHE, TRACE + "def test(): return RAN.append(f())", "print(test())", "print(helper(3))")() == 2
    )
    assert load(CACHE, "def test():\n    while True: f()", "test()")() == 2
    assert RAN == []


def test_more_of_the_notebook_runs_no_debug_cell() -> None:
    debug = [
        ENDLESS,
        "print(RAN.append('printed'))",
        "assert f()",
        "def train():\n    while True: pass",
        "train()",
    ]
    assert load(TRACE, *debug, "exec('K = 2')", "f = (lambda k: lambda: k)(K)")() == 2
    assert RAN == []


def test_a_failed_statement_is_kept_with_what_it_raised() -> None:
    failures = list[Failed]()
    load_entry_point(
        notebook("import nowhere_xyz as m", "k = m.k", "def f(): return k"), "f", failures=failures
    )
    assert [type(failed.error) for failed in failures] == [ModuleNotFoundError, NameError]


def test_a_run_of_a_file_beside_it_contributes_what_it_defines() -> None:
    f = load_entry_point(notebook("%run -i ./h.py", "def f(): return g()", h="def g(): return 5\n"), "f")
    assert f() == 5


def test_why_the_entry_point_was_not_made_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        load("K = 1 / 0", "f = K")


def test_sys_exit_in_the_way_of_the_entry_point_is_raised() -> None:
    with pytest.raises(SystemExit):
        load("import sys", "f = sys.exit(3)")


def test_a_syntax_error_in_the_cell_of_the_entry_point_names_cell_and_line() -> None:
    with pytest.raises(SyntaxError) as caught:
        load("K = 2", "%matplotlib inline\ndef f(x):\n    return x +\n", "print(1")
    assert (caught.value.filename, caught.value.lineno) == ("cell 2", 3)


def test_a_syntax_error_that_only_the_compiler_sees_names_the_cell_too() -> None:
    with pytest.raises(SyntaxError) as caught:
        load("K = 2", "def f(x, x):\n    return x\n")
    assert caught.value.filename == "cell 2"


def test_a_broken_cell_does_not_hide_a_whole_definition() -> None:
    assert load("def f(): return 1", "def f(: return 2")() == 1


def test_the_cell_of_another_language_is_not_python() -> None:
    with pytest.raises(Unfit, match=r"n\.ipynb defines no f; it defines no function or class"):
        load("%%bash\ndef f(): pass")


# --- files ---


def from_text(source: str) -> Any:
    return load_entry_point(from_source(textwrap.dedent(source), name="mine.py"), "f")


EXPORTED = {
    "shell lines": "!pip install -q x\n%matplotlib inline\ndef f():\n    return 2\n",
    "calls of magics": "get_ipython().run_line_magic('matplotlib', 'inline')\n"
    "get_ipython().system('pip install x')\n"
    "files = get_ipython().getoutput('ls')\ndef f():\n    return 2 + len(files)\n",
    "a timed cell": "get_ipython().run_cell_magic('time', '', 'def f():\\n    return 2\\n')\n",
    "an await": "%pip install x\nimport asyncio\nK = await asyncio.sleep(0, 2)\ndef f():\n    return K\n",
    "a cell magic on top": "%%capture\n!pip install x\ndef f():\n    return 2\n",
}


@pytest.mark.parametrize("source", EXPORTED.values(), ids=EXPORTED.keys())
def test_a_script_that_was_a_notebook_is_judged_without_its_magics(source: str) -> None:
    assert from_text(source)() == 2


def test_a_script_with_magics_keeps_its_lines() -> None:
    f = from_text("!pip install x\ndef f():\n    return 1 / 0\n")
    with pytest.raises(ZeroDivisionError) as caught:
        f()
    assert [frame.lineno for frame in traceback.extract_tb(caught.tb)][-1] == 3
    assert linecache.getline("mine.py", 3) == "    return 1 / 0\n"


def test_a_file_that_is_no_python_without_its_magics_either_is_told_as_it_is() -> None:
    with pytest.raises(SyntaxError) as caught:
        from_text("%matplotlib inline\ndef f(:\n")
    assert caught.value.filename == "mine.py"


def test_only_a_notebook_has_a_shell() -> None:
    assert from_text("def f():\n    return 'get_ipython' in globals()\n")() is False


def test_a_file_is_run_as_a_module() -> None:
    f = from_text(
        "def f():\n    return __name__ != '__main__', __file__.endswith('.py')\n"
        "if __name__ == '__main__':\n    1 / 0\n"
    )
    assert f() == (True, True)


def test_a_dataclass_works_in_a_file() -> None:
    f = from_text("""
        from __future__ import annotations
        from dataclasses import dataclass, field
        from typing import ClassVar

        @dataclass(slots=True)
        class Point:
            x: int
            names: list[str] = field(default_factory=list)
            K: ClassVar[int] = 3

        def f():
            return Point(2), Point.K
    """)
    point, k = f()
    assert (point.x, point.names, k) == (2, [], 3)


def test_a_module_of_torch_works_in_a_file() -> None:
    f = from_text("""
        import torch
        from torch import nn

        class f(nn.Module):
            def __init__(self, d: int = 3):
                super().__init__()
                self.w = nn.Parameter(torch.ones(d))

            def forward(self, x):
                return x * self.w
    """)
    assert f(2)(torch.ones(2)).tolist() == [1.0, 1.0]


SCRIPTED = """import torch
\x0c
def g(x: torch.Tensor) -> torch.Tensor:
    return x + 1


@torch.jit.script
def f(x: torch.Tensor) -> torch.Tensor:
    return g(x) * 2
"""


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_torchscript_finds_the_source_of_a_file_and_of_a_notebook() -> None:
    assert from_text(SCRIPTED)(torch.ones(1)).tolist() == [4.0]
    assert load("%matplotlib inline\n" + SCRIPTED)(torch.ones(1)).tolist() == [4.0]


def test_a_submission_can_read_its_own_source() -> None:
    assert inspect.getsource(from_text("K = 1\ndef f():\n    return K\n")) == "def f():\n    return K\n"
    assert inspect.getsource(load("!ls\nK = 1\ndef f():\n    return K\n")) == "def f():\n    return K\n"


@pytest.mark.parametrize(
    "source", ["def f(:\n", "x = '\0'\ndef f(): pass", "x = '\ud800'", "x = " + "+".join(["1"] * 100_000)]
)
def test_a_file_that_is_no_python_is_a_syntax_error_that_names_it(source: str) -> None:
    with pytest.raises(SyntaxError) as caught:
        from_text(source)
    assert caught.value.filename == "mine.py"


def test_an_exception_at_import_is_raised_as_it_is() -> None:
    with pytest.raises(KeyError):
        from_text("{}['a']")
    with pytest.raises(SystemExit):
        from_text("import sys\nsys.exit()")


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("def g(): pass\nclass H: pass\nimport math", "mine.py defines no f; it defines g, H"),
        ("def F(): pass", "mine.py defines no f; it defines F"),
        ("def ff(): pass", "mine.py defines no f; it defines ff (rename ff to f?)"),
        ("x = 3", "mine.py defines no f; it defines no function or class"),
        ("f = 3", "f is a value of type int, not something that can be called"),
        ("f = None", "f is a value of type NoneType, not something that can be called"),
    ],
)
def test_a_missing_entry_point_is_answered_with_what_was_found(source: str, says: str) -> None:
    with pytest.raises(Unfit) as caught:
        from_text(source)
    assert str(caught.value) == says


def test_a_notebook_without_its_entry_point_says_what_it_defines() -> None:
    with pytest.raises(Unfit) as caught:
        load("def my_f(): pass", "class G: pass", "1 / 0")
    assert str(caught.value).startswith("n.ipynb defines no f; it defines my_f, G")


# --- helper modules ---


def test_helper_modules_are_imported_from_what_was_carried(tmp_path: Path) -> None:
    for name, text in {
        "m.py": "import h\nfrom p import a\nfrom p.b import B\ndef f(): return h.H, a.A, B",
        "h.py": "import k\nH = 1\n",
        "k.py": "import h\nK = 2\n",
        "p/__init__.py": "from . import a\n",
        "p/a.py": "from .b import B\nfrom . import b\nA = b.B + 1\n",
        "p/b.py": "B = 3\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    submission = from_path(tmp_path / "m.py")
    for path in [*tmp_path.rglob("*.py")]:
        path.unlink()
    assert load_entry_point(submission, "f")() == (1, 4, 3)
    assert list_files(submission) == {"m.py", "h.py", "k.py", "p.py", "p/a.py", "p/b.py"}


def test_a_folder_without_init_is_imported_too(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "a.py").write_text("A = 1\n")
    (tmp_path / "m.py").write_text("from p.a import A\ndef f(): return A\n")
    assert load_entry_point(from_path(tmp_path / "m.py"), "f")() == 1


def test_a_notebook_may_import_a_helper_called_submission() -> None:
    assert (
        load_entry_point(
            notebook("from submission import g", "def f(): return g()", submission="def g(): return 5\n"), "f"
        )()
        == 5
    )
    del sys.modules["submission"]


def test_a_helper_that_is_loaded_already_is_loaded_anew() -> None:
    sys.modules["h"] = type(sys)("h")
    assert load_entry_point(notebook("import h\ndef f(): return h.H", h="H = 1\n"), "f")() == 1


def test_a_helper_can_read_its_own_source() -> None:
    f = load_entry_point(
        notebook(
            "import h, inspect\ndef f(): return inspect.getsource(h.g)", h="K = 1\ndef g():\n    return K\n"
        ),
        "f",
    )
    assert f() == "def g():\n    return K\n"


def test_a_live_object_is_loaded_from_its_pickle() -> None:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec("K = 2\ndef f(x): return x + K", namespace)
    assert load_entry_point(from_object(namespace["f"], "f"), "f")(1) == 3


# --- signatures ---

STARTER = 'def f(x, gamma, eps=1e-5, *, training=True):\n    """Says."""\n    raise NotImplementedError\n'


def test_the_starter_promises_its_parameters() -> None:
    assert read_starter_parameters(STARTER, "f") == (["x", "gamma"], ["eps", "training"])
    assert read_starter_parameters(
        "class f:\n    def __init__(self, d, k=2): pass\n    def forward(self, x): pass", "f"
    ) == (["d"], ["k"])
    assert read_starter_parameters("class f:\n    pass", "f") == ([], [])
    with pytest.raises(ValueError, match=r"starter\.py defines no g"):
        read_starter_parameters(STARTER, "g")


def made(source: str) -> Any:
    namespace: dict[str, Any] = {}
    exec(source, namespace)
    return namespace["f"]


@pytest.mark.parametrize(
    "source",
    [
        "def f(x, gamma, eps=1, training=False): pass",
        "def f(x, gamma, eps=1, *, training=False): pass",
        "def f(*args, **kwargs): pass",
        "def f(x, gamma, **kwargs): pass",
        "def f(x, gamma, eps, training): pass",
        "def f(x, gamma, eps=1, training=False, more=3): pass",
        "class f:\n    def __init__(self, x, gamma, eps=1, training=False): pass",
        "import functools\ndef g(k, x, gamma, eps, training): pass\nf = functools.partial(g, 3)",
        "class G:\n    def __call__(self, x, gamma, eps=1, training=False): pass\nf = G()",
        "f = max",
    ],
)
def test_a_signature_that_takes_the_calls_fits(source: str) -> None:
    assert describe_misfit(made(source), "f", STARTER) is None


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("def f(x): pass", "yours takes (x): too many positional arguments"),
        (
            "def f(x, gamma, eps=1): pass",
            "yours takes (x, gamma, eps=1): got an unexpected keyword argument 'training'",
        ),
        ("def f(x, gamma, beta, eps=1, training=1): pass", "missing a required argument: 'beta'"),
        ("def f(): pass", "yours takes (): too many positional arguments"),
        ("class f:\n    pass", "too many positional arguments"),
    ],
)
def test_a_signature_that_does_not_fit_is_answered_with_both(source: str, says: str) -> None:
    sentence = describe_misfit(made(source), "f", STARTER)
    assert sentence is not None
    assert sentence.startswith("f must take (x, gamma, eps=..., training=...), yours takes (")
    assert sentence.endswith(says)


def test_a_lying_signature_is_left_to_the_calls() -> None:
    assert (
        describe_misfit(
            made("class G:\n    __signature__ = 3\n    def __call__(self): pass\nf = G()"), "f", STARTER
        )
        is None
    )


# --- the jury solution in a submission's place ---


def test_a_compiled_jury_solution_is_loaded_and_no_line_of_it_can_be_looked_up() -> None:
    linecache.cache["ours.py"] = (5, None, ["our own"], "ours.py")
    code = compile(
        "def double(x):\n    return helper(x)\n\ndef helper(x): return 2 * x\n", "solution.py", "exec"
    )
    double = load_jury(code, "double")
    assert double(3) == 6
    assert double.__module__ == "__submission__"
    assert not linecache.cache
    with pytest.raises(OSError, match="source code"):
        inspect.getsource(double)


def test_a_jury_solution_without_its_entry_point_is_unfit() -> None:
    with pytest.raises(Unfit, match="the jury solution defines no double"):
        load_jury(compile("x = 1", "solution.py", "exec"), "double")
