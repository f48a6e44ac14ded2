"""What a shell is told when it completes a word."""

from __future__ import annotations

from contextlib import suppress

import click
from click.shell_completion import CompletionItem

from torch_judge.model.bank import find_bank
from torch_judge.model.errors import TorchJudgeError


def complete_problem(context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """List the problems whose names begin so; of a bank that is broken a shell is told nothing."""
    with suppress(TorchJudgeError, OSError):
        names = find_bank(context.params.get("bank")).names()
        return [CompletionItem(name) for name in names if name.startswith(begun)]
    return []
