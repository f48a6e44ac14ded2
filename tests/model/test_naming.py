"""Names in words: without underscores, and several as a sentence has them."""

from __future__ import annotations

import pytest

from torch_judge.model.naming import enumerate_names, spell


def test_the_name_of_a_mistake_is_spelled_as_a_person_does() -> None:
    assert spell("unbiased_running_variance") == "unbiased running variance"


@pytest.mark.parametrize(
    ("names", "words"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_names_stand_in_a_row_as_in_a_sentence(names: list[str], words: str) -> None:
    assert enumerate_names(iter(names)) == words
