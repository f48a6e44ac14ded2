"""The smallest package: Python that runs, with a place for each name."""

from __future__ import annotations

import ast
import tomllib

from torch_judge.model.edits import Edit, edit_module
from torch_judge.verification.skeleton import HINTS, STATEMENT, fill_in, make_skeleton


def test_every_file_of_code_is_python_and_says_what_is_to_be_written() -> None:
    texts = make_skeleton(slug="silu", entry_point="my_silu")
    for name, text in texts.items():
        (tomllib.loads if name.endswith(".toml") else ast.parse)(text)
        assert "TODO" in text
        assert "$" not in text
    assert "def my_silu(x, scale=2.0):" in texts["starter.py"]
    assert "The hidden suite of silu." in texts["cases.py"]


def test_the_right_sample_and_the_solution_agree_and_the_wrong_one_does_not() -> None:
    texts = make_skeleton(slug="silu", entry_point="silu")
    answers = {}
    (mistake,) = tomllib.loads(texts["submissions/mistakes.toml"])["mistake"]
    edits = tuple(Edit(**edit) for edit in mistake["edits"])
    wrong = edit_module(texts["solution.py"], "solution.py", mistake["says"], edits)
    accepted = texts["submissions/accepted/in_another_style.py"]
    for text in (texts["solution.py"], accepted, wrong):
        names: dict[str, object] = {}
        exec(text, names)  # our own text
        answers[text] = names["silu"](3.0, scale=5.0), names["silu"](3.0)
    of_solution, of_accepted, of_wrong = answers.values()
    assert of_solution == of_accepted == (15.0, 6.0)
    assert of_wrong != of_solution


def test_the_words_of_statement_and_hints_have_their_places() -> None:
    text = fill_in(STATEMENT, title="SiLU", signature="def silu(x):")
    assert text.startswith("# SiLU\n")
    assert "```python\ndef silu(x):\n```" in text
    assert HINTS.count("\n---\n") == 2
