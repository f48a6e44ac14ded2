"""`torch-judge new`: what is laid out loads and runs, says what is to be written, and overwrites nothing."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.support.packages import write_package
from torch_judge.model.bank import Bank, find_bank
from torch_judge.model.errors import UsageError
from torch_judge.model.problem import Difficulty, Framework
from torch_judge.model.report import Verdict
from torch_judge.model.topic import Topic
from torch_judge.model.version import PACKAGE
from torch_judge.verification.findings import QUICK
from torch_judge.verification.scaffold import find_writable_bank, lay_out
from torch_judge.verification.verify import verify_package


def fill_in(folder: Path) -> None:
    """Write what the TODO sentences of the smallest package ask for, as an author of SiLU would."""
    for path in sorted(folder.rglob("*.*")):
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".py":  # another formula: x * sigmoid(scale * x)
            text = text.replace("return x * scale", "return x * (scale * x).sigmoid()")
            text = text.replace("return x + (scale - 1) * x", "return x / 2 * (1 + (scale * x / 2).tanh())")
        text = text.replace(
            'before = "x * scale", after = "x + scale"', 'before = "(scale * x)", after = "x"'
        )
        path.write_text(re.sub(r"^# TODO:.*\n|# TODO:.*$|TODO: ", "", text, flags=re.MULTILINE))


def test_the_smallest_package_says_what_is_missing_and_is_sound_when_it_is_written(tmp_path: Path) -> None:
    problem = lay_out("silu", Topic.ACTIVATIONS, bank=Bank(tmp_path))
    assert problem.folder == tmp_path / "activations" / "silu"
    missing = verify_package(problem, effort=QUICK)
    assert missing.complaints
    for complaint in missing.complaints:
        path, number, says = re.fullmatch(r"(.+?):(\d+): TODO: (.+)", complaint).groups()
        assert f"TODO: {says}" in Path(path).read_text().splitlines()[int(number) - 1]
    assert {Path(complaint.partition(":")[0]).name for complaint in missing.complaints} == {
        *("cases.py", "debug.py", "hints.md", "problem.toml", "solution.py", "starter.py", "statement.md"),
        *("mistakes.toml", "in_another_style.py"),
    }
    fill_in(problem.folder)
    verification = verify_package(find_bank(tmp_path).load("silu"), effort=QUICK)
    assert verification.complaints == verification.notes == ()
    counts = verification.counts
    assert (counts.cases, counts.gotchas, counts.accepted) == (19, 1, 2)


def test_the_facts_of_a_new_package_are_those_of_its_name(tmp_path: Path) -> None:
    write_package(tmp_path)
    problem = lay_out("leaky_relu", Topic.ACTIVATIONS, bank=Bank(tmp_path))
    assert (problem.title, problem.number, problem.entry_point) == ("Leaky relu", 2, "leaky_relu")
    assert (problem.framework, problem.topic) == (Framework.TORCH, Topic.ACTIVATIONS)
    assert "def leaky_relu(x, scale=2.0):" in problem.read_statement()
    assert "raise NotImplementedError" in problem.read_starter()
    assert len(problem.read_hints()) == 3


def test_a_name_that_python_keeps_for_itself_gets_another_entry_point(tmp_path: Path) -> None:
    assert lay_out("lambda", Topic.CLASSIC, bank=Bank(tmp_path)).entry_point == "my_lambda"


def test_a_package_after_a_pattern_shares_its_settings_and_runs_its_cases(tmp_path: Path) -> None:
    pattern = write_package(tmp_path)
    problem = lay_out("triple", Topic.CLASSIC, bank=Bank(tmp_path), like="double")
    like = find_bank(tmp_path).load("double")
    assert (problem.forbidden, problem.forbidden_rule, problem.limits) == (
        like.forbidden,
        like.forbidden_rule,
        like.limits,
    )
    assert (problem.number, problem.entry_point, problem.tags) == (2, "triple", ())
    assert problem.difficulty is Difficulty.EASY
    assert "def triple(x, scale=2.0):" in problem.read_statement()
    assert not re.search(r"\bdouble\(", problem.read_cases() + problem.read_solution())
    assert [sample.name for sample in problem.samples(Verdict.ACCEPTED)] == ["in_another_style"]
    assert len(problem.samples(Verdict.WRONG_ANSWER)) == 1
    for path in sorted(problem.folder.rglob("*.*")):
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"^# TODO:.*\n|# TODO:.*$|TODO: ", "", text, flags=re.MULTILINE))
    verification = verify_package(find_bank(tmp_path).load("triple"), effort=QUICK)
    assert verification.cases == (
        "doubles_by_default",
        "uses_the_scale_it_is_given",
        "lets_gradients_flow",
    )
    assert {complaint.partition(": ")[0] for complaint in verification.complaints} <= {
        f"case {case}" for case in verification.cases
    }
    assert pattern.is_dir()


def test_a_pattern_may_come_from_the_bank_that_ships_with_the_package(tmp_path: Path) -> None:
    problem = lay_out("my_norm", Topic.NORMALISATION, bank=Bank(tmp_path), like="batchnorm_module")
    assert (problem.number, problem.entry_point) == (1, "MyNorm")
    assert "class MyNorm(nn.Module):\n    def __init__(self, num_features" in problem.read_statement()
    assert "BatchNorm1DManual" not in problem.read_cases() + problem.read_starter() + problem.read_solution()
    (gotcha,) = problem.samples(Verdict.WRONG_ANSWER)
    assert f'rejects=["{gotcha.name}"]' in problem.read_cases()


@pytest.mark.parametrize("slug", ["Silu", "2d", "a-b", "", "../x", "a" * 65])
def test_a_name_that_is_none_is_refused(tmp_path: Path, slug: str) -> None:
    with pytest.raises(UsageError, match="made of small letters, digits and underscores"):
        lay_out(slug, Topic.CLASSIC, bank=Bank(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    folder = write_package(tmp_path)
    with pytest.raises(UsageError, match=f"^{folder}: there is a problem of this name already$"):
        lay_out("double", Topic.CLASSIC, bank=Bank(tmp_path))
    unfinished = tmp_path / "classic" / "triple"
    unfinished.mkdir(parents=True)
    with pytest.raises(UsageError, match=f"^{unfinished}: is there already, and nothing is overwritten$"):
        lay_out("triple", Topic.CLASSIC, bank=Bank(tmp_path))
    assert list(unfinished.iterdir()) == []


def test_a_pattern_that_is_nowhere_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    write_package(tmp_path)
    with pytest.raises(UsageError, match="no problem 'doubel'; did you mean 'double'"):
        lay_out("triple", Topic.CLASSIC, bank=Bank(tmp_path), like="doubel")
    assert [path.name for path in tmp_path.iterdir()] == ["double"]


def test_a_bank_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such bank folder"):
        find_writable_bank(str(tmp_path / "nowhere"))
    assert find_writable_bank(str(tmp_path)).folder == tmp_path


def test_the_bank_of_a_checkout_is_the_default() -> None:
    assert find_writable_bank().folder == ROOT / "problems"


def test_an_installed_bank_is_no_place_for_new_problems(tmp_path: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(PACKAGE, site / "torch_judge", ignore=shutil.ignore_patterns("__pycache__"))
    write_package(site / "torch_judge" / "problems")
    script = (
        f"import sys; sys.path.insert(0, {str(site)!r})\n"
        "from torch_judge.ui.cli.app import main\nmain(['new', 'triple', '--topic', 'classic'])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    bank = site / "torch_judge" / "problems"
    says = "this bank was installed with torch_judge; give a folder of your own with --bank"
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"torch-judge: {bank}: {says}\n"
    assert [path.name for path in bank.iterdir()] == ["double"]
