"""`problem.toml`: read strictly, and each complaint names its file and line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.packages import TOML, write_package
from torch_judge.model.bank import find_bank
from torch_judge.model.errors import BankError
from torch_judge.model.operator_families import CLOSED_MODULES, FAMILIES
from torch_judge.model.problem import Difficulty, Framework, Limits, Problem

FACTS = TOML.format(framework="torch")


def load(bank: Path) -> Problem:
    return find_bank(bank).load("double")


def complaint(bank: Path, toml: str) -> str:
    """Return what is said about a package with this problem.toml."""
    write_package(bank, problem=toml)
    with pytest.raises(BankError) as caught:
        load(bank)
    return str(caught.value)


def test_a_package_is_read_with_all_its_facts(tmp_path: Path) -> None:
    folder = write_package(tmp_path)
    problem = load(tmp_path)
    assert (problem.slug, problem.folder, problem.title, problem.number) == ("double", folder, "Double", 1)
    assert (problem.difficulty, problem.framework, problem.entry_point) == (
        Difficulty.EASY,
        Framework.TORCH,
        "double",
    )
    assert problem.tags == ("arithmetic",)
    assert problem.forbidden == ("native_batch_norm", "batch_norm", "native_layer_norm")
    assert problem.limits == Limits(seconds_per_case=1, seconds_in_all=4)


def test_a_limit_stays_the_kind_of_number_that_it_is(tmp_path: Path) -> None:
    write_package(tmp_path, problem=FACTS + "memory_mib = 1024.5\n")
    limits = load(tmp_path).limits
    assert str(limits.seconds_per_case) == "1"
    assert limits.memory_mib == 1025


def test_what_is_no_operator_is_forbidden_by_its_module_or_by_its_own_name(tmp_path: Path) -> None:
    write_package(
        tmp_path,
        problem=FACTS.replace("forbidden = [", 'forbidden = ["torch.nn.init", "torch.optim.Adam", '),
    )
    assert load(tmp_path).forbidden[:2] == ("torch.nn.init", "torch.optim.Adam")


def test_a_name_that_two_families_hold_is_forbidden_once(tmp_path: Path) -> None:
    write_package(
        tmp_path,
        problem=FACTS.replace(
            "forbidden = [", 'forbidden_families = ["gelus", "activations"]\nforbidden = ['
        ),
    )
    assert load(tmp_path).forbidden.count("gelu") == 1


@pytest.mark.parametrize(
    ("rule", "allowed", "says"),
    [
        ("Multiply by yourself.", "", "Multiply by yourself."),
        ("Multiply by yourself.", '"mul"', "Multiply by yourself. Allowed: mul."),
        (
            "multiply by yourself",
            '"mul", "torch.add", "where"',
            "multiply by yourself. Allowed: mul, torch.add and where.",
        ),
        ("", '"mul"', "this is forbidden here. Allowed: mul."),
    ],
)
def test_a_rule_says_what_is_allowed(tmp_path: Path, rule: str, allowed: str, says: str) -> None:
    toml = FACTS.replace("Multiply by yourself.", rule).replace(
        "forbidden = [", f"allowed = [{allowed}]\nforbidden = ["
    )
    write_package(tmp_path, problem=toml)
    assert load(tmp_path).rule == says


def test_a_family_forbids_all_that_it_holds(tmp_path: Path) -> None:
    write_package(
        tmp_path,
        problem=FACTS.replace(
            "forbidden = [", 'forbidden_families = ["normalisations"]\nforbidden = ["relu", '
        ),
    )
    forbidden = load(tmp_path).forbidden
    assert forbidden[0] == "relu"
    assert {"group_norm", "local_response_norm", "qbatch_norm2d"} <= set(forbidden)


def line_of(toml: str, start: str) -> int:
    return next(n for n, line in enumerate(toml.splitlines(), 1) if line.startswith(start))


BROKEN = {
    "an unknown key": ("tags =", "tagz =", "tagz is no key of problem.toml"),
    "an unknown limit": (
        "seconds_per_case = 1",
        "second_per_case = 1",
        "limits.second_per_case is no key of problem.toml",
    ),
    "a number as text": ("number = 1", 'number = "1"', "number expected int, found '1'"),
    "a truth as a number": ("number = 1", "number = true", "number expected int, found True"),
    "an unknown difficulty": (
        'difficulty = "easy"',
        'difficulty = "eazy"',
        "difficulty expected one of easy, medium, hard, found 'eazy'",
    ),
    "an unknown framework": (
        'framework = "torch"',
        'framework = "jax"',
        "framework expected one of numpy, torch, found 'jax'",
    ),
    "no Python name": (
        'entry_point = "double"',
        'entry_point = "my-double"',
        "entry_point expected a Python name, found 'my-double'",
    ),
    "no list": (
        'tags = ["arithmetic"]',
        'tags = "arithmetic"',
        "tags expected a list of strings, found 'arithmetic'",
    ),
    "a list of numbers": ("forbidden = [", "forbidden = [1, ", "forbidden expected a list of strings"),
    "a path for a package": (
        "forbidden = [",
        'forbidden = ["../x", ',
        "forbidden expected Python names, found '../x'",
    ),
    "a module that stays open": (
        "forbidden = [",
        'forbidden = ["torch.special", ',
        f"forbidden expected names in {', '.join(CLOSED_MODULES)}, found 'torch.special'",
    ),
    "an operator that is allowed and forbidden": (
        "forbidden = [",
        'allowed = ["torch.batch_norm"]\nforbidden = [',
        "allowed holds torch.batch_norm, which is forbidden as well",
    ),
    "a member of a family that is allowed": (
        "forbidden = [",
        'allowed = ["exp", "log_softmax"]\nforbidden_families = ["softmaxes"]\nforbidden = [',
        "allowed holds log_softmax, which is forbidden as well",
    ),
    "a sentence that is allowed": (
        "forbidden = [",
        'allowed = ["all but this"]\nforbidden = [',
        "allowed expected names as a learner writes them, found 'all but this'",
    ),
    "an unknown family": (
        "forbidden = [",
        'forbidden_families = ["norms"]\nforbidden = [',
        f"forbidden_families expected names of {', '.join(FAMILIES)}, found 'norms'",
    ),
    "no time": (
        "seconds_in_all = 4",
        "seconds_in_all = 0",
        "limits.seconds_in_all expected a number above zero, found 0",
    ),
    "endless time": (
        "seconds_in_all = 4",
        "seconds_in_all = inf",
        "limits.seconds_in_all expected a number above zero, found inf",
    ),
    "time that is no number": (
        "seconds_in_all = 4",
        "seconds_in_all = nan",
        "limits.seconds_in_all expected a number above zero, found nan",
    ),
    "a text as memory": (
        "seconds_in_all = 4",
        'memory_mib = "4"',
        "limits.memory_mib expected a number above zero, found '4'",
    ),
    "a key in quotes": ("tags =", '"tag s" =', "tag s is no key of problem.toml"),
    "no name at all": (
        'entry_point = "double"',
        "entry_point = 3",
        "entry_point expected a Python name, found 3",
    ),
    "a keyword": (
        'entry_point = "double"',
        'entry_point = "class"',
        "entry_point expected a Python name, found 'class'",
    ),
    "a truth as a time": (
        "seconds_in_all = 4",
        "seconds_in_all = true",
        "limits.seconds_in_all expected a number above zero, found True",
    ),
}


@pytest.mark.parametrize(("right", "wrong", "says"), BROKEN.values(), ids=BROKEN.keys())
def test_a_fact_that_is_wrong_is_named_with_file_and_line(
    tmp_path: Path, right: str, wrong: str, says: str
) -> None:
    toml = re.sub(rf"^{re.escape(right)}", wrong, FACTS, flags=re.MULTILINE)
    assert toml != FACTS
    assert complaint(tmp_path, toml).startswith(
        f"{tmp_path / 'double' / 'problem.toml'}:{line_of(toml, wrong.partition(' =')[0])}: {says}"
    )


@pytest.mark.parametrize("key", ["title", "number", "difficulty", "entry_point", "framework"])
def test_a_fact_that_is_missing_is_named_with_the_file(tmp_path: Path, key: str) -> None:
    toml = re.sub(rf"^{key} =.*\n", "", FACTS, flags=re.MULTILINE)
    assert complaint(tmp_path, toml) == f"{tmp_path / 'double' / 'problem.toml'}: {key} is missing"


@pytest.mark.parametrize("toml", ["title = ", 'title = "a"\ntitle = "b"\n', "[limits\n", "a = " + "[" * 5000])
def test_bad_toml_is_named_with_the_file(tmp_path: Path, toml: str) -> None:
    says = complaint(tmp_path, toml)
    assert says.startswith(f"{tmp_path / 'double' / 'problem.toml'}: ")
    assert any(word in says.lower() for word in ("line", "end of document", "recursion"))


def test_an_unknown_key_that_is_no_pattern_is_named(tmp_path: Path) -> None:
    assert complaint(tmp_path, f'"a(b" = 1\n{FACTS}').endswith("a(b is no key of problem.toml")


@pytest.mark.parametrize(
    "table",
    ["{ a = 1 }", '{ a = "b c" }', '{ a = "a" }', '{ a = "b", b = "c" }', '{ a = "b", b = "a" }', '["a"]'],
)
def test_equivalents_that_lead_nowhere_or_on_and_on_are_refused(tmp_path: Path, table: str) -> None:
    says = complaint(tmp_path, FACTS.replace("[limits]", f"equivalents = {table}\n\n[limits]"))
    assert "equivalents expected a table from gotchas to the ones they are the same as, found " in says


def test_equivalents_are_read(tmp_path: Path) -> None:
    write_package(
        tmp_path, problem=FACTS.replace("[limits]", 'equivalents = { a = "c", b = "c" }\n\n[limits]')
    )
    assert load(tmp_path).equivalents == {"a": "c", "b": "c"}


def test_limits_that_are_no_table_are_refused(tmp_path: Path) -> None:
    says = complaint(tmp_path, FACTS.partition("[limits]")[0] + "limits = 3\n")
    assert says.endswith(": limits expected a table, found 3")


@pytest.mark.parametrize(
    "bomb",
    ["a." * 20_000 + "b = 1\n", "[" + "a." * 20_000 + "b]\n", "x = " + "[" * 20_000, "# comment\n" * 2000],
)
def test_a_toml_bomb_is_refused_by_its_size(tmp_path: Path, bomb: str) -> None:
    assert complaint(tmp_path, FACTS + bomb) == f"{tmp_path / 'double' / 'problem.toml'}: larger than 8 KiB"
