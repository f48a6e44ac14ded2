"""What a run of its suite tells of an entry point: the arrays, options, state and parts it deals with.

From this follows which conditions and which effects apply to it at all.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from .fault_calls import Call, Stage
from .fault_values import (
    copy,
    is_array,
    is_floating,
    is_module,
    is_same,
    is_tensor,
    list_parts,
    needs_gradient,
)

MOST_PLACES: Final = 4
"""Of what a module holds, be it the object or an argument, so many parameters and buffers are listed."""

Option = tuple[Stage, str]


@dataclass(slots=True)
class Place:
    """An array among the arguments or in the object."""

    name: str
    is_argument: bool = False
    """Passed directly, or in a list or a dict; else it is held by a module."""
    floating: bool = False
    dimensions: int = 0
    differentiable: bool = False
    changes: bool = False
    """The jury changes it in place."""
    seen: int = 0

    @property
    def holder(self) -> str:
        """The argument that holds it, or `self`; empty if it is an argument."""
        return "" if self.is_argument else self.name.split(".")[0]


@dataclass(slots=True)
class Surface:
    """What the calls of a suite have to do with."""

    places: dict[str, Place] = field(default_factory=dict)
    options: dict[Option, Any] = field(default_factory=dict)
    """The defaults of the parameters that have one."""
    modules: dict[str, None] = field(default_factory=dict)
    """Arguments that are modules; `self` for the object."""
    objects: bool = False
    parts: Counter[str] = field(default_factory=Counter)
    arrays: set[str] = field(default_factory=set)
    """The parts of the result that are arrays in some call; a part may be a number of Python's."""
    differentiable: bool = False
    """Gradients can flow back from a result."""
    pairs: set[tuple[str, str]] = field(default_factory=set)
    """A part of the result and a place that have the same shape and dtype in some call."""
    changing: set[tuple[str, Any]] = field(default_factory=set)
    """The modes, of an option or of the object, in which the jury changed something."""
    tensors: bool = False
    _before: dict[str, Any] = field(default_factory=dict)

    @property
    def first(self) -> Place | None:
        """The first array that is passed."""
        return next((place for place in self.places.values() if place.is_argument), None)

    @property
    def modes(self) -> tuple[str, ...]:
        """The options of a call that are true or false."""
        return tuple(
            name
            for (stage, name), default in self.options.items()
            if stage is Stage.ANSWERING and isinstance(default, bool)
        )

    @property
    def changed(self) -> tuple[str, ...]:
        """What the jury changes in place, as it should."""
        return tuple(place.name for place in self.places.values() if place.changes)

    def see(self, call: Call) -> None:
        """Look at a call before it happens."""
        self._before = {name: copy(value) for name, value in call.places.items()}
        self.objects = self.objects or call.owner is not None
        for name, parameter in call.method.signature.parameters.items():
            if parameter.default is not parameter.empty:
                self.options[call.stage, name] = parameter.default
        if call.stage is Stage.MAKING:
            return
        if is_module(call.owner):
            self.modules["self"] = None
        self.modules.update((name, None) for name, value in call.arguments.items() if is_module(value))
        for name, value in call.places.items():
            place = self.places.setdefault(name, Place(name))
            place.is_argument = not is_module(call.arguments.get(name.split(".")[0], call.owner))
            place.floating = place.floating or is_floating(value)
            place.dimensions = max(place.dimensions, value.ndim)
            place.differentiable = place.differentiable or needs_gradient(value)
            place.seen += 1
            self.tensors = self.tensors or is_tensor(value)

    def settle(self, call: Call) -> None:
        """Look at a call after it has happened."""
        call.changed = frozenset(
            name for name, before in self._before.items() if not is_same(before, call.places[name])
        )
        for name in call.changed:
            self.places[name].changes = True
        if call.changed:
            self.changing |= set(list_modes(call))
        if call.stage is Stage.MAKING:
            return
        for part, value in list_parts(call.result).items():
            self.parts[part] += 1
            if not is_array(value):
                continue
            self.arrays.add(part)
            self.differentiable = self.differentiable or needs_gradient(value)
            for name, held in call.places.items():
                if value.shape == held.shape and value.dtype == held.dtype:
                    self.pairs.add((part, name))

    def trim(self) -> None:
        """Keep of what modules hold the names that were seen most; models differ from case to case."""
        for holder in {place.holder for place in self.places.values()} - {""}:
            held = [place for place in self.places.values() if place.holder == holder]
            held.sort(key=lambda place: (not place.changes, -place.seen))
            for place in held[MOST_PLACES:]:
                del self.places[place.name]
        self.parts = Counter(dict(self.parts.most_common(MOST_PLACES)))


def list_modes(call: Call) -> list[tuple[str, Any]]:
    """List the modes of a call: its boolean arguments, and that of the object."""
    modes = [(name, value) for name, value in call.arguments.items() if isinstance(value, bool)]
    if is_module(call.owner):
        modes.append(("self", call.owner.training))
    return modes
