"""Completion of problems' names in a notebook's calls of ours."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

from torch_judge.model.bank import find_bank
from torch_judge.model.errors import TorchJudgeError

from .session import find_shell

_NAME_BEGUN = re.compile(
    r"\b(?:check|judge|hint|solution|reset|history)\(\s*(?:problem\s*=\s*)?([\"'])(\w*)$"
)


def offer_names() -> None:
    """Have IPython complete the names of problems in calls of ours, where it has the means."""
    completer = getattr(find_shell(), "Completer", None)
    if completer is None or _is_offering(completer):
        return
    with suppress(ImportError, AttributeError):  # an older IPython has other means, or none
        from IPython.core.completer import context_matcher

        completer.custom_matchers.append(context_matcher()(_complete_name))


def _is_offering(completer: Any) -> bool:
    """Tell whether it was done before; by name, since a module that is loaded again has another function."""
    names = (getattr(matcher, "__name__", "") for matcher in completer.custom_matchers)
    return _complete_name.__name__ in names


def find_name_begun(text: str) -> str | None:
    """Find what is typed so far of a problem's name, where a text ends in a call of ours; None elsewhere."""
    match = _NAME_BEGUN.search(text)
    return match[2] if match else None


def _complete_name(context: Any) -> dict[str, Any]:
    """Complete what stands before the cursor, as IPython's matchers do."""
    from IPython.core.completer import SimpleCompletion

    begun = find_name_begun(context.line_with_cursor[: context.cursor_position] or context.text_until_cursor)
    names: tuple[str, ...] = ()
    if begun is not None:
        with suppress(TorchJudgeError):
            names = tuple(name for name in find_bank().names() if name.startswith(begun))
    completions = [SimpleCompletion(text=name, type="problem") for name in names]
    return {"completions": completions, "matched_fragment": begun or "", "suppress": bool(names)}
