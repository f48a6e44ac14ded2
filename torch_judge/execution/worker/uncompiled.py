"""What is decorated with `torch.compile` runs as it stands: no compiler can be started in the sandbox."""

from __future__ import annotations

import functools
import sys
from typing import Any, Final

COMPILES: Final = "inductor"
"""The backend that starts a compiler, which is the default; others are left alone."""


def leave_uncompiled() -> None:
    """Have `torch.compile` return what it is given, at once.

    To load a compiler takes seconds, and on older releases asks for what the sandbox refuses.
    """
    torch: Any = sys.modules.get("torch")
    if torch is None:
        return
    original = torch.compile

    @functools.wraps(original)
    def compile(model: Any = None, *, backend: Any = COMPILES, **options: Any) -> Any:  # noqa: A001 - as it is called
        if backend != COMPILES:
            return original(model, backend=backend, **options)
        return _return_model if model is None else model

    torch.compile = compile


def _return_model(model: Any) -> Any:
    return model
