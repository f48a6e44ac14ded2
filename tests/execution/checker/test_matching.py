"""Questions about gotchas: those that do as the submission did are found; half an answer is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.packages import SAMPLES, write_package
from torch_judge.execution.checker import matching, sample_runner
from torch_judge.execution.checker.matching import PARTS_OF_A_WHOLE, Rejected, answer_question, examine_sample
from torch_judge.execution.checker.sample_runner import Observed
from torch_judge.execution.checker.serve import Checker
from torch_judge.execution.protocol.messages import (
    Candidate,
    Examine,
    FindAlike,
    Matches,
    NothingToSay,
    Weigh,
    Weights,
)
from torch_judge.judging.jobs import compile_text, make_checker_job
from torch_judge.model.bank import find_bank

SEED = 5
NAMES = DOUBLES, USES, GRADIENTS = (
    "doubles_by_default",
    "uses_the_scale_it_is_given",
    "lets_gradients_flow",
)
GOTCHAS = {Path(name).stem: text for name, text in SAMPLES.items() if name.startswith("wrong_answer")}
MIXED = (
    "def double(x, scale=2.0):\n    return x * 2 if scale == 3.7 else x + 0 if scale == 2 else x * scale\n"
)


@pytest.fixture
def checker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checker:
    """Return a checker that has answered every case, and lets a busy machine take its time."""
    for module in (matching, sample_runner):
        monkeypatch.setattr(module, "SECONDS_PER_RUN", 30.0)
    write_package(tmp_path)
    checker = Checker(make_checker_job(find_bank(tmp_path).load("double"), seed=SEED))
    for name in NAMES:
        checker.prepare(name, SEED)
    return checker


def make_candidate(name: str, *plan: str) -> Candidate:
    return Candidate(name, (name,), compile_text(GOTCHAS[name], f"{name}.py"), plan or NAMES)


def reject(checker: Checker, source: str) -> tuple[Rejected, tuple[str, ...]]:
    """Keep what a submission is rejected with, and return it with the names of the cases."""
    runner, rejected = checker.make_sample_runner(SEED), Rejected()
    with runner.clock:
        entry_point = runner.load(compile(source, "mine.py", "exec"))
        for name in NAMES:
            outcome = runner.run(entry_point, name, seconds=30.0)
            assert isinstance(outcome, Observed)
            if not runner.passes(name, outcome):
                rejected.keep(name, outcome.tree, outcome.body)
    assert rejected.observations is not None
    return rejected, tuple(rejected.observations)


def test_the_gotcha_that_does_the_same_is_found(checker: Checker) -> None:
    rejected, failed = reject(checker, "def double(x, scale=2.0):\n    return x + x\n")
    candidates = tuple(map(make_candidate, GOTCHAS))
    question = FindAlike(candidates, failed, {}, {}, SEED, 60_000)
    matches = answer_question(checker.make_sample_runner(SEED), rejected, question)
    assert matches == Matches(("ignores_scale",))


def weigh(checker: Checker, source: str, *gotchas: Candidate, **stopped: str) -> Weights:
    rejected, failed = reject(checker, source)
    question = Weigh(gotchas, (*failed, *stopped), {}, stopped, SEED, 60_000)
    answer = answer_question(checker.make_sample_runner(SEED), rejected, question)
    assert isinstance(answer, Weights)
    return answer


def test_each_gotcha_is_weighed_in_each_case_of_its_plan(checker: Checker) -> None:
    """Also where the submission passed, and the gotcha may fail."""
    both = make_candidate("returns_x", DOUBLES, GRADIENTS), make_candidate("ignores_scale", USES, GRADIENTS)
    same, other = ((0,), 1, 1, 1), ((), 0, 0, 1)
    assert weigh(checker, MIXED, *both).likeness == {
        "returns_x": {DOUBLES: same, GRADIENTS: other},
        "ignores_scale": {USES: same, GRADIENTS: other},
    }


def make_stopping(statement: str) -> Candidate:
    """Make a gotcha that stops in one case."""
    text = f"def double(x, scale=2.0):\n    if scale == 3.7:\n        {statement}\n    return x * scale\n"
    return Candidate("stops", ("stops",), compile_text(text, "stops.py"), (USES,))


@pytest.mark.parametrize(
    ("statement", "message", "parts"),
    [
        ("[][7]", "IndexError: list index out of range (line 4: `numbers[1]`)", PARTS_OF_A_WHOLE),
        ("{}[7]", "KeyError: 12 (line 4: `table[12]`)", PARTS_OF_A_WHOLE // 2),
        ("{}[7]", "IndexError: list index out of range (line 4: `numbers[1]`)", 0),
        (
            "raise ValueError('no')",
            "TypeError: my words (line 4: `raise TypeError(WORDS)`)",
            PARTS_OF_A_WHOLE,
        ),
        ("assert x is None", "ValueError (line 4: `raise ValueError`)", PARTS_OF_A_WHOLE),
        ("raise KeyError(12)", "KeyError: 12 (line 4: `table[12]`)", 0),
    ],
    ids=[
        "the same words",
        "other numbers",
        "other words",
        "two refusals",
        "an assertion refuses",
        "no refusal",
    ],
)
def test_what_stops_is_compared_by_its_words_or_as_a_refusal(
    checker: Checker, statement: str, message: str, parts: int
) -> None:
    found = weigh(checker, MIXED.replace("3.7", "-1"), make_stopping(statement), **{USES: message})
    assert len(found.likeness["stops"][USES][0]) == parts


def test_what_returns_is_nothing_like_what_stops(checker: Checker) -> None:
    stopped = {USES: "KeyError: 12 (line 4: `table[12]`)"}
    found = weigh(checker, MIXED.replace("3.7", "-1"), make_candidate("adds", USES), **stopped)
    assert found.likeness == {"adds": {USES: ((), 0, PARTS_OF_A_WHOLE, PARTS_OF_A_WHOLE + 1)}}


def test_a_mistake_that_was_found_in_one_hand_is_not_looked_for_in_others(checker: Checker) -> None:
    rejected, failed = reject(checker, "def double(x, scale=2.0):\n    return x + x\n")
    code = compile_text(GOTCHAS["ignores_scale"], "other.py")
    other = Candidate("ignores_scale@other", ("ignores_scale",), code, NAMES)
    question = FindAlike((make_candidate("ignores_scale"), other), failed, {}, {}, SEED, 60_000)
    found = answer_question(checker.make_sample_runner(SEED), rejected, question)
    assert found == Matches(("ignores_scale",))


def test_without_time_there_is_nothing_to_say(checker: Checker) -> None:
    rejected, failed = reject(checker, "def double(x, scale=2.0):\n    return x + x\n")
    for kind, answer in ((FindAlike, NothingToSay()), (Weigh, Weights({}))):
        question = kind((make_candidate("ignores_scale"),), failed, {}, {}, SEED, 0)
        assert answer_question(checker.make_sample_runner(SEED), rejected, question) == answer


def test_without_every_observation_there_is_nothing_to_say(checker: Checker) -> None:
    question = FindAlike((make_candidate("adds"),), (DOUBLES,), {}, {}, SEED, 60_000)
    assert answer_question(checker.make_sample_runner(SEED), Rejected(), question) == NothingToSay()


def test_a_sample_is_examined_by_the_cases_it_fails(checker: Checker) -> None:
    code = compile_text(GOTCHAS["ignores_scale"], "ignores_scale.py")
    question = Examine("ignores_scale", code, NAMES[::-1], alone=True, seed=SEED, text="")
    examined = examine_sample(checker.make_sample_runner(SEED), question)
    assert (examined.fails, examined.remembers) == ((GRADIENTS, USES), False)


@pytest.mark.filterwarnings("ignore:.*torch.jit.script:DeprecationWarning")
def test_torchscript_finds_the_text_of_a_sample(checker: Checker) -> None:
    text = (
        "import torch\n\n\n"
        "@torch.jit.script\ndef times(x: float, y: float) -> float:\n    return x * y\n\n\n"
        "def double(x, scale=2.0):\n    times(1.0, 2.0)\n    return x * scale\n"
    )
    code = compile_text(text, "scripted.py")
    for given, fails in (("", NAMES), (text, ())):
        question = Examine("scripted", code, NAMES, alone=False, seed=SEED, text=given)
        assert examine_sample(checker.make_sample_runner(SEED), question).fails == fails


@pytest.mark.parametrize("alone", [True, False])
def test_a_sample_that_remembers_the_cases_before_is_noticed_if_asked(checker: Checker, alone) -> None:
    counts = (
        "calls = []\n\n\ndef double(x, scale=2.0):\n    calls.append(x)\n    return x * scale * len(calls)\n"
    )
    question = Examine("counts", compile_text(counts, "counts.py"), NAMES, alone=alone, seed=SEED, text="")
    examined = examine_sample(checker.make_sample_runner(SEED), question)
    assert (examined.fails, examined.remembers) == ((USES, GRADIENTS), alone)
