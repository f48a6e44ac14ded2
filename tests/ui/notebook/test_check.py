"""`check` in a real Jupyter kernel, a plain session and a script."""

from __future__ import annotations

import inspect
import json
import os
import pydoc
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.support import ROOT
from tests.support.kernels import executed, shown
from tests.support.packages import SOLUTION, write_package
from torch_judge import check, history, judge


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a bank that kernels and scripts started from here find."""
    write_package(tmp_path / "bank")
    monkeypatch.setenv("TORCH_JUDGE_BANK", str(tmp_path / "bank"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path / "bank"


def results(sources: Sequence[str], folder: Path) -> list[str]:
    return [shown(cell) for cell in executed(sources, folder).cells]


def test_a_solution_spread_over_cells_is_accepted(bank: Path, tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("ONE = 1.0\n")
    out = results(
        [
            "import torch",
            "from beside import ONE",
            "FACTOR = ONE * 1.0",
            "def scaled(x, s):\n    return x * s * FACTOR",
            "class Doubler:\n    def __call__(self, x, scale): return scaled(x, scale)",
            (
                "doubler = Doubler()\ndef double(x, scale=2.0):\n"
                "    import beside\n    return doubler(x, scale) * beside.ONE"
            ),
            "from torch_judge import check\nreport = check('double')",
            (
                "report.passed, report.verdict.value, len(report.cases), "
                "type(report.seed).__name__, report.to_json()[0]"
            ),
        ],
        tmp_path,
    )
    assert "double: accepted, 3 of 3 cases passed" in out[6]
    assert "✓ lets gradients flow" in out[6]
    assert out[7] == "(True, 'accepted', 3, 'int', '{')"


def test_a_wrong_answer_shows_its_sentence_and_difference_once(bank: Path, tmp_path: Path) -> None:
    cells = executed(
        [
            "def double(x, scale=2.0): return x * 2",
            "from torch_judge import check\nreport = check('double', seed=3)",
        ],
        tmp_path,
    ).cells
    assert len(cells[1].outputs) == 1
    assert "The result is scale times x." in shown(cells[1])
    assert "output[0, 0]: expected" in shown(cells[1])
    assert "seed 3," in shown(cells[1])


def test_the_definition_that_counts_is_the_latest_one(bank: Path, tmp_path: Path) -> None:
    out = results(
        [
            (
                "from torch_judge import check\n"
                "def helper(x, s): return x * s\ndef double(x, scale=2.0): return helper(x, scale)"
            ),
            "check('double').passed",
            "def helper(x, s): return x",
            "check('double').passed",
            "class double:\n    def __new__(cls, x, scale=2.0): return x * scale",
            "check('double').passed",
            "check('double', lambda x, scale=2.0: x + x * (scale - 1)).passed",
        ],
        tmp_path,
    )
    assert [out[n].splitlines()[-1] for n in (1, 3, 5, 6)] == ["True", "False", "True", "True"]


def test_a_kernel_with_replaced_builtins_is_judged_rightly(bank: Path, tmp_path: Path) -> None:
    sabotage = (
        "import builtins, torch\n"
        "torch.allclose = lambda *a, **k: True\n"
        "torch.equal = lambda *a, **k: True\n"
        "torch.Tensor.__eq__ = lambda *a: True\n"
        "torch.testing.assert_close = lambda *a, **k: None\n"
        "builtins.print = lambda *a, **k: None\n"
    )
    right = "def double(x, scale=2.0): return x * scale\ncheck('double').verdict.value"
    wrong = "def double(x, scale=2.0): return x * 2\ncheck('double').verdict.value"
    out = results(["from torch_judge import check", sabotage, right, wrong], tmp_path)
    assert out[2].endswith("'accepted'") and "3 of 3 cases passed" in out[2]
    assert out[3].endswith("'wrong answer'") and "✗ uses the scale it is given" in out[3]


def test_wrong_input_is_one_sentence_in_a_notebook(bank: Path, tmp_path: Path) -> None:
    out = results(
        [
            "from torch_judge import check",
            "check('dubble')",
            (
                "from torch_judge import hint, history, reset, solution\n"
                "def double(x, scale=2.0): return x * scale\n"
                "check(double, 'double')"
            ),
            (
                "for ask in (hint, solution, history, reset):\n    try: ask(double)\n"
                "    except Exception as error: print(error)\ndel double"
            ),
            "r = check('double')",
            "double = 7\nr = check('double')",
            "r = check('double', 7)",
            (
                "import threading\nlock = threading.Lock()\ndef inner(x, s):\n    with lock: return x * s\n"
                "def double(x, scale=2.0): return inner(x, scale)\nr = check('double')"
            ),
        ],
        tmp_path,
    )
    assert out[1] == "torch_judge: no problem 'dubble'; did you mean 'double'?"
    assert out[2].startswith(
        "torch_judge: the problem's name comes first, a text such as 'double'; found double"
    )
    assert out[3].count("the problem's name comes first, a text such as 'double'") == 4
    assert "double is not defined here" in out[4]
    assert "right below the statement, the second one with code; it begins with def double" in out[4]
    assert out[5] == "torch_judge: double is a value of type int, not something that can be called"
    assert out[6] == (
        "torch_judge: what is judged is a function, a class, or the text of a program that defines double; "
        "found a value of type int, not something that can be called"
    )
    assert "double: accepted" in out[7]
    assert "this session's source, not the live object: double -> inner -> lock: `lock` is a lock" in out[7]


def test_the_server_is_warm_before_the_first_check_and_gone_after_the_kernel(
    bank: Path, tmp_path: Path
) -> None:
    script = (
        "import psutil\nimport torch_judge\n"
        "[p.pid for p in psutil.Process().children()"
        " if 'torch_judge.execution.forkserver.program' in ' '.join(p.cmdline())]"
    )
    pids = json.loads(results([script], tmp_path)[0])
    assert len(pids) == 1
    assert not psutil.pid_exists(pids[0])


def test_an_interrupted_check_leaves_the_kernel_usable(bank: Path, tmp_path: Path) -> None:
    interrupt = (
        "import os, signal, threading, psutil\n"
        "def double(x, scale=2.0):\n    while True: pass\n"
        "threading.Timer(0.6, lambda: os.kill(os.getpid(), signal.SIGINT)).start()\n"
        "try:\n    check('double')\nexcept KeyboardInterrupt:\n    print('interrupted')"
    )
    left = "sum('torch_judge' in ' '.join(p.cmdline()) for p in psutil.Process().children(recursive=True))"
    out = results(
        [
            "from torch_judge import check\n" + SOLUTION + "check('double').passed",
            interrupt,
            left,
            SOLUTION + "check('double').passed",
        ],
        tmp_path,
    )
    assert re.fullmatch(r"double: interrupted(, 0 of 3 cases decided)?\ninterrupted\n", out[1])
    assert int(out[2]) <= 1
    assert out[3].splitlines()[-1] == "True"


def run_script(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "script.py").write_text(text)
    return subprocess.run(
        [sys.executable, "script.py"], cwd=folder, capture_output=True, text=True, check=False
    )


def test_a_script_without_a_main_guard_checks_itself_once(bank: Path, tmp_path: Path) -> None:
    done = run_script(
        f"print('top')\nfrom torch_judge import check\n{SOLUTION}"
        "report = check('double')\nassert report.passed\n",
        tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("top") == 1
    assert "double: accepted" in done.stdout


def test_check_finds_the_function_where_it_is_called(bank: Path, tmp_path: Path) -> None:
    text = (
        "from torch_judge import check\n"
        "def main():\n    def double(x, scale=2.0): return x * scale\n    return check('double')\n"
        "assert main().passed\n"
    )
    done = run_script(text, tmp_path)
    assert done.returncode == 0, done.stderr


def test_a_plain_session_can_check(bank: Path, tmp_path: Path) -> None:
    typed = (
        "from torch_judge import check\ndef double(x, scale=2.0): return x * scale\n\n"
        "print(check('double').passed)\n"
    )
    done = subprocess.run(
        [sys.executable, "-i"], input=typed, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines()[-1] == "True", done.stderr


def test_a_text_is_judged_as_a_program(bank: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check("double", SOLUTION).passed
    assert "double: accepted, 3 of 3 cases passed" in capsys.readouterr().out
    wrong = check("double", "def double(x, scale=2.0):\n    return x * 2\n", seed=5)
    failed = ["uses_the_scale_it_is_given", "lets_gradients_flow"]
    assert (wrong.seed, wrong.n_passed, [case.name for case in wrong.failed]) == (5, 1, failed)


def test_quiet_shows_nothing_and_keeps_the_attempt(bank: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = len(history("double").as_text().splitlines())
    report = check("double", SOLUTION.replace("scale\n", "scale * 1\n"), quiet=True)
    assert report.passed
    assert capsys.readouterr() == ("", "")
    assert len(history("double").as_text().splitlines()) > before


@pytest.mark.parametrize("value", [7, None, b"def double(x): return x", Path("answer.py"), ["double"]])
def test_what_can_be_no_submission_is_a_type_error(bank: Path, value: Any) -> None:
    with pytest.raises(TypeError, match="a function, a class, or the text of a program that defines double"):
        check("double", value)


def test_help_shows_an_example_and_every_parameter_and_no_address() -> None:
    for function in (check, judge):
        text = pydoc.plain(pydoc.render_doc(function))
        assert "from torch_judge import" in text and " at 0x" not in text and "<object" not in text
        for name in inspect.signature(function).parameters:
            assert re.search(rf"^    {name} {{2,}}\S", text, re.MULTILINE), name


def test_a_script_hears_nothing_of_cells(bank: Path, tmp_path: Path) -> None:
    done = run_script("from torch_judge import check\nprint(check('double').passed)\n", tmp_path)
    assert "double is not defined here; define it above the call of check" in done.stdout, done.stderr
    assert not re.search(r"\bcells?\b|\btemplate\b", done.stdout)


def test_a_quiet_check_shows_nothing_in_its_own_cell_and_its_card_in_a_later_one(
    bank: Path, tmp_path: Path
) -> None:
    sources = [
        f"from torch_judge import check, judge\n{SOLUTION}\nr = check('double', quiet=True)\nr",
        "s = judge('double', double)\ns",
        "r",
        "s",
    ]
    out = results(sources, tmp_path)
    assert out[:2] == ["", ""]
    assert all("double: accepted, 3 of 3 cases passed" in text for text in out[2:])


def test_an_output_that_knows_no_check_marks_still_gets_the_report(bank: Path, tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(f"from torch_judge import check\n{SOLUTION}check('double')\n")
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "script.py"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "+ doubles by default" in done.stdout


def test_what_a_kernel_imports_on_its_way_to_a_warm_server_is_light() -> None:
    script = (
        "import sys, torch_judge.ui.notebook.check as check\ncheck.warm_up_in_a_notebook()\n"
        "print(sorted({'torch', 'numpy', 'nbformat', 'rich'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


# --- what a live object relies on ---

NEEDS = {
    "a cached helper": (
        "import functools\n@functools.lru_cache(None)\ndef h(s): return s\n"
        "def double(x, scale=2.0): return x * h(scale)"
    ),
    "a method on tensors": (
        "torch.Tensor.grown = lambda x, s: x * s\ndef double(x, scale=2.0): return x.grown(scale)"
    ),
    "a function of torch.nn.functional": (
        "import torch.nn.functional as F\ndef grown(x, s): return x * s\nF.grown = grown\n"
        "def double(x, scale=2.0): return F.grown(x, scale)"
    ),
    "the environment": (
        "import os\nos.environ['ONE_HERE'] = '1'\n"
        "def double(x, scale=2.0): return x * scale * int(os.environ['ONE_HERE'])"
    ),
    "the environment by a magic": (
        "%env TWO_HERE = 2\nimport os\n"
        "def double(x, scale=2.0): return x * scale * int(os.getenv('TWO_HERE', '4')) / 2"
    ),
    "the recursion limit": (
        "import sys\nsys.setrecursionlimit(20_000)\ndef down(n): return n and down(n - 1)\n"
        "def double(x, scale=2.0):\n    down(9_000)\n    return x * scale"
    ),
    "the kernel's stdout": (
        "import sys\nout = sys.stdout\ndef double(x, scale=2.0):\n    print('here', file=out)\n"
        "    return x * scale"
    ),
    "a lock": (
        "import threading\nlock = threading.Lock()\ndef double(x, scale=2.0):\n"
        "    with lock: return x * scale"
    ),
    "a generator": (
        "numbers = (n for n in range(99))\ndef double(x, scale=2.0):\n    next(numbers)\n    return x * scale"
    ),
    "a default that the kernel set": (
        "torch.set_default_dtype(torch.float64)\ntorch.set_default_device('meta')\n"
        "def double(x, scale=2.0): return x * torch.tensor(scale)"
    ),
    "a compiled entry point": "@torch.compile\ndef double(x, scale=2.0): return x * scale",
    "a compiled helper": (
        "@torch.compile\ndef h(x, s): return x * s\ndef double(x, scale=2.0): return h(x, scale)"
    ),
}
BY_SOURCE = {"the environment", "the environment by a magic", "a lock", "a generator"}


def test_what_a_live_object_relies_on_arrives_with_it_or_its_source_is_judged(
    bank: Path, tmp_path: Path
) -> None:
    check = "\nr = check('double'); [r.verdict.value, bool(r.notes)]"
    out = results(
        ["import torch\nfrom torch_judge import check", *(s + check for s in NEEDS.values())], tmp_path
    )
    told = {need: text.splitlines()[-1] for need, text in zip(NEEDS, out[1:], strict=True)}
    assert told == {need: str(["accepted", need in BY_SOURCE]) for need in NEEDS}


ARRIVES_BROKEN = """\
class Odd:
    def __reduce__(self): return getattr, (object, "nothing_here")
odd = Odd()
def double(x, scale=2.0): return x * scale if odd else x
"""
FAILS = (
    "class double:\n    here = 1 / 2\n    def __new__(cls, x, scale=2.0):\n        return x * missing_here\n"
)


def test_what_arrives_broken_is_judged_by_its_source_if_that_gets_further(bank: Path, tmp_path: Path) -> None:
    out = results(
        [
            f"from torch_judge import check\n{ARRIVES_BROKEN}r = check('double')",
            f"{FAILS}r = check('double')",
            "def double(x): return x\nr = check('double')",
        ],
        tmp_path,
    )
    assert "double: accepted" in out[0]
    assert "not the live object: that did not arrive whole (AttributeError" in out[0]
    assert "NameError: name 'missing_here' is not defined (line 4: `return x * missing_here`)" in out[1]
    assert "must take (x, scale=...)" in out[2]
    assert not any("live object" in text for text in out[1:])


def test_a_script_with_what_cannot_be_carried_is_judged_by_its_source(bank: Path, tmp_path: Path) -> None:
    text = f"from torch_judge import check\n{NEEDS['a lock']}\nassert check('double').passed\n"
    done = run_script(text, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "What was judged is this session's source" in done.stdout


def test_a_working_folder_that_is_gone_is_no_obstacle(bank: Path, tmp_path: Path) -> None:
    text = (
        "import os, tempfile\nfrom torch_judge import check\n"
        "folder = tempfile.mkdtemp()\nos.chdir(folder)\nos.rmdir(folder)\n"
        f"{SOLUTION}assert check('double').passed\n"
    )
    done = run_script(text, tmp_path)
    assert done.returncode == 0, done.stderr


def test_a_module_that_was_edited_and_not_reloaded_is_said(bank: Path, tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("def grown(x, s):\n    return x + s\n")
    edit = "open('beside.py', 'w').write('def grown(x, s):\\n    return x * s\\n')"
    use = "import beside\ndef double(x, scale=2.0): return beside.grown(x, scale)\n"
    out = results([f"from torch_judge import check\n{use}", f"{edit}\nr = check('double')"], tmp_path)
    assert "double: accepted" in out[1]
    assert "beside.py was edited after this session imported it" in out[1]
