"""The stand-in for the judge: what a file may still import of it, and that nothing else of it is left."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import torch_judge
from torch_judge.execution.worker.stub import HOMES

CALLS = [
    "from torch_judge import check\ncheck('double')",
    (
        "import torch_judge as tj\nreport = tj.check('double', f, seed=3)\n"
        "print(report.cases[0:1], len(report.cases), f'{report.seed:.3f}')"
    ),
    "from torch_judge import check\nfor case in check('double').cases:\n    print(case.message.splitlines())",
    (
        "from torch_judge import Report, Verdict, check\n"
        "if check('double').verdict is not Verdict.ACCEPTED:\n    print('no')"
    ),
    "from torch_judge.ui.notebook.check import check\nassert check('double').passed",
    "import torch_judge\nprint(torch_judge.check('double').to_json())",
]


def run(script: str) -> subprocess.CompletedProcess[str]:
    """Run a script in a fresh interpreter, which the stand-in may change for good."""
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("calls", CALLS)
def test_calling_check_at_the_bottom_of_a_file_is_harmless(calls: str) -> None:
    source = f"def f(): return 2\n{calls}"
    done = run(f"""
from torch_judge.execution.worker.loader import load_entry_point
from torch_judge.execution.worker.stub import hide_the_judge
from torch_judge.model.submission import from_source
submission = from_source({source!r})
hidden = hide_the_judge()
assert load_entry_point(submission, "f")() == 2
print("loaded")
""")
    assert done.stdout.endswith("loaded\n"), done.stderr


LEFT = """
import json, sys
import torch_judge.execution.worker.serve, torch_judge.execution.checker.serve
{hide}
ours = [name for name in sys.modules if name.partition(".")[0] == "torch_judge"]
print(json.dumps(sorted(name for name in ours if getattr(sys.modules[name], "__file__", None) is not None)))
print(json.dumps(sorted(ours)))
"""


def test_no_module_of_ours_is_left_but_the_stand_ins() -> None:
    """At any depth: a package that was left would hand out all that it has imported."""
    done = run(
        LEFT.format(hide="from torch_judge.execution.worker.stub import hide_the_judge; h = hide_the_judge()")
    )
    files, names = map(json.loads, done.stdout.splitlines())
    assert (files, names) == ([], sorted(HOMES))


def test_what_is_imported_after_the_server_has_listed_our_modules_is_hidden_too() -> None:
    """The list is made before a fork, and modules are imported and let go of later."""
    late = """
from torch_judge.execution.worker.stub import hide_the_judge, list_own_modules
list_own_modules()
sys.modules.pop("torch_judge.authoring.tensors")
import torch_judge.authoring.tensors, torch_judge.ui.card, wave
h = hide_the_judge()
"""
    files, names = map(json.loads, run(LEFT.format(hide=late)).stdout.splitlines())
    assert (files, names) == ([], sorted(HOMES))


def test_without_the_stand_in_many_modules_would_be_left() -> None:
    """The test above can fail: this is what it is there to hide."""
    files, names = map(json.loads, run(LEFT.format(hide="")).stdout.splitlines())
    assert "torch_judge.execution.checker.comparison" in files
    assert len(names) > len(HOMES)


def test_every_public_home_has_a_stand_in() -> None:
    """A live function's pickle names a public thing by the module that it is made in."""
    homes = {f"torch_judge.{home.partition(':')[0]}" for home in torch_judge._HOMES.values()}
    assert {"torch_judge", *homes} == set(HOMES)


def test_every_public_name_is_there_under_its_home_and_at_the_top() -> None:
    places = {name: home.partition(":") for name, home in torch_judge._HOMES.items()}
    lines = [f"from torch_judge.{home} import {inside or name}" for name, (home, _, inside) in places.items()]
    lines += [f"from torch_judge import {name}" for name in places]
    hide = "from torch_judge.execution.worker.stub import hide_the_judge\nhidden = hide_the_judge()\n"
    done = run(hide + "\n".join(lines) + "\nprint(type(check()).__name__)")
    assert done.stdout == "_Silence\n", done.stderr


def test_a_live_function_that_names_public_things_is_unpickled() -> None:
    """Pickled by reference beside the real judge, and loaded beside the stand-in."""
    done = run("""
import cloudpickle, pickle, sys
import torch_judge
from torch_judge import Report, check, hint, Sheet
import torch_judge.ui.notebook.check as module
namespace = {"__name__": "__main__", "check": check, "hint": hint, "Report": Report, "Sheet": Sheet}
namespace |= {"tj": torch_judge, "m": module}
exec("def f(): return [check, hint, Report, Sheet, tj.check, m.check]", namespace)
pickled = cloudpickle.dumps(namespace["f"])
from torch_judge.execution.worker.stub import hide_the_judge
hidden = hide_the_judge()
print({type(value).__name__ for value in pickle.loads(pickled)()})
""")
    assert done.stdout == "{'_Silence'}\n", done.stderr


def test_another_module_of_ours_cannot_be_imported() -> None:
    hide = "from torch_judge.execution.worker.stub import hide_the_judge\nhidden = hide_the_judge()\n"
    done = run(hide + "import torch_judge.execution.checker.comparison")
    assert "ModuleNotFoundError" in done.stderr
