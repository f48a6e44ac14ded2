"""A new package after the pattern of another: its code, names replaced, its cases without their claims.

What is copied runs, for solution, cases and samples fit together. Each file says of itself that it is still
the pattern's, and each case that its sentence is to be written.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from torch_judge.model.problem import Problem
from torch_judge.model.report import Verdict
from torch_judge.model.sample import Sample

from .skeleton import DIAGNOSIS

_SENTENCE: Final = (
    '"""TODO: say in one sentence what a right answer does here; a learner reads it when this fails."""'
)
_OWN_FACTS: Final = {"title", "number", "entry_point", "tags", "equivalents"}
Edit = tuple[int, int, str]
"""Where in a text a stretch begins and ends, and what takes its place."""


def read_facts(pattern: Problem) -> dict[str, Any]:
    """Read the settings that a package shares with its pattern, as its problem.toml has them."""
    facts = tomllib.loads(pattern.read("problem.toml"))
    return {"tags": [], **{key: value for key, value in facts.items() if key not in _OWN_FACTS}}


def imitate(pattern: Problem, *, entry_point: str) -> dict[str, str]:
    """Write the code of a package after its pattern, by the names of its files."""
    gotcha = _choose_gotcha(pattern)
    texts = {
        "starter.py": pattern.read_starter(),
        "solution.py": pattern.read_solution(),
        "cases.py": _clear_cases(pattern.read_cases(), gotcha.name if gotcha else ""),
        "debug.py": pattern.read_debug(),
    }
    accepted = pattern.samples(Verdict.ACCEPTED)
    if accepted:
        # the shortest: the least that is to be replaced
        shortest = min((sample.read_text() for sample in accepted), key=len)
        texts["submissions/accepted/in_another_style.py"] = shortest
    if gotcha:
        # as a file: what a change starts from does not come along under its name
        texts[f"submissions/wrong_answer/{gotcha.name}.py"] = _replace_docstring(gotcha.read_text())
    note = f"# TODO: this is still the one of {pattern.slug}; make it your own, and delete this line.\n"
    return {name: note + _rename(text, pattern.entry_point, entry_point) for name, text in texts.items()}


def is_name_of(pattern: Problem, name: str) -> bool:
    """Tell whether the pattern's code uses a name for something else."""
    texts = (pattern.read_cases(), pattern.read_solution(), pattern.read_starter())
    return any(re.search(rf"\b{name}\b", text) for text in texts)


def _rename(text: str, old: str, new: str) -> str:
    return re.sub(rf"\b{old}\b", new, text)


def _choose_gotcha(pattern: Problem) -> Sample | None:
    """Choose the wrong sample that the most cases claim to reject."""
    claims = Counter(name for case in _walk_cases(pattern.read_cases()) for name in _read_rejects(case))
    gotchas = [sample for sample in pattern.samples(Verdict.WRONG_ANSWER) if not sample.is_variant]
    return max(gotchas, key=lambda sample: claims[sample.name], default=None)


def _walk_cases(text: str) -> Iterator[ast.FunctionDef]:
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and any(map(_is_case, node.decorator_list)):
            yield node


def _is_case(decorator: ast.expr) -> bool:
    match decorator:
        case ast.Call(func=ast.Name(id="case")):
            return True
    return False


def _find_rejects(case: ast.FunctionDef) -> ast.expr | None:
    keywords = (word for call in case.decorator_list if isinstance(call, ast.Call) for word in call.keywords)
    return next((word.value for word in keywords if word.arg == "rejects"), None)


def _read_rejects(case: ast.FunctionDef) -> Sequence[str]:
    node = _find_rejects(case)
    return () if node is None else tuple(ast.literal_eval(node))


def _clear_cases(text: str, gotcha: str) -> str:
    """Take from each case its sentence, and its claims but for the one gotcha that comes along."""
    lines = _Lines(text)
    edits: list[Edit] = []
    for case in _walk_cases(text):
        rejects = _find_rejects(case)
        if rejects is not None:
            claim = f'["{gotcha}"]' if gotcha in _read_rejects(case) else "[]"
            edits.append((*lines.locate(rejects), claim))
        if ast.get_docstring(case) is not None:
            edits.append((*lines.locate(case.body[0]), _SENTENCE))
    return _apply(text, edits)


def _replace_docstring(text: str) -> str:
    tree = ast.parse(text)
    if ast.get_docstring(tree) is None:
        return f"{DIAGNOSIS}\n\n\n{text}"
    return _apply(text, [(*_Lines(text).locate(tree.body[0]), DIAGNOSIS)])


def _apply(text: str, edits: Sequence[Edit]) -> str:
    raw = text.encode()
    for start, end, replacement in sorted(edits, reverse=True):  # from the end, so that places stay true
        raw = raw[:start] + replacement.encode() + raw[end:]
    return raw.decode()


class _Lines:
    """Where the lines of a text begin, in bytes, as a syntax tree counts its columns."""

    def __init__(self, text: str) -> None:
        self._starts = [0]
        for line in text.encode().splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def locate(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Find where a node begins and ends."""
        last = node.end_lineno or node.lineno
        return self._starts[node.lineno - 1] + node.col_offset, self._starts[last - 1] + (
            node.end_col_offset or 0
        )
