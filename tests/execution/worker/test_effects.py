"""Effects: what a statement sets, changes, calls and patches, as far as its text tells."""

from __future__ import annotations
import __future__

import ast

import pytest

from torch_judge.execution.worker.effects import Statement, analyse, find_future_flags
from torch_judge.model.submission import Cell

IMPORTED = frozenset({"torch", "Tensor"})


def effects(source: str) -> Statement:
    return analyse(Cell("cell 1", source), ast.parse(source).body[0], IMPORTED)


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("a.b['c'] = 1", {"a"}),
        ("del a.b", {"a"}),
        ("setattr(a, 'b', 1)", {"a"}),
        ("a.update(b=1)", {"a"}),
        ("torch.nn.init.zeros_(a)", {"a"}),
        ("@add_to(a)\ndef g(): pass", {"a"}),
        ("@a.register\ndef g(): pass", {"a"}),
        ("@a.register('b')\nclass G: pass", {"a"}),
        ("@torch.no_grad()\ndef g(): pass", set()),
        ("print(a)", set()),
        ("def g(): a.b = 1", set()),
        ("globals()['a'] = 1", {"a"}),
    ],
)
def test_a_statement_alters_what_it_surely_changes_as_it_runs(source: str, names: set[str]) -> None:
    assert effects(source).alters == names


@pytest.mark.parametrize(
    ("source", "names", "arguments"),
    [
        ("def g(k):\n    def put(h):\n        T[k] = h\n    return put", {"T"}, False),
        ("def g(cls): return lambda h: setattr(cls, h.__name__, h)", set(), True),
        ("def g(): return T.setdefault('k', 1)", {"T"}, False),
        ("g = lambda t: t.update(k=1)", set(), True),
        ("def g(t): return t['k'] + T['k']", set(), False),
        ("class G:\n    def g(self): self.k = 1", set(), False),
        ("def g():\n    T = {}\n    T['k'] = 1", set(), False),
    ],
)
def test_a_function_changes_other_names_or_its_arguments_when_it_is_called(
    source: str, names: set[str], *, arguments: bool
) -> None:
    found = effects(source)
    assert set(found.changes) == names
    assert found.changes_arguments == arguments


@pytest.mark.parametrize(
    ("source", "attributes"),
    [
        ("torch.Tensor.root = f", {"root"}),
        ("setattr(Tensor, 'root', f)", {"root"}),
        ("@add_to(Tensor)\ndef root(self): pass", {"root"}),
        ("a.root = f", set()),
        ("def g(): return x.root", set()),
    ],
)
def test_a_patch_is_known_by_the_attribute_that_it_sets_on_what_was_imported(
    source: str, attributes: set[str]
) -> None:
    assert effects(source).patches == attributes


def test_an_await_at_the_top_level_is_read_like_any_other_statement() -> None:
    found = effects("a = await load(b)")
    assert set(found.sets) == {"a"}
    assert set(found.reads) == {"load", "b"}
    assert effects("a = [n async for n in load()]").reads >= {"load"}


def test_an_attribute_is_read_also_by_a_literal_getattr() -> None:
    assert effects("def g(): return x.a, getattr(x, 'b')").attributes == {"a", "b"}


def test_an_import_of_the_future_is_a_flag_of_the_compiler() -> None:
    (node,) = ast.parse("from __future__ import annotations").body
    assert find_future_flags(node) == __future__.annotations.compiler_flag
    (node,) = ast.parse("from __future__ import nothing_of_the_kind").body
    assert find_future_flags(node) == 0
    (node,) = ast.parse("from .__future__ import annotations").body
    assert find_future_flags(node) == 0
