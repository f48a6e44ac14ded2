"""What an error becomes: a status and a sentence; what is a mistake of ours is raised."""

from __future__ import annotations

import pytest

from torch_judge.model.errors import BankError, JudgeError, ProgressError, UsageError
from torch_judge.ui.learning_pages import StillOpen
from torch_judge.ui.web.site import NotFoundError, find_status


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFoundError("x"), 404),
        (StillOpen("x"), 409),
        (UsageError("x"), 400),
        (ProgressError("x"), 503),
        (BankError("x"), 500),
    ],
)
def test_each_error_has_its_status(error: Exception, status: int) -> None:
    assert find_status(error) == status


@pytest.mark.parametrize("error", [JudgeError("x"), KeyError("x")])
def test_what_no_page_should_meet_is_raised(error: Exception) -> None:
    with pytest.raises(type(error)):
        find_status(error)
