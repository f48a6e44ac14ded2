"""The worker: it answers what it is asked, in order, with what the submission did."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.packages import CASES, write_package
from torch_judge.execution.forkserver.channel import Child, HungUp
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.execution.protocol.codec import decode
from torch_judge.execution.protocol.messages import (
    Compare,
    Failure,
    Flags,
    FromWorker,
    Loaded,
    Message,
    Observation,
    Raised,
    Refused,
    Returned,
    RunCase,
    TryInputs,
    Up,
    Withheld,
    read,
    write,
)
from torch_judge.judging.jobs import Check, assign_cases, make_confinement
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Framework, Problem
from torch_judge.model.report import Verdict
from torch_judge.model.submission import Cell, Submission, from_source

SPACE = """

from torch_judge.authoring import counterexample


@counterexample(inputs=lambda draw: {"x": torch.tensor(draw.array((2,), 0, 4)), "scale": draw.number(1, 3)})
def answer(double, inputs):
    return {"output": double(inputs["x"], scale=inputs["scale"])}
"""
KINDS = (Up, Flags, Loaded, Refused, Observation, Failure, Returned, Raised, Withheld)


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    with ForkServer(Framework.TORCH) as server:
        yield server


@pytest.fixture
def problem(tmp_path: Path) -> Problem:
    write_package(tmp_path, cases=CASES + SPACE)
    return find_bank(tmp_path).load("double")


@dataclass
class Line:
    """A worker, asked directly."""

    worker: Child

    def tell(self, message: Message) -> None:  # noqa: D102 - as its name says
        self.worker.send(*write(message), deadline=time.monotonic() + 60)

    def hear(self) -> FromWorker:  # noqa: D102 - likewise
        return read(*self.worker.receive(deadline=time.monotonic() + 60), *KINDS)

    def assign(self, check: Check) -> None:  # noqa: D102 - likewise
        assignment = assign_cases(check)
        self.tell(assignment.preparation)
        self.tell(assignment.job)

    def ask(self, message: Message) -> FromWorker:  # noqa: D102 - likewise
        self.tell(message)
        return self.hear()


@contextmanager
def line(problem: Problem, server: ForkServer, text: str) -> Iterator[Line]:
    with server.child("worker", make_confinement(problem)) as worker:
        line = Line(worker)
        line.assign(Check(problem, from_source(text), 7))
        yield line


@contextmanager
def loaded(problem: Problem, server: ForkServer, body: str) -> Iterator[Line]:
    with line(problem, server, f"import torch\ndef double(x, scale=2.0):\n    {body}\n") as opened:
        assert [type(opened.hear()) for _ in range(3)] == [Up, Flags, Loaded]
        yield opened


def test_it_says_that_it_is_up_then_flags_then_whether_it_loaded(
    problem: Problem, server: ForkServer
) -> None:
    with line(problem, server, "import gc\n1 / 0\n") as opened:
        up, flags, refused = (opened.hear() for _ in range(3))
    assert isinstance(up, Up)
    assert {*up.layers} | {*up.missing} >= {"process", "files", "calls"}
    assert isinstance(flags, Flags)
    assert [flag[0] for flag in flags.flags] == ["gc"]
    assert refused == Refused(
        Verdict.RUN_TIME_ERROR, "ZeroDivisionError: division by zero (line 2: `1 / 0`)", exited=False
    )


def test_flags_have_left_before_the_submission_can_end_the_process(
    problem: Problem, server: ForkServer
) -> None:
    with line(problem, server, "import gc, os\nos._exit(0)\n") as opened:
        assert isinstance(opened.hear(), Up)
        assert isinstance(opened.hear(), Flags)
        with pytest.raises(HungUp):
            opened.hear()


def test_a_case_is_observed_under_the_seed_of_the_question(problem: Problem, server: ForkServer) -> None:
    with loaded(problem, server, "return x * scale") as opened:
        first, again, other = (opened.ask(RunCase("doubles_by_default", seed, "")) for seed in (7, 7, 8))
    assert isinstance(first, Observation)
    assert isinstance(other, Observation)
    assert first == again
    assert first.body != other.body
    assert decode(first.tree, first.body)["output"].values.shape == (3, 5)


FAILURES = {
    "it raises": (
        "raise ValueError(1)",
        Verdict.RUN_TIME_ERROR,
        "ValueError: 1 (line 3: `raise ValueError(1)`)",
    ),
    "it leaves": ("raise SystemExit(3)", Verdict.RUN_TIME_ERROR, "the submission called sys.exit(3)"),
    "it returns what cannot travel": (
        "return {1}",
        Verdict.WRONG_ANSWER,
        "output: a value of type set cannot be compared",
    ),
    "it catches what a forbidden operator raises": (
        (
            "try: torch.nn.functional.batch_norm(x, None, None, training=True)\n    except "
            "Exception: pass\n    return x"
        ),
        Verdict.RULE_VIOLATION,
        "batch_norm was called (line 3: `try: torch.nn.functional.batch_norm(",
    ),
    "memory": ("torch.empty(1 << 50)", Verdict.MEMORY_LIMIT_EXCEEDED, "RuntimeError: "),
}


@pytest.mark.parametrize(("body", "verdict", "message"), FAILURES.values(), ids=FAILURES.keys())
def test_where_there_is_no_observation_there_is_a_reason(
    problem: Problem, server: ForkServer, body: str, verdict: Verdict, message: str
) -> None:
    with loaded(problem, server, body) as opened:
        failure = opened.ask(RunCase("doubles_by_default", 7, ""))
        again = opened.ask(RunCase("doubles_by_default", 7, ""))
    assert isinstance(failure, Failure)
    assert (failure.case, failure.verdict) == ("doubles_by_default", verdict)
    assert failure.message.startswith(message)
    assert again == failure  # one case's fault is not the next one's


# --- notebooks ---

DOUBLE = "def double(x, scale=2.0):\n    return"
MORE_IS_NEEDED = {
    "a name": ["exec('K = 1')", f"{DOUBLE} x * scale * K"],
    "a key": ["T = {}\nthey = [T]", "for t in they: t['k'] = 1", f"{DOUBLE} x * scale * T['k']"],
    "a key that a plain call sets": [
        "T = {}\ndef fill(tables):\n    for t in tables: t['k'] = 1",
        "fill([T])",
        f"{DOUBLE} x * scale * T['k']",
    ],
    "an attribute": ["class N: pass", "for c in [N]: setattr(c, 'k', 1)", f"{DOUBLE} x * scale * N.k"],
    "an await in the sandbox": [
        "import asyncio",
        "async def load(): return await asyncio.sleep(0, 1)",
        "K = await load()",
        f"{DOUBLE} x * scale * K",
    ],
}
DEBUG = [
    "while True:\n    pass",
    "def train():\n    while True: pass\ntrain()",
    "1 / 0",
    "assert double(1) == 3",
]


@contextmanager
def notebook(problem: Problem, server: ForkServer, *sources: str) -> Iterator[Line]:
    cells = tuple(Cell(f"cell {number}", source) for number, source in enumerate(sources, 1))
    with server.child("worker", make_confinement(problem)) as worker:
        line = Line(worker)
        line.assign(Check(problem, Submission("n.ipynb", cells, notebook=True), 7))
        assert [type(line.hear()) for _ in range(3)] == [Up, Flags, Loaded]
        yield line


@pytest.mark.parametrize("cells", MORE_IS_NEEDED.values(), ids=MORE_IS_NEEDED.keys())
def test_what_is_missing_is_looked_for_in_more_of_the_notebook(
    problem: Problem, server: ForkServer, cells: list[str]
) -> None:
    with notebook(problem, server, *DEBUG, *cells, *DEBUG) as opened:
        first, again = (opened.ask(RunCase("doubles_by_default", 7, "")) for _ in range(2))
    assert isinstance(first, Observation)
    assert first == again


WHY = {
    "a failed import": (
        ["import nowhere_xyz as m", f"{DOUBLE} m.root(x)"],
        "ModuleNotFoundError: No module named 'nowhere_xyz' (cell 1, line 1: `import nowhere_xyz as m`)",
    ),
    "a failed import behind another name": (
        ["import nowhere_xyz as m", "root = m.root", f"{DOUBLE} root(x)"],
        "ModuleNotFoundError: No module named 'nowhere_xyz' (cell 1, line 1: `import nowhere_xyz as m`)",
    ),
    "a cell that is no Python": (
        ["def root(x):\n    return x +\n", f"{DOUBLE} root(x)"],
        "SyntaxError: invalid syntax (cell 1, line 2: `return x +`)",
    ),
    "a failed change": (
        ["T = {}", "T['k'] = 1 / 0", f"{DOUBLE} x * T['k']"],
        "ZeroDivisionError: division by zero (cell 2, line 1: `T['k'] = 1 / 0`)",
    ),
    "a name that nothing sets": (
        ["import nowhere_xyz as m", f"{DOUBLE} foo(x) if x is not None else m"],
        "NameError: name 'foo' is not defined (cell 2, line 2: `return foo(x) if x is not None else m`)",
    ),
    "a key that nothing sets": (
        ["import nowhere_xyz as m", "T = {}", f"{DOUBLE} T['k'] if x is not None else m"],
        "KeyError: 'k' (cell 3, line 2: `return T['k'] if x is not None else m`)",
    ),
}


@pytest.mark.parametrize(("cells", "message"), WHY.values(), ids=WHY.keys())
def test_a_failed_cell_says_why_something_is_missing(
    problem: Problem, server: ForkServer, cells: list[str], message: str
) -> None:
    with notebook(problem, server, *cells) as opened:
        first, again = (opened.ask(RunCase("doubles_by_default", 7, "")) for _ in range(2))
        small = opened.ask(TryInputs((0, 0, 1)))
    assert first == again == Failure("doubles_by_default", Verdict.RUN_TIME_ERROR, message)
    assert isinstance(small, Raised)
    assert small.words == message


def test_a_debug_cell_that_uses_a_forbidden_operator_breaks_no_rule_of_a_case(
    problem: Problem, server: ForkServer
) -> None:
    debug = "import torch\nwanted = torch.nn.functional.layer_norm(torch.ones(2, 2), (2,))"
    with notebook(problem, server, debug, *MORE_IS_NEEDED["a name"]) as opened:
        assert isinstance(opened.ask(RunCase("doubles_by_default", 7, "")), Observation)


SMALL = {
    "a value": ("return x * scale", Returned),
    "an error": ("raise IndexError(1)", Raised),
    "what cannot travel": ("return {1}", Raised),
    "a broken rule": ("return torch.nn.functional.layer_norm(x, x.shape)", Withheld),
    "memory": ("torch.empty(1 << 50)", Withheld),
}


@pytest.mark.parametrize(("body", "kind"), SMALL.values(), ids=SMALL.keys())
def test_small_inputs_are_answered_with_what_may_be_shown(
    problem: Problem, server: ForkServer, body: str, kind: type[FromWorker]
) -> None:
    with loaded(problem, server, body) as opened:
        answer = opened.ask(TryInputs((0, 0, 1)))
    assert type(answer) is kind
    if isinstance(answer, Returned):
        assert decode(answer.tree, answer.body)["output"].values.tolist() == [0, 0]
    if isinstance(answer, Raised) and "Index" in answer.words:
        assert answer.classes == ("IndexError", "LookupError", "Exception", "BaseException", "object")


def test_a_question_that_is_not_for_a_worker_ends_it(problem: Problem, server: ForkServer) -> None:
    with loaded(problem, server, "return x") as opened:
        opened.tell(Compare("doubles_by_default", 7, ["none"], b""))
        with pytest.raises(HungUp):
            opened.hear()
        assert "a frame that no conductor wrote" in opened.worker.printed()
