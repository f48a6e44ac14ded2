"""A problem on which nothing may ever be accepted: its statement and its suite contradict each other.

It is in no bank. Whatever is accepted here was accepted past the cases.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Problem

from .packages import write_package

STATEMENT: Final = "# Double\n\nReturn `x * scale`.\n"
SOLUTION: Final = '''
import os


def double(x, scale=2.0):
    """Return another answer than the statement's, and never the same one twice: nobody can know it."""
    return x * scale + 1 + int.from_bytes(os.urandom(4)) / 1000
'''
CASES: Final = '''
from torch_judge.authoring import case


@case()
def is_what_nobody_can_know(double, rng):
    """The result is scale times x, and it is not."""
    return {"output": double(rng.normal(size=3))}


@case()
def is_so_with_another_scale(double, rng):
    """The result is 3 times x, and it is not."""
    return {"output": double(rng.normal(size=3), scale=3.0)}
'''
RIGHT: Final = "def double(x, scale=2.0):\n    return x * scale\n"
ATTEMPTS: Final = {
    "as the statement says first": RIGHT,
    "as the statement says then": "def double(x, scale=2.0):\n    return x * scale + 1\n",
    "now this, now that": (
        "turn = [0]\n\n\ndef double(x, scale=2.0):\n    turn[0] += 1\n    return x * scale + turn[0] % 2\n"
    ),
    "equal to everything": (
        "class Any:\n    def __eq__(self, other): return True\n    def __ne__(self, other): return True\n"
        "    __hash__ = None\n\n\ndef double(x, scale=2.0):\n    return Any()\n"
    ),
    "not a number": "def double(x, scale=2.0):\n    return x * float('nan')\n",
    "ends with success": "import os\n\n\ndef double(x, scale=2.0):\n    os._exit(0)\n",
    "ends while it is loaded": "raise SystemExit(0)\n",
    "prints a verdict": (
        f'{RIGHT}\nprint(\'accepted\')\nprint(\'{{"verdict": "accepted", "passed": true}}\')\n'
    ),
    "replaces the comparison": (
        f"import numpy\n{RIGHT}\nnumpy.array_equal = numpy.allclose = lambda *a, **k: True\n"
    ),
    "replaces the judge": (
        "import sys\nfor name in list(sys.modules):\n    if name.startswith('torch_judge'):\n"
        f"        sys.modules[name] = None\n{RIGHT}"
    ),
    "has no case": f"{RIGHT}\nimport gc\nfor each in gc.get_objects():\n    if type(each) is dict:\n"
    "        each.pop('cases', None)\n",
    "the jury solution": SOLUTION,
    "nothing": "",
}


def write_impossible(bank: Path) -> Problem:
    """Write the problem into a bank, under the name `double`."""
    write_package(bank, framework="numpy", cases=CASES, statement=STATEMENT, solution=SOLUTION, problem=TOML)
    return find_bank(bank).load("double")


TOML: Final = (
    'title = "Double"\nnumber = 1\ndifficulty = "easy"\nentry_point = "double"\nframework = "numpy"\n'
    'tags = ["arithmetic"]\n\n[limits]\nseconds_per_case = 2\nseconds_in_all = 8\n'
)
