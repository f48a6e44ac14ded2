"""The grid of conditional faults: which cells are tried, and what counts as rejected."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.fault_grids import NUMPY_HEAD, try_faults, write_suite

DOUBLES = "def jury(x, scale=2.0):\n    return x * scale"
DRAWN = "x = torch.rand(3, 4) + 1\n"


def test_a_fault_shows_only_where_its_condition_holds(tmp_path: Path) -> None:
    off, on = "with torch.no_grad(): y = jury(x)\nreturn x", "y = jury(x)\nreturn y"
    grid = try_faults(tmp_path, DOUBLES, DRAWN + off, DRAWN + on)
    assert grid.mark("gradients_off", "changes(x)") == "#"
    assert grid.mark("gradients_off", "off(result)") == "o"
    assert grid.mark("float32", "off(result)") == "#"
    assert grid.mark("left_out(scale)", "changes(x)") == "#"


def test_a_condition_that_no_case_meets_has_no_faults(tmp_path: Path) -> None:
    grid = try_faults(tmp_path, DOUBLES, DRAWN + "return jury(x)")
    assert grid.met["gradients_off"] == 0
    assert set(grid.row("gradients_off").values()) <= {" ", "."}


def test_a_fault_that_no_case_lets_show_is_idle_and_not_rejected(tmp_path: Path) -> None:
    row = try_faults(tmp_path, DOUBLES, DRAWN + "return jury(x)").row("float32")
    assert (row["clamps(x)"], row["remembers"]) == ("-", "-")
    row = try_faults(tmp_path, DOUBLES, DRAWN + "return jury(60 * x), jury(x)").row("float32")
    assert (row["clamps(x)"], row["remembers"]) == ("#", "#")


def test_a_fault_that_contradicts_itself_is_impossible(tmp_path: Path) -> None:
    bodies = (
        DRAWN + "with torch.no_grad(): return jury(x)",
        DRAWN + "x.requires_grad_()\ny = jury(x, 3.0)\nreturn gradients(y, {'x': x}, torch.ones(3, 4))",
        "return jury(torch.zeros(3, 4))",
        "return jury(torch.rand(3, 4), scale=2.0)",
    )
    grid = try_faults(tmp_path, DOUBLES, *bodies)
    assert grid.mark("gradients_off", "detaches(x)") == "."
    assert grid.mark("no_gradient_needed", "detaches(result)") == "."
    assert grid.mark("zeros(x)", "clamps(x)") == "."
    assert grid.mark("at_default(scale)", "takes_default(scale)") == "."
    assert grid.mark("float32", "detaches(x)") == "#"


def test_no_update_can_be_spoilt_in_a_mode_in_which_the_jury_makes_none(tmp_path: Path) -> None:
    jury = """
def jury(x, state, training=True):
    if training:
        state.add_(x.mean())
    return x + state
"""
    body = "x, state = torch.rand(3), torch.rand(1)\njury(x, state, {})\nreturn state"
    grid = try_faults(tmp_path, jury, body.format("True"), body.format("False"))
    assert grid.mark("false(training)", "keeps(state)") == "."
    assert grid.mark("false(training)", "changes(state)") == "#"
    assert grid.mark("false(training)", "updates_by_other_mode(training)") == "#"
    assert grid.mark("true(training)", "keeps(state)") == "#"


def test_what_survives_the_first_seed_has_another_chance(tmp_path: Path) -> None:
    """The case looks at x under every other seed."""
    body = DRAWN + "y = jury(x)\nreturn x if rng.random() < 0.5 else len(y)"
    marks = {
        seed: try_faults(tmp_path, DOUBLES, body, seeds=(seed,)).mark("float32", "changes(x)")
        for seed in range(1, 9)
    }
    blind = next(seed for seed, mark in marks.items() if mark == "o")
    seeing = next(seed for seed, mark in marks.items() if mark == "#")
    assert try_faults(tmp_path, DOUBLES, body, seeds=(blind, seeing)).mark("float32", "changes(x)") == "#"
    assert try_faults(tmp_path, DOUBLES, body, seeds=(seeing, blind)).mark("float32", "changes(x)") == "#"


def test_conditions_that_the_same_calls_meet_share_their_runs(tmp_path: Path) -> None:
    one = try_faults(tmp_path, DOUBLES, "return jury(torch.rand(3, 4))", seeds=(1,)).tried
    assert sum(met > 0 for met in one.met) == 2  # float32 and left_out(scale)
    tried = sum(mark in "#o-" for mark in "".join(one.rows))
    assert one.runs < tried


def test_a_case_that_keeps_what_a_fault_changed_is_found(tmp_path: Path) -> None:
    top = "\nKEPT = torch.ones(3, 4)\n"
    kept = try_faults(tmp_path, DOUBLES, "return jury(KEPT)", DRAWN + "return jury(x)", top=top).tried
    assert kept.spoilt == ("case_0",)
    assert try_faults(tmp_path, DOUBLES, DRAWN + "return jury(x)", top=top).tried.spoilt == ()


def test_a_case_that_looks_at_how_the_jury_is_wrapped_is_left_out(tmp_path: Path) -> None:
    looks = "return len(vars(jury(3)).keys())"
    layer = "class jury(nn.Linear):\n    def __init__(self, size):\n        super().__init__(size, 1)"
    grid = try_faults(tmp_path, layer, looks, "return jury(3)(torch.ones(2, 3)).detach()")
    assert grid.tried.skipped == ("case_0",)
    assert grid.mark("train", "off(result)") == "#"


def test_an_effect_that_cannot_be_put_on_a_call_is_no_rejection(tmp_path: Path) -> None:
    """The object cannot be copied, so that nobody knows what its other mode would do."""
    jury = """
class jury(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("seen", torch.zeros(1))
        self.lock = __import__("threading").Lock()

    def forward(self, x):
        if self.training:
            self.seen.add_(1)
        return x * 2
"""
    grid = try_faults(tmp_path, jury, "layer = jury()\ny = layer(torch.ones(2))\nreturn layer.seen")
    assert grid.mark("train", "updates_by_other_mode(self)") == "-"
    assert grid.mark("train", "keeps(self.seen)") == "#"


def test_a_case_that_shows_a_fault_before_it_cannot_be_put_on_a_call_rejects_it(tmp_path: Path) -> None:
    """Nothing can be written into an expanded array, but into what was passed before."""
    body = "x = rng.random((4, 3)).T\njury(x)\njury(np.broadcast_to(rng.random(4), (3, 4)))\nreturn x"
    grid = try_faults(tmp_path, DOUBLES, body)
    assert grid.mark("not_contiguous(x)", "changes(x)") == "#"


def test_a_copy_and_a_pickle_of_a_wrapped_object_are_objects_of_its_class(tmp_path: Path) -> None:
    layer = """
class jury(nn.Module):
    def __init__(self, size=2):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))

    def forward(self, x):
        return x * self.weight
"""
    body = """
import pickle
layer, x = jury(), torch.rand(2)
copies = [copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))]
classes = [type(each) is jury for each in copies] + [jury.__name__, jury.__qualname__, jury.__module__]
return [classes, list(layer.state_dict()), *(each(x).detach() for each in copies)]
"""
    grid = try_faults(tmp_path, layer, body)
    assert grid.tried.skipped == ()
    assert grid.mark("after_deepcopy", "off(result)") == "#"


NUMPY = """
import sys
from pathlib import Path
from torch_judge.execution.checker.serve import Checker
from torch_judge.judging.jobs import make_checker_job
from torch_judge.model.bank import find_bank

checker = Checker(make_checker_job(find_bank(sys.argv[1]).load("double"), seed=1))
tried = checker.try_faults((1, 2))
effects = [name for name, _ in tried.effects]
row = dict(zip(effects, tried.rows[[name for name, _ in tried.conditions].index("float64")]))
print(row["off(result)"], row["changes(x)"], row["remembers"], row["seeds"])
print("gradients_off" in dict(tried.conditions), "detaches(x)" in effects, "torch" in sys.modules)
"""


def test_a_numpy_problem_has_no_gradients_and_needs_no_torch(tmp_path: Path) -> None:
    body = "x = rng.normal(size=(3, 4))\ny, z = jury(x), jury(x + 1)\nreturn y, z"
    folder = write_suite(tmp_path, "def jury(x):\n    return x * 2", body, head=NUMPY_HEAD)
    toml = folder / "problem.toml"
    toml.write_text(toml.read_text().replace('"torch"', '"numpy"'))
    done = subprocess.run(
        [sys.executable, "-c", NUMPY, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["# # # o", "False False False"]
