"""A forgotten `return`: said of a function that can return nothing else, and of no other."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest

from torch_judge.execution.worker.missing_return import returns_nothing

FORGETS = {
    "no return": "def f(x):\n    y = x * 2",
    "nothing to do": "def f(x): pass",
    "a bare return": "def f(x):\n    if x: return\n    x += 1",
    "the return of a function inside": "def f(x):\n    def g(): return x\n    g()",
    "in a block": "def f(x):\n    with open(x) as file:\n        try: file.read()\n        finally: return",
}
RETURNS = {
    "a value": "def f(x): return x",
    "a value at times": "def f(x):\n    if x: return x",
    "a constant": "def f(x): return 3",
    "an expression": "def f(x): return x or None",
    "what a call returns": "def f(x): return print(x)",
    "a generator": "def f(x): yield x",
    "a coroutine": "async def f(x): pass",
    "a starter": "def f(x): raise NotImplementedError",
    "a lambda": "f = lambda x: x",
    "a class": "class f:\n    def __init__(self, x): pass",
    "an object": "class C:\n    def __call__(self): pass\nf = C()",
    "a builtin": "f = print",
    "a hostile object": "class C:\n    def __getattr__(self, name): raise SystemError\nf = C()",
}


def run(text: str) -> Any:
    names: dict[str, Any] = {}
    exec(text, names)
    return names["f"]


@pytest.mark.parametrize("text", FORGETS.values(), ids=FORGETS.keys())
def test_a_function_without_a_value_to_return_is_noticed(text: str) -> None:
    assert returns_nothing(run(text))


@pytest.mark.parametrize("text", RETURNS.values(), ids=RETURNS.keys())
def test_of_everything_else_nothing_is_said(text: str) -> None:
    assert not returns_nothing(run(text))


def test_what_is_decorated_is_looked_through() -> None:
    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapper(*arguments: Any) -> Any:
            return function(*arguments)

        return wrapper

    assert returns_nothing(decorate(run("def f(x): pass")))
