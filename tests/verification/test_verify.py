"""`verify`: what does not hold in a package is said; each complaint is seen to be made."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.judging.test_counterexample import SPACE
from tests.support.packages import CASES, SAMPLES, SOLUTION, write_package
from torch_judge.judging.pool import JudgePool
from torch_judge.model.bank import find_bank
from torch_judge.model.mistakes import FILE as MISTAKES
from torch_judge.model.report import Verdict
from torch_judge.ui.tables import as_matrix, as_totals
from torch_judge.ui.text import as_text
from torch_judge.verification.findings import QUICK, Counts, Effort, Verification
from torch_judge.verification.verify import SEEDS_THROUGH_A_WORKER, verify_package


@pytest.fixture(scope="module", autouse=True)
def pool() -> Iterator[JudgePool]:
    """Keep two servers warm for all tests here."""
    with JudgePool() as pool:
        POOLS.append(pool)
        yield pool
        POOLS.clear()


POOLS: list[JudgePool] = []


def verified(bank: Path, effort: Effort = QUICK) -> Verification:
    return verify_package(find_bank(bank).load("double"), effort=effort, pool=POOLS[0])


def test_a_sound_package_has_no_complaint(tmp_path: Path) -> None:
    write_package(tmp_path)
    found = verified(tmp_path)
    assert found.complaints == ()
    assert [row.sample.name for row in found.rows] == [
        "solution",
        *(Path(name).stem for name in sorted(SAMPLES)[:1]),
        *wrong(),
        "uses_batch_norm",
        "starter",
    ]
    assert len(found.rows[0].reports) == SEEDS_THROUGH_A_WORKER


def test_a_package_without_a_space_of_small_inputs_is_told_what_that_costs(tmp_path: Path) -> None:
    write_package(tmp_path)
    assert any("no space of small inputs" in each for each in verified(tmp_path).notes)
    write_package(tmp_path, cases=CASES + SPACE)
    found = verified(tmp_path)
    assert found.complaints == ()
    assert not any("no space of small inputs" in each for each in found.notes)


def test_a_space_in_which_right_samples_differ_from_the_jury_is_reported(tmp_path: Path) -> None:
    """What is right in the cases' float32 is wrong in a space of float64 numbers."""
    folder = write_package(tmp_path, cases=CASES + SPACE)
    sample = folder / "submissions" / "accepted" / "to_seven_digits.py"
    sample.write_text("def double(x, scale=2.0):\n    return x * (scale * (1 + 3e-7))\n")
    (says,) = verified(tmp_path).complaints
    assert says.startswith(f"{sample}: is right, and differs from the jury in output on small inputs (x = ")
    assert says.endswith("mend their space")


def test_a_right_sample_that_is_wrong_under_one_seed_in_many_is_reported(tmp_path: Path) -> None:
    """The first seeds go through a worker; the rest do not, and are looked at all the same."""
    folder = write_package(tmp_path)
    sample = folder / "submissions" / "accepted" / "wrong_now_and_then.py"
    sample.write_text(
        "def double(x, scale=2.0):\n    return x * scale + (int(x.detach().abs().sum() * 1000) % 30 == 7)\n"
    )
    found = verified(tmp_path, Effort(seeds=60, mutants=False))
    (says,) = [each for each in found.complaints if str(sample) in each]
    assert "expected accepted, found wrong answer" in says
    (row,) = [each for each in found.rows if each.sample.path == sample]
    assert (len(row.reports) > SEEDS_THROUGH_A_WORKER, row.examined) == (True, 0)


def test_every_right_sample_is_tried_under_all_the_seeds(tmp_path: Path) -> None:
    write_package(tmp_path)
    found = verified(tmp_path, Effort(seeds=12, mutants=False))
    jury, *right = [row for row in found.rows if row.sample.claim is Verdict.ACCEPTED]
    expected = SEEDS_THROUGH_A_WORKER, 12 - SEEDS_THROUGH_A_WORKER
    assert [(len(row.reports), row.examined) for row in right] == [expected] * len(right)
    assert json.loads(found.to_json())["samples"]["accepted/adds_twice"]["seeds"] == 12
    # the jury solution is what the others are compared with: it was rehearsed
    assert (len(jury.reports), jury.examined) == (SEEDS_THROUGH_A_WORKER, 0)


def wrong() -> list[str]:
    return sorted(Path(name).stem for name in SAMPLES if name.startswith("wrong_answer"))


def test_the_matrix_shows_samples_and_cases_on_screen_and_in_json(tmp_path: Path) -> None:
    write_package(tmp_path)
    found = verified(tmp_path)
    lines = as_text(as_matrix(found)).splitlines()
    assert [line.split() for line in lines if line.startswith("cuts_the_graph")] == [
        ["cuts_the_graph", "..#", "wrong", "answer"]
    ]
    assert lines[-1].startswith("double: sound.")
    samples = json.loads(found.to_json())["samples"]
    assert samples["wrong_answer/ignores_scale"]["cases"]["uses_the_scale_it_is_given"] == ["wrong answer"]
    assert samples["double/solution"]["verdicts"] == ["accepted"]


def test_the_numbers_are_on_screen_in_json_and_in_the_totals(tmp_path: Path) -> None:
    write_package(tmp_path)
    found = verified(tmp_path, Effort(seeds=4, faults=False))
    assert found.complaints == ()
    assert found.counts == Counts(
        cases=3,
        samples=8,
        accepted=2,
        gotchas=4,
        subsuming=1,
        checks=40,
        bent=7,
        mutants=13,
        killed=13,
        equivalent=0,
        survivors=0,
    )
    facts = json.loads(found.to_json())
    assert (
        facts["counts"]["killed"] == 13
        and facts["seeds"] == 4
        and facts["sound"] is True
        and "\n" not in found.to_json()
    )
    assert (
        "13 mutants: 13 killed, 0 equivalent, 0 alive; 40 checks"
        in as_text(as_matrix(found)).splitlines()[-1]
    )
    totals = [line.split() for line in as_text(as_totals([found, found])).splitlines()]
    assert totals[0][:4] == ["problem", "cases", "samples", "accepted"]
    assert totals[1][:4] == ["double", "3", "8", "2"]
    assert totals[3][:6] == ["2", "problems,", "2", "sound", "6", "16"]


HANDS = """\
[[mistake]]
name = "squares"
says = "You square x."
edits = [{ before = "x * scale", after = "x * x" }]

[[mistake.variants]]
base = "adds_twice"
edits = [{ before = "x + (scale - 1) * x", after = "x * x" }]
"""


def test_edits_are_judged_as_files_are_and_a_variant_needs_no_name(tmp_path: Path) -> None:
    folder = write_package(tmp_path, cases=CASES.replace('["ignores_scale"]', '["ignores_scale", "squares"]'))
    (folder / MISTAKES).write_text(HANDS)
    found = verified(tmp_path)
    assert found.complaints == ()
    assert (found.counts.gotchas, found.counts.samples) == (5, 10)
    lines = as_text(as_matrix(found)).splitlines()
    assert [line.split()[:2] for line in lines if line.startswith("squares")] == [
        ["squares", "###"],
        ["squares@adds_twice", "###"],
    ]


def test_a_variant_that_is_another_mistake_or_none_is_a_complaint(tmp_path: Path) -> None:
    folder = write_package(tmp_path)
    variant = HANDS.rindex('"x * x"')
    for text, says in (
        ('"x + 0"', "is not diagnosed"),
        ('"scale * x"', "expected wrong answer, found accepted"),
    ):
        (folder / MISTAKES).write_text(HANDS[:variant] + text + HANDS[variant + len('"x * x"') :])
        assert any(says in each and "squares@adds_twice" in each for each in verified(tmp_path).complaints)


def test_progress_is_told(tmp_path: Path) -> None:
    write_package(tmp_path)
    said: list[str] = []
    verify_package(find_bank(tmp_path).load("double"), effort=QUICK, pool=POOLS[0], progress=said.append)
    assert said[0] == "double: rehearsing the jury solution"
    assert said[1:] == [*(f"double: {n} of 15 judged" for n in range(1, 16)), ""]


def remove(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).unlink()


def write(name: str, text: str) -> Callable[[Path], object]:
    def apply(folder: Path) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)

    return apply


IDLE = '@case(rejects=[])\ndef is_idle(double, rng):\n    """Nothing."""\n    return 1\n'
RIGHT = '"""Right."""\n\n\ndef double(x, scale=2.0):\n    return x * scale\n'
UNSTABLE = '"""Now so."""\n\n\ndef double(x, scale=2.0):\n    return x * scale if x[0, 0] > 0 else x\n'
DEFECTS = {
    "no statement": (remove("statement.md"), "statement.md: the file is missing"),
    "no hints": (remove("hints.md"), "hints.md: the file is missing"),
    "no accepted sample": (remove("submissions/accepted/adds_twice.py"), "accepted: holds no sample"),
    "a folder that is no verdict": (write("submissions/wrong/x.py", RIGHT), "wrong is no verdict"),
    "a gotcha without words": (
        write("submissions/wrong_answer/adds.py", "def double(x, scale=2.0): return x"),
        "adds.py: has no docstring",
    ),
    "a wrong answer that is right": (
        write("submissions/wrong_answer/adds.py", RIGHT),
        "adds.py: expected wrong answer, found accepted",
    ),
    "an accepted sample that is wrong": (
        write("submissions/accepted/bad.py", "def double(x, scale=2.0): return x"),
        "bad.py: expected accepted, found wrong answer",
    ),
    "an accepted sample that is wrong at times": (
        write("submissions/accepted/unstable.py", UNSTABLE),
        "unstable.py: expected accepted",
    ),
    "a false verdict": (
        write("submissions/time_limit_exceeded/fast.py", RIGHT),
        "fast.py: expected time limit exceeded, found accepted",
    ),
    "a name that is no sample": (
        write("cases.py", CASES.replace('"adds"]', '"adds", "nobody"]')),
        "rejects 'nobody', which is no sample",
    ),
    "a claim that is false": (
        write("cases.py", CASES.replace('["ignores_scale"]', '["ignores_scale", "cuts_the_graph"]')),
        "declares that it rejects cuts_the_graph, and does not under every seed",
    ),
    "a subsuming gotcha that nobody names": (
        write("cases.py", CASES.replace('["cuts_the_graph"]', "[]")),
        "cuts_the_graph.py: no case declares that it rejects",
    ),
    "an idle case": (write("cases.py", CASES + "\n\n" + IDLE), "case is_idle: rejects no wrong sample"),
    "a starter that is right": (
        write("starter.py", RIGHT),
        "starter.py: expected any verdict but accepted, found accepted",
    ),
    "a parameter that no case leaves at its default": (
        write("cases.py", CASES.replace("double(draw(rng))", "double(draw(rng), scale=2.5)")),
        "parameter scale: no case leaves it at its default",
    ),
    "a suite that does not look at the dtype": (
        write(
            "cases.py",
            CASES.replace("draw(rng))}", "draw(rng)).double()}")
            .replace("scale=3.7)}", "scale=3.7).double()}")
            .replace("scale=1.3)", "scale=1.3).double()"),
        ),
        "no case rejects another dtype in the place of the jury answer",
    ),
    "a case that hangs": (
        write("cases.py", CASES + "\n\n" + IDLE.replace("return 1", "while True: pass")),
        "case is_idle: hangs",
    ),
    "cases that cannot be read": (write("cases.py", "import nowhere\n"), "cases.py:1: ModuleNotFoundError"),
}


@pytest.mark.parametrize(("spoil", "complaint"), DEFECTS.values(), ids=DEFECTS.keys())
def test_a_defect_is_a_complaint(tmp_path: Path, spoil: Callable[[Path], object], complaint: str) -> None:
    spoil(write_package(tmp_path))
    found = verified(tmp_path)
    assert any(complaint in each for each in found.complaints), found.complaints


SLACK = SOLUTION.replace("return x * scale", "return x * scale if abs(scale) < 90 else x * scale * 1")
SURVIVOR = "return x * scale if abs(scale) < 91 else x * scale * 1"


def entry(after: str, reason: str = "no scale is as large") -> str:
    before = "return x * scale if abs(scale) < 90 else x * scale * 1"
    return f'[[equivalent]]\nbefore = "{before}"\nafter = "{after}"\nreason = "{reason}"\n\n'


def test_a_mutant_that_no_case_notices_is_shown_with_its_line(tmp_path: Path) -> None:
    write_package(tmp_path, solution=SLACK)
    found = verified(tmp_path, Effort(seeds=1))
    path = tmp_path / "double" / "solution.py"
    change = f"`return x * scale if abs(scale) < 90 else x * scale * 1` -> `{SURVIVOR}`"
    wanted = f"{path}:2: no case notices {change}; add a case that does, or list"
    assert any(each.startswith(wanted) for each in found.complaints), found.complaints
    assert found.counts.survivors == len(found.complaints) == found.counts.mutants - found.counts.killed


def test_listed_mutants_are_no_complaint_and_stale_entries_are(tmp_path: Path) -> None:
    folder = write_package(tmp_path, solution=SLACK)
    survivors = [
        each.partition("` -> `")[2].partition("`")[0]
        for each in verified(tmp_path, Effort(seeds=1)).complaints
    ]
    text = "".join(entry(each) for each in survivors)
    (folder / "mutants.toml").write_text(text)
    found = verified(tmp_path, Effort(seeds=1))
    assert found.complaints == ()
    assert (found.counts.equivalent, found.counts.survivors) == (len(survivors), 0)
    killed = "return x / scale if abs(scale) < 90 else x * scale * 1"
    (folder / "mutants.toml").write_text(text + entry(killed) + entry("return nothing"))
    stale = verified(tmp_path, Effort(seeds=1)).complaints
    assert [each.partition("`; ")[2] or each.partition("` ")[2] for each in stale] != []
    assert "is listed as equivalent, and is rejected" in stale[0]
    assert stale[1].endswith("`return nothing`: no mutant makes this change any more; remove the entry")


def test_a_mutant_that_loops_is_killed(tmp_path: Path) -> None:
    looping = (
        "def double(x, scale=2.0):\n    n = 3\n    while n != 0:\n        n = n - 1\n    return x * scale\n"
    )
    write_package(tmp_path, solution=looping)
    found = verified(tmp_path, Effort(seeds=1))
    assert not [each for each in found.complaints if "could not be judged" in each]
    assert found.counts.killed >= 15


def test_a_stale_template_is_a_complaint(tmp_path: Path) -> None:
    write_package(tmp_path / "problems")
    problem = find_bank(tmp_path / "problems").load("double")
    path = tmp_path / "01_double.ipynb"
    for text in (None, "old"):
        if text:
            path.write_text(text)
        found = verify_package(problem, effort=QUICK, pool=POOLS[0], template=(path, "new"))
        assert found.complaints == (f"{path}: stale; write it anew with torch-judge template double",)
    path.write_text("new")
    assert verify_package(problem, effort=QUICK, pool=POOLS[0], template=(path, "new")).complaints == ()


def test_a_numpy_package_is_verified_without_torch(tmp_path: Path) -> None:
    write_package(tmp_path, framework="numpy", solution="def double(x, scale=2.0):\n    return x * scale\n")
    found = verified(tmp_path, Effort(seeds=2))
    assert (
        "parameter scale: no case gives it another value than its default; add a case that does"
        in found.complaints
    )
    assert found.counts.bent == 7
    bent = "in the place of the jury"
    assert not [each for each in found.complaints if "bent" in each or bent in each]


def test_a_number_that_another_problem_has_is_a_complaint(tmp_path: Path) -> None:
    other = write_package(tmp_path).rename(tmp_path / "other")
    folder = write_package(tmp_path)
    assert verified(tmp_path).complaints == (f"{folder}: number 1 is taken by {other}",)


FAULTS = Effort(seeds=1, mutants=False)


def test_conditional_faults_are_counted_and_noted_where_a_package_has_no_list(tmp_path: Path) -> None:
    write_package(tmp_path)
    found = verified(tmp_path, FAULTS)
    assert found.complaints == ()
    counts, table = found.counts, found.faults
    assert table is not None and counts.faults == counts.rejected + counts.open > counts.rejected > 0
    assert counts.allowed == 0 < counts.met < counts.conditions == len(table.conditions)
    assert f"conditional faults: {counts.rejected} of {counts.faults} are rejected" in found.notes[-1]
    assert f"{counts.rejected} rejected, 0 allowed, {counts.open} open" in as_text(as_matrix(found))
    assert as_text(as_totals([found])).splitlines()[-1].split()[:4] == [
        "in",
        "all",
        *map(str, (counts.conditions, counts.met)),
    ]
    assert verified(tmp_path, QUICK).faults is None


def test_a_package_with_a_list_is_held_to_it(tmp_path: Path) -> None:
    path = write_package(tmp_path) / "faults.toml"
    path.write_text("")
    complaints = verified(tmp_path, FAULTS).complaints
    assert any("no case has a call in which gradients are off" in each for each in complaints)
    assert any("conditional faults are neither rejected nor allowed" in each for each in complaints)
    assert any(each.startswith("when x is float32 (float32, 3 cases): ") for each in complaints)
    path.write_text('[[allowed]]\nwhen = ["*"]\neffect = ["*"]\nreason = "a test"\n')
    found = verified(tmp_path, FAULTS)
    assert found.complaints == () and found.counts.open == 0 < found.counts.allowed
    facts = json.loads(found.to_json())["faults"]
    (row,) = (row for row in facts["conditions"] if row["name"] == "float32")
    assert (row["cases"], set(row["marks"]) & set("o-")) == (3, set())
    assert facts["effects"]["changes(x)"] == "x is changed in place"
