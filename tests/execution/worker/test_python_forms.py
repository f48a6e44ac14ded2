"""Forms in Python: every function of a module or class is found, replaced in place, and says its name."""

from __future__ import annotations

import enum
import functools
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

from torch_judge.execution.worker.python_forms import find_forms, list_sources

TEXT = """
import enum
import functools
from os.path import join

def plain(x, *, scale=2):
    return x * scale

def decorate(function):
    @functools.wraps(function)
    def wrapper(*arguments):
        return function(*arguments)
    return wrapper

@decorate
def decorated(x):
    return x

class Base:
    def __init__(self, x):
        self.x = x

    @property
    def value(self):
        return self.x

    @staticmethod
    def make(x):
        return x

class Derived(Base):
    def __init__(self, x):
        super().__init__(x)

    @classmethod
    def remake(cls, x):
        return cls(x)

class Colour(enum.Enum):
    RED = 1

    def mix(self):
        return self
"""


class Refused(Exception):  # noqa: N818 - it is no error here
    """Raised in the place of a function."""


@pytest.fixture
def module() -> Iterator[types.ModuleType]:
    """Load a module below another one, and take both away again."""
    package, module = types.ModuleType("forms"), types.ModuleType("forms.inner")
    exec(TEXT, vars(module))
    vars(package)["inner"] = module
    sys.modules.update({"forms": package, "forms.inner": module})
    yield module
    del sys.modules["forms"], sys.modules["forms.inner"]


def refuse(name: str) -> list[str]:
    """Replace what a name stands for; return what was found, as a learner would be told."""
    forms = list(find_forms(name))
    for form in forms:

        def refusal(*_arguments: object, says: str = form.says, **_options: object) -> None:
            raise Refused(says)

        form.replace(refusal)
    return sorted({form.says for form in forms})


CALLS = {
    "plain": lambda module: module.plain(3),
    "decorated": lambda module: module.decorated(3),
    "decorate": lambda module: module.decorate(len),
    "Base": lambda module: module.Base(3),
    "Derived": lambda module: module.Derived(3),
    "Base.make": lambda module: module.Base.make(3),
    "Derived.remake": lambda module: module.Derived.remake(3),
    "Base.value": lambda module: module.Base.value.fget(None),
    "Colour.mix": lambda module: module.Colour.RED.mix(),
}


@pytest.mark.parametrize("name", ["forms", "forms.inner"])
def test_all_that_a_module_defines_is_refused_and_nothing_that_it_imports(
    module: types.ModuleType, name: str
) -> None:
    held = module.plain
    inside = module.decorated.__wrapped__
    assert refuse(name) == sorted(f"forms.inner.{each}" for each in CALLS)
    for each, call in CALLS.items():
        with pytest.raises(Refused, match=rf"^forms\.inner\.{each}$"):
            call(module)
    for function in (held, inside):  # whoever took it before holds the same function
        with pytest.raises(Refused):
            function(1)
    assert module.join("a", "b")
    assert functools.wraps(len)
    assert enum.Enum("Shape", "ROUND")(1).value == 1  # all enumerations share what makes one


def test_one_function_and_one_class_are_refused_alone(module: types.ModuleType) -> None:
    assert refuse("forms.inner.plain") == ["forms.inner.plain"]
    assert refuse("forms.inner.Derived") == ["forms.inner.Derived", "forms.inner.Derived.remake"]
    assert module.Base(3).value == module.decorated(3) == 3
    for call in (module.plain, module.Derived):
        with pytest.raises(Refused):
            call(1)


def test_what_is_not_there_has_no_forms_and_no_text() -> None:
    assert list(find_forms("torch.no_such.thing")) == []
    assert list_sources("torch.no_such") == []


def test_the_text_of_a_module_is_a_file_and_of_a_package_a_folder() -> None:
    import email.message

    folder = Path(email.__file__).parent
    assert list_sources("email") == [folder]
    text, compiled = list_sources("email.message")
    assert text == folder / "message.py"
    assert compiled.name.startswith("message.")
    assert compiled.suffix == ".pyc"
