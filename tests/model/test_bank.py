"""Banks: flat or grouped by topic, each name and number once; a typo is answered with the nearest."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.support.packages import TOML, write_package
from torch_judge.model.bank import BANK_VARIABLE, Bank, find_bank, is_own_bank
from torch_judge.model.errors import BankError, UsageError
from torch_judge.model.topic import Topic

FACTS = TOML.format(framework="torch")


def write_problem(bank: Path, slug: str, *, number: int = 1) -> Path:
    """Write a package of this name and number into a bank or a topic's folder of it."""
    folder = write_package(bank, problem=FACTS.replace("number = 1", f"number = {number}"))
    return folder.rename(bank / slug)


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


def test_an_unknown_problem_with_a_long_name_is_wrong_usage(tmp_path: Path) -> None:
    write_package(tmp_path)
    with pytest.raises(UsageError, match="no problem"):
        find_bank(tmp_path).load("a" * 5000)


def test_problems_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for number, name in enumerate(["late", "later", "first"], 2):
        write_package(tmp_path, problem=FACTS.replace("number = 1", f"number = {number % 4}"))
        (tmp_path / "double").rename(tmp_path / name)
    assert [problem.slug for problem in find_bank(tmp_path).problems()] == ["first", "late", "later"]
    assert find_bank(tmp_path).names() == ("first", "late", "later")


def test_a_flat_bank_has_no_topics(tmp_path: Path) -> None:
    write_problem(tmp_path, "relu")
    assert find_bank(tmp_path).load("relu").topic is None


def test_a_folder_of_two_levels_is_a_topic_and_a_problem(tmp_path: Path) -> None:
    folder = write_problem(tmp_path / "activations", "relu")
    write_problem(tmp_path, "flat", number=2)
    relu = find_bank(tmp_path).load("relu")
    assert (relu.topic, relu.slug, relu.folder, relu.bank) == (Topic.ACTIVATIONS, "relu", folder, tmp_path)
    assert find_bank(tmp_path).names() == ("flat", "relu")
    assert [problem.topic for problem in find_bank(tmp_path).problems()] == [Topic.ACTIVATIONS, None]


def test_a_folder_that_is_no_topic_is_named_with_those_there_are(tmp_path: Path) -> None:
    write_problem(tmp_path / "activation", "relu")
    with pytest.raises(BankError) as caught:
        find_bank(tmp_path).load("relu")
    assert str(caught.value) == f"{tmp_path / 'activation'}: is no topic; there are: {', '.join(Topic)}"


def test_the_name_of_a_topic_is_no_problem(tmp_path: Path) -> None:
    write_problem(tmp_path / "activations", "relu")
    with pytest.raises(UsageError, match="no problem 'activations'"):
        find_bank(tmp_path).load("activations")


def test_a_problem_of_the_same_name_is_refused_with_both_folders(tmp_path: Path) -> None:
    first = write_problem(tmp_path / "activations", "relu")
    second = write_problem(tmp_path / "vision", "relu", number=2)
    for ask in (Bank.names, Bank.problems, lambda bank: bank.load("relu")):
        with pytest.raises(BankError) as caught:
            ask(find_bank(tmp_path))
        assert str(caught.value) == f"{second}: there is a problem of this name already, {first}"


def test_a_number_that_is_taken_is_refused_with_both_folders(tmp_path: Path) -> None:
    first = write_problem(tmp_path / "activations", "relu", number=7)
    second = write_problem(tmp_path / "vision", "resize", number=7)
    with pytest.raises(BankError) as caught:
        find_bank(tmp_path).problems()
    assert str(caught.value) == f"{second}: number 7 is taken by {first}"
    assert find_bank(tmp_path).find_number(7) == (first, second)


def test_a_problem_goes_by_its_number_too(tmp_path: Path) -> None:
    folder = write_problem(tmp_path, "relu", number=7)
    write_problem(tmp_path, "gelu", number=70)
    for name in ("7", "07"):
        assert find_bank(tmp_path).load(name).folder == folder
    with pytest.raises(UsageError, match=r"^no problem has the number 8; torch-judge list shows them all$"):
        find_bank(tmp_path).load("8")
    write_problem(tmp_path, "silu", number=7)
    with pytest.raises(UsageError, match=r"^number 7 is that of relu and silu$"):
        find_bank(tmp_path).load("7")


def test_one_problem_is_loaded_whatever_is_wrong_with_another(tmp_path: Path) -> None:
    folder = write_problem(tmp_path, "relu")
    write_problem(tmp_path, "taken")
    (write_problem(tmp_path, "broken") / "problem.toml").write_text("number = ")
    bank = find_bank(tmp_path)
    assert bank.load("relu").folder == folder
    assert bank.find_number(1) == (folder, tmp_path / "taken")
    with pytest.raises(BankError, match="broken"):
        bank.problems()


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


def test_an_empty_variable_means_the_bank_that_ships_with_the_package(tmp_path: Path, monkeypatch) -> None:
    default = find_bank().folder
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(BANK_VARIABLE, "")
    assert find_bank().folder == default


def test_the_bank_that_ships_with_the_package_is_told_from_others(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(find_bank().folder)
    assert is_own_bank(find_bank().folder)
    assert is_own_bank(tmp_path / "link")
    assert not is_own_bank(tmp_path)


def test_a_folder_whose_name_is_no_slug_is_a_broken_bank(tmp_path: Path) -> None:
    write_package(tmp_path).rename(tmp_path / "Batch-Norm")
    with pytest.raises(BankError, match="Batch-Norm"):
        find_bank(tmp_path).problems()
