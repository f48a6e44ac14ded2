"""`judge`: a submission and a package in, a report out, whatever the submission does."""

from __future__ import annotations

import linecache
import os
import re
import site
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.packages import CASES, SOLUTION, TOML, write_package
from torch_judge.execution.forkserver import client as server_module
from torch_judge.execution.forkserver.client import START_VARIABLE, ForkServer, Start
from torch_judge.execution.protocol.frames import LARGEST_HEADER
from torch_judge.judging.judge import judge
from torch_judge.model.bank import find_bank
from torch_judge.model.isolation import Layer
from torch_judge.model.live_object import from_object
from torch_judge.model.problem import Framework, Problem
from torch_judge.model.report import Report, Verdict
from torch_judge.model.submission import Submission, from_source


def verdicts(report: Report) -> list[str]:
    return [case.verdict.value for case in report.cases]


def judged(problem: Problem, server: ForkServer, body: str, **options: object) -> Report:
    return judge(
        problem, from_source(f"import torch\ndef double(x, scale=2.0):\n{body}\n"), server=server, **options
    )


def test_a_right_answer_is_accepted_with_every_case_passed(problem: Problem, server: ForkServer) -> None:
    report = judge(problem, from_source(SOLUTION), server=server)
    assert report.passed
    assert verdicts(report) == ["accepted"] * 3
    assert report.isolation


def test_a_submission_that_sends_gradients_back_itself_is_accepted_in_a_server_s_first_check(
    problem: Problem,
) -> None:
    """PyTorch then loads what the server has not loaded yet, in a worker that is shut in."""
    body = (
        "    y = torch.ones(2, requires_grad=True)\n"
        "    (y * 2).backward(torch.ones(2))\n"
        "    return x * scale * y.grad[0] / 2\n"
    )
    with ForkServer(Framework.TORCH) as server:
        assert judged(problem, server, body).passed


def test_a_wrong_answer_names_the_sentence_and_the_first_difference(
    problem: Problem, server: ForkServer
) -> None:
    report = judged(problem, server, "    return x * 2")
    assert verdicts(report) == ["accepted", "wrong answer", "wrong answer"]
    sentence, difference = report.cases[1].message.splitlines()
    assert sentence == "The result is scale times x."
    assert re.fullmatch(r"output\[0, 0\]: expected \S+, found \S+ \(15 of 15 values differ\)", difference)


def test_the_seed_of_a_report_replays_it(problem: Problem, server: ForkServer) -> None:
    first = judged(problem, server, "    return x * 2")
    again = judged(problem, server, "    return x * 2", seed=first.seed)
    other = judged(problem, server, "    return x * 2", seed=first.seed + 1)
    assert [case.message for case in again.cases] == [case.message for case in first.cases]
    assert other.cases[1].message != first.cases[1].message


def test_the_order_of_cases_changes_nothing(problem: Problem, server: ForkServer) -> None:
    body = "    if scale == 3.7: raise ValueError\n    torch.rand(3)\n    return x * scale"
    straight = judged(problem, server, body, seed=5)
    for seed in (5, 6, 7):
        shuffled = judged(problem, server, body, seed=seed, shuffled=True)
        assert verdicts(shuffled) == verdicts(straight) == ["accepted", "run-time error", "accepted"]


def test_an_endless_loop_costs_its_case_and_the_others_still_run(
    problem: Problem, server: ForkServer
) -> None:
    report = judged(problem, server, "    while scale == 3.7: pass\n    return x * scale")
    assert report.verdict is Verdict.TIME_LIMIT_EXCEEDED
    assert verdicts(report) == ["accepted", "time limit exceeded", "accepted"]


def test_the_time_in_all_is_bounded(problem: Problem, server: ForkServer) -> None:
    cases = "".join(
        f'@case()\ndef number_{n}(double, rng):\n    """Doubles."""\n    return double(draw(rng))\n'
        for n in range(12)
    )
    (problem.folder / "cases.py").write_text(CASES + cases)
    toml = problem.folder / "problem.toml"
    toml.write_text(toml.read_text().replace("seconds_per_case = 1", "seconds_per_case = 4"))
    slow = find_bank(problem.folder.parent).load("double")
    report = judged(slow, server, "    while True: pass")
    assert set(verdicts(report)) == {"time limit exceeded"}
    assert report.cases[-1].message == "not run: the submission had used up its 4 seconds in all"


def test_after_two_cases_over_their_time_the_others_are_not_tried(
    problem: Problem, server: ForkServer
) -> None:
    body = "    while scale != 2.0: pass\n    return x * scale"
    cases = "".join(
        f'@case()\ndef number_{n}(double, rng):\n    """Doubles."""\n    return double(draw(rng))\n'
        for n in range(3)
    )
    (problem.folder / "cases.py").write_text(CASES + cases)
    report = judged(problem, server, body)
    assert verdicts(report) == ["accepted", *["time limit exceeded"] * 5]
    assert [case.message.partition(" ")[0] for case in report.cases[1:]] == ["no", "no", *["not"] * 3]
    assert report.cases[-1].message == "not tried: 2 cases before had run over their time"


def test_a_part_that_many_cases_miss_is_named_once(problem: Problem, server: ForkServer) -> None:
    cases = "".join(
        f'@case()\ndef number_{n}(double, rng):\n    """It has a scale."""\n'
        "    return tensor_of(double, 'scale')\n"
        for n in range(4)
    )
    (problem.folder / "cases.py").write_text(CASES.replace("gradients", "gradients, tensor_of", 1) + cases)
    (problem.folder / "solution.py").write_text(SOLUTION + "\n\nimport torch\ndouble.scale = torch.ones(1)\n")
    report = judged(problem, server, "    return x * scale")
    assert report.message == "your double has no `scale`; 4 cases need it"
    assert verdicts(report)[:3] == ["accepted"] * 3


DEATHS = {
    "crash": ("import ctypes; ctypes.string_at(0)", "the process crashed: SIGSEGV"),
    "exit": ("import os; os._exit(0)", "the process ended itself before it had answered (exit status 0)"),
    "abort": ("import os; os.abort()", "the process crashed: SIGABRT"),
    "close": ("import os; os.closerange(0, 64)", "the submission closed the judge's channel"),
}


@pytest.mark.parametrize(("statement", "message"), DEATHS.values(), ids=DEATHS.keys())
def test_a_death_costs_its_case_and_the_others_still_run(
    problem: Problem, server: ForkServer, statement: str, message: str
) -> None:
    report = judged(problem, server, f"    if scale == 3.7:\n        {statement}\n    return x * scale")
    assert verdicts(report)[0] == verdicts(report)[2] == "accepted"
    assert report.cases[1].verdict is Verdict.RUN_TIME_ERROR
    assert message in report.cases[1].message or report.cases[1].message.startswith(
        "the process ended itself"
    )


RAISED = {
    "exit": ("import sys; sys.exit(0)", "the submission called sys.exit(0)"),
    "input": ("input()", "input() has nothing to read here"),
    "name": ("return foo", "NameError: name 'foo' is not defined (line 3: `return foo`)"),
    "hostile": (
        "class E(Exception):\n        def __str__(self): raise SystemExit\n    raise E",
        "E: its message cannot be printed",
    ),
    "long": ("raise ValueError('x' * 10**7)", "ValueError: xxx"),
    "escape": ("raise ValueError('\\x1b[2Jall passed')", "ValueError: \\x1b[2Jall passed"),
}


@pytest.mark.parametrize(("statement", "message"), RAISED.values(), ids=RAISED.keys())
def test_an_exception_is_a_run_time_error_with_its_line(
    problem: Problem, server: ForkServer, statement: str, message: str
) -> None:
    report = judged(problem, server, f"    {statement}")
    assert set(verdicts(report)) == {"run-time error"}
    assert message in report.cases[0].message
    assert len(report.cases[0].message) < 1000
    assert "\x1b" not in report.to_json()


UNFIT = {
    "no entry point": (
        "def dubble(x): pass",
        "compile error",
        "defines no double; it defines dubble (rename dubble to double?)",
    ),
    "nothing at all": ("x = 1", "compile error", "defines no double; it defines no function or class"),
    "not callable": ("double = 3", "compile error", "double is a value of type int"),
    "syntax": (
        "x = 1\ndef double(:",
        "compile error",
        "SyntaxError: invalid syntax (line 2: `def double(:`)",
    ),
    "signature": (
        "def double(x): return x",
        "run-time error",
        "double must take (x, scale=...), yours takes (x)",
    ),
    "import": ("import nowhere_to_be_found", "run-time error", "ModuleNotFoundError"),
    "raise": ("1 / 0", "run-time error", "ZeroDivisionError: division by zero (line 1: `1 / 0`)"),
    "exit": ("import sys\nsys.exit('done')", "run-time error", "the submission called sys.exit('done')"),
    "loop": (
        "for epoch in range(3):\n    while True: pass",
        "time limit exceeded",
        "no answer after 2 seconds (line 2: `while True: pass`)",
    ),
    "death": ("import os\nos._exit(0)", "run-time error", "ended itself"),
    "hostile syntax error": (
        "class E(SyntaxError):\n    @property\n    def msg(self): raise SystemExit\nraise E",
        "compile error",
        "E: its message cannot be printed",
    ),
    "brackets": ("(" * 5000, "compile error", "SyntaxError"),
}


@pytest.mark.parametrize(("source", "verdict", "message"), UNFIT.values(), ids=UNFIT.keys())
def test_a_submission_that_reaches_no_case_says_why(
    problem: Problem, server: ForkServer, source: str, verdict: str, message: str
) -> None:
    report = judge(problem, from_source(source), server=server)
    assert report.verdict.value == verdict
    assert message in report.message
    assert report.cases == ()


def test_a_forgotten_return_is_said_once_above_the_cases(problem: Problem, server: ForkServer) -> None:
    report = judged(problem, server, "    y = x * scale")
    assert report.message == "double returns nothing in any case; is a `return` missing?"
    assert verdicts(report) == ["wrong answer"] * 3
    assert "expected a tensor of shape (3, 5), found None" in report.cases[0].message
    for body in ("    return None if scale == 3.7 else x * scale", "    raise NotImplementedError"):
        assert judged(problem, server, body).message == ""


def test_where_the_jury_returns_nothing_nobody_is_told_to(tmp_path: Path, server: ForkServer) -> None:
    cases = CASES.replace('{"output": double(draw(rng))}', '{"output": double(draw(rng)), "one": 1.0}')
    write_package(
        tmp_path, solution="def double(x, scale=2.0):\n    def inner(): return 1\n    inner()\n", cases=cases
    )
    in_place = find_bank(tmp_path).load("double")
    report = judged(in_place, server, "    if scale == 3.7: raise ValueError")
    assert not report.passed and report.message == ""


def test_a_library_of_the_learner_s_is_imported_or_said_to_be_out_of_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lies outside the package folders: on PYTHONPATH, or where a `.pth` file of the user's names it."""
    write_package(tmp_path / "bank", framework="numpy")
    for folder in ("given", "named", "site-packages"):
        (tmp_path / folder).mkdir()
    (tmp_path / "given" / "given_library.py").write_text("TWO = 2.0\n")
    (tmp_path / "named" / "named_library").mkdir()
    (tmp_path / "named" / "named_library" / "__init__.py").write_text("TWO = 2.0\n")
    (tmp_path / "site-packages" / "mine.pth").write_text(f"{tmp_path / 'named'}\n")
    (tmp_path / "closed_library.py").write_text("TWO = 2.0\n")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'given'}{os.pathsep}{tmp_path}")
    monkeypatch.setattr(site, "ENABLE_USER_SITE", True)
    monkeypatch.setattr(site, "USER_SITE", str(tmp_path / "site-packages"))
    problem = find_bank(tmp_path / "bank").load("double")
    with ForkServer(Framework.NUMPY) as server:
        for library in ("given_library", "named_library"):
            text = f"from {library} import TWO\ndef double(x, scale=TWO): return x * scale\n"
            report = judge(problem, from_source(text), server=server)
            assert report.passed, report.message
        # beside the bank no folder is a library: whoever reads it could read other people's answers
        report = judge(problem, from_source("import closed_library\n" + SOLUTION), server=server)
        unknown = judge(problem, from_source("import no_library\n" + SOLUTION), server=server)
        (tmp_path / "later.py").write_text("TWO = 2.0\n")  # since the server looked
        later = judge(problem, from_source("import later\n" + SOLUTION), server=server)
    if Layer.FILES in report.isolation:
        assert report.message == (
            f"PermissionError: [Errno 13] Permission denied: '{tmp_path / 'closed_library.py'}': "
            "module closed_library lies where a submission may not read (line 1: `import closed_library`)"
        )
        assert unknown.message == (
            "ModuleNotFoundError: No module named 'no_library' (line 1: `import no_library`)"
        )
        assert later.message == (
            "ModuleNotFoundError: No module named 'later'; it may lie in "
            f"{tmp_path}, which a submission may not read (line 1: `import later`)"
        )


VALUES = {
    "None": ("None", "output: expected a tensor of shape (3, 5), found None"),
    "dtype": ("(x * scale).double()", "output: expected dtype float32, found float64"),
    "shape": ("(x * scale).T", "output: expected shape (3, 5), found (5, 3)"),
    "array": (
        "(x * scale).detach().numpy()",
        "output: expected a tensor of shape (3, 5), found a NumPy array of shape (3, 5)",
    ),
    "huge": ("torch.zeros(1).expand(1 << 40)", "output: shape (1099511627776,) is too large to compare"),
    "generator": ("(each for each in x)", "output: a value of type generator cannot be compared"),
    "subclass": (
        "(x * scale).as_subclass(type('Liar', (torch.Tensor,), {}))",
        "output: Liar, a subclass of Tensor, cannot be compared",
    ),
    "cycle": ("[l := [], l.append(l)][0]", "nested more than 8 deep"),
    "nan": ("x * float('nan')", "found nan"),
    "sparse": ("(x * scale).to_sparse()", "output: expected a dense tensor on the CPU"),
    "digits": ("10 ** 5000", "is too large to compare"),
}


@pytest.mark.parametrize(("value", "message"), VALUES.values(), ids=VALUES.keys())
def test_a_value_that_is_none_such_is_a_wrong_answer_in_words(
    problem: Problem, server: ForkServer, value: str, message: str
) -> None:
    report = judged(problem, server, f"    return {value}")
    assert report.cases[0].verdict is Verdict.WRONG_ANSWER
    assert message in report.cases[0].message


def test_what_a_case_prints_is_shown_under_that_case_and_bounded(
    problem: Problem, server: ForkServer
) -> None:
    report = judged(
        problem,
        server,
        "    print('scale', scale)\n    print('y' * (10**6 if scale == 1.3 else 1))\n    return x * scale",
    )
    assert report.passed
    assert report.cases[0].stdout == "scale 2.0\ny\n"
    assert report.cases[1].stdout.startswith("scale 3.7")
    assert len(report.cases[2].stdout) < 5000


@pytest.mark.parametrize("stream", ["stdout", "stderr", "__stdout__"])
def test_a_file_may_choose_the_encoding_of_its_output(
    problem: Problem, server: ForkServer, stream: str
) -> None:
    """As files do that were written on Windows."""
    text = (
        f"import sys\nsys.{stream}.reconfigure(encoding='utf-8')\ndef double(x, scale=2.0):\n"
        f"    print('\u6279\u91cf', file=sys.{stream})\n    return x * scale\n"
    )
    report = judge(problem, from_source(text), server=server)
    assert report.passed, report.message
    assert report.cases[0].stdout == "\u6279\u91cf\n"


def test_prints_below_python_cannot_disturb_the_protocol(problem: Problem, server: ForkServer) -> None:
    body = (
        "    import os\n    os.write(1, b'{\"case\": 1}' * 9)\n    os.write(2, b'tj1\\n' "
        "* 9)\n    return x * scale"
    )
    report = judged(problem, server, body)
    assert report.passed
    assert "tj1" in report.cases[0].stdout


FORGERIES = {
    "junk": "os.write(fd, b'junk' * 100)",
    "half a frame": "os.write(fd, b'tj1\\n\\x00\\x00')",
    "a giant": "os.write(fd, b'tj1\\n\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff')",
    "accepted": "h = json.dumps({'kind': 'failure', 'case': 'doubles_by_default', 'verdict': 'accepted', "
    "'message': ''}).encode(); os.write(fd, b'tj1\\n' + len(h).to_bytes(4, 'big') + bytes(4) + h)",
    "a decision": "h = json.dumps({'kind': 'decision', 'case': 'doubles_by_default', 'verdict': 'accepted', "
    "'message': '', 'error_map': None}).encode(); "
    "os.write(fd, b'tj1\\n' + len(h).to_bytes(4, 'big') + bytes(4) + h)",
}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forged_frame_is_never_a_pass_and_never_our_error(
    problem: Problem, server: ForkServer, forgery: str
) -> None:
    body = (
        f"    import os, json\n    for fd in range(3, 9):\n        try: {forgery}\n        "
        f"except OSError: pass\n    return x"
    )
    report = judged(problem, server, body)
    assert not report.passed
    assert Verdict.JUDGE_ERROR not in {case.verdict for case in report.cases}


def test_the_largest_header_that_is_allowed_is_handed_on_to_the_checker(
    problem: Problem, server: ForkServer
) -> None:
    """What the conductor adds to it must not make it too large: that would be our error."""
    body = (
        "    import os, struct\n"
        '    head = b\'{"kind":"observation","case":"doubles_by_default","tree":["str","\'\n'
        f"    head += b'x' * ({LARGEST_HEADER} - len(head) - 3) + b'\"]}}'\n"
        "    data = struct.pack('!4sII', b'tj1\\n', len(head), 0) + head\n"
        "    while data: data = data[os.write(3, data):]\n"
        "    os._exit(0)"
    )
    report = judged(problem, server, body, seed=2**32 - 1)
    assert report.cases[0].message.startswith(
        "the submission disturbed its channel: an observation that no encoder"
    )
    assert Verdict.JUDGE_ERROR not in {case.verdict for case in report.cases}


def test_a_forbidden_operator_is_a_rule_violation_with_its_line(problem: Problem, server: ForkServer) -> None:
    body = (
        "    try: torch.nn.functional.batch_norm(x, None, None, training=True)\n    "
        "except Exception: pass\n    return x * scale"
    )
    report = judged(problem, server, body)
    assert report.verdict is Verdict.RULE_VIOLATION
    assert report.cases[0].message.startswith("batch_norm was called (line 3: `try: torch.nn.functional")
    assert report.cases[0].message.endswith("Multiply by yourself.")


def forbid_also(problem: Problem, names: str) -> Problem:
    """Return the problem with these lines in its facts."""
    facts = problem.folder / "problem.toml"
    facts.write_text(facts.read_text().replace("forbidden = [", names))
    return find_bank(problem.bank).load(problem.slug)


def test_who_uses_what_is_forbidden_is_told_what_is_allowed(problem: Problem, server: ForkServer) -> None:
    ruled = forbid_also(problem, 'allowed = ["torch.add"]\nforbidden = [')
    report = judged(ruled, server, "    return torch.nn.BatchNorm1d(5)(x) * 0 + x * scale")
    assert report.cases[0].message.endswith(": Multiply by yourself. Allowed: torch.add.")


MODULES = {
    "an optimiser": "torch.optim.SGD([x], lr=1.0)",
    "an initialisation": "torch.nn.init.zeros_(x.clone())",
    "clipping": "torch.nn.utils.clip_grad_norm_([x], 1.0)",
    "a module loaded again": "importlib.reload(sys.modules['torch.nn.init']).zeros_(x.clone())",
    "its text": "exec(open(torch.nn.init.__file__).read(), space); space['zeros_'](x.clone())",
    "a package loaded again": "importlib.reload(sys.modules['torch.optim.sgd']).SGD([x], lr=1.0)",
}


@pytest.mark.parametrize("use", MODULES.values(), ids=MODULES.keys())
def test_what_is_no_operator_is_forbidden_by_its_module(
    problem: Problem, server: ForkServer, use: str
) -> None:
    ruled = forbid_also(problem, 'forbidden = ["torch.optim", "torch.nn.init", "torch.nn.utils.clip_grad", ')
    body = f"    import importlib, sys; space = {{}}\n    {use}\n    return x * scale"
    report = judged(ruled, server, body)
    refused = {Verdict.RULE_VIOLATION, Verdict.RUN_TIME_ERROR}
    assert {case.verdict for case in report.cases} <= refused


def test_an_optimiser_steps_in_a_worker_without_the_compiler(problem: Problem, server: ForkServer) -> None:
    body = (
        "    import sys\n    p = torch.nn.Parameter(torch.ones(2))\n    before = set(sys.modules)\n"
        "    optimiser = torch.optim.Adam([p])\n    (p ** 2).sum().backward()\n    optimiser.step()\n"
        "    assert set(sys.modules) == before\n    return x * scale"
    )
    assert judged(problem, server, body).passed


SELF_TESTS = {
    "a comparison": (
        "x = torch.ones(2, 3)\nassert torch.equal(double(x), "
        "torch.nn.functional.batch_norm(x, None, None, training=True))"
    ),
    "caught": "try:\n    torch.nn.BatchNorm1d(3)(torch.ones(2, 3))\nexcept Exception:\n    pass",
    "a reference": (
        "reference = torch.nn.BatchNorm1d(3)\nexpected = reference(torch.ones(4, 3))\nprint(expected)"
    ),
}


@pytest.mark.parametrize("below", SELF_TESTS.values(), ids=SELF_TESTS.keys())
def test_a_file_may_compare_itself_with_a_forbidden_operator_outside_its_answer(
    problem: Problem, server: ForkServer, below: str
) -> None:
    assert judge(problem, from_source(f"import torch\n{SOLUTION}\n{below}\n"), server=server).passed


def test_an_answer_that_needs_a_forbidden_operator_while_loading_is_a_rule_violation(
    problem: Problem, server: ForkServer
) -> None:
    source = (
        "import torch\nTABLE = torch.nn.functional.batch_norm(torch.ones(2, 3), None, None, training=True)\n"
    )
    report = judge(
        problem,
        from_source(f"{source}def double(x, scale=2.0): return x * scale + 0 * TABLE.sum()\n"),
        server=server,
    )
    assert not report.passed
    assert "batch_norm was called (line 2: `TABLE =" in report.message


def test_global_settings_of_an_honest_submission_do_no_harm(problem: Problem, server: ForkServer) -> None:
    source = (
        "import torch, numpy as np, random, os, warnings\n"
        "torch.set_default_dtype(torch.float64); torch.manual_seed(0); "
        "np.seterr(all='raise'); random.seed(0)\n"
        "torch.set_num_threads(1); os.environ['X'] = '1'; warnings.simplefilter('error'); "
        "torch.set_printoptions(precision=2)\n" + SOLUTION
    )
    assert judge(problem, from_source(source), server=server).passed


BROKEN = {
    "syntax": {"cases": "def broken(:\n"},
    "import": {"cases": "import nowhere_to_be_found\n"},
    "no case": {"cases": "x = 1\n"},
    "no docstring": {
        "cases": (
            "from torch_judge.authoring.suite import case\n@case()\ndef silent(double, rng):\n    return 1\n"
        )
    },
    "solution": {"solution": "def other(): pass\n"},
    "solution raises": {"solution": "def double(x, scale=2.0):\n    raise ValueError('ours')\n"},
}


@pytest.mark.parametrize("files", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_package_is_a_judge_error_that_names_the_file(
    tmp_path: Path, server: ForkServer, files: dict[str, str]
) -> None:
    folder = write_package(tmp_path, **files)
    report = judge(find_bank(tmp_path).load("double"), from_source(SOLUTION), server=server)
    assert report.verdict is Verdict.JUDGE_ERROR
    said = report.message + "".join(case.message for case in report.cases)
    assert str(folder / f"{next(iter(files))}.py") in said


def test_no_worker_sees_the_jury_solution_or_an_expected_value(problem: Problem, server: ForkServer) -> None:
    body = (
        "    import gc, sys, glob\n"
        "    texts = [o for o in gc.get_objects() if isinstance(o, (str, bytes)) and 'return "
        "x * scale  # jury' in str(o)]\n"
        "    names = [n for n in sys.modules if 'solution' in n]\n"
        "    assert not texts and not names, (texts, names)\n"
        "    return x * scale"
    )
    (problem.folder / "solution.py").write_text("def double(x, scale=2.0):\n    return x * scale  # jury\n")
    assert judged(problem, server, body).passed


def test_a_submission_that_cannot_travel_says_why_and_starts_nothing(problem: Problem) -> None:
    lock = threading.Lock()

    def double(x: object, scale: float = 2.0) -> object:
        with lock:
            return x

    with ForkServer(Framework.TORCH) as server:
        report = judge(problem, from_object(double, "double"), server=server)
        assert report.verdict is Verdict.COMPILE_ERROR
        assert "`lock` is a lock" in report.message


def test_results_are_told_as_they_are_decided(problem: Problem, server: ForkServer) -> None:
    told: list[str] = []
    judge(problem, from_source(SOLUTION), server=server, on_case=lambda result: told.append(result.name))
    assert told == ["doubles_by_default", "uses_the_scale_it_is_given", "lets_gradients_flow"]


def test_the_cases_are_told_before_the_first_is_decided(problem: Problem, server: ForkServer) -> None:
    told: list[tuple[str, ...]] = []
    judge(
        problem,
        from_source(SOLUTION),
        server=server,
        on_suite=lambda cases: told.append(tuple(case.title for case in cases)),
        on_case=lambda result: told.append((result.name,)),
    )
    assert told[0] == ("doubles by default", "uses the scale it is given", "lets gradients flow")
    assert len(told) == 4


def test_a_fault_in_reading_is_a_compile_error(problem: Problem, server: ForkServer) -> None:
    report = judge(problem, Submission("x.py", fault="x.py holds no code"), server=server)
    assert (report.verdict, report.message) == (Verdict.COMPILE_ERROR, "x.py holds no code")


def test_two_checks_at_once_share_one_server(problem: Problem, server: ForkServer) -> None:
    reports: list[Report] = []
    threads = [
        threading.Thread(target=lambda body=body: reports.append(judged(problem, server, body)))
        for body in ("    return x * scale", "    return x * scale", "    return x")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(report.verdict.value for report in reports) == ["accepted", "accepted", "wrong answer"]


def test_a_numpy_problem_is_judged_without_torch(tmp_path: Path) -> None:
    write_package(tmp_path, framework="numpy")
    problem = find_bank(tmp_path).load("double")
    source = "import sys\nassert 'torch' not in sys.modules\n" + SOLUTION
    with ForkServer(problem.framework) as server:
        assert judge(problem, from_source(source), server=server).passed
        assert not judge(problem, from_source("def double(x, scale=2.0): return x"), server=server).passed


def test_nothing_is_left_behind(problem: Problem) -> None:
    me = psutil.Process()
    before = (me.num_fds(), len(me.children(recursive=True)))
    with ForkServer(Framework.TORCH) as server:
        judged(problem, server, "    return x")
        inside = len(me.children(recursive=True))
        judged(problem, server, "    while True: pass")
        judged(problem, server, "    import os; os._exit(3)")
        assert len(me.children(recursive=True)) == inside == before[1] + 1
    assert (me.num_fds(), len(me.children(recursive=True))) == before


@pytest.mark.parametrize("method", [Start.SPAWN, Start.DIAL])
def test_children_that_start_anew_give_the_same_verdicts(
    method: Start, problem: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(START_VARIABLE, method)
    me = psutil.Process()
    before = me.num_fds(), len(me.children(recursive=True))
    with ForkServer(Framework.TORCH) as server:
        assert judge(problem, from_source(SOLUTION), server=server).passed
        report = judged(problem, server, "    print('said')\n    return x * 2")
        assert verdicts(report) == ["accepted", "wrong answer", "wrong answer"]
        assert [case.stdout for case in report.cases] == ["said\n"] * 3
        (problem.folder / "cases.py").write_text("1 / 0")
        assert judge(problem, from_source(SOLUTION), server=server).verdict is Verdict.JUDGE_ERROR
    assert (me.num_fds(), len(me.children(recursive=True))) == before


# --- problems in NumPy ---


@pytest.fixture(scope="module")
def numpy_server() -> Iterator[ForkServer]:
    with ForkServer(Framework.NUMPY) as server:
        yield server


@pytest.fixture
def numpy_problem(tmp_path: Path) -> Problem:
    toml = TOML.format(framework="numpy").replace(
        '["native_batch_norm", "batch_norm", "native_layer_norm"]', '["torch", "scipy"]'
    )
    write_package(tmp_path, framework="numpy", problem=toml)
    return find_bank(tmp_path).load("double")


FORBIDDEN_IMPORTS = {
    "at the top": "import torch\ndef double(x, scale=2.0):\n    return x * scale\n",
    "a part of it": "from torch.nn import functional\ndef double(x, scale=2.0):\n    return x * scale\n",
    "within the call": "def double(x, scale=2.0):\n    import torch\n    return x * scale\n",
    "one that is not there": "import scipy.stats\ndef double(x, scale=2.0):\n    return x * scale\n",
    "by a computed name": (
        "torch = __import__('tor' + 'ch')\ndef double(x, scale=2.0):\n    return x * scale\n"
    ),
}


@pytest.mark.parametrize("source", FORBIDDEN_IMPORTS.values(), ids=FORBIDDEN_IMPORTS.keys())
def test_a_forbidden_package_is_a_rule_violation(
    numpy_problem: Problem, numpy_server: ForkServer, source: str
) -> None:
    report = judge(numpy_problem, from_source(source), server=numpy_server)
    said = report.message or report.cases[0].message
    assert report.verdict is Verdict.RULE_VIOLATION
    assert "cannot be imported here" in said
    assert "line" in said
    assert said.endswith("Multiply by yourself.")


def test_a_guarded_import_of_a_forbidden_package_is_harmless(
    numpy_problem: Problem, numpy_server: ForkServer
) -> None:
    """Whoever can do without it may ask for it."""
    source = (
        "try:\n    import torch\nexcept ImportError:\n    torch = None\n\ndef double(x, "
        "scale=2.0):\n    return x * scale\n"
    )
    assert judge(numpy_problem, from_source(source), server=numpy_server).passed


PAST_THE_SENTENCE = {
    "the finder is removed": (
        "import sys; sys.meta_path[:] = [f for f in sys.meta_path if 'orbidden' not in repr(f)]; import torch"
    ),
    "the file is read": (
        "import importlib.machinery as m, sys; open(m.PathFinder.find_spec('torch').origin).read()"
    ),
    "its library is loaded": (
        "import ctypes, sys; ctypes.CDLL([p + '/torch/lib/libtorch.so' for p in sys.path if "
        "'site-p' in p][0])"
    ),
}


@pytest.mark.parametrize("body", PAST_THE_SENTENCE.values(), ids=PAST_THE_SENTENCE.keys())
def test_a_forbidden_package_cannot_be_opened(
    numpy_problem: Problem, numpy_server: ForkServer, body: str
) -> None:
    """The rule of a NumPy problem is a boundary: the kernel refuses, whatever is done in Python."""
    report = judge(
        numpy_problem,
        from_source(f"def double(x, scale=2.0):\n    {body}\n    return x * scale\n"),
        server=numpy_server,
    )
    assert report.verdict is Verdict.RUN_TIME_ERROR
    assert "Permission" in report.cases[0].message or "cannot open shared object" in report.cases[0].message


def test_a_package_that_is_not_forbidden_can_be_opened(tmp_path: Path, numpy_server: ForkServer) -> None:
    """The tests above can fail."""
    write_package(tmp_path, framework="numpy")
    body = "import importlib.machinery as m; open(m.PathFinder.find_spec('torch').origin).read()"
    source = f"def double(x, scale=2.0):\n    {body}\n    return x * scale\n"
    assert judge(find_bank(tmp_path).load("double"), from_source(source), server=numpy_server).passed


def test_a_report_stays_small_whatever_is_printed(problem: Problem, server: ForkServer) -> None:
    """Each text has its limit, and all of them together have one."""
    cases = "".join(
        f'@case()\ndef number_{n}(double, rng):\n    """Says {n}."""\n    return double(draw(rng))\n\n\n'
        for n in range(100)
    )
    (problem.folder / "cases.py").write_text(CASES + "\n\n" + cases)
    body = "    print('\u6279\u91cf' * 5000)\n    raise ValueError('\u6279\u91cf' * 5000)"
    report = judged(problem, server, body)
    assert len(report.cases) == 103
    assert len(report.to_json()) < 256 << 10
    assert "more characters]" in report.cases[-1].stdout


def test_a_bank_may_not_reach_out_either(problem: Problem, server: ForkServer, tmp_path: Path) -> None:
    """The cases and the jury solution of a stranger's bank run shut in as well."""
    (tmp_path / "canary").write_text("sings")
    (problem.folder / "solution.py").write_text(f"open({str(tmp_path / 'canary')!r}).read()\n{SOLUTION}")
    report = judge(problem, from_source(SOLUTION), server=server)
    assert report.verdict is Verdict.JUDGE_ERROR
    assert "PermissionError" in report.message
    assert "solution.py:1" in report.message


def test_a_bank_that_ends_the_checker_is_told_from_one_that_hangs(
    problem: Problem, server: ForkServer
) -> None:
    (problem.folder / "solution.py").write_text(
        f"import os\nos.write(2, b'the last words')\nos._exit(3)\n{SOLUTION}"
    )
    report = judge(problem, from_source(SOLUTION), server=server)
    assert report.verdict is Verdict.JUDGE_ERROR
    assert report.message == "the checker ended: the last words"


BARE = """import sys, tempfile; sys.modules['landlockpy'] = sys.modules['seccompy'] = None
from torch_judge.sandbox import enter as sandbox
from torch_judge.sandbox import reaper, scratch
def off(*arguments, **options): raise OSError(1, 'refused by this container')
closed = ((sandbox, "limit_process separate_process change_user"), (reaper, "prctl"))
for module, names in (*closed, (scratch, "_enter_namespace"), (tempfile, "mkdtemp")):
    for name in names.split():
        assert hasattr(module, name), name
        setattr(module, name, off)
from torch_judge.execution.forkserver.program import main"""


@pytest.mark.parametrize("method", Start)
def test_where_nothing_but_a_process_is_to_be_had_the_judge_works_and_says_so(
    method: Start, problem: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container may refuse everything: then verdicts stay right, and every report says what is missing."""
    monkeypatch.setenv(START_VARIABLE, method)
    lines = "; ".join(["import sys", f"exec({BARE!r}, globals())"]).replace("{", "{{").replace("}", "}}")
    monkeypatch.setattr(
        server_module,
        "_BOOTSTRAP",
        server_module._BOOTSTRAP.replace("from torch_judge.execution.forkserver.program import main", lines),
    )
    with ForkServer(Framework.TORCH) as server:
        right, wrong = (
            judge(problem, from_source(SOLUTION), server=server),
            judged(problem, server, "    return x"),
        )
        loop = judged(problem, server, "    while scale != 2.0: pass\n    return x * scale")
    assert right.passed
    assert wrong.verdict is Verdict.WRONG_ANSWER
    assert verdicts(loop) == ["accepted", "time limit exceeded", "time limit exceeded"]
    assert right.isolation == ()
    assert set(right.isolation_missing) == set(Layer)
    assert right.isolation_missing["limits"] == "PermissionError: [Errno 1] refused by this container"


def test_flags_are_on_the_report_and_decide_nothing(problem: Problem, server: ForkServer) -> None:
    """What a text uses is shown to whoever grades; an honest answer stays accepted."""
    source = "import gc, torch\n\ndef double(x, scale=2.0):\n    gc.collect()\n    return x * scale\n"
    report = judge(problem, from_source(source), server=server)
    assert report.passed
    (flag,) = report.flags
    assert (flag.sign, flag.line, flag.file, flag.text) == ("gc", 1, "submission.py", "import gc, torch")
    assert judge(problem, from_source(SOLUTION), server=server).flags == ()


def test_a_flag_cannot_be_taken_back_by_what_it_flags(problem: Problem, server: ForkServer) -> None:
    """The text is read, and what it shows sent, before a line of it runs."""
    hides = "for m in list(sys.modules):\n    if 'lint' in m: del sys.modules[m]\n"
    source = f"import gc, sys, os\n{hides}os._exit(0)\ndef double(x, scale=2.0): pass\n"
    report = judge(problem, from_source(source), server=server)
    assert report.verdict is Verdict.RUN_TIME_ERROR
    assert {flag.sign for flag in report.flags} == {"gc", "sys.modules", "os._exit"}


def test_the_flags_of_a_stranger_are_cleaned(problem: Problem, server: ForkServer) -> None:
    source = "import gc  # \x1b[2J\u202e all is well\n\ndef double(x, scale=2.0):\n    return x * scale\n"
    report = judge(problem, from_source(source), server=server)
    assert "\x1b" not in "".join(flag.text for flag in report.flags)
    assert "\u202e" not in "".join(flag.text for flag in report.flags)


def test_a_live_object_is_read_for_flags_too(problem: Problem, server: ForkServer, tmp_path: Path) -> None:
    path = tmp_path / "live.py"
    path.write_text("import gc\n\ndef double(x, scale=2.0):\n    gc.collect()\n    return x * scale\n")
    namespace: dict[str, object] = {"__name__": "__main__"}
    exec(compile(path.read_text(), str(path), "exec"), namespace)
    linecache.getlines(str(path))
    report = judge(problem, from_object(namespace["double"], "double"), server=server)
    assert report.passed
    assert [flag.sign for flag in report.flags] == ["gc"]


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="the kernel does not count it here")
def test_what_a_busy_machine_gives_to_others_is_not_the_submission_s_time(problem: Problem) -> None:
    text = (
        "import time\n"
        "def double(x, scale=2.0):\n"
        "    started = time.process_time()\n"
        "    while time.process_time() - started < 0.5:\n"  # of the second that a case may take
        "        pass\n"
        "    return x * scale\n"
    )
    processor = {min(os.sched_getaffinity(0))}
    endless = [sys.executable, "-S", "-c", "while True: pass"]
    with ForkServer(problem.framework) as server:
        server.describe()  # it is warm then
        programs = [subprocess.Popen(endless) for _ in range(3)]
        try:
            for pid in (server._programs[0]._process.pid, *(program.pid for program in programs)):
                os.sched_setaffinity(pid, processor)
            report = judge(problem, from_source(text), server=server, seed=7)
        finally:
            for program in programs:
                program.kill()
                program.wait()
    assert report.passed, report
    assert min(case.seconds for case in report.cases) > 1.0, "nobody was in its way"
