"""Blame: what a submission raised or broke, as a verdict and a sentence that names its line."""

from __future__ import annotations

import linecache
import os
import sys
import traceback
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Final

from torch_judge.authoring.suite import WrongAnswer
from torch_judge.execution.runtime import LONGEST_MESSAGE
from torch_judge.model.report import Verdict
from torch_judge.model.version import PACKAGE
from torch_judge.sandbox.policy import PACKAGE_FOLDERS

from .forbidden_operators import ForbiddenOperator
from .forbidden_packages import ForbiddenPackage
from .loader import Unfit

LONGEST_LINE: Final = 120
_OUT_OF_MEMORY: Final = (
    "DefaultCPUAllocator",
    "not enough memory",
    "can't allocate memory",
    "Cannot allocate memory",
)


@dataclass(frozen=True, slots=True)
class Violation:
    """A use of a forbidden operator, and where in the submission it happened."""

    operator: str
    where: str


class Blame:
    """Knows the submission's files and the rule of the problem, and keeps the uses of forbidden operators."""

    def __init__(self, files: Collection[str], rule: str) -> None:
        self._files, self._rule = frozenset(files), rule or "this is forbidden here"
        self.violations: list[Violation] = []

    def add_files(self, files: Iterable[str]) -> None:
        """Know more texts of the learner's by the names that a traceback has for them."""
        self._files |= frozenset(files)

    def record(self, operator: str, frame: FrameType | None) -> None:
        """Keep a use of a forbidden operator; the submission may catch what is raised for it."""
        self.violations.append(Violation(operator, self._locate(frame)))

    def take_broken_rule(self) -> str:
        """Say which rule was broken, and forget it, so that each case answers for itself."""
        first = self.violations[0]
        self.violations.clear()
        return f"{first.operator} was called{first.where}: {self._rule}"

    def judge(self, error: BaseException) -> tuple[Verdict, str]:
        """Give the verdict on what a submission raised, and say what it was."""
        if isinstance(error, WrongAnswer):
            return Verdict.WRONG_ANSWER, _cut(str(error))
        if isinstance(error, ForbiddenOperator) and self.violations:
            return Verdict.RULE_VIOLATION, self.take_broken_rule()
        message = self.describe(error)
        if isinstance(error, ForbiddenPackage):
            return Verdict.RULE_VIOLATION, f"{message}: {self._rule}"
        # PyTorch has no class of its own for memory that runs out on the CPU, so its words have to tell
        if isinstance(error, MemoryError) or (
            isinstance(error, RuntimeError) and any(sign in message for sign in _OUT_OF_MEMORY)
        ):
            return Verdict.MEMORY_LIMIT_EXCEEDED, message
        return Verdict.RUN_TIME_ERROR, message

    def describe(self, error: BaseException) -> str:
        """Say what was raised, and where in the submission."""
        if isinstance(error, Unfit):
            return _cut(str(error))
        text = _put_in_words(error)
        return text if isinstance(error, SyntaxError) else text + self._locate_error(error)

    def _locate_error(self, error: BaseException) -> str:
        """Quote the innermost line of the submission that an error came through; empty if there is none."""
        own = [
            (frame.f_code.co_filename, line)
            for frame, line in traceback.walk_tb(error.__traceback__)
            if frame.f_code.co_filename in self._files
        ]
        return _quote(*own[-1]) if own else ""

    def _locate(self, frame: FrameType | None) -> str:
        """Quote the innermost line of the submission in a stack; a thread or TorchScript may hide it."""
        while frame is not None and frame.f_code.co_filename not in self._files:
            frame = frame.f_back
        return _quote(frame.f_code.co_filename, frame.f_lineno) if frame else ""


def _put_in_words(error: BaseException) -> str:
    try:
        words = _PLAIN_WORDS.get(type(error), _name_and_text)
        text = _describe_syntax(error) if isinstance(error, SyntaxError) else words(error)
        return _cut(str(text))
    except BaseException:  # a hostile __str__ may raise anything
        return f"{type(error).__name__}: its message cannot be printed"


_PLAIN_WORDS: Final[dict[type[BaseException], Callable[[Any], str]]] = {
    SystemExit: lambda error: f"the submission called sys.exit({error.code!r})",
    ForbiddenPackage: str,
    ModuleNotFoundError: lambda error: _name_and_text(error) + _name_closed_folders(error),
    PermissionError: lambda error: _name_and_text(error) + _name_closed_module(error),
    EOFError: lambda error: (
        f"EOFError: {error}; input() has nothing to read here, take the arguments of the function"
    ),
}


def _name_closed_folders(error: ModuleNotFoundError) -> str:
    """Name the learner's own folders on `sys.path` that hold a module and may not be read; else nothing."""
    path = (error.name or "").replace(".", "/")
    closed = [
        folder
        for folder in sys.path
        if folder not in {str(PACKAGE.parent), ""} and _may_hold(folder, path) and _is_closed(folder)
    ]
    return f"; it may lie in {' or '.join(closed)}, which a submission may not read" if closed else ""


def _may_hold(folder: str, path: str) -> bool:
    """Tell whether a module's files may lie in a folder; where nobody can tell, they may."""
    for file in (path, f"{path}.py"):
        try:
            os.stat(Path(folder, file))  # noqa: PTH116 - `exists` would not tell "closed" from "not there"
        except PermissionError:
            return True
        except (OSError, ValueError):
            continue
        return True
    return False


def _is_closed(folder: str) -> bool:
    # the interpreter's own folders are opened entry by entry: no list of them, but their modules can be had
    if folder.startswith((sys.prefix, sys.base_prefix)) or Path(folder).name in PACKAGE_FOLDERS:
        return False
    try:
        os.listdir(folder)  # noqa: PTH208 - a Path asks only when the first is taken
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def _name_closed_module(error: PermissionError) -> str:
    """Say which module could not be read, if the import system asked for its file; else nothing."""
    frames = [frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)]
    file = error.filename
    if not frames or "importlib" not in frames[-1] or not isinstance(file, str):
        return ""
    name = Path(file).parent.name if Path(file).stem == "__init__" else Path(file).stem
    return f": module {name} lies where a submission may not read"


def _name_and_text(error: BaseException) -> str:
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _describe_syntax(error: SyntaxError) -> str:
    return f"{type(error).__name__}: {error.msg}{_quote(error.filename or '', error.lineno or 0)}"


def _cut(text: str) -> str:
    """Cut a text; whatever `str` returned, this is a string of no class of the submission's."""
    return str.__getitem__(text, slice(LONGEST_MESSAGE))


def _quote(file: str, line: int) -> str:
    text = linecache.getline(file, line).strip()[:LONGEST_LINE]
    place = f"line {line}" if file.endswith(".py") or "ipykernel" in file else f"{file}, line {line}"
    return f" ({place}: `{text}`)" if text else f" ({place})"
