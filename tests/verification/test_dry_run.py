"""The dry run: a package that raises, hangs, draws elsewhere or remembers is reported with file and case."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.judging.test_counterexample import SPACE
from tests.support.packages import CASES, SOLUTION, STARTER, write_package
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Framework
from torch_judge.verification.dry_run import Rehearsal, rehearse


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    with ForkServer(Framework.TORCH) as server:
        yield server


def rehearsed(bank: Path, server: ForkServer, **files: str) -> Rehearsal:
    write_package(bank, **files)
    return rehearse(find_bank(bank).load("double"), server)


def with_case(body: str, before: str = "") -> str:
    """Return the suite with one more case, of these lines, at its end."""
    return f'{CASES}\n\n{before}\n\n@case(rejects=[])\ndef is_bad(double, rng):\n    """Bad."""\n{body}'


def test_a_sound_suite_has_no_complaint_and_tells_what_its_cases_use(
    tmp_path: Path, server: ForkServer
) -> None:
    found = rehearsed(tmp_path, server)
    assert found.complaints == ()
    assert list(found.observed) == ["doubles_by_default", "uses_the_scale_it_is_given", "lets_gradients_flow"]
    assert [(each.given, each.left) for each in found.observed.values()] == [
        ((), ("scale",)),
        (("scale",), ()),
        (("scale",), ()),
    ]
    assert found.parts == ("numbers",)
    assert list(found.find_neglected()) == []


def test_a_title_too_long_for_a_line_is_a_complaint_with_file_and_line(
    tmp_path: Path, server: ForkServer
) -> None:
    title = "the result is what it is " * 3
    found = rehearsed(tmp_path, server, cases=CASES.replace("@case(", f"@case(title={title.strip()!r}, ", 1))
    path = tmp_path / "double" / "cases.py"
    assert found.complaints == (
        (
            f"{path}:11: case doubles_by_default: has a title of 74 characters, {title.strip()!r}; "
            "say it in 60 at most, by another name of the function or with title="
        ),
    )


BAD = {
    "raises": (
        "    return {'x': draw(rng).nowhere}\n",
        "",
        "case is_bad: raises on the jury solution: ",
        "mend the case or solution.py",
    ),
    "raises under some seeds": (
        "    return 1 / (rng.random() < 0.5)\n",
        "",
        "case is_bad: raises on the jury solution: ",
        "ZeroDivisionError",
    ),
    "returns what cannot travel": (
        "    return {1: double}\n",
        "",
        "case is_bad: raises on the jury solution: ",
        "a key of a dict",
    ),
    "hangs": (
        "    while True:\n        pass\n",
        "",
        "case is_bad: hangs: the jury solution gave no answer in 2 seconds",
        "make the case smaller",
    ),
    "ends the process": (
        "    import os\n    os._exit(1)\n",
        "",
        "case is_bad: ends the process that runs the jury solution",
        "must return",
    ),
    "draws from torch": (
        "    return double(torch.randn(3))\n",
        "",
        "case is_bad: depends on the global generators",
        "draw every number from the rng",
    ),
    "draws from numpy": (
        "    return float(np.random.normal())\n",
        "import numpy as np",
        "case is_bad: depends on the global generators",
        "draw every number from the rng",
    ),
    "draws from random": (
        "    return random.random()\n",
        "import random",
        "case is_bad: depends on the global generators",
        "rng",
    ),
    "remembers its calls": (
        "    seen.append(1)\n    return len(seen)\n",
        "seen = []",
        "case is_bad: gives another answer when it is run again",
        "state",
    ),
    "draws from a generator of the file": (
        "    return float(file_rng.random())\n",
        "import numpy as np\nfile_rng = np.random.default_rng(1)",
        "case is_bad: gives another answer when it is run again",
        "inside the case",
    ),
}
LEAVES = '''\
settings = {}


@case(rejects=[])
def leaves_something(double, rng):
    """Leave."""
    settings.setdefault("left", 1)
    return 1
'''


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_a_bad_case_is_named_with_its_line_and_what_to_do(
    tmp_path: Path, server: ForkServer, bad: tuple[str, str, str, str]
) -> None:
    body, before, complaint, advice = bad
    text = with_case(body, before)
    (found,) = rehearsed(tmp_path, server, cases=text).complaints
    line = text.splitlines().index("def is_bad(double, rng):") + 1
    assert found.startswith(f"{tmp_path / 'double' / 'cases.py'}:{line}: {complaint}")
    assert advice in found


def test_a_case_that_needs_another_one_is_named(tmp_path: Path, server: ForkServer) -> None:
    body = "    return settings.setdefault('found', 'left' in settings)\n"
    (found,) = rehearsed(tmp_path, server, cases=with_case(body, LEAVES)).complaints
    assert "case is_bad: depends on the order of the cases" in found
    assert "leave nothing behind" in found


def test_several_bad_cases_are_all_named(tmp_path: Path, server: ForkServer) -> None:
    text = CASES.replace("    return {", "    return {None: ").replace("None: ", "")
    text = text.replace('    return {"output": double(draw(rng))}', "    raise ValueError(1)").replace(
        '    return {"output": double(draw(rng), scale=3.7)}', "    while True: pass"
    )
    found = rehearsed(tmp_path, server, cases=text).complaints
    assert ["raises" in each for each in found] == [True, False]
    assert "hangs" in found[1]


FILES = {
    "cases that cannot be imported": ({"cases": "import nowhere\n"}, "cases.py:1: ModuleNotFoundError"),
    "cases that are no Python": ({"cases": "def\n"}, "cases.py:1: invalid syntax"),
    "a solution that is no Python": ({"solution": "def\n"}, "solution.py:1: invalid syntax"),
    "a solution without the entry point": ({"solution": "x = 1\n"}, "solution.py defines no double"),
    "a starter without the entry point": ({"starter": "x = 1\n"}, "starter.py defines no double"),
    "a solution that ends the process": (
        {"solution": "import os\nos._exit(1)\n"},
        "solution.py ends the process while it is loaded",
    ),
}


@pytest.mark.parametrize(("files", "complaint"), FILES.values(), ids=FILES.keys())
def test_a_file_that_does_not_load_is_named(
    tmp_path: Path, server: ForkServer, files: dict[str, str], complaint: str
) -> None:
    found = rehearsed(tmp_path, server, **files).complaints
    assert found and complaint in found[0]


def test_a_case_with_a_checker_of_its_own_may_draw(tmp_path: Path, server: ForkServer) -> None:
    text = (
        CASES
        + '''

@case(rejects=[], checker=lambda expected, found: None if found < 1 else "too large")
def draws(double, rng):
    """A number below 1."""
    return float(torch.rand(1))
'''
    )
    assert rehearsed(tmp_path, server, cases=text).complaints == ()


def test_a_parameter_that_no_case_varies_or_leaves_is_named(tmp_path: Path, server: ForkServer) -> None:
    starter = STARTER.replace("scale=2.0", "scale=2.0, *, shift=0.0, bias=1")
    solution = SOLUTION.replace("scale=2.0", "scale=2.0, *, shift=0.0, bias=1")
    cases = CASES.replace("double(draw(rng)", "double(draw(rng), shift=0.0, bias=3").replace(
        "double(x,", "double(x, bias=2,"
    )
    found = list(
        rehearsed(tmp_path, server, starter=starter, solution=solution, cases=cases).find_neglected()
    )
    assert found == [
        "parameter shift: no case gives it another value than its default; add a case that does",
        "parameter bias: no case leaves it at its default; add a case that does not pass it",
    ]


CLASS = """\
from torch import nn


class double(nn.Module):
    def __init__(self, scale=2.0, unused=1):
        super().__init__()
        self.scale = scale

    def forward(self, x, negative=False):
        return -x * self.scale if negative else (x * self.scale, {"x": x, "n": 1.5})
"""
CLASS_CASES = '''\
import torch
from torch_judge.authoring.suite import case


@case(rejects=[])
def is_made_and_called(double, rng):
    """Make and call."""
    assert type(double()).__name__ == "double"
    layer = double(3.0)
    return [layer(torch.ones(2), negative=True), layer(torch.ones(3))]
'''


def test_of_a_class_the_constructor_and_the_methods_are_watched(tmp_path: Path, server: ForkServer) -> None:
    found = rehearsed(tmp_path, server, starter=CLASS, solution=CLASS, cases=CLASS_CASES)
    assert found.complaints == ()
    assert found.observed["is_made_and_called"].given == ("scale", "forward.negative")
    assert found.observed["is_made_and_called"].left == ("scale", "unused", "forward.negative")
    assert found.parts == ("numbers", "argument", "number")
    assert list(found.find_neglected()) == [
        "parameter unused: no case gives it another value than its default; add a case that does"
    ]


# --- the space of small inputs ---

WITH_A_SPACE = CASES + SPACE
SPOILT = {
    "inputs that raise": ("draw.integer(1, 3), draw.integer(1, 2)", "1 / 0, 2", "raises .*ZeroDivisionError"),
    "an observation that raises": (
        'return {"output"',
        'return {"scale": 1 / 0, "output"',
        "raises .*ZeroDivisionError",
    ),
    "inputs that cannot travel": ('return {"x"', 'return {"draw": draw, "x"', "raises .*cannot"),
    "too many choices": ("draw.integer(1, 3)", "draw.integer(300, 400)", "raises .*at most 256 choices"),
    "no dict": (
        'return {"output"',
        'return inputs["scale"]\n    return {"output"',
        "must return a dict .* type float",
    ),
    "its own numbers": ("draw.number(-2, 3, plainest=2)", "part()", "makes other inputs from the same draws"),
    "a clock": (
        'return {"output"',
        'return {"now": part(), "output"',
        "observes something else in the same small call",
    ),
    "a global generator": (
        'return {"output"',
        'return {"new": torch.rand(1), "output"',
        "observes something else in the same small call",
    ),
}
PART_OF_A_SECOND = """
import time


def part():
    return (time.perf_counter() * 1e6) % 1
"""


def test_a_sound_space_has_no_complaint(tmp_path: Path, server: ForkServer) -> None:
    found = rehearsed(tmp_path, server, cases=WITH_A_SPACE)
    assert (found.complaints, found.has_space) == ((), True)


def test_a_package_without_a_space_says_so(tmp_path: Path, server: ForkServer) -> None:
    assert not rehearsed(tmp_path, server).has_space


@pytest.mark.parametrize(("right", "wrong", "says"), SPOILT.values(), ids=SPOILT.keys())
def test_a_space_that_is_of_no_use_is_reported(
    tmp_path: Path, server: ForkServer, right: str, wrong: str, says: str
) -> None:
    assert right in SPACE
    (found,) = rehearsed(
        tmp_path, server, cases=CASES + PART_OF_A_SECOND + SPACE.replace(right, wrong)
    ).complaints
    assert found.startswith(f"{tmp_path / 'double' / 'cases.py'}: the space of small inputs ")
    assert re.search(f"small inputs {says}", found)


def test_a_jury_that_always_raises_in_the_small_is_reported(tmp_path: Path, server: ForkServer) -> None:
    """Raising is an answer, but not on all inputs."""
    solution = SOLUTION.replace(
        "return x * scale",
        "if x.element_size() == 8:\n        raise ValueError('small')\n    return x * scale",
    )
    assert solution != SOLUTION
    found = rehearsed(tmp_path, server, cases=WITH_A_SPACE, solution=solution)
    (says,) = found.complaints
    assert says.endswith(
        "small inputs is of no use: the jury solution raises 'ValueError: small' on all "
        "inputs that were tried"
    )


DESCRIBED = """

from torch_judge.authoring import Argument, Option, describe

call = describe(
    arguments=[Argument("x", "rows columns")],
    options=[Option("scale", 2.0, usual=(2.5, 3.5))],
)
"""


def test_standard_cases_are_rehearsed_after_those_by_hand(tmp_path: Path, server: ForkServer) -> None:
    found = rehearsed(tmp_path, server, cases=CASES + DESCRIBED)
    assert found.complaints == ()
    assert list(found.observed)[:3] == [
        "doubles_by_default",
        "uses_the_scale_it_is_given",
        "lets_gradients_flow",
    ]
    assert set(found.observed) - set(list(found.observed)[:3]) == found.standard
    assert "works_with_gradients_off" in found.standard
    assert found.has_space


def test_what_a_description_does_not_say_of_the_jury_is_named_with_its_line(
    tmp_path: Path, server: ForkServer
) -> None:
    solution = "def double(x, scale=2.0):\n    x.data.add_(1)\n    return x * scale\n"
    found = rehearsed(tmp_path, server, cases=CASES + DESCRIBED, solution=solution)
    line = (CASES + DESCRIBED).splitlines().index("call = describe(") + 1
    says = [text for text in found.complaints if "standard case float64_in_gives_float64_out" in text]
    assert len(says) == 1
    assert f"cases.py:{line}: " in says[0]
    assert "after the call" in says[0]


def test_a_wrong_description_is_named_with_its_line(tmp_path: Path, server: ForkServer) -> None:
    wrong = DESCRIBED.replace(
        '"rows columns")]', '"rows columns")], without={"works_with_gradient_off": "no"}'
    )
    (complaint,) = rehearsed(tmp_path, server, cases=CASES + wrong).complaints
    assert "did you mean 'works_with_gradients_off'?" in complaint
    assert re.search(r"cases\.py:\d+: ", complaint)
