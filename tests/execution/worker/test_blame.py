"""Blame: what a submission raised, in words that name its line, whatever its errors do when asked."""

from __future__ import annotations

import linecache
import sys

import pytest

from torch_judge.authoring import WrongAnswer
from torch_judge.execution.runtime import LONGEST_MESSAGE
from torch_judge.execution.worker.blame import Blame
from torch_judge.execution.worker.forbidden_operators import ForbiddenOperator
from torch_judge.execution.worker.forbidden_packages import ForbiddenPackage
from torch_judge.execution.worker.loader import Unfit
from torch_judge.model.report import Verdict

FILE = "submission.py"


def raised(text: str) -> BaseException:
    """Run a text as the submission, and return what it raised."""
    linecache.cache[FILE] = (len(text), None, text.splitlines(keepends=True), FILE)
    try:
        exec(compile(text, FILE, "exec"), {"__name__": "submission"})
    except BaseException as error:
        return error
    raise AssertionError("raised nothing")


def blame(rule: str = "") -> Blame:
    return Blame([FILE], rule)


def test_a_line_of_a_text_that_was_added_is_named_too() -> None:
    linecache.cache["cell"] = (5, None, ["1 / 0"], "cell")
    known = blame()
    with pytest.raises(ZeroDivisionError) as caught:
        exec(compile("1 / 0", "cell", "exec"), {})
    assert known.describe(caught.value) == "ZeroDivisionError: division by zero"
    known.add_files(["cell"])
    assert known.describe(caught.value) == "ZeroDivisionError: division by zero (cell, line 1: `1 / 0`)"


WORDS = {
    "its line": ("x = 1\n1 / 0\n", "ZeroDivisionError: division by zero (line 2: `1 / 0`)"),
    "its innermost line": (
        "import json\ndef f():\n    json.loads('{')\nf()\n",
        (
            "JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 (char 1) "
            "(line 3: `json.loads('{')`)"
        ),
    ),
    "no text": ("raise ValueError\n", "ValueError (line 1: `raise ValueError`)"),
    "exit": ("raise SystemExit(0)\n", "the submission called sys.exit(0) (line 1: `raise SystemExit(0)`)"),
    "input": ("raise EOFError('EOF')\n", "EOFError: EOF; input() has nothing to read here"),
    "a message that cannot be printed": (
        "class E(Exception):\n    def __str__(self): raise SystemExit\nraise E\n",
        "E: its message cannot be printed (line 3: `raise E`)",
    ),
}


@pytest.mark.parametrize(("text", "words"), WORDS.values(), ids=WORDS.keys())
def test_an_error_is_described_with_its_line(text: str, words: str) -> None:
    assert blame().describe(raised(text)).startswith(words)


def test_a_message_is_cut_and_is_a_string_of_no_class_of_the_submission() -> None:
    text = (
        "class Text(str):\n    def __getitem__(self, _): return self\n"
        "class E(WrongAnswer):\n    def __str__(self): return Text('x' * 10_000)\n"
    )
    scope = {"WrongAnswer": WrongAnswer, "__name__": "submission"}
    exec(compile(text, FILE, "exec"), scope)
    verdict, message = blame().judge(scope["E"]())
    assert verdict is Verdict.WRONG_ANSWER
    assert type(message) is str
    assert message == "x" * LONGEST_MESSAGE


def test_a_syntax_error_is_located_by_what_it_says_itself() -> None:
    error = raised("x = 1\ndef double(:\n")
    assert blame().describe(error) == "SyntaxError: invalid syntax (line 2: `def double(:`)"


def test_a_cell_is_named_with_its_line() -> None:
    linecache.cache["cell 3"] = (5, None, ["1 / 0\n"], "cell 3")
    try:
        exec(compile("1 / 0\n", "cell 3", "exec"))
    except ZeroDivisionError as error:
        said = Blame(["cell 3"], "").describe(error)
    assert said == "ZeroDivisionError: division by zero (cell 3, line 1: `1 / 0`)"


VERDICTS = {
    "an error": (ValueError("x"), Verdict.RUN_TIME_ERROR),
    "a case that rejects": (WrongAnswer("x"), Verdict.WRONG_ANSWER),
    "no memory": (MemoryError(), Verdict.MEMORY_LIMIT_EXCEEDED),
    "no memory for torch": (
        RuntimeError("DefaultCPUAllocator: can't allocate memory"),
        Verdict.MEMORY_LIMIT_EXCEEDED,
    ),
    "words of memory in another error": (ValueError("can't allocate memory"), Verdict.RUN_TIME_ERROR),
    "a package": (ForbiddenPackage("torch cannot be imported here"), Verdict.RULE_VIOLATION),
    "an operator that was not called": (ForbiddenOperator("batch_norm"), Verdict.RUN_TIME_ERROR),
    "what does not fit": (Unfit("double must take (x)"), Verdict.RUN_TIME_ERROR),
}


@pytest.mark.parametrize(("error", "verdict"), VERDICTS.values(), ids=VERDICTS.keys())
def test_each_error_has_its_verdict(error: BaseException, verdict: Verdict) -> None:
    assert blame().judge(error)[0] is verdict


def test_a_broken_rule_is_said_once_with_its_line() -> None:
    text = "def call(record):\n    record()\n"
    linecache.cache[FILE] = (len(text), None, text.splitlines(keepends=True), FILE)
    scope: dict[str, object] = {}
    exec(compile(text, FILE, "exec"), scope)
    kept = blame("Multiply by yourself.")
    for _ in range(2):
        scope["call"](lambda: kept.record("batch_norm", sys._getframe()))
    said = "batch_norm was called (line 2: `record()`): Multiply by yourself."
    assert kept.judge(ForbiddenOperator("batch_norm")) == (Verdict.RULE_VIOLATION, said)
    assert kept.violations == []


def test_without_a_rule_in_words_it_is_forbidden_all_the_same() -> None:
    kept = blame()
    kept.record("batch_norm", None)
    assert kept.take_broken_rule() == "batch_norm was called: this is forbidden here"
