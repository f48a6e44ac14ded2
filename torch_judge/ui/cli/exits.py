"""How a command ends: with an exit status, and with a sentence where something went wrong."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import NoReturn, ParamSpec

import click

from torch_judge.model.errors import TorchJudgeError, UsageError

ACCEPTED, NOT_ACCEPTED, WRONG_USAGE, JUDGE_ERROR, INTERRUPTED = 0, 1, 2, 3, 130

P = ParamSpec("P")


def exits(command: Callable[P, int]) -> Callable[P, NoReturn]:
    """Make what a command returns its exit status, and an error a sentence with the right one."""

    @wraps(command)
    def wrapped(*arguments: P.args, **options: P.kwargs) -> NoReturn:
        try:
            sys.exit(command(*arguments, **options))
        except UsageError as error:
            complain(str(error), WRONG_USAGE)
        except TorchJudgeError as error:
            complain(str(error), JUDGE_ERROR)
        except BrokenPipeError:  # `torch-judge list | head`
            sys.stderr.close()  # or Python would say at its end that it could not flush what nobody reads
            sys.exit(ACCEPTED)
        except KeyboardInterrupt as interrupt:
            # whoever has shown what was done by then says how far that was
            complain(": ".join(filter(None, ("interrupted", str(interrupt)))), INTERRUPTED)

    return wrapped


def complain(sentence: str, status: int) -> NoReturn:
    """End with a sentence and an exit status."""
    click.echo(f"torch-judge: {sentence}", err=True)
    sys.exit(status)
