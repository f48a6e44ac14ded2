"""What goes wrong in a service and is said to whoever asked."""

from __future__ import annotations

from typing import Final

from torch_judge.model.errors import TorchJudgeError, UsageError

UNREACHED: Final = "the judge cannot reach its store; try again soon"


class StoreError(TorchJudgeError):
    """The database cannot be reached, read or written."""


class TooManyError(UsageError):
    """Someone submits faster than they may; `seconds` says when to come again."""

    def __init__(self, sentence: str, seconds: int) -> None:
        super().__init__(sentence)
        self.seconds = seconds
