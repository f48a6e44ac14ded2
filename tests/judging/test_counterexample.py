"""The smallest counterexample: small and plain, the same for the same seed, and never a verdict."""

from __future__ import annotations

import json
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner

from tests.support.packages import CASES, NUMPY_CASES, SOLUTION, write_package
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.judging import counterexample as conductor_module
from torch_judge.judging.judge import judge
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Framework, Problem
from torch_judge.model.report import Counterexample, Report, Verdict
from torch_judge.model.submission import from_source
from torch_judge.ui.cli.app import main
from torch_judge.ui.text import as_rich, as_text

SPACE = """

from torch_judge.authoring.inputs import counterexample


def small(draw):
    rows, features = draw.integer(1, 3), draw.integer(1, 2)
    return {"x": torch.tensor(draw.array((rows, features), -3, 4)), "scale": draw.number(-2, 3, plainest=2)}


@counterexample(inputs=small)
def answer(double, inputs):
    return {"output": double(inputs["x"], scale=inputs["scale"]), "x after the call": inputs["x"]}
"""
NUMPY_SPACE = SPACE.replace(
    "torch.tensor(draw.array((rows, features), -3, 4))", "draw.array((rows, features), -3, 4)"
)


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a busy machine take its time: what is found must not depend on it here."""
    monkeypatch.setattr(conductor_module, "SECONDS", 30.0)


@pytest.fixture
def problem(tmp_path: Path) -> Problem:
    return with_space(tmp_path, SPACE)


def with_space(bank: Path, space: str, **files: str) -> Problem:
    write_package(bank, cases=CASES + space, **files)
    return find_bank(bank).load("double")


def judged(problem: Problem, server: ForkServer, body: str, **options: object) -> Report:
    return judge(
        problem,
        from_source(f"import torch\ncalls = []\ndef double(x, scale=2.0):\n{body}\n"),
        server=server,
        **options,
    )


def shown(report: Report) -> Counterexample:
    assert report.counterexample is not None
    return report.counterexample


def test_a_failure_shows_the_fewest_and_plainest_numbers(problem: Problem, server: ForkServer) -> None:
    example = shown(
        judged(problem, server, "    return x * scale + (scale == 3) * (x.shape[0] > 1) + (scale == 3.7)")
    )
    assert example.inputs == (("x", "[[0.], [0.]]"), ("scale", "3."))
    assert example.yours == (("output", "[[1.], [1.]]"), ("x after the call", "[[0.], [0.]]"))
    assert example.expected == (("output", "[[0.], [0.]]"), ("x after the call", "[[0.], [0.]]"))
    assert example.differs == ("output",)


def test_an_accepted_submission_has_none_and_asks_for_none(problem: Problem, server: ForkServer) -> None:
    report = judge(
        problem,
        from_source("def double(x, scale=2.0):\n    print('called')\n    return x * scale\n"),
        server=server,
    )
    assert report.passed
    assert report.counterexample is None
    assert "".join(case.stdout for case in report.cases) == "called\n" * 3


def test_what_changes_in_place_is_observed(problem: Problem, server: ForkServer) -> None:
    example = shown(judged(problem, server, "    return x.mul_(scale + (scale == 3.7))"))
    assert example.inputs == (("x", "[[1.]]"), ("scale", "2."))
    assert example.yours[1] == ("x after the call", "[[2.]]")
    assert example.differs == ("x after the call",)


def test_an_error_is_shown_beside_what_is_expected(problem: Problem, server: ForkServer) -> None:
    example = shown(judged(problem, server, "    return x * scale if scale == 2 else x[7, 7]"))
    assert dict(example.yours)["raised"].startswith("IndexError: index 7 is out of bounds")
    assert dict(example.yours)["raised"].endswith("(line 4: `return x * scale if scale == 2 else x[7, 7]`)")
    assert example.differs == ("raised",)
    assert dict(example.expected)["output"] == "[[0.]]"


def test_an_error_that_the_jury_raises_too_is_no_difference(tmp_path: Path, server: ForkServer) -> None:
    refuses = (
        "def double(x, scale=2.0):\n    if scale < 0:\n        raise "
        "ValueError(scale)\n    return x * scale\n"
    )
    problem = with_space(tmp_path, SPACE, solution=refuses)
    own = "    if scale < 0: raise type('Negative', (ValueError,), {})\n    return x * scale + (scale == 3.7)"
    assert judged(problem, server, own).counterexample is None
    example = shown(judged(problem, server, "    return x * scale + (scale == 3.7)"))
    assert dict(example.inputs)["scale"] == "-1."
    assert dict(example.expected) == {"raised": "ValueError: -1.0"}


def test_a_class_is_observed_through_what_the_author_does_with_it(tmp_path: Path, server: ForkServer) -> None:
    layer = (
        "import torch\n\n\nclass double(torch.nn.Module):\n    def __init__(self, "
        "scale):\n        super().__init__()\n        {}\n"
    )
    forward = "    def forward(self, x):\n        return x * self.scale\n"
    space = SPACE.replace(
        'double(inputs["x"], scale=inputs["scale"])', 'double(inputs["scale"])(inputs["x"])'
    )
    cases = '''
from torch_judge.authoring.suite import case
import torch


@case(rejects=[])
def the_layer_doubles(double, rng):
    """The layer multiplies by its scale."""
    return double(3.5)(torch.ones(2, 3))
'''
    write_package(
        tmp_path,
        cases=cases + space,
        starter="class double:\n    def __init__(self, scale):\n        raise NotImplementedError\n",
        solution=layer.format("self.scale = scale") + forward,
    )
    wrong = from_source(layer.format("self.scale = int(scale)") + forward)
    example = shown(judge(find_bank(tmp_path).load("double"), wrong, server=server, seed=2))
    assert example.inputs == (("x", "[[1.]]"), ("scale", "2.5"))
    assert dict(example.yours)["output"] == "[[2.]]"
    assert dict(example.expected)["output"] == "[[2.5]]"


def test_a_numpy_problem_has_one_without_torch(tmp_path: Path) -> None:
    write_package(tmp_path, framework="numpy", cases=NUMPY_CASES + NUMPY_SPACE)
    with ForkServer(Framework.NUMPY) as server:
        wrong = from_source("def double(x, scale=2.0):\n    return x * 3\n")
        example = shown(judge(find_bank(tmp_path).load("double"), wrong, server=server))
    assert example.inputs == (("x", "[[1.]]"), ("scale", "2."))


def test_the_same_seed_gives_the_same_example(problem: Problem, server: ForkServer) -> None:
    body = "    return x * scale + (x.sum() > 2) * (scale > 2) + (scale == 3.7)"
    first, again = (judged(problem, server, body, seed=11).counterexample for _ in range(2))
    assert first is not None
    assert first == again


def test_a_package_without_a_space_has_none(tmp_path: Path, server: ForkServer) -> None:
    write_package(tmp_path)
    assert judged(find_bank(tmp_path).load("double"), server, "    return x * 2").counterexample is None


def test_it_can_be_switched_off(problem: Problem, server: ForkServer, tmp_path: Path) -> None:
    assert judged(problem, server, "    return x * 3", counterexample=False).counterexample is None
    wrong = tmp_path / "wrong.py"
    wrong.write_text("def double(x, scale=2.0):\n    return x * 3\n")
    command = ["run", "double", str(wrong), "--bank", str(tmp_path), "--format", "json"]
    assert json.loads(CliRunner().invoke(main, command).output)["counterexample"] is not None
    assert (
        json.loads(CliRunner().invoke(main, [*command, "--no-counterexample"]).output)["counterexample"]
        is None
    )


def test_the_text_marks_what_differs_without_colour(problem: Problem, server: ForkServer) -> None:
    text = as_text(as_rich(judged(problem, server, "    return x * 3", seed=1)))
    table = text[text.index("Smallest failing input") :].splitlines()[1:-2]
    assert [line.split() for line in table] == [
        ["x", "[[1.]]"],
        ["scale", "2."],
        ["yours", "expected"],
        ["✗", "output", "[[3.]]", "[[2.]]"],
        ["x", "after", "the", "call", "[[1.]]", "[[1.]]"],
    ]
    assert table[2].index("yours") == table[3].index("[[3.]]") == table[4].index("[[1.]]")


WITHOUT = {
    "only over time": ("    while scale == 3.7: pass\n    return x * scale", Verdict.TIME_LIMIT_EXCEEDED),
    "a rule": (
        "    torch.nn.functional.batch_norm(x, None, None, training=True)\n    return x",
        Verdict.RULE_VIOLATION,
    ),
    "memory": (
        "    if scale == 3.7: torch.empty(1 << 40)\n    return x * scale",
        Verdict.MEMORY_LIMIT_EXCEEDED,
    ),
    "no difference": ("    return x * scale + (x.dtype == torch.float32)", Verdict.WRONG_ANSWER),
    "broken rule on small inputs only": (
        "    if x.dtype == torch.float64: torch.nn.functional.layer_norm(x, x.shape)\n    return x * 3",
        Verdict.WRONG_ANSWER,
    ),
}


@pytest.mark.parametrize(("body", "verdict"), WITHOUT.values(), ids=WITHOUT.keys())
def test_what_no_small_input_tells_has_none(
    problem: Problem, server: ForkServer, body: str, verdict: Verdict
) -> None:
    report = judged(problem, server, body)
    assert report.verdict is verdict
    assert report.counterexample is None


SMALL = "x.dtype == torch.float64"
"""True for the small inputs of this package and for no case of it."""
HOSTILE = {
    "dies": f"    if {SMALL}: __import__('os')._exit(0)\n    return x",
    "hangs": f"    while {SMALL}: pass\n    return x",
    "closes": f"    if {SMALL}: __import__('os').closerange(0, 64)\n    return x",
    "junk": f"    if {SMALL}: [__import__('os').write(fd, b'junk' * 100) for fd in (3, 3, 3)]\n    return x",
    "forged": (
        f"    if {SMALL}:\n        import os, json\n        h = json.dumps({{'kind': "
        f"'returned', 'tree': ['tensor', 'float64', [9, 9]]}}).encode()\n"
        "        os.write(3, b'tj1\\n' + len(h).to_bytes(4, 'big') + bytes(4) + h)\n    return x"
    ),
    "giant": f"    if {SMALL}: return torch.zeros(1 << 22)\n    return x",
    "differs only once": (
        f"    if {SMALL}: calls.append(1)\n    return x * scale + (len(calls) == 3) + (scale == 3.7)"
    ),
    "differs from the second call on": (
        f"    if {SMALL}: calls.append(1)\n    return x * scale + (len(calls) > 1) + (scale == 3.7)"
    ),
    "guesses": (  # one byte would be the same twice in one run of 256
        f"    import os\n    return x * scale + (int.from_bytes(os.urandom(4), 'big') if {SMALL} else 1)"
    ),
    "names itself after nothing": (
        f"    if {SMALL}: raise type('', (Exception,), {{'__str__': lambda self: exit()}})\n    return x"
    ),
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_submission_gets_its_verdict_as_without(
    problem: Problem, server: ForkServer, body: str
) -> None:
    with_it, without = (
        judged(problem, server, body, seed=1),
        judged(problem, server, body, seed=1, counterexample=False),
    )
    assert [case.verdict for case in with_it.cases] == [case.verdict for case in without.cases]
    assert [case.message for case in with_it.cases] == [case.message for case in without.cases]
    assert with_it.verdict is without.verdict is Verdict.WRONG_ANSWER
    assert judge(problem, from_source(SOLUTION), server=server).passed
    assert not psutil.Process(server._programs[0]._process.pid).children()


@pytest.mark.parametrize(
    "trick", ["dies", "hangs", "closes", "junk", "giant", "differs only once", "guesses"]
)
def test_what_cannot_be_seen_again_is_not_shown(problem: Problem, server: ForkServer, trick: str) -> None:
    assert judged(problem, server, HOSTILE[trick]).counterexample is None


def test_what_a_submission_raises_is_shown_without_what_steers_a_terminal(
    problem: Problem, server: ForkServer
) -> None:
    report = judged(problem, server, "    raise ValueError('\\x1b[2Jpassed\\u202e' * 99)")
    assert dict(shown(report).yours)["raised"].startswith("ValueError: \\x1b[2Jpassed\\u202e")
    assert len(dict(shown(report).yours)["raised"]) < 700
    assert "\x1b" not in report.to_json() + as_text(as_rich(report))


def test_a_worker_that_died_in_a_case_is_replaced(problem: Problem, server: ForkServer) -> None:
    example = shown(
        judged(problem, server, "    if scale == 1.3: __import__('os')._exit(0)\n    return x * 3")
    )
    assert example.inputs == (("x", "[[1.]]"), ("scale", "2."))


def test_a_failure_in_the_last_case_alone_has_one(problem: Problem, server: ForkServer) -> None:
    report = judged(problem, server, "    return x * scale if scale != 1.3 and scale != 3 else x * 9")
    assert [case.verdict for case in report.cases] == [
        Verdict.ACCEPTED,
        Verdict.ACCEPTED,
        Verdict.WRONG_ANSWER,
    ]
    assert shown(report).inputs == (("x", "[[1.]]"), ("scale", "3."))


def test_fewer_calls_than_three_hundred_are_made(
    problem: Problem, server: ForkServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    attempt = conductor_module._attempt
    monkeypatch.setattr(
        conductor_module, "_attempt", lambda *arguments: made.append(1) or attempt(*arguments)
    )
    judged(problem, server, "    return x * scale + (scale == 3.7)")
    judged(problem, server, "    return x * scale + (x.sum() == 11) + (scale == 3.7)")
    assert 20 < len(made) < 2 * 300  # time may end the search earlier on a busy machine


BROKEN = {
    "the space raises": SPACE.replace("rows, features = ", "1 / 0; rows, features = "),
    "the observation raises": SPACE.replace('return {"output"', '1 / 0; return {"output"'),
    "inputs that cannot travel": SPACE.replace('{"x": torch', '{"rng": draw, "x": torch'),
    "too many choices": SPACE.replace("draw.integer(1, 3)", "draw.integer(300, 400)"),
    "no dict": SPACE.replace('"scale": draw.number(-2, 3, plainest=2)}', '"scale": 2.0}["x"]'),
}


@pytest.mark.parametrize("space", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_space_costs_no_verdict(tmp_path: Path, server: ForkServer, space: str) -> None:
    report = judged(with_space(tmp_path, space), server, "    return x * 3")
    assert report.verdict is Verdict.WRONG_ANSWER
    assert report.counterexample is None


def test_two_spaces_are_a_mistake_of_the_package(tmp_path: Path, server: ForkServer) -> None:
    twice = SPACE + SPACE[SPACE.index("@counterexample") :].replace("def answer", "def another")
    report = judged(with_space(tmp_path, twice), server, "    return x * 3")
    assert report.verdict is Verdict.JUDGE_ERROR
    assert "two spaces" in report.message


def test_a_gotcha_of_batchnorm_is_told_by_the_fewest_numbers(server: ForkServer) -> None:
    package = find_bank().load("batchnorm")
    gotcha = next(sample for sample in package.samples(Verdict.WRONG_ANSWER) if sample.name == "wrong_axis")
    example = shown(judge(package, from_source(gotcha.read_text()), server=server, seed=3))
    assert dict(example.inputs)["x"] == "[[0.], [1.]]"
    assert "running_var after the call" in example.differs


EVALUATE = """
import torch


def evaluate(model, loader, loss_fn):
    modes = [(module, module.training) for module in model.modules()]
    total, samples = 0.0, 0
    model.eval()
    with torch.no_grad():
        for inputs, targets in loader:
            total += loss_fn(model(inputs), targets).item() * len(inputs)
            samples += len(inputs)
    {}
    for module, mode in modes:
        module.training = mode
    return total / samples
"""


def show_evaluation(server: ForkServer, line: str, **options: object) -> Counterexample:
    source = EVALUATE.replace("{}", line)
    return shown(
        judge(find_bank().load("evaluate_model"), from_source(source), server=server, seed=3, **options)
    )


def test_a_mode_is_named_as_a_learner_reaches_it(server: ForkServer) -> None:
    example = show_evaluation(server, "modes = [(module, modes[0][1]) for module, _ in modes]")
    assert dict(example.inputs)["mode"] == "model.train()"
    assert dict(example.inputs)["mode of its last layer"] == "eval()"
    assert example.differs == ("model[0].training",)
    assert dict(example.yours)["model[0].training"] == "True"
    assert dict(example.expected)["model[0].training"] == "False"


def test_an_empty_loader_is_an_empty_list(server: ForkServer) -> None:
    example = show_evaluation(server, "if not samples: return 0.0")
    assert dict(example.inputs)["loader"] == "[]"
    assert not [name for name, _ in example.inputs if "batch" in name]
    assert set(example.differs) == {"model.training", "model[0].training"}


def test_what_shows_without_gradients_alone_is_shown_there(server: ForkServer) -> None:
    package = find_bank().load("rmsnorm")
    source = package.read_solution()
    wrong = source.replace("    return ", "    if not torch.is_grad_enabled(): return x + 1\n    return ", 1)
    assert wrong != source
    example = shown(judge(package, from_source(wrong), server=server, seed=3))
    assert dict(example.inputs)["called under"] == "torch.no_grad()"
    assert "output" in example.differs
