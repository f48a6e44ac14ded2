"""The audit: what in a submission's text is worth a look, and what is not."""

# ruff: noqa: RUF001 - letters that look like others are what is tested

from __future__ import annotations

import textwrap

import pytest

from tests.support import ROOT
from torch_judge.execution.worker.audit import LONGEST_TEXT, MOST_FLAGS, audit
from torch_judge.execution.worker.signs import ASSIGNED, DEFINED, NAMES, SAYS, USED
from torch_judge.model.report import Flag


def signs(*sources: str) -> list[str]:
    return [
        flag.sign
        for flag in audit((f"cell {n}", textwrap.dedent(source)) for n, source in enumerate(sources, 1))
    ]


# --- each sign, and the honest thing that is nearest to it ---

REACHES_IN = {
    "gc": "import gc",
    "ctypes": "from ctypes import pythonapi",
    "cffi": "import cffi",
    "sys._getframe": "import sys\ncaller = sys._getframe(1)",
    "sys._current_frames": "from sys import _current_frames",
    "sys.modules": "import sys\nsys.modules['torch'] = None",
    "sys.meta_path": "import sys\nsys.meta_path.insert(0, None)",
    "sys.settrace": "import sys\nsys.settrace(print)",
    "sys.setprofile": "import sys\nsys.setprofile(print)",
    "sys.monitoring": "import sys\nsys.monitoring.use_tool_id(0, 'x')",
    "inspect.stack": "import inspect\ninspect.stack()",
    "inspect.currentframe": "from inspect import currentframe",
    "inspect.getouterframes": "import inspect as i\ni.getouterframes(None)",
    "__main__": "import __main__",
    "__builtins__": "__builtins__['open']",
    "eval": "eval('1 + 1')",
    "exec": "def f(source):\n    exec(source)",
    "compile": "code = compile('1', 'x', 'eval')",
    "marshal": "import marshal",
    "pickle.loads": "import pickle\npickle.loads(b'')",
    "types.CodeType": "import types\ntypes.CodeType()",
    "types.FunctionType": "from types import FunctionType",
    "__code__": "def f(): pass\nf.__code__ = None",
    "__defaults__": "def f(): pass\nsetattr(f, '__defaults__', ())",
    "__class__": "def f(x):\n    x.__class__ = int",
    "__globals__": "def f(g):\n    return g.__globals__['x']",
    "__subclasses__": "object.__subclasses__()",
    "__bases__": "int.__bases__",
    "__mro__": "type(1).__mro__[-1]",
    "tb_frame": "def f(error):\n    return error.__traceback__.tb_frame",
    "f_locals": "def f(frame):\n    return frame.f_locals",
    "cell_contents": "def f(g):\n    g.__closure__[0].cell_contents = 1",
    "__torch_dispatch__": "class T:\n    def __torch_dispatch__(cls, *a): ...",
}
PAST_THE_FRONT_DOOR = {
    "torch._C": "import torch\ntorch._C._VariableFunctions.batch_norm",
    "torch.ops": "import torch\ntorch.ops.aten.native_batch_norm(1)",
    "torch.library": "import torch.library",
    "torch._decomp": "from torch._decomp import decomposition_table",
    "torch._refs": "import torch._refs as refs",
    "torch._prims": "import torch\ntorch._prims.sum",
    "torch._inductor": "import torch._inductor.config",
    "torch._dynamo": "import torch\ntorch._dynamo.reset()",
    "torch.jit": "import torch\n@torch.jit.script\ndef f(x): return x",
    "torch.compile": "import torch\n@torch.compile(dynamic=True)\ndef f(x): return x",
    "torch.utils.cpp_extension": "from torch.utils.cpp_extension import load_inline",
    "torch.utils._python_dispatch": "from torch.utils import _python_dispatch",
    "torch.overrides": "import torch.overrides",
    "torch.fx": "from torch.fx.experimental.proxy_tensor import make_fx",
    "torch.nn.utils.fusion": "from torch.nn.utils import fusion",
    "torch.package": "from torch import package",
    "torch.hub": "import torch\ntorch.hub.load('a', 'b')",
    "torch.load": "import torch\ntorch.load('weights.pt')",
    "torch._": "import torch\ntorch._neg_view(1)",
}
SYSTEM = {
    **{
        f"os.{name}": f"import os\nos.{name}()"
        for name in ("fork", "system", "kill", "_exit", "abort", "popen", "write")
    },
    "os.exec": "from os import execve",
    "os.spawn": "import os\nos.spawnlp(0, 'true')",
    **{
        name: f"import {name}"
        for name in ("subprocess", "multiprocessing", "socket", "signal", "threading", "_thread")
    },
    **{name: f"import {name}" for name in ("atexit", "mmap", "resource", "faulthandler")},
    "concurrent": "from concurrent.futures import ThreadPoolExecutor",
    "file": "open('/proc/self/maps')",
    "torch_judge.": "from torch_judge.authoring.suite import case",
}
WAYS_OF_WRITING = {
    "computed attribute": "import torch.nn.functional as F\ngetattr(F, 'batch' + '_norm')",
    "computed import": "import importlib\nimportlib.import_module('to' + 'rch')",
    "patched": "import torch\ntorch.allclose = print",
    "reloaded": "import importlib, torch\nimportlib.reload(torch)",
    "bidirectional control": "x = 1  # \u202e fine",
    "zero-width character": "x = 'a\u200bb'",
    "look-alike letters": "ｂａｔｃｈ = 1",
    "mixed scripts": "b\u0430tch = 1",
}
FLAGGED = {**REACHES_IN, **PAST_THE_FRONT_DOOR, **SYSTEM, **WAYS_OF_WRITING}

HONEST = {
    "signature": "import inspect\ninspect.signature(print)\ninspect.getsource(print)",
    "sys": "import sys\nsys.path.append('.')\nprint(sys.argv, file=sys.stderr)\nsys.setrecursionlimit(5000)",
    "asking for colab": "import sys\nif 'google.colab' in sys.modules: pass",
    "main guard": "if __name__ == '__main__':\n    print('ready')",
    "compiled pattern": "import re\nre.compile('a+')",
    "evaluation mode": "def f(model):\n    model.eval()\n    return model.compile",
    "pickled data": "import pickle\nwith open('data.pkl', 'rb') as file:\n    pickle.load(file)",
    "reading a class": "def f(x):\n"
    "    return x.__class__.__name__, type(x).__name__, f.__code__.co_varnames, f.__defaults__",
    "a version": "import torch\nprint(torch.__version__, torch.__file__)",
    "functional": "import torch.nn.functional as F\nF.relu(1)\nF.__name__",
    "settings": "import torch\ntorch.backends.cudnn.deterministic = True\n"
    "torch.backends.cuda.matmul.allow_tf32 = False",
    "literal names": "import torch\ngetattr(torch, 'float32')\n"
    "import importlib\nimportlib.import_module('math')\n__import__('random')",
    "attributes of an own object": "def f(self, name):\n"
    "    setattr(self, name, getattr(self, name + '_'))\n    return vars(self)[name]",
    "attributes of an instance": "import torch\nlayer = torch.nn.Linear(1, 1)\n"
    "layer.bias = None\ngetattr(layer, 'we' + 'ight')",
    "sorting": "from operator import attrgetter\nsorted([], key=attrgetter('name'))",
    "an own module": "import config\nconfig.rate = 0.1\ngetattr(config, 'ra' + 'te')\n"
    "from .model import gc\ngc.x = 1",
    "an own module named like a library": "from .os import system\nfrom . import gc\nsystem.x = gc",
    "an own module reloaded": "import importlib, model\nimportlib.reload(model)",
    "files and folders": "import os\nos.makedirs('out', exist_ok=True)\n"
    "open(os.path.join('out', 'a.txt'))\nos.environ['A'] = '1'",
    "a file of its own": "open('/content/data.csv')\nopen('processed')\n"
    "open('/process')\nprint(open.file, 'file')",
    "scipy's signal": "from scipy import signal\nsignal.convolve",
    "the judge's front door": "from torch_judge import check, hint, template\n"
    "import torch_judge\ntorch_judge.check('x')",
    "everything of the judge": "from torch_judge import *\nimport torch_judge as judge\njudge.__version__",
    "Chinese": "批量 = 1\n批量_x = 2  # 全角字符:ＢＮ\nprint('ｂａｔｃｈ')",
    "Greek": "γ = 1\nσ2 = 2\nΔx = 3\nμ_B = 4\nν = νx = 5\nα_i = 6\nλ1 = 7",
    "a micro sign": "\u00b5 = 1\n\u00b5_x = 2\n\u03f5 = 1e-5",
    "Russian": "среднее = 1\nсреднее_x = 2\nprint('bаtch')",
    "accents": "écart_type = 1\ne\u0301cart = 2\nGröße = 3",
    "an emoji with a joiner": "print('👩\u200d💻 training')",
    "Persian": "x = 1  # می\u200cخواهم",
}


@pytest.mark.parametrize(("sign", "source"), FLAGGED.items(), ids=FLAGGED.keys())
def test_each_sign_is_seen(sign: str, source: str) -> None:
    assert sign in signs(source)


@pytest.mark.parametrize("source", HONEST.values(), ids=HONEST.keys())
def test_the_honest_thing_that_is_nearest_to_a_sign_is_not_flagged(source: str) -> None:
    assert signs(source) == []


@pytest.mark.parametrize("path", sorted(NAMES.keys() - {"torch._", "torch_judge."}))
def test_each_name_of_the_list_is_seen(path: str) -> None:
    assert path.removeprefix("builtins.") in signs(f"import {path.partition('.')[0]}\n{path}")


@pytest.mark.parametrize(
    ("sign", "source"),
    [
        *((name, f"def f(x): return x.{name}") for name in sorted(USED)),
        *((name, f"def f(x): x.{name} = 1") for name in sorted(ASSIGNED)),
        *((name, f"class A:\n    def {name}(self): ...") for name in sorted(DEFINED)),
    ],
)
def test_each_attribute_of_the_list_is_seen(sign: str, source: str) -> None:
    assert signs(source) == [sign]


# --- names are followed ---

SAME = {
    "import torch as t\nt._C.f()": "torch._C",
    "from torch import _C as c\nc.f()": "torch._C",
    "import torch\nt = u = torch\nu._C": "torch._C",
    "def f():\n    return torch._C\nimport torch": "torch._C",
    "import torch\ngetattr(torch, '_C').f": "torch._C",
    "import torch\ngetattr(getattr(torch, 'ops'), 'aten', None)": "torch.ops",
    "__import__('torch._refs').f": "torch._refs",
    "import importlib\nimportlib.import_module('gc').get_objects()": "gc",
    "from importlib import import_module as load\nload('threading')": "threading",
    "import torch\n(t := torch).ops": "torch.ops",
    "import torch\nclass A:\n    def f(self): return torch.ops": "torch.ops",
    "import torch\nf = lambda x=torch._C: x": "torch._C",
    "import torch\ndef f(x: torch._C.Node) -> None: ...": "torch._C",
    "import torch\n[torch._C for _ in range(3)]": "torch._C",
    "import torch\nasync def f():\n    return f'{torch.ops}'": "torch.ops",
    "run = eval": "eval",
    "import builtins\nbuiltins.exec('')": "exec",
    "import builtins\nbuiltins.open = None": "patched",
    "import numpy as np\nnp.testing.assert_allclose = None": "patched",
    "from torch import Tensor\nTensor.mean = None": "patched",
    "from numpy import ndarray as a\ndel a.sum": "patched",
    "import torch\nsetattr(torch.Tensor, 'me' + 'an', None)": "patched",
    "import torch, numpy\nfor owner in (numpy, torch):\n    setattr(owner, 'sum', None)": "patched",
    "import torch\nfor torch.allclose in [print]: pass": "patched",
    "import torch\nvars(torch)['batch' + '_norm']": "computed attribute",
    "import torch.nn as nn\nnn.functional.__dict__['batch' + '_norm']": "computed attribute",
    "import numpy as np\nget = getattr\nget(np, input())": "computed attribute",
    "import operator\noperator.attrgetter('_' + 'C')": "computed attribute",
    "import torch\ntorch.__getattribute__('batch' + '_norm')": "computed attribute",
    "def f(name):\n    return __import__(name)": "computed import",
    "import importlib\nimportlib.import_module(name=input())": "computed import",
    "import os\nopen(f'/proc/{os.getppid()}/mem')": "file",
    "import os\nos.listdir('/proc')": "file",
    "import os.path\nos.fork()": "os.fork",
    "__import__('torch.nn').ops": "torch.ops",
    "from pathlib import Path\nPath('/etc/passwd')": "file",
    "open('/usr/lib/python3/torch_judge/judging/judge.py')": "file",
    "import torch_judge\ntorch_judge.worker": "torch_judge.",
    "def f(x):\n    return getattr(x, '__globals__')": "__globals__",
    "class A:\n    @property\n    def __class__(self): return int": "__class__",
    "import os\nos.posix_spawnp('a', [], {})": "os.posix_spawn",
    "\u039dx = 1": "mixed scripts",
    "import torch\ntorch.ｏｐｓ": "look-alike letters",
    "x = 'a\ufeff'": "zero-width character",
    "ab = 'a\u200db'": "zero-width character",
}


@pytest.mark.parametrize(("source", "sign"), SAME.items(), ids=range(len(SAME)))
def test_a_name_is_followed_through_aliases(source: str, sign: str) -> None:
    assert sign in signs(source)


def test_an_import_in_one_cell_is_followed_into_the_next() -> None:
    assert signs("import torch as t", "t.ops.aten") == ["torch.ops"]


SHADOWED = {
    "a function": "def eval(model): ...\neval(1)",
    "a function defined later": "def main(): eval(1)\ndef eval(model): ...",
    "an import": "from re import compile\ncompile('a')",
    "an assignment": "exec = print\nexec(1)",
    "a parameter": "def f(compile=False):\n    return compile",
    "a keyword-only parameter": "def f(*, eval, **exec):\n    return eval, exec",
    "a parameter of a lambda": "f = lambda eval: eval",
    "a parameter around": "def f(torch):\n    def g(): return torch._C\n    return g",
    "a loop": "for eval in range(3):\n    print(eval)",
    "a comprehension": "[eval for eval in range(3)]",
    "a class": "class compile: ...\ncompile()",
    "a caught error": "try: ...\nexcept ValueError as eval:\n    print(eval)",
    "a pattern": "match 1:\n    case eval: print(eval)",
    "a variable named like a module": "gc = 1\nsignal = gc + 1\nsignal.x = 2",
}


@pytest.mark.parametrize("source", SHADOWED.values(), ids=SHADOWED.keys())
def test_a_shadowed_name_is_not_what_it_was(source: str) -> None:
    assert signs(source) == []


def test_a_function_in_one_cell_shadows_in_the_next() -> None:
    assert signs("def eval(model): ...", "eval(1)") == []


def test_a_helper_file_has_names_of_its_own() -> None:
    flags = audit(
        [
            ("solution.py", "import torch as t\neval('1')"),
            ("helper.py", "def eval(model): ...\neval(1)\nt.ops"),
        ]
    )
    assert [(flag.file, flag.sign) for flag in flags] == [("solution.py", "eval")]


OTHER_SCOPES = {
    "another function's parameter": "def f(eval): ...\neval('1')",
    "a method": "class A:\n    def eval(self): return eval('1')",
    "a comprehension before": "[eval for eval in range(3)]\neval('1')",
    "its own name": "eval = eval\neval('1')",
    "a module of that name": "from x import eval as other\neval('1')",
}


@pytest.mark.parametrize("source", OTHER_SCOPES.values(), ids=OTHER_SCOPES.keys())
def test_a_name_in_another_scope_shadows_nothing(source: str) -> None:
    assert signs(source) == ["eval"]


# --- what a flag holds ---


def test_a_flag_says_what_it_saw_and_where() -> None:
    (flag,) = audit([("cell 3", "import torch\n\nif True:\n    out = torch.ops.aten  # here\n")])
    assert flag == Flag("torch.ops", SAYS["torch.ops"], 4, "cell 3", "out = torch.ops.aten  # here")


def test_the_line_of_an_import_over_several_lines_is_the_names() -> None:
    (flag,) = audit([("a", "from torch import (\n    nn,\n    _C,\n)")])
    assert (flag.line, flag.text) == (3, "_C,")


def test_a_sign_is_shown_once_for_each_text_where_it_comes_first() -> None:
    flags = audit([("a", "x = 1\nimport gc\nimport gc"), ("b", "import gc")])
    assert [(flag.file, flag.line) for flag in flags] == [("a", 2), ("b", 1)]


def test_flags_come_in_the_order_of_the_texts_and_their_lines() -> None:
    flags = audit([("b", "def f():\n    eval('1')  # \u202e\nimport gc"), ("a", "import atexit")])
    assert [(flag.file, flag.line, flag.sign) for flag in flags] == [
        ("b", 2, "bidirectional control"),
        ("b", 2, "eval"),
        ("b", 3, "gc"),
        ("a", 1, "atexit"),
    ]


def test_there_are_never_more_flags_than_a_reader_takes_in() -> None:
    flags = audit((f"cell {n}", "import gc\nimport ctypes\nimport signal") for n in range(30))
    assert len(flags) == MOST_FLAGS
    assert flags[-1].file == "cell 6"


def test_a_long_line_is_cut() -> None:
    (flag,) = audit([("a", "import gc; x = '" + "y" * 1000 + "'")])
    assert len(flag.text) == LONGEST_TEXT


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_python_counts_them(end: str) -> None:
    flags = audit([("a", end.join(("x = 1", "'\x0c \u2028'", "é = 'a\u200b'", "b\u0430 = 2", "import gc")))])
    assert [(flag.line, flag.text) for flag in flags] == [
        (3, "é = 'a\u200b'"),
        (4, "b\u0430 = 2"),
        (5, "import gc"),
    ]


# --- texts that are no Python, and bombs ---

NOT_PYTHON = {
    "words": "import gc and",
    "nothing": "",
    "a NUL": "import gc\0",
    "a lone surrogate": "import gc  # \ud800",
    "minuses": "import gc\nx = " + "-" * 200_000 + "1",
    "brackets": "import gc\nx = " + "[" * 2000 + "]" * 2000,
    "bad indentation": "import gc\n  x",
    "an open string": "import gc\n'''",
}


@pytest.mark.parametrize("source", NOT_PYTHON.values(), ids=NOT_PYTHON.keys())
def test_a_text_that_is_no_python_has_no_flags(source: str) -> None:
    assert signs(source) == []


def test_a_text_that_is_no_python_hides_no_other() -> None:
    assert signs("import gc and", "import gc") == ["gc"]


BOMBS = {
    "attributes": "import torch\nx = torch" + ".ops" * 900,
    "tables of names": "import torch\nx = torch.ops" + ".__dict__" * 900,
    "calls": "import torch\nx = torch.ops" + ".f('a')" * 400,
    "lambdas": "import torch\nx = " + "lambda: " * 80 + "torch.ops",
    "aliases": "import torch\na = torch.ops\n" + "a = a.b\n" * 5000,
    "aliases of each other": "import torch\na = torch.ops\n" + "a, b = b, a\na = b = a.b\n" * 2000,
}


@pytest.mark.parametrize("source", BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_is_read_like_any_other_text(source: str) -> None:
    assert "torch.ops" in signs(source)


def test_a_warning_about_a_text_is_left_to_the_compiler() -> None:
    assert signs(r"import gc; x = '\d'; 1 is 1") == ["gc"]


def test_nothing_is_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert signs("print('ran')\nraise SystemExit") == []
    assert capsys.readouterr().out == ""


# --- real submissions ---


def flagged(folder: str) -> dict[str, list[str]]:
    files = sorted((ROOT / folder).rglob("*.py"))
    assert files
    found = {path.name: [flag.sign for flag in audit([(path.name, path.read_text())])] for path in files}
    return {name: signs for name, signs in found.items() if signs}


def test_accepted_submissions_are_hardly_flagged() -> None:
    assert flagged("problems/normalisation/batchnorm/submissions/accepted") == {}


def test_honest_attackers_are_flagged_for_what_is_worth_a_look() -> None:
    assert flagged("tests/attacks/honest") == {
        "compiled.py": ["torch.compile"],
        "jit_traced.py": ["torch.jit"],
        "scripted_module.py": ["torch.jit"],
        "shows_tensors_in_its_own_way.py": ["patched"],
        "thread_pool.py": ["concurrent"],
        "threads.py": ["concurrent"],
        "torchscript.py": ["torch.jit"],
        "traced_by_fx.py": ["torch.fx"],
    }


def test_attacks_that_reach_into_the_process_are_flagged() -> None:
    found = flagged("tests/attacks/hostile")
    for each in (
        "a03_cases_emptied_through_gc",
        "r04_computed_name",
        "r05_full_width_name",
        "r24_decomposition_table",
    ):
        assert f"{each}.py" in found
    assert len(found) > 100
