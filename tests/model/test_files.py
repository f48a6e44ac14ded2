"""The files of a bank: read strictly, and none that lies outside it."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.support.packages import TOML, write_package
from torch_judge.model.bank import find_bank
from torch_judge.model.errors import BankError
from torch_judge.model.files import find_own_bank, read_text
from torch_judge.model.problem import Problem
from torch_judge.model.report import Verdict

FACTS = TOML.format(framework="torch")


def load(bank: Path) -> Problem:
    return find_bank(bank).load("double")


def everything_of(problem: Problem) -> list[object]:
    return [problem.read_statement(), problem.read_cases(), problem.samples(Verdict.WRONG_ANSWER)]


def test_a_file_that_is_no_text_or_too_large_is_named(tmp_path: Path) -> None:
    folder = write_package(tmp_path)
    (folder / "statement.md").write_bytes(b"ab\xff")
    (folder / "cases.py").write_bytes(b" " * ((1 << 20) + 1))
    (folder / "solution.py").unlink()
    (folder / "solution.py").mkdir()
    with pytest.raises(BankError, match=r"statement\.md: not UTF-8 at byte 2"):
        load(tmp_path).read_statement()
    with pytest.raises(BankError, match=r"cases\.py: larger than 1 MiB"):
        load(tmp_path).read_cases()
    with pytest.raises(BankError, match=r"solution\.py: not a plain file"):
        load(tmp_path).read_solution()


def test_lines_end_the_same_whatever_system_wrote_them(tmp_path: Path) -> None:
    (tmp_path / "text.md").write_bytes(b"a\r\nb\rc\n")
    assert read_text(tmp_path / "text.md", within=tmp_path) == "a\nb\nc\n"


def test_a_file_that_is_too_large_is_named_with_the_limit(tmp_path: Path) -> None:
    (tmp_path / "text.md").write_bytes(b"a" * 2049)
    with pytest.raises(BankError, match=re.escape(f"{tmp_path / 'text.md'}: larger than 2 KiB")):
        read_text(tmp_path / "text.md", within=tmp_path, largest=2048)


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


def test_a_topic_that_is_a_link_out_of_the_bank_is_not_followed(tmp_path: Path) -> None:
    write_package(tmp_path / "elsewhere")
    write_package(tmp_path / "bank").rename(tmp_path / "bank" / "other")
    (tmp_path / "bank" / "vision").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BankError, match="outside the bank"):
        load(tmp_path / "bank")


def test_a_link_within_the_package_is_followed(tmp_path: Path) -> None:
    folder = write_package(tmp_path)
    (folder / "statement.md").rename(folder / "text.md")
    (folder / "statement.md").symlink_to("text.md")
    assert load(tmp_path).read_statement().startswith("# Double")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_in_the_place_of_a_file_does_not_hang(tmp_path: Path) -> None:
    folder = write_package(tmp_path)
    (folder / "cases.py").unlink()
    os.mkfifo(folder / "cases.py")
    with pytest.raises(BankError, match=r"cases\.py: not a plain file"):
        load(tmp_path).read_cases()


def test_the_bank_that_ships_with_the_package_is_found() -> None:
    assert (find_own_bank() / "normalisation" / "batchnorm" / "problem.toml").is_file()
