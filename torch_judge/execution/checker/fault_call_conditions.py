"""The conditions of conditional faults on a call itself: its options, its modes, and what came before it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from .fault_calls import Call, Condition, Event, Stage
from .fault_surface import Surface
from .fault_values import is_array, is_module

EVENTS: Final = {
    Event.COPIED: ("after_deepcopy", "the object is a deep copy"),
    Event.LOADED: ("after_load_state_dict", "a state dict was loaded"),
    Event.DOUBLED: ("after_double", "the module was turned into float64"),
    Event.MODE_WRITTEN: ("training_written", ".training was written directly"),
    Event.CHANGED_OUTSIDE: (
        "state_changed_outside",
        "the state was changed from outside since the last call",
    ),
}


def list_call_conditions(surface: Surface) -> Iterator[Condition]:
    """List what may hold of a call's options, modes and history."""
    for (stage, name), default in surface.options.items():
        yield from _list_of_option(surface, stage, name, default)
    for holder in surface.modules:
        yield from _list_of_module(surface, holder)
    yield from _list_history(surface)


def _list_of_option(surface: Surface, stage: Stage, name: str, default: Any) -> Iterator[Condition]:
    """List what may hold of an option, which is given to a call or to the making of its object."""
    making, other = stage is Stage.MAKING, frozenset({f"another value of {name}"})
    option = partial(_find_option, name=name, stage=stage)
    yield Condition(
        f"at_default({name})",
        f"{name} is given and is its default",
        lambda call: (seen := option(call)) and name in seen.given and _equals(seen.arguments[name], default),
        other,
        making,
    )
    yield Condition(
        f"left_out({name})",
        f"{name} is left out",
        lambda call: (seen := option(call)) and name not in seen.given,
        other,
        making,
    )
    yield Condition(
        f"by_keyword({name})",
        f"{name} is passed by keyword",
        lambda call: (seen := option(call)) and name in seen.keywords,
        making=making,
    )
    if isinstance(default, bool):
        yield from (_make_mode(surface, stage, name, value=value, default=default) for value in (True, False))
    elif isinstance(default, int | float):
        yield Condition(
            f"zero({name})",
            f"{name} is zero",
            lambda call: (seen := option(call)) and _equals(seen.arguments[name], 0),
            frozenset() if default else other,
            making,
        )


def _find_option(call: Call, name: str, stage: Stage) -> Call | None:
    """Find the call that an option was given to: this one, or the making of its object."""
    seen = call if call.stage is stage else call.history.making
    return seen if seen is not None and name in seen.arguments else None


def _make_mode(surface: Surface, stage: Stage, name: str, *, value: bool, default: bool) -> Condition:
    option = partial(_find_option, name=name, stage=stage)
    excluded = {f"another value of {name}"} if value is default else set()
    return Condition(
        f"{str(value).lower()}({name})",
        f"{name} is {value}",
        lambda call: (seen := option(call)) and seen.arguments[name] is value,
        frozenset(excluded | (_exclude_updates(surface, name, value) if stage is Stage.ANSWERING else set())),
        stage is Stage.MAKING,
    )


def _exclude_updates(surface: Surface, name: str, value: Any) -> set[str]:
    """Say that there is no update to spoil in a mode in which the jury never makes any."""
    return set() if not surface.changed or (name, value) in surface.changing else {"an update"}


def _equals(value: Any, other: Any) -> bool:
    return value is other or (isinstance(value, int | float | str) and value == other)


def _list_of_module(surface: Surface, holder: str) -> Iterator[Condition]:
    """List the modes of the object, or of a module that is passed."""
    own = holder == "self"
    for training, name in ((True, "train"), (False, "eval")):
        yield Condition(
            name if own else f"{name}({holder})",
            f"{'the module' if own else holder} is in {'training' if training else 'evaluation'}",
            partial(_is_in_mode, holder=holder, training=training),
            frozenset(_exclude_updates(surface, "self", training)) if own else frozenset(),
        )


def _is_in_mode(call: Call, holder: str, training: bool) -> bool:  # noqa: FBT001 - bound by keyword
    if call.stage is Stage.MAKING:
        return False
    module: Any = call.owner if holder == "self" else call.arguments.get(holder)
    return is_module(module) and bool(module.training) is training


def _list_history(surface: Surface) -> Iterator[Condition]:
    yield Condition("second_call", "it is not the first call", lambda call: call.history.calls > 0)
    yield Condition("same_again", "the same arguments are passed again", lambda call: call.repeats)
    if surface.first is not None and surface.first.dimensions:
        yield Condition("another_shape", "the call before was of another shape", _is_of_another_shape)
    if surface.modes:
        yield Condition("another_mode", "the call before was in another mode", _is_in_another_mode)
    if "self" not in surface.modules:
        if surface.objects:
            yield Condition(*EVENTS[Event.COPIED], partial(_is_after, event=Event.COPIED))
        return
    for event, (name, says) in EVENTS.items():
        yield Condition(name, says, partial(_is_after, event=event))
    says = "the module was in evaluation and is back in training"
    yield Condition("train_after_eval", says, _trains_after_evaluation)


def _is_after(call: Call, event: Event) -> bool:
    return event in call.history.events


def _trains_after_evaluation(call: Call) -> bool:
    return {Event.EVALUATED, Event.TRAINED_AGAIN} <= call.history.events and bool(call.owner.training)


def _is_of_another_shape(call: Call) -> bool:
    shapes = tuple(tuple(value.shape) for value in call.arguments.values() if is_array(value))
    return call.history.calls > 0 and shapes != call.history.shapes


def _is_in_another_mode(call: Call) -> bool:
    pairs = zip(call.arguments.values(), call.history.before, strict=False)
    return call.history.calls > 0 and any(
        isinstance(value, bool) and value is not before for value, before in pairs
    )
