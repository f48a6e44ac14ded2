"""The exception tree: what goes wrong outside a submission."""

from __future__ import annotations


class TorchJudgeError(Exception):
    """Anything that torch_judge raises on purpose; its text is a sentence for a person."""

    def _render_traceback_(self) -> list[str]:
        """Show the sentence alone in IPython: a traceback through our modules helps nobody."""
        return [f"torch_judge: {self}"]


class UsageError(TorchJudgeError):
    """The caller asked for something that is not there."""


class WrongTypeError(UsageError, TypeError):
    """The caller handed over a value of a type that can be nothing of what was asked for."""


class BankError(TorchJudgeError):
    """A bank or a problem package is missing or broken; names the file and the line."""


class JudgeError(TorchJudgeError):
    """The judge itself failed; never the learner's fault."""


class WireError(TorchJudgeError):
    """Bytes that are no frame, or a value that may not travel in one."""


class ProgressError(TorchJudgeError):
    """The learner's progress cannot be read or kept; no verdict depends on it."""


class Interrupted(KeyboardInterrupt):
    """Someone interrupted a check; the card has said so, and a traceback through our modules helps nobody."""

    def _render_traceback_(self) -> list[str]:
        return [": ".join(filter(None, ("torch_judge: interrupted", str(self))))]
