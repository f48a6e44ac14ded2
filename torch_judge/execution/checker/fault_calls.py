"""Calls of the jury solution as conditional faults see them, and the stage on which they happen.

The jury's entry point is wrapped: a function by a function, a class in place, so that copies, pickles and
`isinstance` work. Each outermost call gets a number within its case. On the stage calls are watched, or a fault
is put on some of them.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from .fault_values import copy, find_torch, is_array, is_module, is_same, walk_arrays, walk_module

TOKEN: Final = "_call_history"
"""Under this name an object holds the number of its history: plain, so that it is copied with the object."""


class Stage(StrEnum):
    """What a call does: it makes an object, or it answers."""

    MAKING = "making"
    ANSWERING = "answering"


class Event(StrEnum):
    """What may have happened to an object before a call."""

    COPIED = "copied"
    LOADED = "loaded"
    DOUBLED = "doubled"
    MODE_WRITTEN = "mode written"
    EVALUATED = "evaluated"
    TRAINED_AGAIN = "trained again"
    CHANGED_OUTSIDE = "changed outside"


@dataclass(slots=True)
class History:
    """What happened to a function or an object before a call."""

    owner: int = 0
    calls: int = 0
    events: set[Event] = field(default_factory=set)
    making: Call | None = None
    before: tuple[Any, ...] = ()
    """The arguments of the call before, and their shapes."""
    shapes: tuple[Any, ...] = ()
    result: Any = None
    left: dict[str, Any] = field(default_factory=dict)
    """Copies of the state that the last call left, where calls are watched."""


@dataclass(slots=True)
class Call:
    """One call, before it happens; `proceed` lets it happen."""

    stage: Stage
    index: int
    owner: Any
    function: Callable[..., Any]
    signature: inspect.Signature
    arguments: dict[str, Any]
    given: frozenset[str]
    keywords: frozenset[str]
    history: History
    places: dict[str, Any] = field(default_factory=dict)
    """The arrays in its arguments and in the object, by name."""
    changed: frozenset[str] = frozenset()
    """Which of them the jury's call changed in place; known afterwards."""
    result: Any = None
    bites: bool = False

    def proceed(self) -> Any:
        """Call the jury with the arguments as they are now."""
        bound = inspect.BoundArguments(self.signature, dict(self.arguments))  # type: ignore[arg-type]
        first = () if self.owner is None else (self.owner,)
        return self.function(*first, *bound.args, **bound.kwargs)

    def bite(self) -> None:
        """Note that a fault changed something."""
        self.bites = True

    def substitute(self, place: str, value: Any) -> None:
        """Pass another array in a place among the arguments."""
        name, _, inner = place.partition(".")
        if not inner:
            self.arguments[name] = value
            return
        held = self.arguments[name]
        if isinstance(held, dict):
            self.arguments[name] = {key: value if str(key) == inner else item for key, item in held.items()}
        else:
            self.arguments[name] = type(held)(
                value if str(n) == inner else item for n, item in enumerate(held)
            )

    @property
    def repeats(self) -> bool:
        """Whether it passes the very arguments of the call before."""
        values = tuple(self.arguments.values())
        return (
            bool(self.history.calls)
            and len(values) == len(self.history.before)
            and all(_is_the_same(one, other) for one, other in zip(values, self.history.before, strict=True))
        )


def _is_the_same(one: Any, other: Any) -> bool:
    return one is other or (not is_array(one) and type(one) is type(other) and one == other)


Watch = Callable[[Call], None]
Fault = Callable[[Call], Any]


class CallStage:
    """Where the calls of a case happen: watched, under a fault, or as they are."""

    def __init__(self) -> None:
        self.entry_point: Any = None
        self._depth = 0
        self._watch: Watch | None = None
        self._fault: Fault | None = None
        self._on: frozenset[int] = frozenset()
        self._histories: dict[int, History] = {}
        self._function = History()
        self._count = 0
        self.bites = False

    def watch(self, watch: Watch, *, after: Watch) -> None:
        """Have each call of the next case looked at, before and after it."""
        self._start()
        self._watch, self._after = watch, after

    def put(self, fault: Fault, on: frozenset[int]) -> None:
        """Put a fault on some calls of the next case."""
        self._start()
        self._fault, self._on = fault, on

    def clear(self) -> None:
        """Let calls happen as they are."""
        self._start()

    def _start(self) -> None:
        self._watch = self._fault = None
        self._on = frozenset()
        self._histories, self._function = {}, History()
        self._depth = self._count = 0
        self.bites = False

    def happen(
        self,
        stage: Stage,
        owner: Any,
        function: Callable[..., Any],
        signature: inspect.Signature,
        arguments: tuple[Any, ...],
        named: dict[str, Any],
    ) -> Any:
        """Let a call happen, the outermost one under what is on the stage."""
        first = () if owner is None else (owner,)
        call = None if self._depth else self._describe(stage, owner, function, signature, arguments, named)
        if call is None:
            return function(*first, *arguments, **named)
        self._depth += 1
        try:
            self._see(call)
            result = self._fault(call) if self._fault and call.index in self._on else call.proceed()
            self._settle(call, result)
        finally:
            self.bites = self.bites or call.bites
            self._depth -= 1
        return result

    def _describe(
        self,
        stage: Stage,
        owner: Any,
        function: Callable[..., Any],
        signature: inspect.Signature,
        arguments: tuple[Any, ...],
        named: dict[str, Any],
    ) -> Call | None:
        """Describe a call; None if its arguments do not fit, which the jury is to say itself."""
        try:
            bound = signature.bind(*arguments, **named)
        except TypeError:
            return None
        given = frozenset(bound.arguments)
        bound.apply_defaults()
        history = self._function if owner is None else self.find_history(owner)
        index, self._count = self._count, self._count + 1
        return Call(
            stage, index, owner, function, signature, dict(bound.arguments), given, frozenset(named), history
        )

    def _see(self, call: Call) -> None:
        places = (pair for name, value in call.arguments.items() for pair in walk_arrays(name, value))
        call.places = {".".join(path): value for path, value in places}
        if call.stage is Stage.ANSWERING:
            call.places |= dict(list_state(call.owner))
        if self._watch:
            if any(not is_same(value, now) for value, now in self._pair_left(call)):
                call.history.events.add(Event.CHANGED_OUTSIDE)
            self._watch(call)
        call.changed = frozenset()

    def _pair_left(self, call: Call) -> Iterator[tuple[Any, Any]]:
        for name, value in call.history.left.items():
            now = call.places.get(name)
            if now is not None and now.shape == value.shape and now.dtype == value.dtype:
                yield value, now

    def _settle(self, call: Call, result: Any) -> None:
        history = call.history
        call.result = result
        if self._watch:
            self._after(call)
        if call.stage is Stage.MAKING:
            history.making = call
            return
        history.calls += 1
        history.before = tuple(call.arguments.values())
        history.shapes = tuple(tuple(value.shape) for value in history.before if is_array(value))
        history.result = result
        history.events.discard(Event.CHANGED_OUTSIDE)
        if self._watch:
            history.left = {name: copy(value) for name, value in list_state(call.owner)}

    def find_history(self, owner: Any) -> History:
        """Find the history of an object; a copy starts with that of its model."""
        held = getattr(owner, "__dict__", {})
        known = self._histories.get(held.get(TOKEN, -1))
        if known is not None and known.owner == id(owner):
            return known
        history = History(id(owner))
        if known is not None:
            history.events = known.events | {Event.COPIED}
            history.making = known.making
        token = len(self._histories)
        self._histories[token] = history
        held[TOKEN] = token
        return history

    def note(self, owner: Any, event: Event) -> None:
        """Note what happens to an object between its calls."""
        if self._depth == 0:
            self.find_history(owner).events.add(event)


def list_state(owner: Any) -> Iterator[tuple[str, Any]]:
    """List the first parameters and buffers of an object, as `self.name`."""
    if is_module(owner):
        yield from ((".".join(path), value) for path, value in walk_module("self", owner))


def wrap_function(stage: CallStage, function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap the jury's function, so that its calls happen on the stage."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def staged(*arguments: Any, **named: Any) -> Any:
        return stage.happen(Stage.ANSWERING, None, function, signature, arguments, named)

    return staged


def wrap_class(stage: CallStage, jury: type) -> type:
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


def _wrap_method(stage: CallStage, kind: Stage, method: Callable[..., Any]) -> Callable[..., Any]:
    signature = inspect.signature(method)
    own = signature.replace(parameters=list(signature.parameters.values())[1:])

    @functools.wraps(method)
    def staged(self: Any, *arguments: Any, **named: Any) -> Any:
        return stage.happen(kind, self, method, own, arguments, named)

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
