"""Calls of the jury solution as conditional faults see them, and the stage on which they happen.

Each outermost call gets a number within its case. On the stage calls are watched, or a fault is put on some.
"""

from __future__ import annotations

import inspect
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from .fault_values import copy, is_array, is_module, is_same, walk_arrays, walk_module

HISTORY: Final = "_call_history"
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


@dataclass(frozen=True, slots=True)
class Method:
    """A function of the jury's, or a method, whose signature then leaves the object out."""

    stage: Stage
    function: Callable[..., Any]
    signature: inspect.Signature


@dataclass(slots=True)
class Call:
    """One call, before it happens; `proceed` lets it happen."""

    method: Method
    index: int
    owner: Any
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
    raised: BaseException | None = None
    """What comes out of the call because the jury, or the fault on purpose, raises it."""

    def proceed(self) -> Any:
        """Call the jury with the arguments as they are now."""
        bound = inspect.BoundArguments(self.method.signature, OrderedDict(self.arguments))
        first = () if self.owner is None else (self.owner,)
        try:
            return self.method.function(*first, *bound.args, **bound.kwargs)
        except BaseException as error:
            self.raised = error
            raise

    @property
    def stage(self) -> Stage:
        """What it does."""
        return self.method.stage

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
    if one is other or is_array(one) or type(one) is not type(other):
        return one is other
    if isinstance(one, list | tuple):  # == asks an array in it for a truth value that it does not have
        return len(one) == len(other) and all(map(_is_the_same, one, other))
    return bool(one == other)


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that holds of a call or does not."""

    name: str
    says: str
    """The words after "when"."""
    test: Callable[[Call], Any]
    excludes: frozenset[str] = frozenset()
    """What effects need, and cannot have where it holds: such a fault contradicts itself."""
    making: bool = False
    """It may hold of the making of an object; then it holds of the calls of that object too."""

    def holds(self, call: Call) -> bool:
        """Tell whether it holds of a call that is about to happen."""
        return bool(self.test(call))


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that goes wrong in a call: it makes the call itself, and notes where it bit."""

    name: str
    says: str
    apply: Callable[[Call], Any]
    needs: frozenset[str] = frozenset()
    """What a condition may exclude."""
    stage: Stage = Stage.ANSWERING


Watch = Callable[[Call], None]


class CallStage:
    """Where the calls of a case happen: watched, under a fault, or as they are."""

    def __init__(self) -> None:
        self.entry_point: Any = None
        self._depth = 0
        self._watch: Watch | None = None
        self._after: Watch | None = None
        self._fault: Effect | None = None
        self._on: frozenset[int] = frozenset()
        self._histories: dict[int, History] = {}
        self._function = History()
        self._count = 0
        self.bites = False
        self.failed = frozenset[int]()
        """The calls that the fault could not be put on: what came out of that is no finding."""

    def watch(self, watch: Watch, *, after: Watch | None = None) -> None:
        """Have each call of the next case looked at, before and after it."""
        self._start()
        self._watch, self._after = watch, after

    def put(self, fault: Effect, on: frozenset[int]) -> None:
        """Put a fault on some calls of the next case."""
        self._start()
        self._fault, self._on = fault, on

    def clear(self) -> None:
        """Let calls happen as they are."""
        self._start()

    def _start(self) -> None:
        self._watch = self._after = self._fault = None
        self._on = frozenset()
        self._histories, self._function = {}, History()
        self._depth = self._count = 0
        self.bites, self.failed = False, frozenset()

    def happen(self, method: Method, owner: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Let a call happen, the outermost one under what is on the stage."""
        first = () if owner is None else (owner,)
        call = None if self._depth else self._describe(method, owner, arguments, named)
        if call is None:
            return method.function(*first, *arguments, **named)
        self._depth += 1
        try:
            self._see(call)
            result = self._fault.apply(call) if self._fault and call.index in self._on else call.proceed()
            self._settle(call, result)
        except Exception as error:
            if error is not call.raised:
                self.failed |= {call.index}
            raise
        finally:
            self.bites = self.bites or call.bites
            self._depth -= 1
        return result

    def _describe(
        self, method: Method, owner: Any, arguments: tuple[Any, ...], named: dict[str, Any]
    ) -> Call | None:
        """Describe a call; None if its arguments do not fit, which the jury is to say itself."""
        try:
            bound = method.signature.bind(*arguments, **named)
        except TypeError:
            return None
        given = frozenset(bound.arguments)
        bound.apply_defaults()
        history = self._function if owner is None else self.find_history(owner)
        index, self._count = self._count, self._count + 1
        return Call(method, index, owner, dict(bound.arguments), given, frozenset(named), history)

    def _see(self, call: Call) -> None:
        places = (pair for name, value in call.arguments.items() for pair in walk_arrays(name, value))
        call.places = {".".join(path): value for path, value in places}
        if call.stage is Stage.ANSWERING:
            call.places |= dict(list_state(call.owner))
        if self._watch:
            if any(not is_same(value, now) for value, now in self._pair_left(call)):
                call.history.events.add(Event.CHANGED_OUTSIDE)
            self._watch(call)

    def _pair_left(self, call: Call) -> Iterator[tuple[Any, Any]]:
        for name, value in call.history.left.items():
            now = call.places.get(name)
            if now is not None and now.shape == value.shape and now.dtype == value.dtype:
                yield value, now

    def _settle(self, call: Call, result: Any) -> None:
        history = call.history
        call.result = result
        if self._after:
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
        known = self._histories.get(held.get(HISTORY, -1))
        if known is not None and known.owner == id(owner):
            return known
        history = History(id(owner))
        if known is not None:
            history.events = known.events | {Event.COPIED}
            history.making = known.making
        token = len(self._histories)
        self._histories[token] = history
        held[HISTORY] = token
        return history

    def note(self, owner: Any, event: Event) -> None:
        """Note what happens to an object between its calls."""
        if self._depth == 0:
            self.find_history(owner).events.add(event)


def list_state(owner: Any) -> Iterator[tuple[str, Any]]:
    """List the first parameters and buffers of an object, as `self.name`."""
    if is_module(owner):
        yield from ((".".join(path), value) for path, value in walk_module("self", owner))
