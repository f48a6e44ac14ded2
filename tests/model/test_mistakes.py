"""`mistakes.toml`: what it holds becomes samples; what is wrong with it is said with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.packages import write_mistakes, write_package
from torch_judge.model.bank import find_bank
from torch_judge.model.errors import BankError
from torch_judge.model.mistakes import FILE, LARGEST_FILE, read_mistakes
from torch_judge.model.report import Verdict

MISTAKE = """\
[[mistake]]
name = "squares"
says = "  You square x.\\n"

[[mistake.edits]]
before = "x * scale"
after = "x * x"

[[mistake.variants]]
base = "adds_twice"
edits = [{ before = "x + (scale - 1) * x", after = "x * x" }]
"""
VARIANT = MISTAKE[MISTAKE.index("[[mistake.variants]]") :]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_package(tmp_path)


def write(folder: Path, text: str) -> Path:
    (folder / FILE).write_text(text, encoding="utf-8")
    return folder / FILE


def test_a_package_without_the_file_has_no_mistakes_of_this_kind(folder: Path) -> None:
    assert read_mistakes(folder) == ()


def test_a_mistake_and_its_variant_are_samples_with_whole_texts(folder: Path) -> None:
    path = write(folder, MISTAKE)
    mistake, variant = read_mistakes(folder)
    assert (mistake.name, mistake.mistake, mistake.claim) == ("squares", "squares", Verdict.WRONG_ANSWER)
    assert (variant.name, variant.mistake, variant.is_variant) == ("squares@adds_twice", "squares", True)
    assert mistake.where == f"{path}:1: squares"
    assert variant.where == f"{path}:9: squares@adds_twice"
    for sample in (mistake, variant):
        assert sample.read_text() == '"""You square x."""\n\n\ndef double(x, scale=2.0):\n    return x * x\n'
        assert sample.read_diagnosis() == "You square x."


def test_two_variants_in_one_hand_are_told_apart(folder: Path) -> None:
    write(folder, MISTAKE + VARIANT)
    assert [sample.name for sample in read_mistakes(folder)] == [
        "squares",
        "squares@adds_twice",
        "squares@adds_twice_2",
    ]


def test_what_an_author_changes_is_read_anew(folder: Path) -> None:
    write(folder, MISTAKE)
    assert len(read_mistakes(folder)) == 2
    write(folder, MISTAKE.removesuffix(VARIANT))
    assert [sample.name for sample in read_mistakes(folder)] == ["squares"]


SECOND = MISTAKE.replace('"squares"', '"cubes"').removesuffix(VARIANT)
FAULTS = {
    "no TOML": (MISTAKE + "[[", "mistakes.toml: "),
    "an unknown table": (MISTAKE + "[other]\n", "mistakes.toml: other is no key of mistakes.toml"),
    "an unknown key": (
        MISTAKE + SECOND.replace("says", "hint = 1\nsays"),
        "mistakes.toml:12: mistake 'cubes': hint is no key of mistakes.toml",
    ),
    "an unknown key of an edit": (
        MISTAKE.replace("after = ", "into = 'x'\nafter = ", 1),
        "mistakes.toml:1: mistake 'squares': into is no key",
    ),
    "a key that is missing": (MISTAKE.replace('name = "squares"\n', ""), ":1: mistake 1: name is missing"),
    "an edit without after": (
        MISTAKE.replace('after = "x * x"\n', "", 1),
        ":1: mistake 'squares': after is missing",
    ),
    "a key of a variant that is missing": (
        MISTAKE.replace('base = "adds_twice"\n', ""),
        "mistakes.toml:9: mistake 'squares', variant 1: base is missing",
    ),
    "another type": (
        MISTAKE.replace('after = "x * x" }', "after = 3 }"),
        "mistakes.toml:9: mistake 'squares', variant 1: after expected a text other than before, found 3",
    ),
    "a table that is none": ("mistake = 3\n", "mistakes.toml: mistake expected tables [[mistake]], found 3"),
    "a table in the list that is none": ("mistake = [3]\n", "mistake 1: mistake expected a table, found 3"),
    "a name that is none": (
        MISTAKE.replace('"squares"', '"a-b"'),
        "name expected a Python name, found 'a-b'",
    ),
    "a doubled name": (
        MISTAKE + MISTAKE,
        ":12: mistake 'squares': 'squares' is the name of the mistake in line 1",
    ),
    "an empty sentence": (MISTAKE.replace("You square x.\\n", "\\n"), ":1: mistake 'squares': says is empty"),
    "a base outside": (
        MISTAKE.replace('"adds_twice"', '"../x"'),
        ":9: mistake 'squares', variant 1: base expected",
    ),
    "no edit": (
        MISTAKE.replace('edits = [{ before = "x + (scale - 1) * x", after = "x * x" }]', "edits = []"),
        "variant 1: edits expected a list of tables with before and after, one at least",
    ),
    "an empty stretch": (MISTAKE.replace('"x * scale"', '" "'), "before expected a text that occurs once"),
    "nothing changed": (MISTAKE.replace('"x * scale"', '"x * x"', 1), "after is the same as before"),
    "a key of many dots": (
        ".".join(["a"] * 300) + " = 1\n",
        "mistakes.toml:1: more than 200 dots in one line",
    ),
    "too large": ("#" * (LARGEST_FILE + 1), "mistakes.toml: larger than 256 KiB"),
}


@pytest.mark.parametrize(("text", "says"), FAULTS.values(), ids=FAULTS.keys())
def test_what_is_wrong_is_said_with_file_line_and_key(folder: Path, text: str, says: str) -> None:
    write(folder, text)
    with pytest.raises(BankError) as error:
        read_mistakes(folder)
    assert says in str(error.value)


def test_a_header_in_a_text_leads_to_no_wrong_line(folder: Path) -> None:
    text = MISTAKE.replace('"  You square x.\\n"', '"""\n[[mistake]]\n"""') + SECOND.replace(
        '"cubes"', '"a-b"'
    )
    write(folder, text)
    with pytest.raises(BankError, match=r"mistakes\.toml: mistake 'a-b': name expected"):
        read_mistakes(folder)


def test_a_mistake_that_is_a_file_too_is_refused(folder: Path) -> None:
    path = write_mistakes(folder, adds=("x * scale", "x + scale"))
    problem = find_bank(folder.parent).load("double")
    with pytest.raises(BankError) as error:
        problem.samples(Verdict.WRONG_ANSWER)
    assert str(error.value) == f"{path}:1: adds: there is a file wrong_answer/adds.py too"
