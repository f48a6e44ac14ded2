"""The learner's files: a starter is laid out, put back, and never written over anything."""

from __future__ import annotations

import io
import os
import re
import sys
import tokenize
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

from torch_judge.model.errors import UsageError
from torch_judge.model.problem import Problem

_IMPORT: Final = re.compile(r"(?:import|from)\s+[\w.]+[^(\\]*$")
"""An import in one line."""


def locate_file(problem: Problem, folder: Path) -> Path:
    """Tell where a problem's answer lies in a folder."""
    return folder / f"{problem.slug}.py"


def locate_notebook(problem: Problem, folder: Path) -> Path:
    """Tell where a problem's notebook lies in a folder."""
    return folder / f"{problem.number:02}_{problem.slug}.ipynb"


def find_answer(problem: Problem, folder: Path) -> Path:
    """Find a problem's answer in a folder, else its notebook; where neither is there, its answer's place."""
    path, notebook = locate_file(problem, folder), locate_notebook(problem, folder)
    return notebook if notebook.exists() and not path.exists() else path


def compose_starter(problem: Problem) -> str:
    """Compose the text of a file to work in: what to do with it, the imports, the starter, and an example.

    The example is what the template notebook's debug cell does. It runs when the file is run.
    """
    parts = ["\n".join(_compose_head(problem)), *_compose_imports(problem)]
    main = f'if __name__ == "__main__":\n{_indent(_split_imports(problem.read_debug()).rest)}'
    return "\n\n".join(parts) + f"\n\n\n{_split_imports(problem.read_starter()).rest}\n\n\n{main}\n"


def compose_page_starter(problem: Problem) -> str:
    """Compose the text that a page's editor begins with: the imports, and the starter.

    What runs the example, and says what to write, stands beside it on the page.
    """
    starter = _split_imports(problem.read_starter()).rest
    return "\n\n\n".join(filter(None, ["\n\n".join(_compose_imports(problem)), starter])) + "\n"


def _compose_imports(problem: Problem) -> list[str]:
    """Compose the imports of the example and of the starter: the standard library's, then all others."""
    starter, example = _split_imports(problem.read_starter()), _split_imports(problem.read_debug())
    imports = dict.fromkeys([*example.imports, *starter.imports])
    own = [line for line in imports if line.split()[1].partition(".")[0] in sys.stdlib_module_names]
    other = [line for line in imports if line not in own]
    return list(filter(None, ["\n".join(own), "\n".join(other)]))


def _compose_head(problem: Problem) -> Iterator[str]:
    slug = problem.slug
    yield f"# {problem.number}. {problem.title} ({problem.difficulty.value}): write {problem.entry_point}."
    yield "#"
    commands = {
        f"torch-judge show {slug}": "what to write, in full",
        f"torch-judge watch {slug}.py": "judge it whenever you save it",
        f"torch-judge hint {slug}": "the next hint",
        f"python {slug}.py": "run the example at the end of this file",
    }
    longest = max(map(len, commands))
    yield from (f"#     {command:{longest}}  {says}" for command, says in commands.items())


@dataclass(frozen=True, slots=True)
class _Parts:
    """The imports with which a text begins, line by line, and what follows them."""

    imports: tuple[str, ...]
    rest: str


def _split_imports(text: str) -> _Parts:
    lines = text.strip().splitlines()
    first = next(
        (number for number, line in enumerate(lines) if line and not _IMPORT.match(line)), len(lines)
    )
    return _Parts(tuple(filter(None, lines[:first])), "\n".join(lines[first:]).strip())


def _indent(text: str) -> str:
    """Move code to the right, but for the lines that a text of several lines holds."""
    inside = {
        line
        for token in tokenize.generate_tokens(io.StringIO(f"{text}\n").readline)
        if token.type == tokenize.STRING
        for line in range(token.start[0] + 1, token.end[0] + 1)
    }
    lines = enumerate(text.splitlines(), 1)
    return "\n".join(f"    {line}" if line and number not in inside else line for number, line in lines)


def lay_out(path: Path, text: str) -> None:
    """Write a file that is not there yet; UsageError where something is."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            try:
                file.write(text)
                file.flush()
            except BaseException:
                path.unlink()  # half a file is none
                raise
    except FileExistsError:
        raise UsageError(f"{path} is there already, and is left as it is") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None


def put_back(path: Path, text: str) -> Path | None:
    """Put a file's first text back and keep what it held under the next free name.

    Return that name, None where the file is as it was.
    """
    try:
        if not path.exists() and not path.is_symlink():
            lay_out(path, text)
            return None
        if path.read_text(encoding="utf-8", errors="replace") == text:
            return None
        # written beside it first: on a full disk the old answer is still where it was
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        lay_out(fresh, text)
        try:
            kept = _link_aside(path)
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{path} cannot be put back: {error.strerror}") from None
    return kept


def _link_aside(path: Path) -> Path:
    """Give a file a second name, the next one that is free; it stays where it is until it is replaced."""
    for number in count(1):
        kept = path.with_name(f"{path.stem}.{number}{path.suffix}")
        with suppress(FileExistsError):
            try:
                os.link(path, kept, follow_symlinks=False)
            except (PermissionError, NotImplementedError, AttributeError):  # a file system without links
                with kept.open("xb") as file:
                    file.write(path.read_bytes())
            return kept
    raise AssertionError("numbers do not end")
