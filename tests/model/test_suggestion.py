"""What was perhaps meant by a name that is not there."""

from __future__ import annotations

from torch_judge.model.suggestion import suggest


def test_a_name_that_is_near_is_asked_for() -> None:
    assert suggest("batchnrom", ["batchnorm", "layernorm"]) == "; did you mean 'batchnorm'?"


def test_where_none_is_near_there_is_what_there_is() -> None:
    assert suggest("relu", ["batchnorm", "layernorm"]) == "; there are: batchnorm, layernorm"
