"""`verify`: what does not hold in a package is said; each complaint is seen to be made."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.packages import CASES, SAMPLES, write_package
from torch_judge.problem import find_bank
from torch_judge.render import as_matrix, as_text
from torch_judge.verify import Effort, Verification, verify_package


def verified(bank: Path) -> Verification:
    return verify_package(find_bank(bank).load("double"), effort=Effort(seeds=3))


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
    assert len(found.rows[0].reports) == 3


def wrong() -> list[str]:
    return sorted(Path(name).stem for name in SAMPLES if name.startswith("wrong_answer"))


def test_the_matrix_shows_samples_and_cases_on_screen_and_in_json(tmp_path: Path) -> None:
    write_package(tmp_path)
    found = verified(tmp_path)
    lines = as_text(as_matrix(found)).splitlines()
    assert [line.split() for line in lines if line.startswith("cuts_the_graph")] == [["cuts_the_graph", "..#", "wrong", "answer"]]
    assert lines[-1].startswith("double: sound.")
    samples = json.loads(found.to_json())["samples"]
    assert samples["wrong_answer/ignores_scale"]["cases"]["uses_the_scale_it_is_given"] == ["wrong answer"]
    assert samples["double/solution"]["verdicts"] == ["accepted"]


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
    "a wrong answer that is right": (write("submissions/wrong_answer/adds.py", RIGHT), "adds.py: expected wrong answer, found accepted"),
    "an accepted sample that is wrong": (
        write("submissions/accepted/bad.py", "def double(x, scale=2.0): return x"),
        "bad.py: expected accepted, found wrong answer",
    ),
    "an accepted sample that is wrong at times": (write("submissions/accepted/unstable.py", UNSTABLE), "unstable.py: expected accepted"),
    "a false verdict": (write("submissions/time_limit_exceeded/fast.py", RIGHT), "fast.py: expected time limit exceeded, found accepted"),
    "a name that is no sample": (write("cases.py", CASES.replace('"adds"]', '"adds", "nobody"]')), "rejects 'nobody', which is no sample"),
    "a claim that is false": (
        write("cases.py", CASES.replace('["ignores_scale"]', '["ignores_scale", "cuts_the_graph"]')),
        "case uses_the_scale_it_is_given: declares that it rejects cuts_the_graph, and does not under every seed",
    ),
    "a gotcha that nobody names": (write("cases.py", CASES.replace('"returns_x", ', "")), "returns_x.py: no case declares that it rejects"),
    "an idle case": (write("cases.py", CASES + "\n\n" + IDLE), "case is_idle: rejects no wrong sample"),
    "a starter that is right": (write("starter.py", RIGHT), "starter.py: expected any verdict but accepted, found accepted"),
    "cases that cannot be read": (write("cases.py", "import nowhere\n"), "found judge error"),
}


@pytest.mark.parametrize(("spoil", "complaint"), DEFECTS.values(), ids=DEFECTS.keys())
def test_a_defect_is_a_complaint(tmp_path: Path, spoil: Callable[[Path], object], complaint: str) -> None:
    spoil(write_package(tmp_path))
    found = verified(tmp_path)
    assert any(complaint in each for each in found.complaints), found.complaints
