"""Problem packages: read strictly, and each complaint names its file and line."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.support.packages import TOML, write_package
from torch_judge.model.errors import BankError, UsageError
from torch_judge.model.problem import BANK_VARIABLE, Difficulty, Framework, Limits, Problem, find_bank
from torch_judge.model.report import Verdict

FACTS = TOML.format(framework="torch")


def load(bank: Path):
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
    assert problem.statement.startswith("# Double")
    assert "raise NotImplementedError" in problem.starter
    assert "x * scale" in problem.solution
    assert problem.debug == "print(double)\n"


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


def test_hints_are_separated_by_a_line_of_dashes(tmp_path: Path) -> None:
    write_package(tmp_path, hints="gentle\n---\nplain -- with --- inside\n---   \n\n")
    assert load(tmp_path).hints == ("gentle", "plain -- with --- inside")


def test_samples_are_listed_by_the_verdict_that_they_claim(tmp_path: Path) -> None:
    write_package(tmp_path)
    problem = load(tmp_path)
    assert [path.stem for path in problem.samples(Verdict.WRONG_ANSWER)] == [
        "adds",
        "cuts_the_graph",
        "ignores_scale",
        "returns_x",
    ]
    assert problem.samples(Verdict.TIME_LIMIT_EXCEEDED) == ()


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
    "no list": ('tags = ["arithmetic"]', 'tags = "arithmetic"', "tags expected list, found 'arithmetic'"),
    "a list of numbers": ("forbidden = [", "forbidden = [1, ", "forbidden expected a list of strings"),
    "a path for a package": (
        "forbidden = [",
        'forbidden = ["../x", ',
        "forbidden expected Python names, found '../x'",
    ),
    "an unknown family": (
        "forbidden = [",
        'forbidden_families = ["norms"]\nforbidden = [',
        "forbidden_families expected names of normalisations, tensor_libraries, found 'norms'",
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


@pytest.mark.parametrize(
    "name", ["statement.md", "starter.py", "cases.py", "solution.py", "hints.md", "debug.py"]
)
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    folder = write_package(tmp_path)
    (folder / name).unlink()
    with pytest.raises(BankError, match=re.escape(f"{folder / name}: the file is missing")):
        getattr(load(tmp_path), name.partition(".")[0])


def test_a_file_that_is_no_text_or_too_large_is_named(tmp_path: Path) -> None:
    folder = write_package(tmp_path)
    (folder / "statement.md").write_bytes(b"ab\xff")
    (folder / "cases.py").write_bytes(b" " * ((1 << 20) + 1))
    (folder / "solution.py").unlink()
    (folder / "solution.py").mkdir()
    with pytest.raises(BankError, match=r"statement\.md: not UTF-8 at byte 2"):
        load(tmp_path).statement  # noqa: B018 - reading is what we test
    with pytest.raises(BankError, match=r"cases\.py: larger than 1 MiB"):
        load(tmp_path).cases  # noqa: B018 - reading is what we test
    with pytest.raises(BankError, match=r"solution\.py: not a plain file"):
        load(tmp_path).solution  # noqa: B018 - reading is what we test


def test_a_folder_without_facts_is_a_broken_package(tmp_path: Path) -> None:
    write_package(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(BankError, match=r"empty/problem\.toml: the file is missing"):
        find_bank(tmp_path).load("empty")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("doubel", "no problem 'doubel'; did you mean 'double'?"),
        ("Double", "no problem 'Double'; did you mean 'double'?"),
        ("zzz", "no problem 'zzz'; there are: double"),
        ("", "no problem ''; there are: double"),
        ("../double", "no problem '../double'; did you mean 'double'?"),
        ("double/", "no problem 'double/'; did you mean 'double'?"),
        ("a\0b", "no problem 'a\\x00b'; there are: double"),
    ],
)
def test_an_unknown_problem_is_answered_with_the_nearest(tmp_path: Path, name: str, says: str) -> None:
    write_package(tmp_path)
    with pytest.raises(UsageError) as caught:
        find_bank(tmp_path).load(name)
    assert str(caught.value) == says


def test_problems_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for number, name in enumerate(["late", "later", "first"], 2):
        write_package(tmp_path, problem=FACTS.replace("number = 1", f"number = {number % 4}"))
        (tmp_path / "double").rename(tmp_path / name)
    assert [each.slug for each in find_bank(tmp_path).problems()] == ["first", "late", "later"]
    assert find_bank(tmp_path).names() == ("first", "late", "later")


def test_a_bank_that_is_missing_or_empty_is_named(tmp_path: Path) -> None:
    with pytest.raises(BankError, match=re.escape(f"{tmp_path / 'none'}: no such bank folder")):
        find_bank(tmp_path / "none")
    with pytest.raises(BankError, match="this one holds none"):
        find_bank(tmp_path)


def test_the_bank_of_the_environment_is_used_and_an_argument_goes_before_it(
    tmp_path: Path, monkeypatch
) -> None:
    write_package(tmp_path / "one")
    write_package(tmp_path / "two")
    monkeypatch.setenv(BANK_VARIABLE, str(tmp_path / "one"))
    assert find_bank().folder == (tmp_path / "one").resolve()
    assert find_bank(tmp_path / "two").folder == (tmp_path / "two").resolve()


def test_a_relative_bank_is_found_from_the_current_folder(tmp_path: Path, monkeypatch) -> None:
    write_package(tmp_path / "bank")
    monkeypatch.chdir(tmp_path)
    assert find_bank("bank").folder == Path(os.path.realpath(tmp_path / "bank"))


def test_reading_a_problem_runs_none_of_its_code(tmp_path: Path) -> None:
    bomb = f"open({str(tmp_path / 'ran')!r}, 'w')\nraise SystemExit\n"
    write_package(tmp_path, cases=bomb, solution=bomb, starter=bomb, debug=bomb)
    problem = load(tmp_path)
    assert problem.cases == problem.solution == problem.starter == problem.debug == bomb
    assert not (tmp_path / "ran").exists()


def test_an_unknown_key_that_is_no_pattern_is_named(tmp_path: Path) -> None:
    assert complaint(tmp_path, f'"a(b" = 1\n{FACTS}').endswith("a(b is no key of problem.toml")


def test_an_unknown_problem_with_a_long_name_is_wrong_usage(tmp_path: Path) -> None:
    write_package(tmp_path)
    with pytest.raises(UsageError, match="no problem"):
        find_bank(tmp_path).load("a" * 5000)


def test_an_empty_variable_means_the_bank_that_ships_with_the_package(tmp_path: Path, monkeypatch) -> None:
    default = find_bank().folder
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(BANK_VARIABLE, "")
    assert find_bank().folder == default


def test_a_folder_whose_name_is_no_slug_is_a_broken_bank(tmp_path: Path) -> None:
    write_package(tmp_path).rename(tmp_path / "Batch-Norm")
    with pytest.raises(BankError, match="Batch-Norm"):
        find_bank(tmp_path).problems()


# --- banks of strangers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["problem.toml", "statement.md", "cases.py", "submissions/wrong_answer/adds.py"]
)
def test_a_link_that_leads_out_of_the_bank_is_not_followed(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text(FACTS)
    folder = write_package(tmp_path / "bank")
    (folder / name).unlink()
    (folder / name).symlink_to(tmp_path / "secret")
    with pytest.raises(BankError, match="outside the bank"):
        everything_of(load(tmp_path / "bank"))


def test_a_package_that_is_a_link_out_of_the_bank_is_not_followed(tmp_path: Path) -> None:
    folder = write_package(tmp_path / "elsewhere")
    write_package(tmp_path / "bank").rename(tmp_path / "bank" / "other")
    (tmp_path / "bank" / "double").symlink_to(folder)
    with pytest.raises(BankError, match="outside the bank"):
        load(tmp_path / "bank")


def test_a_link_within_the_package_is_followed(tmp_path: Path) -> None:
    folder = write_package(tmp_path)
    (folder / "statement.md").rename(folder / "text.md")
    (folder / "statement.md").symlink_to("text.md")
    assert load(tmp_path).statement.startswith("# Double")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_in_the_place_of_a_file_does_not_hang(tmp_path: Path) -> None:
    folder = write_package(tmp_path)
    (folder / "cases.py").unlink()
    os.mkfifo(folder / "cases.py")
    with pytest.raises(BankError, match=r"cases\.py: not a plain file"):
        load(tmp_path).cases  # noqa: B018 - reading is what we test


@pytest.mark.parametrize(
    "bomb",
    ["a." * 20_000 + "b = 1\n", "[" + "a." * 20_000 + "b]\n", "x = " + "[" * 20_000, "# comment\n" * 2000],
)
def test_a_toml_bomb_is_refused_by_its_size(tmp_path: Path, bomb: str) -> None:
    assert complaint(tmp_path, FACTS + bomb) == f"{tmp_path / 'double' / 'problem.toml'}: larger than 8 KiB"


def everything_of(problem: Problem) -> list[object]:
    return [problem.statement, problem.cases, problem.samples(Verdict.WRONG_ANSWER)]
