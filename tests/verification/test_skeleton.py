"""The smallest package: Python that runs, with a place for each name."""

from __future__ import annotations

import ast

from torch_judge.verification.skeleton import HINTS, STATEMENT, fill_in, make_skeleton


def test_every_file_of_code_is_python_and_says_what_is_to_be_written() -> None:
    texts = make_skeleton(slug="silu", entry_point="my_silu")
    for name, text in texts.items():
        ast.parse(text, filename=name)
        assert "TODO" in text
        assert "$" not in text
    assert "def my_silu(x, scale=2.0):" in texts["starter.py"]
    assert "The hidden suite of silu." in texts["cases.py"]


def test_the_right_sample_and_the_solution_agree_and_the_wrong_one_does_not() -> None:
    texts = make_skeleton(slug="silu", entry_point="silu")
    answers = {}
    for name in ("solution.py", *(name for name in texts if name.startswith("submissions"))):
        names: dict[str, object] = {}
        exec(texts[name], names)  # our own text
        answers[name] = names["silu"](3.0, scale=5.0), names["silu"](3.0)
    solution, accepted, wrong = answers.values()
    assert solution == accepted == (15.0, 6.0)
    assert wrong != solution


def test_the_words_of_statement_and_hints_have_their_places() -> None:
    text = fill_in(STATEMENT, title="SiLU", signature="def silu(x):")
    assert text.startswith("# SiLU\n")
    assert "```python\ndef silu(x):\n```" in text
    assert HINTS.count("\n---\n") == 2
