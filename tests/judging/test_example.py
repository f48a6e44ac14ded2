"""`run_example`: a learner's code on an input of their own, and the jury's answer beside it."""

from __future__ import annotations

import json
import re
import socket
import threading
from pathlib import Path

import psutil
import pytest

from tests.support.packages import CASES, SOLUTION, write_package
from torch_judge.execution.forkserver.client import START_VARIABLE, ForkServer, Start
from torch_judge.judging.example import LONGEST_EXAMPLE, LONGEST_VALUE, ExampleRun, run_example
from torch_judge.model.bank import find_bank
from torch_judge.model.isolation import Layer
from torch_judge.model.live_object import from_object
from torch_judge.model.problem import Framework, Problem
from torch_judge.model.report import Verdict
from torch_judge.model.submission import Cell, Submission, from_source

ANSWER = "def double(x, scale=2.0):\n    return x + x * (scale - 1)\n"
CANARY = "sings-of-the-jury"
CLASS = """\
import torch


class Doubler(torch.nn.Module):
    def __init__(self, scale=2.0):
        super().__init__()
        self.scale = scale

    def forward(self, x):
        return x * self.scale
"""


def run(problem: Problem, server: ForkServer, code: str, *, answer: str = ANSWER) -> ExampleRun:
    return run_example(problem, from_source(answer), code, server=server)


def run_jury(problem: Problem, server: ForkServer, code: str, *, answer: str = ANSWER) -> ExampleRun:
    """Run code on the jury solution too, and return what it did there."""
    jury = run_example(problem, from_source(answer), code, server=server, jury=True).jury
    assert jury is not None
    return jury


def children(server: ForkServer) -> int:
    return len(psutil.Process(server._programs[0]._process.pid).children())


# --- what a learner sees ---


def test_what_is_printed_comes_in_order_and_the_last_expression_is_the_value(
    problem: Problem, server: ForkServer
) -> None:
    code = (
        "import sys\nx = torch.ones(2)\nprint('one')\nprint('two', file=sys.stderr)\n"
        "print('three', end='')\ndouble(x, scale=3.0)\n"
    )
    ran = run(problem, server, code)
    assert ran.ran
    assert (ran.verdict, ran.printed, ran.value) == ("ran", "one\ntwo\nthree", "tensor([3., 3.])")
    assert ran.raised is None
    assert ran.jury is None
    assert not ran.truncated
    assert ran.seconds > 0
    assert "process" in ran.isolation
    assert not set(ran.isolation) & set(ran.isolation_missing)


@pytest.mark.parametrize(
    ("code", "value"),
    {
        "": None,
        "# nothing": None,
        "x = 3": None,
        "None": None,
        "print('said')": None,
        "3;": None,
        "3; # no": None,
        "3  # a remark; with a semicolon": "3",
        "1; 2": "2",
        "'text'": "'text'",
        "'\u00e9';": None,
        "('\u00e9',\n 2)": "('\u00e9', 2)",
        "def f():\n    return 3\n\nf()": "3",
        "for n in range(3):\n    n": None,
        "_ = 4\n_": "4",
        "np.float64(2.5) * 2": str(5.0),
        "%matplotlib inline\n5": "5",
        "import asyncio\nawait asyncio.sleep(0, 'slept')": "'slept'",
        "__name__": "'__main__'",
        "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\nP(3)": "P(x=3)",
        "a = 1\r\nb = 2\r\na + b": "3",
    }.items(),
)
def test_a_value_is_shown_as_a_notebook_shows_it(
    problem: Problem, server: ForkServer, code: str, value: str | None
) -> None:
    ran = run(problem, server, code)
    assert (ran.raised, ran.verdict) == (None, "ran")
    if value == "5.0":
        assert ran.value in {"5.0", "np.float64(5.0)"}  # NumPy 2 says its types
    else:
        assert ran.value == value


def test_every_name_of_the_answer_is_there_as_in_the_cell_below_it(
    problem: Problem, server: ForkServer
) -> None:
    answer = f"import math\nHALF = 0.5\ndef helper(x):\n    return x * math.pi\n{ANSWER}print('loaded')\n"
    ran = run(problem, server, "math.floor(helper(double(HALF)))", answer=answer)
    assert (ran.printed, ran.value) == ("loaded\n", "3")


def test_what_an_example_sets_is_no_name_of_the_answer_s(problem: Problem, server: ForkServer) -> None:
    answer = "FACTOR = 2.0\ndef double(x, scale=FACTOR):\n    return x * FACTOR\n"
    assert run(problem, server, "FACTOR = 7.0\ndouble(1.0)", answer=answer).value == "2.0"


def test_a_class_is_made_and_called(tmp_path: Path, server: ForkServer) -> None:
    cases = CASES.replace("double(draw(rng))", "double()(draw(rng))", 1).partition(
        '\n\n\n@case(rejects=["ig'
    )[0]
    starter = CLASS.replace("return x * self.scale", "raise NotImplementedError")
    folder = write_package(
        tmp_path,
        cases=cases,
        starter=starter.replace("Doubler", "double"),
        solution=CLASS.replace("Doubler", "double"),
    )
    problem = find_bank(folder.parent).load("double")
    code = "layer = double(scale=4.0)\nprint(layer)\nlayer(torch.ones(1))"
    answer = CLASS.replace("Doubler", "double")
    ran = run_example(problem, from_source(answer), code, server=server, jury=True)
    assert (ran.printed, ran.value) == ("double()\n", "tensor([4.])")
    assert ran.jury is not None
    assert (ran.jury.printed, ran.jury.value) == (ran.printed, ran.value)


def test_a_numpy_problem_runs_without_torch(tmp_path: Path) -> None:
    write_package(tmp_path, framework="numpy")
    problem = find_bank(tmp_path).load("double")
    code = "import sys\nprint('torch' in sys.modules, 'torch' in globals())\ndouble(np.arange(3))"
    with ForkServer(Framework.NUMPY) as server:
        ran = run_example(problem, from_source(SOLUTION), code, server=server, jury=True)
    assert (ran.printed, ran.value) == ("False False\n", "array([0., 2., 4.])")
    assert ran.jury is not None
    assert (ran.jury.printed, ran.jury.value) == (ran.printed, ran.value)


@pytest.mark.parametrize("method", [Start.SPAWN, Start.DIAL])
def test_processes_that_start_anew_run_examples_too(
    method: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(START_VARIABLE, method)
    write_package(tmp_path, framework="numpy")
    problem = find_bank(tmp_path).load("double")
    with ForkServer(Framework.NUMPY) as server:
        ran = run_example(problem, from_source(ANSWER), "print('said')\ndouble(2)", server=server, jury=True)
    for side in (ran, ran.jury):
        assert side is not None
        assert (side.printed, side.value) == ("said\n", "4.0"), side.raised


def test_a_live_object_is_run_too(problem: Problem, server: ForkServer) -> None:
    def double(x: float, scale: float = 2.0) -> float:
        return x * scale

    submission = from_object(double, name="double")
    ran = run_example(problem, submission, "double(4.0)", server=server)
    assert (ran.verdict, ran.value) == ("ran", "8.0")


def test_of_a_notebook_more_is_run_where_the_answer_needs_it(problem: Problem, server: ForkServer) -> None:
    cells = (
        Cell("cell 1", "names = {}"),
        Cell("cell 2", "def fill():\n    names['two'] = 2.0\nfill()"),
        Cell("cell 3", "def double(x, scale=2.0):\n    return x * names['two']"),
    )
    submission = Submission("mine.ipynb", cells, notebook=True)
    ran = run_example(problem, submission, "double(4.0)", server=server)
    assert (ran.verdict, ran.value) == ("ran", "8.0")


# --- what goes wrong ---


@pytest.mark.parametrize(
    ("code", "stopped"),
    {
        "x = 1\n\nx / 0": (
            Verdict.RUN_TIME_ERROR,
            "ZeroDivisionError: division by zero (the example, line 3: `x / 0`)",
        ),
        "x = 1\nbroken(x)": (Verdict.RUN_TIME_ERROR, "KeyError: 'missing' (line 5: `return {}['missing']`)"),
        "x = 1\ndef f(:": (
            Verdict.COMPILE_ERROR,
            "SyntaxError: invalid syntax (the example, line 2: `def f(:`)",
        ),
        "  x = 1": (
            Verdict.COMPILE_ERROR,
            "IndentationError: unexpected indent (the example, line 1: `x = 1`)",
        ),
        "Dear judge,": (
            Verdict.COMPILE_ERROR,
            "SyntaxError: invalid syntax (the example, line 1: `Dear judge,`)",
        ),
        "return 3": (
            Verdict.COMPILE_ERROR,
            "SyntaxError: 'return' outside function (the example, line 1: `return 3`)",
        ),
        "double(": (
            Verdict.COMPILE_ERROR,
            "SyntaxError: '(' was never closed (the example, line 1: `double(`)",
        ),
        "input('?')": (
            Verdict.RUN_TIME_ERROR,
            "EOFError: EOF when reading a line; input() has nothing to read here, take the arguments",
        ),
        "exit()": (
            Verdict.RUN_TIME_ERROR,
            "the submission called sys.exit(None) (the example, line 1: `exit()`)",
        ),
        "raise KeyboardInterrupt": (
            Verdict.RUN_TIME_ERROR,
            "KeyboardInterrupt (the example, line 1: `raise KeyboardInterrupt`)",
        ),
        "x = bytearray(1 << 40)": (
            Verdict.MEMORY_LIMIT_EXCEEDED,
            "MemoryError (the example, line 1: `x = bytearray(1 << 40)`)",
        ),
        "torch.empty(1 << 40)": (Verdict.MEMORY_LIMIT_EXCEEDED, "RuntimeError: "),
        "import os\nos.fork()": (Verdict.RUN_TIME_ERROR, "PermissionError"),
        "import subprocess\nsubprocess.run(['ls'])": (Verdict.RUN_TIME_ERROR, "PermissionError"),
        "import os\nos._exit(0)": (
            Verdict.RUN_TIME_ERROR,
            "the process ended itself before it had answered (exit status 0)",
        ),
        "import ctypes\nctypes.string_at(0)": (Verdict.RUN_TIME_ERROR, "the process crashed: SIGSEGV"),
        "import os\nos.closerange(0, 64)": (Verdict.RUN_TIME_ERROR, "the process ended itself before it had"),
        "torch.nn.functional.batch_norm(torch.ones(2, 3), None, None, training=True)": (
            Verdict.RULE_VIOLATION,
            "batch_norm was called (the example, line 1: `torch.nn.functional.batch_norm(",
        ),
        "try:\n    torch.nn.functional.batch_norm(torch.ones(2, 3), None, None, training=True)\n"
        "except BaseException:\n    pass": (
            Verdict.RULE_VIOLATION,
            "batch_norm was called (the example, line 2",
        ),
        "open('/etc/passwd')": (Verdict.RUN_TIME_ERROR, "PermissionError: [Errno 13] Permission denied"),
        "import socket\nsocket.socket()": (Verdict.RUN_TIME_ERROR, "PermissionError"),
        "class Liar:\n    def __repr__(self):\n        return 3\nLiar()": (
            Verdict.RUN_TIME_ERROR,
            "TypeError: __repr__ returned non-string (type int)",
        ),
        "def f(n):\n    return f(n + 1)\nf(0)": (Verdict.RUN_TIME_ERROR, "RecursionError"),
        "x = '\ud800'": (Verdict.COMPILE_ERROR, "SyntaxError"),
        "x = 1\0": (Verdict.COMPILE_ERROR, "SyntaxError"),
        "(" * 2000 + ")" * 2000: (Verdict.COMPILE_ERROR, "SyntaxError: too many nested parentheses"),
    }.items(),
)
def test_what_stops_an_example_is_said_with_its_line(
    problem: Problem, server: ForkServer, code: str, stopped: tuple[Verdict, str]
) -> None:
    verdict, raised = stopped
    answer = f"{ANSWER}\ndef broken(x):\n    return {{}}['missing']\n"
    ran = run(problem, server, f"{code}", answer=answer)
    assert ran.verdict is verdict
    assert not ran.ran
    assert ran.value is None
    assert ran.raised is not None
    assert ran.raised.startswith(raised)
    assert children(server) == 0


def test_each_line_that_was_printed_before_it_stopped_is_shown(problem: Problem, server: ForkServer) -> None:
    for end in ("1 / 0", "while True: pass", "import os; os.kill(os.getpid(), 9)", "import os; os.abort()"):
        ran = run(problem, server, f"print('before')\nprint('and before')\n{end}")
        assert ran.printed.startswith("before\nand before\n"), end
        assert not ran.ran


@pytest.mark.parametrize("stream", ["io.StringIO()", "None", "3", "open(os.devnull, 'w')"])
def test_an_answer_may_put_something_else_in_the_place_of_its_output(
    problem: Problem, server: ForkServer, stream: str
) -> None:
    answer = f"import io, os, sys\nsys.stdout = {stream}\n{ANSWER}"
    ran = run(problem, server, "double(2.0)", answer=answer)
    assert (ran.raised, ran.printed, ran.value) == (None, "", "4.0")


def test_an_endless_loop_is_stopped_and_its_line_is_named(problem: Problem, server: ForkServer) -> None:
    ran = run(problem, server, "n = 0\nwhile True:\n    n += 1")
    assert ran.verdict is Verdict.TIME_LIMIT_EXCEEDED
    assert ran.raised is not None
    assert re.fullmatch(
        r"no answer after 2 seconds \(the example, line [23]: `(while True:|n \+= 1)`\)", ran.raised
    )
    inside = run(
        problem, server, "double(1)", answer="def double(x, scale=2.0):\n    while True:\n        x += 1\n"
    )
    assert inside.raised is not None
    assert re.search(r"\(line [23]: ", inside.raised)
    assert children(server) == 0


def test_an_example_that_writes_where_it_stands_for_ever_is_stopped(
    problem: Problem, server: ForkServer
) -> None:
    code = "class Slow:\n    def __repr__(self):\n        while True: pass\nSlow()"
    assert run(problem, server, code).verdict is Verdict.TIME_LIMIT_EXCEEDED


def test_a_fork_bomb_and_a_thread_bomb_leave_nothing(problem: Problem, server: ForkServer) -> None:
    code = (
        "import os, threading, time\n"
        "for _ in range(200):\n"
        "    try: os.fork()\n"
        "    except OSError as error: said = type(error).__name__\n"
        "    try: threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
        "    except RuntimeError: pass\n"
        "said"
    )
    ran = run(problem, server, code)
    assert (ran.verdict, ran.value) == ("ran", "'PermissionError'")
    assert children(server) == 0


def test_a_flood_of_output_is_cut_and_says_so(problem: Problem, server: ForkServer) -> None:
    flood = run(problem, server, "for n in range(100_000):\n    print('line', n)")
    assert flood.ran
    assert flood.truncated
    assert flood.printed.startswith("line 0\nline 1\n")
    assert re.search(r"\n\[\.\.\. \d+ more bytes\]$", flood.printed)
    assert len(flood.printed) < 17 << 10
    value = run(problem, server, "'a' * 10_000_000")
    assert value.truncated
    assert value.value == "'" + "a" * (LONGEST_VALUE - 1) + "[...]"
    endless = run(problem, server, "while True:\n    print('x' * 10_000)")
    assert endless.verdict is Verdict.TIME_LIMIT_EXCEEDED
    assert endless.truncated
    assert len(endless.printed) < 17 << 10


def test_output_that_only_says_that_it_was_cut_was_not(problem: Problem, server: ForkServer) -> None:
    assert not run(problem, server, "print('[... 7 more bytes]')").truncated


def test_nothing_that_is_shown_can_steer_a_terminal(problem: Problem, server: ForkServer) -> None:
    strange = "'\\x1b[2J\\x1b]0;title\\x07\\u202e\\u200b\\r\\ud800'"
    code = (
        f"import sys\nsys.stdout.buffer.write({strange}.encode('utf-8', 'replace'))\n"
        f"class Shown:\n    def __repr__(self): return {strange}\nShown()"
    )
    ran = run(problem, server, code)
    raised = run(problem, server, f"raise ValueError({strange})")
    assert ran.ran
    assert ran.value is not None
    assert raised.raised is not None
    for text in (ran.printed, ran.value, raised.raised):
        assert r"\x1b[2J\x1b]0;title\x07\u202e\u200b\r" in text
        assert not any(ord(letter) < 32 and letter != "\n" for letter in text)
        assert not {"\u202e", "\u200b", "\ud800"} & set(text)


def test_a_text_that_is_too_long_is_not_run(problem: Problem, server: ForkServer) -> None:
    code = "x = 1\n" * (LONGEST_EXAMPLE // 6 + 1)
    ran = run_example(problem, from_source(ANSWER), code, server=server, jury=True)
    assert (ran.verdict, ran.raised) == (Verdict.COMPILE_ERROR, "the example is longer than 64 KiB")
    assert ran.jury is not None
    assert ran.jury.verdict is Verdict.COMPILE_ERROR
    assert not ran.isolation
    widest = "x = '" + "\U0001f600" * (LONGEST_EXAMPLE - 100) + "'\nlen(x)"
    assert run(problem, server, widest).value == str(LONGEST_EXAMPLE - 100)


@pytest.mark.parametrize(
    ("answer", "verdict", "raised"),
    [
        ("def double(x, scale=2.0)\n", Verdict.COMPILE_ERROR, "SyntaxError: expected ':' (line 1"),
        (
            "def triple(x): pass\n",
            Verdict.COMPILE_ERROR,
            "submission.py defines no double; it defines triple",
        ),
        ("print('so far')\n1 / 0\n", Verdict.RUN_TIME_ERROR, "ZeroDivisionError: division by zero (line 2"),
        ("while True: pass\n", Verdict.TIME_LIMIT_EXCEEDED, "no answer after 2 seconds (line 1"),
        ("def double(): pass\n", Verdict.RUN_TIME_ERROR, "double must take (x, scale=...)"),
        ("  \n", Verdict.COMPILE_ERROR, "submission.py holds no code"),
    ],
)
def test_an_answer_that_does_not_load_says_why_and_runs_nothing(
    problem: Problem, server: ForkServer, answer: str, verdict: Verdict, raised: str
) -> None:
    ran = run_example(problem, from_source(answer), "print('run')\ndouble(2.0)", server=server, jury=True)
    assert ran.verdict is verdict
    assert ran.raised is not None
    assert ran.raised.startswith(raised)
    assert ran.printed == ("so far\n" if "so far" in answer else "")
    assert ran.seconds == 0.0
    assert ran.jury is not None
    assert (ran.jury.printed, ran.jury.value) == ("run\n", "4.0")


def test_an_answer_that_forges_the_judge_s_messages_is_at_fault_and_not_we(
    problem: Problem, server: ForkServer
) -> None:
    forge = "import os\nos.write(3, {sent!r})\ndouble(2.0)"
    header = json.dumps({"kind": "example stopped", "verdict": "judge error", "message": "x"}).encode()
    frame = b"tj1\n" + len(header).to_bytes(4, "big") + bytes(4) + header
    for sent in (b"junk" * 100, frame, frame.replace(b"judge error", b"accepted   ")):
        ran = run(problem, server, forge.format(sent=sent))
        assert ran.verdict is Verdict.RUN_TIME_ERROR
        assert ran.raised is not None
        assert ran.raised.startswith("the submission disturbed its channel")


def test_a_server_that_is_gone_is_our_error(problem: Problem) -> None:
    gone = ForkServer(Framework.TORCH)
    gone.close()
    ran = run_example(problem, from_source(ANSWER), "1", server=gone, jury=True)
    assert ran.verdict is Verdict.JUDGE_ERROR
    assert ran.raised == "the judge's server was ended"
    assert ran.jury is not None
    assert ran.jury.verdict is Verdict.JUDGE_ERROR


def test_where_a_required_layer_is_missing_nothing_is_run(
    problem: Problem, server: ForkServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = server.describe().missing
    if not missing:
        pytest.skip("every layer holds here")
    layer = Layer(next(iter(missing)))
    answer = from_source(f"print('ran')\n{ANSWER}")
    given = run_example(problem, answer, "1", server=server, jury=True, required=frozenset({layer}))
    monkeypatch.setenv("TORCH_JUDGE_REQUIRE_ISOLATION", layer.value)
    by_default = run_example(problem, answer, "1", server=server, jury=True)
    for ran in (given, given.jury, by_default, by_default.jury):
        assert ran is not None
        assert ran.verdict is Verdict.JUDGE_ERROR
        assert ran.raised is not None
        assert "the isolation that is required does not hold" in ran.raised
        assert ran.printed == ""


def test_two_examples_at_once_share_one_server(problem: Problem, server: ForkServer) -> None:
    values: list[str | None] = []

    def work(number: int) -> None:
        values.append(run(problem, server, f"double({number}.0)").value)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(values) == {"2.0", "4.0", "6.0"}


# --- what an answer and an example may reach ---


def test_no_case_and_no_jury_are_in_the_process_of_the_answer(problem: Problem, server: ForkServer) -> None:
    mark_the_bank(problem)
    ran = run(problem, server, SEARCH)
    assert (ran.verdict, ran.value) == ("ran", "[]"), ran
    # the same search finds what is there
    held = run(problem, server, f"held = ['-'.join({CANARY.split('-')!r})]\n{SEARCH}")
    assert CANARY in str(held.value)


SEARCH = f"""\
import gc, marshal, sys, types
parts = {CANARY.split("-")!r}
def has(value):
    try:
        text = value if isinstance(value, bytes) else str(value).encode()
        return b"-".join(part.encode() for part in parts) in text
    except BaseException:
        return False
found = []
for value in gc.get_objects():
    if isinstance(value, types.FunctionType):
        found += [value.__qualname__ for const in value.__code__.co_consts if has(const)]
    elif isinstance(value, (dict, list, tuple, set)):
        inner = list(value.values()) if isinstance(value, dict) else list(value)
        found += [f"{{type(value).__name__}}: {{str(one)[:80]}}" for one in inner
                  if isinstance(one, (str, bytes)) and one not in parts and has(one)]
[one for one in found if "SEARCH" not in one]
"""


def mark_the_bank(problem: Problem) -> None:
    """Put words that are nowhere else into the cases, and into a comment of the solution."""
    cases, solution = problem.folder / "cases.py", problem.folder / "solution.py"
    cases.write_text(f'SECRET = "{CANARY}"\n{cases.read_text()}')
    solution.write_text(f"{solution.read_text()}    # {CANARY}\n")


# --- the jury's side ---


def test_the_jury_s_answer_to_the_same_code_stands_beside_it(problem: Problem, server: ForkServer) -> None:
    answer = "def double(x, scale=2.0):\n    return x + 2\n"
    code = "print('x is', 3.0)\ndouble(3.0, scale=4.0)"
    ran = run_example(problem, from_source(answer), code, server=server, jury=True)
    assert (ran.printed, ran.value) == ("x is 3.0\n", "5.0")
    assert ran.jury is not None
    assert (ran.jury.verdict, ran.jury.printed, ran.jury.value) == ("ran", "x is 3.0\n", "12.0")
    assert ran.jury.isolation == ran.isolation
    assert ran.jury.jury is None


def test_both_sides_draw_the_same_numbers_and_each_run_draws_others(
    problem: Problem, server: ForkServer
) -> None:
    code = (
        "import random\n[torch.rand(1).item(), np.random.rand(), random.random(), "
        "torch.is_grad_enabled(), torch.get_default_dtype()]"
    )
    answer = from_source(
        "import torch\ntorch.set_default_dtype(torch.float64)\ntorch.set_grad_enabled(False)\ntorch.rand(7)\n"
        + ANSWER
    )
    first = run_example(problem, answer, code, server=server, jury=True)
    again = run_example(problem, answer, code, server=server)
    assert first.jury is not None
    assert first.value == first.jury.value
    assert "True, torch.float32]" in str(first.value)
    assert again.value != first.value
    given = [run_example(problem, answer, code, server=server, seed=7).value for _ in range(2)]
    assert given[0] == given[1]


def test_what_the_jury_raises_names_a_line_of_the_example_and_none_of_the_jury_s(
    problem: Problem, server: ForkServer
) -> None:
    jury = run_jury(problem, server, "x = 1\ndouble({})")
    assert jury.verdict is Verdict.RUN_TIME_ERROR
    assert jury.raised is not None
    assert jury.raised.startswith("TypeError: unsupported operand")
    assert jury.raised.endswith("(the example, line 2: `double({})`)")


def test_no_text_of_the_jury_s_and_no_case_is_in_its_process(problem: Problem, server: ForkServer) -> None:
    mark_the_bank(problem)
    assert run_jury(problem, server, SEARCH).value == "[]"
    assert CANARY in str(
        run_jury(problem, server, f"held = ['-'.join({CANARY.split('-')!r})]\n{SEARCH}").value
    )
    source = run_jury(problem, server, "import inspect\ninspect.getsource(double)")
    assert source.raised is not None
    assert source.raised.startswith("OSError: source code not available")
    assert run_jury(problem, server, "double.__code__.co_filename").value == "'solution.py'"


def test_no_line_of_the_judge_s_is_left_in_a_cache_on_either_side(
    problem: Problem, server: ForkServer
) -> None:
    """What the server's libraries looked up while they were imported could be read through `inspect`."""
    ran = run_example(
        problem, from_source(ANSWER), "import linecache\nsorted(linecache.cache)", server=server, jury=True
    )
    assert ran.value == "['submission.py', 'the example']"
    assert ran.jury is not None
    assert ran.jury.value == "['the example']"


def test_code_beside_the_jury_solution_reads_no_file_and_has_no_network(
    problem: Problem, server: ForkServer, tmp_path: Path
) -> None:
    """It is shut in like a worker; that it says so is not believed: it tries."""
    outside = tmp_path / "outside"
    outside.write_text("sings")
    listener = socket.create_server(("127.0.0.1", 0))
    paths = [outside, *(path for path in problem.folder.rglob("*") if path.is_file()), Path("/etc/passwd")]
    paths += [Path(__file__), Path(run_example.__code__.co_filename), Path("/proc/self/environ")]
    code = f"""\
import os, socket
told = []
for path in {[str(path) for path in paths]!r}:
    try:
        told.append(open(path).read()[:20])
    except OSError as error:
        pass
for folder in ({str(problem.folder)!r}, {str(tmp_path)!r}, "/proc", "/"):
    try:
        told += os.listdir(folder)
    except OSError:
        pass
for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try:
            told.append(socket.socket(family, kind).connect(("127.0.0.1", {listener.getsockname()[1]})))
        except OSError:
            pass
for attempt in (os.fork, lambda: os.execv("/bin/true", ["true"]), lambda: os.kill(os.getppid(), 15),
                lambda: open({str(tmp_path / "made")!r}, "w")):
    try:
        told.append(attempt())
    except OSError:
        pass
told
"""
    with listener:
        ran = run_example(problem, from_source(ANSWER), code, server=server, jury=True)
    assert ran.jury is not None
    needed = {"process", "limits", "files", "calls", "network", "signals"}
    if not needed <= set(ran.jury.isolation):
        pytest.skip(f"less holds here: {ran.jury.isolation_missing}")
    for side in (ran, ran.jury):
        assert (side.verdict, side.value) == ("ran", "[]"), side
    assert not (tmp_path / "made").exists()


def test_code_beside_the_jury_solution_has_its_limits_too(problem: Problem, server: ForkServer) -> None:
    jury = run_jury(
        problem, server, "while double(1.0) == 2.0: pass", answer="def double(x, scale=2.0): return 0.0\n"
    )
    assert jury.verdict is Verdict.TIME_LIMIT_EXCEEDED
    assert "the example, line 1" in str(jury.raised)
    memory = run_jury(problem, server, "x = bytearray(1 << 40)")
    assert memory.verdict is Verdict.MEMORY_LIMIT_EXCEEDED
    assert run_jury(problem, server, "print('x' * 1_000_000)").truncated
    assert children(server) == 0


def test_the_answer_finds_nothing_of_the_jury_where_both_run(problem: Problem, server: ForkServer) -> None:
    mark_the_bank(problem)
    ran = run_example(problem, from_source(ANSWER), SEARCH, server=server, jury=True)
    assert (ran.verdict, ran.value) == ("ran", "[]")


@pytest.mark.parametrize(
    ("solution", "said"),
    {
        "def double(x, scale=2.0)\n": "solution.py:1: expected ':'",
        "1 / 0\n": "the jury solution does not load: ZeroDivisionError: division by zero",
        "x = 1\n": "the jury solution does not load: the jury solution defines no double",
        "open('/etc/passwd')\n": "the jury solution does not load: PermissionError",
    }.items(),
)
def test_a_jury_solution_that_is_broken_is_the_bank_s_fault_and_spoils_nothing(
    problem: Problem, server: ForkServer, solution: str, said: str
) -> None:
    (problem.folder / "solution.py").write_text(solution)
    ran = run_example(problem, from_source(ANSWER), "double(2.0)", server=server, jury=True)
    assert (ran.verdict, ran.value) == ("ran", "4.0")
    assert ran.jury is not None
    assert ran.jury.verdict is Verdict.JUDGE_ERROR
    assert said in str(ran.jury.raised)
    assert ran.jury.value is None


def test_the_bank_s_own_debug_cells_run_on_their_own_solutions() -> None:
    """Of each framework the first three problems, as the page runs them."""
    bank = find_bank(None)
    for framework in Framework:
        problems = [problem for problem in bank.problems() if problem.framework is framework][:3]
        with ForkServer(framework) as server:
            for problem in problems:
                answer = from_source(problem.read_solution(), name="solution.py")
                ran = run_example(problem, answer, problem.read_debug(), server=server, jury=True, seed=7)
                assert ran.verdict == "ran", (problem.slug, ran.raised)
                assert ran.jury is not None
                assert (ran.jury.verdict, ran.jury.printed) == ("ran", ran.printed), problem.slug


def test_a_case_is_run_after_nothing_that_an_example_did(problem: Problem, server: ForkServer) -> None:
    """An example has a process of its own: the next one finds nothing of it."""
    run(problem, server, "import builtins\nbuiltins.left = 3\ntorch.left = 4")
    ran = run(problem, server, "import builtins\n[hasattr(builtins, 'left'), hasattr(torch, 'left')]")
    assert ran.value == "[False, False]"
