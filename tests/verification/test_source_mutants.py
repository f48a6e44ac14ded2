"""`mutation`: the mutants of a jury solution, and the list of those that are equivalent."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.packages import write_package
from torch_judge.model.bank import find_bank
from torch_judge.model.errors import BankError
from torch_judge.verification.source_mutants import Equivalent, make_mutants, read_equivalents

SOURCE = '''\
"""A module of 1 + 1 docstring."""


def scaled(x: int | None, eps: float = 0.5) -> int | None:
    """Return 2 * x."""
    # 3 * x
    if x > 7 and not eps:
        return x * eps
    return -x
'''


def test_operators_constants_conditions_and_defaults_are_mutated() -> None:
    changes = {(each.line, each.after) for each in make_mutants(SOURCE, "scaled")}
    assert {
        (4, "def scaled(x: int | None, eps: float = 1.5) -> int | None:"),
        (7, "if x > 8 and not eps:"),
        (7, "if x >= 7 and not eps:"),
        (7, "if x > 7 or not eps:"),
        (8, "return x / eps"),
        (9, "return +x"),
    } <= changes


def test_what_changes_no_meaning_is_no_mutant() -> None:
    assert (
        make_mutants(
            '"""1 + 1."""\n\n\ndef f(x: int | None) -> int | None:\n    """2 * x."""\n    # 3\n    return x'
            "\n",
            "f",
        )
        == ()
    )


def test_each_mutant_is_another_program() -> None:
    sources = [each.source for each in make_mutants(SOURCE, "scaled")]
    assert len(sources) == len(set(sources)) and SOURCE not in sources


def test_a_mutant_of_several_lines_is_told_on_one() -> None:
    (mutant, *_) = make_mutants("x = f(\n    1,\n)\n", "f")
    assert (mutant.line, mutant.before, mutant.after) == (1, "x = f( 1,", "x = f( 2,")
    decorated = make_mutants("@cached\ndef f(x):\n    return x\n", "f")
    assert [(each.line, each.before, each.after) for each in decorated] == [(1, "@cached", "")]


def test_what_the_entry_point_does_not_reach_is_left_alone() -> None:
    text = (
        "def f(x):\n    return g(x)\n\n\ndef g(x):\n    return x * 2\n\n\n"
        "@cached\ndef law(p):\n    return h(p) + 3\n\n\ndef h(p):\n    return p - 4\n\n\nSCALE = 5\n"
    )

    def changed(text: str, entry_point: str) -> set[str]:
        return {each.before for each in make_mutants(text, entry_point)}

    assert changed(text, "f") == {"return x * 2", "SCALE = 5"}
    assert changed(text, "law") == {"@cached", "return h(p) + 3", "return p - 4", "SCALE = 5"}
    assert changed(f"{text}f = law(f)\n", "f") == changed(text, "f") | changed(text, "law")


def test_an_equivalent_is_known_by_its_text_wherever_it_stands() -> None:
    listed = Equivalent("return -x", "return +x", "x is 0")
    for text in (SOURCE, "\n\n" + SOURCE):
        assert [each.line for each in make_mutants(text, "scaled") if listed.covers(each)] == [
            text.count("\n")
        ]


BROKEN = {
    "no toml": ("[[equivalent", "mutants.toml: "),
    "another key": (
        '[[equivalent]]\nbefore = "a"\nafter = "b"\nreason = "c"\nline = 1\n',
        "entry 1: expected the texts before, after and reason",
    ),
    "no reason": ('[[equivalent]]\nbefore = "a"\nafter = "b"\nreason = " "\n', "entry 1: reason is empty"),
    "another table": (
        '[[equivalents]]\nbefore = "a"\n',
        "expected a list of [[equivalent]], found equivalents",
    ),
    "no list": ("equivalent = 1\n", "expected a list of [[equivalent]]"),
}


@pytest.mark.parametrize(("text", "complaint"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_list_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    (write_package(tmp_path) / "mutants.toml").write_text(text)
    with pytest.raises(BankError) as raised:
        read_equivalents(find_bank(tmp_path).load("double"))
    assert complaint in str(raised.value)


def test_a_package_need_not_list_any(tmp_path: Path) -> None:
    write_package(tmp_path)
    assert read_equivalents(find_bank(tmp_path).load("double")) == ()


def test_without_the_tool_a_sentence_says_what_to_install() -> None:
    script = (
        "import sys; sys.modules['cosmic_ray'] = None\n"
        "from torch_judge.verification.source_mutants import make_mutants\nmake_mutants('x = 1', 'x')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    says = 'mutants need Cosmic Ray: pip install "torch-judge[verify]>=2.0", or leave them out with --quick'
    assert f"UsageError: {says}" in done.stderr
