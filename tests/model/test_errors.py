"""The exception tree: what is raised on purpose is a sentence, in IPython too."""

from __future__ import annotations

import inspect

import pytest

from torch_judge.model import errors
from torch_judge.model.errors import Interrupted, TorchJudgeError, UsageError, WrongTypeError

CLASSES = [value for value in vars(errors).values() if inspect.isclass(value)]


@pytest.mark.parametrize("error", [value for value in CLASSES if value is not Interrupted])
def test_all_that_is_raised_on_purpose_has_one_root(error: type[Exception]) -> None:
    assert issubclass(error, TorchJudgeError)


def test_an_interruption_stops_what_catches_errors() -> None:
    assert issubclass(Interrupted, KeyboardInterrupt)
    assert not issubclass(Interrupted, Exception)


def test_a_notebook_shows_the_sentence_and_no_traceback() -> None:
    assert UsageError("no problem 'x'")._render_traceback_() == ["torch_judge: no problem 'x'"]
    assert Interrupted()._render_traceback_() == ["torch_judge: interrupted"]


def test_a_value_of_a_wrong_type_is_a_type_error_and_one_sentence() -> None:
    error = WrongTypeError("a sentence")
    assert isinstance(error, TypeError) and isinstance(error, UsageError)
    assert error._render_traceback_() == ["torch_judge: a sentence"]
