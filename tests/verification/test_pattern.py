"""A package after a pattern: names replaced, claims and sentences taken out, and nothing else touched."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.support.packages import CASES, write_mistakes, write_package
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Problem
from torch_judge.verification.pattern import imitate, is_name_of, read_facts


@pytest.fixture
def pattern(tmp_path: Path) -> Problem:
    write_package(tmp_path)
    return find_bank(tmp_path).load("double")


def test_the_settings_are_the_patterns_but_for_what_is_its_own(pattern: Problem) -> None:
    facts = read_facts(pattern)
    assert facts["tags"] == []
    assert facts["limits"] == {"seconds_per_case": 1, "seconds_in_all": 4}
    assert "forbidden" in facts
    assert not {"title", "number", "entry_point", "equivalents"} & set(facts)


def test_each_file_says_that_it_is_still_the_patterns_and_has_the_new_name(pattern: Problem) -> None:
    texts = imitate(pattern, entry_point="triple")
    assert set(texts) == {
        *("starter.py", "solution.py", "cases.py", "debug.py"),
        *("submissions/accepted/in_another_style.py", "submissions/wrong_answer/adds.py"),
    }
    for text in texts.values():
        assert text.startswith("# TODO: this is still the one of double; make it your own")
        ast.parse(text)
    assert "def triple(x, scale=2.0):" in texts["solution.py"]
    assert "print(triple)" in texts["debug.py"]


def test_cases_keep_their_names_and_bodies_and_lose_their_sentences(pattern: Problem) -> None:
    cases = ast.parse(imitate(pattern, entry_point="triple")["cases.py"]).body
    before = ast.parse(CASES.replace("double", "triple")).body
    functions = [node for node in cases if isinstance(node, ast.FunctionDef) and node.decorator_list]
    originals = [node for node in before if isinstance(node, ast.FunctionDef) and node.decorator_list]
    for node, original in zip(functions, originals, strict=True):
        assert (ast.get_docstring(node) or "").startswith("TODO: ")
        assert ast.dump(ast.Module(node.body[1:], [])) == ast.dump(ast.Module(original.body[1:], []))


def test_only_the_gotcha_that_comes_along_is_claimed(pattern: Problem) -> None:
    text = imitate(pattern, entry_point="triple")["cases.py"]
    assert [line for line in text.splitlines() if line.startswith("@case")] == [
        '@case(rejects=["adds"])',
        "@case(rejects=[])",
        "@case(rejects=[])",
    ]


def test_the_gotcha_is_the_one_that_most_cases_claim(tmp_path: Path) -> None:
    cases = CASES.replace('["ignores_scale"]', '[\n    "ignores_scale",\n    "cuts_the_graph",\n]')
    write_package(tmp_path, cases=cases)
    texts = imitate(find_bank(tmp_path).load("double"), entry_point="triple")
    assert [name for name in texts if "wrong_answer" in name] == [
        "submissions/wrong_answer/cuts_the_graph.py"
    ]
    docstring = ast.get_docstring(ast.parse(texts["submissions/wrong_answer/cuts_the_graph.py"])) or ""
    assert docstring.startswith("TODO: say what is seen of this mistake")
    assert '@case(rejects=["cuts_the_graph"])' in texts["cases.py"]


def test_letters_beyond_ascii_do_not_shift_what_is_replaced(tmp_path: Path) -> None:
    cases = CASES.replace('"""The result is scale times x."""', '"""Größe mal x, naïvely."""')
    cases = cases.replace('rejects=["ignores_scale"]', 'rejects=["größe", "ignores_scale"]')
    write_package(tmp_path, cases=cases)
    text = imitate(find_bank(tmp_path).load("double"), entry_point="triple")["cases.py"]
    assert "Größe" not in text
    assert "größe" not in text
    ast.parse(text)


def test_a_name_that_the_pattern_uses_is_known(pattern: Problem) -> None:
    assert is_name_of(pattern, "scale")
    assert is_name_of(pattern, "draw")
    assert not is_name_of(pattern, "dra")


def test_a_mistake_that_is_an_edit_comes_along_as_a_file(tmp_path: Path) -> None:
    folder = write_package(
        tmp_path, cases=CASES.replace('["ignores_scale"]', '["squares"]').replace('"adds"', '"squares"')
    )
    write_mistakes(folder, squares=("x * scale", "x * x"))
    texts = imitate(find_bank(tmp_path).load("double"), entry_point="triple")
    text = texts["submissions/wrong_answer/squares.py"]
    assert "def triple(x, scale=2.0):\n    return x * x\n" in text
    assert (ast.get_docstring(ast.parse(text)) or "").startswith("TODO: say what is seen of this mistake")
    assert not any("mistakes.toml" in name for name in texts)
