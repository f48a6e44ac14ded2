"""The space of small inputs that comes from a description: what a counterexample is looked for in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from .circumstances import list_circumstances
from .description import Argument, Description, Library, Option, measure_shape
from .inputs import Draw, InputSpace
from .libraries import NumpyLibrary, load_library
from .observation import name_results
from .playing import EVAL, TRAIN, Thing
from .scene import Upstream
from .shield import load_torch
from .suite import Tolerance

MOST: Final = 3
MOST_BESIDE_ANOTHER: Final = 2
DIGITS: Final = Tolerance(relative=1e-3, of_scale=1e-3)
"""Right answers round differently in float32, and cancel."""
SECOND, UPSTREAM, FIXED, MODE = "of a second call", "upstream gradient", "needs no gradient", "mode"


def make_space(description: Description) -> InputSpace:
    """Make the space of small inputs."""
    small = SmallInputs(description)
    return InputSpace(
        small.draw,
        small.observe,
        description.tolerance or DIGITS,
        list_circumstances(description),
        exact_in_float64=description.tolerance is None
        and "float64_in_gives_float64_out" not in description.without,
    )


@dataclass(frozen=True, slots=True)
class SmallInputs:
    """Draws small calls, and does with the entry point what a learner would do in a cell."""

    description: Description

    def draw(self, draw: Draw) -> dict[str, Any]:
        """Draw one small call, as plain as the first call but for what has to differ."""
        described = self.description
        mode = self._draw_mode(draw)
        offset = draw.choice((0.0, max((each.offset for each in described.arguments), default=0.0)))
        upstream = bool(described.learning) and draw.boolean()
        second = draw.boolean()
        sizes = self._draw_sizes(draw)
        # gradients cancel, which float32 does not survive
        wide = upstream or (described.library is Library.NUMPY and not offset)
        shape = draw.integer(0, max(len(each.also) for each in described.arguments))
        call: dict[str, Any] = described.choose_made_with(sizes)
        # who may compute in float32 need not get gradients right that cancel at a tiny default
        left_out = () if upstream and described.tolerance is not None else (None,)
        for option in described.options:
            values = () if option.mode else (*left_out, *_list_small_values(option))
            if values and (value := draw.choice(values)) is not None:
                call[option.name] = value
        if described.held and draw.boolean():
            call |= {
                each.name: self._draw_argument(draw, each, sizes, 0, wide=wide) for each in described.held
            }
        for each in described.arguments:
            call[each.name] = self._draw_argument(draw, each, sizes, shape, wide=wide, offset=offset)
        call |= mode
        if second:
            first = described.arguments[0]
            call[f"{first.name} {SECOND}"] = self._draw_argument(
                draw, first, sizes, shape, wide=wide, offset=offset
            )
        if upstream:
            dimensions = self._measure_result(sizes, shape)
            call[UPSTREAM] = self._make(draw.array(dimensions, -2, 3, plainest=1), wide)
            call["dtype"] = "float64"
            if len(described.learning) > 1 and (fixed := draw.choice(_list_fixed(described))):
                call[FIXED] = fixed
        elif offset and described.library is Library.NUMPY:
            call["dtype"] = "float32"
        return call

    def _draw_mode(self, draw: Draw) -> dict[str, Any]:
        option = self.description.mode
        if option:
            return {option.name: not option.default} if draw.boolean() else {}
        if self.description.is_object and self.description.modes:
            return {MODE: draw.choice((TRAIN, EVAL))}
        return {}

    def _draw_sizes(self, draw: Draw) -> dict[str, int]:
        names = list(self.description.sizes)
        most = [MOST if name == names[0] else MOST_BESIDE_ANOTHER for name in names]
        return {
            name: draw.integer(1 if self.description.sizes[name].one else 2, high)
            for name, high in zip(names, most, strict=True)
        }

    def _draw_argument(
        self,
        draw: Draw,
        argument: Argument,
        sizes: Mapping[str, int],
        shape: int,
        *,
        wide: bool,
        offset: float = 0.0,
    ) -> Any:
        dimensions = argument.measure(sizes, shape)
        if argument.integers:
            low, high = argument.integers
            last = (sizes[high] if isinstance(high, str) else high) - 1
            count = int(np.prod(dimensions))
            values = np.array([draw.integer(low, min(last, low + MOST)) for _ in range(count)])
            return self._make(values.reshape(dimensions), wide)
        drawn = draw.array(dimensions, *argument.small, plainest=argument.plainest)
        return self._make(np.asarray(drawn + (offset if argument.offset else 0.0)), wide)

    def _measure_result(self, sizes: Mapping[str, int], shape: int) -> tuple[int, ...]:
        first, result = self.description.arguments[0], self.description.results[0]
        if result.shape is not None:
            return measure_shape(result.shape, sizes)
        return first.measure(sizes, shape)

    def _make(self, values: Any, wide: bool) -> Any:  # noqa: FBT001 - passed on
        if values.dtype == np.float64:
            values = values.astype(np.float64 if wide else np.float32)
        if self.description.library is Library.NUMPY:
            return values
        torch = load_torch()

        return torch.from_numpy(values)

    def observe(self, entry_point: Any, call: dict[str, Any]) -> dict[str, Any]:
        """Return what the call gives, sends back, leaves in what it may change, and changes besides."""
        described, library = self.description, load_library(self.description.library)
        thing = self._make_object(entry_point, call) if described.is_object else None
        tensors = {each.name: call[each.name] for each in described.arguments}
        before = {
            each.name: library.copy(tensors[each.name]) for each in described.arguments if not each.changes
        }
        everything = tensors | (thing.read_held() if thing else {})
        learning = [
            name
            for name in described.learning
            if UPSTREAM in call and name not in str(call.get(FIXED)).split(", ")
        ]
        for name in described.learning:
            everything[name].requires_grad_(name in learning)
        results = self._call(entry_point, thing, tensors, call)
        seen = results | self._find_shared(results, tensors, library)
        if learning:
            seen |= _send_back(
                results, {name: everything[name] for name in learning}, call[UPSTREAM], library
            )
        first = described.arguments[0].name
        if f"{first} {SECOND}" in call:
            again = self._call(entry_point, thing, tensors | {first: call[f"{first} {SECOND}"]}, call)
            seen |= {f"{name} {SECOND}": value for name, value in again.items()}
        after = tensors | (thing.read_held() if thing else {})
        seen |= {each.name: after[each.name] for each in described.tensors if each.changes}
        seen |= {
            f"{each.name}.requires_grad": True
            for each in described.tensors
            if each.changes and getattr(after[each.name], "requires_grad", False)
        }
        changed = [name for name, value in before.items() if not library.is_same(value, tensors[name])]
        return seen | {f"{name} after the call": tensors[name] for name in changed}

    def _find_shared(
        self, results: Mapping[str, Any], tensors: Mapping[str, Any], library: NumpyLibrary
    ) -> dict[str, bool]:
        """Find what lies in the memory of what was passed in, and should not."""
        return {
            f"{result.name} shares the memory of {name}": True
            for result in self.description.results
            if not (result.number or result.may_share) and library.is_right(results[result.name])
            for name, tensor in tensors.items()
            if library.shares(results[result.name], tensor)
        }

    def _call(
        self, entry_point: Any, thing: Thing | None, tensors: Mapping[str, Any], call: Mapping[str, Any]
    ) -> dict[str, Any]:
        described = self.description
        library = load_library(described.library)
        if thing:
            returned = thing.make_call(tensors).function()
        else:
            make = described.call or (lambda function, *values, **given: function(*values, **given))
            returned = make(entry_point, *tensors.values(), **self._choose_options(call))
        results = name_results(described, library, returned)
        narrow = call.get("dtype") == "float32"
        return {
            result.name: library.narrow(results[result.name])
            if result.may_widen and narrow
            else results[result.name]
            for result in described.results
        }

    def _choose_options(self, call: Mapping[str, Any]) -> dict[str, Any]:
        return {option.name: call[option.name] for option in self.description.options if option.name in call}

    def _make_object(self, entry_point: Any, call: Mapping[str, Any]) -> Thing:
        described = self.description
        numbers = {name: call[name] for name in described.made_with or {}}
        wide = UPSTREAM in call
        thing = Thing.make(
            described,
            entry_point,
            numbers,
            self._choose_options(call),
        )
        if wide:
            thing.widen()
        if described.held and described.held[0].name in call:
            thing.fill({each.name: call[each.name] for each in described.held})
        if MODE in call:
            thing.switch_mode(call[MODE])
        return thing


def _list_fixed(described: Description) -> list[str | None]:
    """List what may need no gradient: nothing, one of the tensors, or all of them but the first."""
    learning = described.learning
    return [None, *learning, *([", ".join(learning[1:])] if len(learning) > 2 else [])]  # noqa: PLR2004


def _list_small_values(option: Option) -> list[Any]:
    usual = [] if option.is_range else list(option.usual)
    return list(option.small) or [*usual, *option.also]


def _send_back(
    results: Mapping[str, Any], learning: Mapping[str, Any], upstream: Any, library: NumpyLibrary
) -> dict[str, Any]:
    """Send a gradient back from each result, ones but to the first; None is what does not arrive."""
    outputs = [value for value in results.values() if getattr(value, "requires_grad", False)]
    fits = [value.shape == upstream.shape for value in outputs]
    library.send_back(
        outputs,
        [
            library.make_upstream(
                upstream.numpy() if fit and n == 0 else np.ones(tuple(value.shape)), value, Upstream.PLAIN
            )
            for n, (value, fit) in enumerate(zip(outputs, fits, strict=True))
        ],
    )
    found = library.take_gradients(learning.values())
    return {f"gradient of {name}": value for name, value in zip(learning, found, strict=True)}
