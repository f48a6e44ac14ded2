"""Wrap the jury's entry point, so that its calls happen on a stage.

A function is wrapped by a function, a class in place, so that copies, pickles and `isinstance` work.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from .fault_calls import CallStage, Event, Method, Stage
from .fault_values import find_torch


def wrap(stage: CallStage, jury: Any) -> Any:
    """Wrap what the jury's file defines under the name of the entry point."""
    return _wrap_class(stage, jury) if isinstance(jury, type) else _wrap_function(stage, jury)


def _wrap_function(stage: CallStage, function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap the jury's function, so that its calls happen on the stage."""
    method = Method(Stage.ANSWERING, function, inspect.signature(function))

    @functools.wraps(function)
    def staged(*arguments: Any, **named: Any) -> Any:
        return stage.happen(method, None, arguments, named)

    return staged


def _wrap_class(stage: CallStage, jury: type) -> type:
    """Wrap the methods of the jury's class in place, so that its calls happen on the stage."""
    torch = find_torch()
    is_modular = torch is not None and issubclass(jury, torch.nn.Module)
    own = [name for name, value in vars(jury).items() if inspect.isfunction(value)]
    answering = ["forward"] if is_modular else [n for n in own if not n.startswith("_") or n == "__call__"]
    for name in ["__init__", *answering]:
        if inspect.isfunction(method := inspect.getattr_static(jury, name, None)):
            kind = Stage.MAKING if name == "__init__" else Stage.ANSWERING
            setattr(jury, name, _wrap_method(stage, kind, method))
    if is_modular:
        _follow_module(stage, jury)
    return jury


def _wrap_method(stage: CallStage, kind: Stage, function: Callable[..., Any]) -> Callable[..., Any]:
    signature = inspect.signature(function)
    own = signature.replace(parameters=list(signature.parameters.values())[1:])
    method = Method(kind, function, own)

    @functools.wraps(function)
    def staged(self: Any, *arguments: Any, **named: Any) -> Any:
        return stage.happen(method, self, arguments, named)

    return staged


def _follow_module(stage: CallStage, jury: Any) -> None:
    """Note what happens to a module between its calls: its mode, its dtype, its state."""
    train, load, apply, write = jury.train, jury._load_from_state_dict, jury._apply, jury.__setattr__
    switching: set[int] = set()

    def follow_train(self: Any, *arguments: Any, **named: Any) -> Any:
        was = self.training
        switching.add(id(self))
        try:
            return train(self, *arguments, **named)
        finally:
            switching.discard(id(self))
            if was and not self.training:
                stage.note(self, Event.EVALUATED)
            elif not was and self.training:
                stage.note(self, Event.TRAINED_AGAIN)

    def follow_write(self: Any, name: str, value: Any) -> None:
        write(self, name, value)
        if name == "training" and id(self) not in switching:
            stage.note(self, Event.MODE_WRITTEN)

    def follow_load(self: Any, *arguments: Any, **named: Any) -> Any:
        result = load(self, *arguments, **named)
        stage.note(self, Event.LOADED)
        return result

    def follow_apply(self: Any, *arguments: Any, **named: Any) -> Any:
        before = {value.dtype for value in self.parameters()}
        result = apply(self, *arguments, **named)
        double = find_torch().float64
        if any(value.dtype is double for value in self.parameters()) and double not in before:
            stage.note(self, Event.DOUBLED)
        return result

    followers = (follow_train, follow_write, follow_load, follow_apply)
    for original, follower in zip((train, write, load, apply), followers, strict=True):
        setattr(jury, original.__name__, functools.wraps(original)(follower))
