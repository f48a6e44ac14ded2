"""What looks at results: whatever is changed about it is noticed, and what Python adds to it is no change."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.routes import try_routes
from torch_judge.authoring.suite import load_suite
from torch_judge.execution.worker.untouched import AUTHORING, Untouched, watch_package, watch_suite

TEXT = """
LIMIT = 3

def look(x, *, scale=2):
    return x * scale

class Base:
    def note(self, x):
        return x

class Notes(Base):
    kind = "notes"

    @property
    def first(self):
        return 1

    @staticmethod
    def make(x=()):
        return x

    @classmethod
    def remake(cls):
        return cls()
"""


def other(*_arguments: Any, **_options: Any) -> None:
    """Do nothing, in the place of what looks."""


@pytest.fixture
def module() -> types.ModuleType:
    made = types.ModuleType("looks_at_results")
    exec(TEXT, vars(made))
    return made


def change_code(module: Any) -> None:
    module.look.__code__ = other.__code__


def change_defaults(module: Any) -> None:
    module.look.__kwdefaults__ = {"scale": 1}


def change_global(module: Any) -> None:
    module.look = other


def change_method(module: Any) -> None:
    module.Base.note = other


def cover_method(module: Any) -> None:
    module.Notes.note = other


def change_property(module: Any) -> None:
    module.Notes.first = property(other)


def change_code_of_property(module: Any) -> None:
    module.Notes.first.fget.__code__ = other.__code__


def change_static_method(module: Any) -> None:
    module.Notes.make.__defaults__ = ((1,),)


def change_class_method(module: Any) -> None:
    module.Notes.remake.__func__.__code__ = other.__code__


def remove_method(module: Any) -> None:
    del module.Base.note


CHANGES = [
    change_code,
    change_defaults,
    change_global,
    change_method,
    cover_method,
    change_property,
    change_code_of_property,
    change_static_method,
    change_class_method,
    remove_method,
]


@pytest.mark.parametrize("change", CHANGES, ids=[change.__name__ for change in CHANGES])
def test_whatever_is_changed_is_noticed(module: types.ModuleType, change: Callable[[Any], None]) -> None:
    untouched = Untouched([module])
    assert untouched
    change(module)
    assert not untouched


def test_use_is_no_change(module: Any) -> None:
    untouched = Untouched([module])
    notes = module.Notes()
    notes.kept = module.look(2)
    assert (notes.note(1), notes.first, module.Notes.make(), notes.kept) == (1, 1, (), 4)
    module.LIMIT = 4  # what is neither function nor class may change
    assert module.Notes.__annotations__ == {}
    assert untouched


def test_the_functions_of_the_authors_are_watched() -> None:
    import torch_judge.authoring

    untouched = watch_package(AUTHORING)
    assert untouched
    watched = {function.__qualname__ for function in untouched.functions}
    assert {"Complaints.note", "Stage.look", "TorchLibrary.send_back", "gradients"} <= watched
    assert torch_judge.authoring.gradients in untouched.functions


SUITE = """
import torch
from torch_judge.authoring import case


def halve(x):
    return x / 2


@case()
def equals(entry_point, rng):
    \"\"\"It equals.\"\"\"
    return torch.equal(entry_point(halve(torch.ones(2))), torch.ones(2))
"""


def change_its_function(names: dict[str, Any]) -> None:
    names["halve"] = other


def change_its_code(names: dict[str, Any]) -> None:
    names["halve"].__code__ = other.__code__


def change_what_it_asks(names: dict[str, Any]) -> None:
    names["torch"].equal = other


@pytest.mark.parametrize("change", [change_its_function, change_its_code, change_what_it_asks])
def test_what_a_suite_looks_with_is_watched(change: Callable[[Any], None]) -> None:
    code = compile(SUITE, "cases.py", "exec")
    (case,) = suite = load_suite(code)
    names = case.function.__globals__  # type: ignore[attr-defined]
    equal, untouched = names["torch"].equal, watch_suite(suite, code)
    case.observe(lambda x: x, seed=1)
    assert untouched
    change(names)
    try:
        assert not untouched
    finally:
        names["torch"].equal = equal


def test_a_suite_of_standard_cases_alone_is_watched_too() -> None:
    assert watch_suite((), compile("import torch", "cases.py", "exec"))


REPLACED = {
    "a method that tensors have": ("torch.Tensor", "backward", "lambda *_a, **_k: None"),
    "a method that tensors inherit": ("torch.Tensor", "data_ptr", "lambda self: 1"),
    "an operator": ("torch.Tensor", "__eq__", "lambda *_a: True"),
    "a walk over modules": ("nn.Module", "named_modules", "lambda *_a, **_k: ()"),
    "code of a method": ("nn.Module.train", "__code__", "(lambda self, mode=True: self).__code__"),
    "a layer of the cases": ("nn.Linear", "forward", "lambda self, x: x"),
    "a layer's call": ("nn.Linear", "__call__", "lambda self, x: x"),
    "gradients that stay on": ("torch.no_grad", "__enter__", "lambda self: None"),
    "what Python has": ("builtins", "all", "lambda _each: True"),
    "what claims to be the same": (
        "nn.Module",
        "train",
        "type('Same', (), {'__eq__': lambda *_a: True, '__hash__': None})()",
    ),
}
HARMLESS = {
    "a method of a new name": "torch.Tensor.root = lambda self: self ** 0.5",
    "how a tensor is shown": "torch.Tensor.__repr__ = lambda self: str(tuple(self.shape))",
    "how a module is shown": "nn.Module.__str__ = lambda self: 'mine'",
    "another print": "builtins.print, shown = (lambda *_a, **_k: None), print",
    "print as it was": "builtins.print = shown",
    "a function of the module": "torch.equal = lambda *_a: True",
    "the compiler": "torch.compile(lambda x: x + 1, backend='eager')(torch.ones(2))",
    "a traced module": "torch.jit.trace(nn.Linear(2, 2), torch.ones(1, 2))",
    "a reset that does nothing": "nn.Linear.reset_parameters = lambda self: None",
}
SETUP = f"""
import builtins, json
import torch
from torch import nn
import torch_judge.authoring
from torch_judge.execution.worker.untouched import watch_package
untouched = watch_package({AUTHORING!r})
record = []
def change(text):
    exec(text, globals())
    record.append(bool(untouched))
def replace(owner, name, value):
    before = vars(owner).get(name) if isinstance(owner, type) else getattr(owner, name)
    setattr(owner, name, value)
    is_untouched = bool(untouched)
    delattr(owner, name) if before is None else setattr(owner, name, before)
    record.extend([is_untouched, bool(untouched)])
"""


def test_what_cases_call_of_pytorchs_is_watched() -> None:
    routes = {
        words: f"replace({owner}, {name!r}, {value})" for words, (owner, name, value) in REPLACED.items()
    }
    found, said = try_routes(SETUP, routes, [])
    assert found == {words: {"raised": "", "record": [False, True]} for words in REPLACED}, said


def test_what_learners_do_to_pytorch_is_no_change() -> None:
    found, said = try_routes(SETUP, {words: f"change({text!r})" for words, text in HARMLESS.items()}, [])
    assert found == {words: {"raised": "", "record": [True]} for words in HARMLESS}, said
