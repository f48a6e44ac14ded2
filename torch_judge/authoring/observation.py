"""Observe everything about a call: what it returns and sends back, and what it does to what is not its own.

Values are returned, for the jury's to be compared with. Of what no right answer does there is a sentence
among the complaints: an argument changed, a result that shares memory, a setting left changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .complaints import Complaints
from .description import Description, Library, Result
from .libraries import NumpyLibrary, Particulars, Settings, StateOfAGenerator
from .scene import Grad, Scene, list_learning
from .suite import WrongAnswer


@dataclass(slots=True)
class Call:
    """A call that is to be made, and what is looked at around it."""

    function: Callable[[], Any]
    tensors: dict[str, Any]
    """What is passed in and what the object holds, by name."""
    where: str = ""
    others: Mapping[str, Any] = field(default_factory=dict)
    """Tensors that the call has nothing to do with."""
    leaves: Mapping[str, Any] = field(default_factory=dict)
    """Of what comes out of another layer, what went into that."""
    given: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    """Leaves that have a gradient of an earlier call, and that."""
    held: Callable[[], Mapping[str, Any]] | None = None
    """Reads what the object holds: a call may bind its buffers anew."""
    state: Callable[[], Settings] | None = None
    """Reads what a call must leave as it is, besides tensors: modes, names."""

    def refresh(self) -> None:
        """Read again what the object holds."""
        if self.held:
            self.tensors |= self.held()

    def read_settings(self) -> Settings:
        """Read what the call must leave as it is in the object."""
        return self.state() if self.state else {}


@dataclass(frozen=True, slots=True)
class Say:
    """Makes the sentence of a rejection, with the place in front."""

    where: str = ""

    @property
    def suffix(self) -> str:
        """Return the place in brackets, if there is one."""
        return f" ({self.where})" if self.where else ""

    def __call__(self, text: str) -> WrongAnswer:
        """Make the sentence."""
        return WrongAnswer(f"{self.where}: {text}" if self.where else text)


@dataclass(slots=True)
class Stage:
    """What is there while scenes are played: the tensors, by name, and earlier results."""

    description: Description
    library: NumpyLibrary
    rng: np.random.Generator
    complaints: Complaints = field(default_factory=Complaints)
    earlier: list[tuple[str, Any, Any]] = field(default_factory=list)
    """Results that were returned before: where, as they are and as they were."""
    _changing: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self._changing = frozenset(each.name for each in self.description.tensors if each.changes)

    def observe(self, call: Call, scene: Scene) -> dict[str, Any]:
        """Make a call and observe everything."""
        seen, outputs = self.look(call, scene)
        if outputs:
            seen |= self.send_back(outputs, call, scene)
        return seen | self.read_changed(call, scene)

    def look(self, call: Call, scene: Scene) -> tuple[dict[str, Any], list[Any]]:
        """Make a call; return its results by name, and those from which gradients are to flow."""
        library, say = self.library, Say(call.where)
        fixed = {name: value for name, value in call.tensors.items() if name not in self._changing}
        before = {name: library.copy(value) for name, value in (*fixed.items(), *call.others.items())}
        flags = {name: library.requires_grad(value) for name, value in call.tensors.items()}
        particulars = {name: library.read_particulars(value) for name, value in fixed.items()}
        with library.switch(scene.grad):
            settings = library.read_settings() | call.read_settings()
            returned = call.function()
            after = library.read_settings() | call.read_settings()
        call.refresh()
        results = name_results(self.description, library, returned, say)
        note = self.complaints.note
        for error in find_changed(settings, after, say):
            note(error)
        for name, value in call.tensors.items():
            if name in fixed and value is not fixed[name]:
                note(say(f"{name}: expected the tensor that was there before the call, found another"))
            if library.requires_grad(value) != flags[name]:
                note(say(f"{name}.requires_grad: expected {flags[name]} as before, found {not flags[name]}"))
        for name, value in (*fixed.items(), *call.others.items()):
            if not library.is_same(before[name], value):
                note(say(_describe_change(name, before[name], value)))
            elif name in particulars and particulars[name] != (after_it := library.read_particulars(value)):
                for error in self._find_touched(name, particulars[name], after_it, say):
                    note(error)
        self._check_given(call, say)
        self._check_sharing(results, call.tensors, say)
        outputs = self._check_graph(results, call.tensors, scene, say)
        return {name: self._read(result, results[name], scene) for name, result in self._results()}, outputs

    def _check_given(self, call: Call, say: Say) -> None:
        """See that gradients of an earlier call are there as they were, and take them away."""
        for name, (leaf, gradient) in call.given.items():
            if not self.library.takes_gradient(leaf, gradient):
                says = f"{name}.grad: expected what was there before the call, found it changed"
                self.complaints.note(say(says))

    def _find_touched(
        self, name: str, before: Particulars, after: Particulars, say: Say
    ) -> Iterator[WrongAnswer]:
        """Find what a call has changed about a tensor whose numbers are as they were."""
        for what, was, found in zip(self.library.particulars, before, after, strict=True):
            if was == found or what == "requires_grad":  # which has a sentence of its own
                continue
            yield say(f"{name}: the call changes {what}, although its numbers are as they were")

    def send_back(
        self, outputs: Sequence[Any], call: Call, scene: Scene, *, keeps_graph: bool = False
    ) -> dict[str, Any]:
        """Send random gradients back, and return those that arrive, by name."""
        library, say, tensors = self.library, Say(call.where), call.tensors
        upstreams = [
            library.make_upstream(np.asarray(self.rng.normal(size=tuple(value.shape))), value, scene.upstream)
            for value in outputs
        ]
        sent = [library.copy(upstream) for upstream in upstreams]
        library.send_back(outputs, upstreams, keeps_graph=keeps_graph)
        learning = list_learning(self.description, scene)
        leaves = [call.leaves.get(name, value) for name, value in tensors.items()]
        found = dict(zip(tensors, library.take_gradients(leaves), strict=True))
        note = self.complaints.note
        if not all(map(library.is_same, sent, upstreams)):
            note(say("the gradient from above: expected as it was sent, found it changed in place"))
        for name, gradient in found.items():
            if gradient is None and name in learning:
                note(say(f"gradient of {name}: expected a tensor, found no path from the output to {name}"))
            if gradient is not None and name not in learning:
                note(say(f"gradient of {name}: expected none, for it does not require grad, found one"))
        return {f"gradient of {name}": self._read_value(found[name], scene) for name in learning}

    def read_changed(self, call: Call, scene: Scene) -> dict[str, Any]:
        """Copy what a call may change in place, as it is now."""
        suffix = "" if self.description.is_object else " after the call"
        return {
            f"{name}{suffix}": self._read_value(self.library.copy(value), scene)
            for name, value in call.tensors.items()
            if name in self._changing
        }

    def check_afterwards(self) -> None:
        """See that all results are as they were returned."""
        for where, value, copy in self.earlier:
            if not self.library.is_same(copy, value):
                says = f"{where}: a later call has changed what an earlier one returned"
                self.complaints.note(WrongAnswer(says))

    def _results(self) -> Iterator[tuple[str, Result]]:
        for result in self.description.results:
            yield result.name, result

    def _check_sharing(self, results: Mapping[str, Any], tensors: Mapping[str, Any], say: Say) -> None:
        """See that each result lies in memory of its own, or where it may."""
        own: list[tuple[str, Any]] = []
        for name, result in self._results():
            value, shares = results[name], self.library.shares
            if result.number or any(shares(value, tensors[other]) for other in result.may_share):
                continue
            holders = [(other, tensor) for other, tensor in tensors.items() if shares(value, tensor)]
            holders += [(other, of_this_call) for other, of_this_call in own if shares(value, of_this_call)]
            holders += [(where, earlier) for where, earlier, _ in self.earlier if shares(value, earlier)]
            if holders:
                noun = f"a new {self.library.noun}"
                says = f"expected {noun}, found one that shares memory with {holders[0][0]}"
                self.complaints.note(say(f"{name}: {says}"))
            own.append((name, value))
        self.earlier += [
            (f"{name} of an earlier call{say.suffix}", value, self.library.copy(value)) for name, value in own
        ]

    def _check_graph(
        self, results: Mapping[str, Any], tensors: Mapping[str, Any], scene: Scene, say: Say
    ) -> list[Any]:
        """Return the results from which gradients flow; say where they cannot, or where they should not."""
        if self.description.library is Library.NUMPY:
            return []
        expected = scene.grad is Grad.ON and bool(list_learning(self.description, scene))
        outputs, note = [], self.complaints.note
        for name, result in self._results():
            value = results[name]
            if result.number or not self.library.is_floating(value):
                continue
            learns = self.library.requires_grad(value)
            if learns and not expected:
                note(say(f"{name}.requires_grad: expected False, as for all inputs, found True"))
            if expected and not learns:
                note(say(f"{name}: no gradient can flow back from it, it is cut off from the graph"))
            elif expected:
                outputs.append(value)
        for name, value in tensors.items():
            if self.library.has_gradient(value):
                note(say(f"{name}.grad: expected None after the call, found a gradient"))
        return outputs

    def _read(self, result: Result, value: Any, scene: Scene) -> Any:
        if result.number:
            return None if self.description.chance else value
        value = self.library.copy(value)
        if result.may_widen and scene.dtype == "float32":
            value = self.library.narrow(value)
        return self._read_value(value, scene)

    def _read_value(self, value: Any, scene: Scene) -> Any:
        """Return what is compared of a tensor: its numbers, unless these are drawn or rounded."""
        if value is None:  # a gradient that did not arrive
            return None
        if scene.kinds_only:
            return str(value.dtype)
        return [str(value.dtype), *value.shape] if self.description.chance else value


def name_results(
    description: Description, library: NumpyLibrary, returned: Any, say: Say | None = None
) -> dict[str, Any]:
    """Give the results their names; say where they are no tensors, or not as many."""
    say = say or Say()
    names = [result.name for result in description.results]
    if description.unpack:
        try:
            values = tuple(description.unpack(returned))
        except (TypeError, ValueError, LookupError):
            raise say(f"result: expected {', '.join(names)}, found {_describe(returned)}") from None
    elif len(names) == 1:
        values = (returned,)
    elif isinstance(returned, tuple | list):
        values = tuple(returned)
    else:
        raise say(f"result: expected a tuple of {', '.join(names)}, found {_describe(returned)}")
    if len(values) != len(names):
        raise say(f"result: expected {', '.join(names)}, found {len(values)} values")
    for result, value in zip(description.results, values, strict=True):
        if not result.number and not library.is_right(value):
            raise say(f"{result.name}: expected a {library.noun}, found {_describe(value)}")
    return dict(zip(names, values, strict=True))


def find_changed(before: Settings, after: Settings, say: Say) -> Iterator[WrongAnswer]:
    """Find the caller's settings that are not as they were."""
    for name, value in before.items():
        if value == after[name]:
            continue
        if isinstance(value, StateOfAGenerator):
            yield say(value.tell_change(name))
        else:
            yield say(f"the call changes {name}: it was {value}, and is {after[name]} after it")


def _describe(value: Any) -> str:
    return "None" if value is None else f"a value of type {type(value).__name__}"


def _describe_change(name: str, before: Any, after: Any) -> str:
    if before.dtype != after.dtype:
        return f"{name} after the call: expected dtype {before.dtype} as before, found {after.dtype}"
    if before.shape != after.shape:
        shapes = tuple(before.shape), tuple(after.shape)
        return f"{name} after the call: expected shape {shapes[0]} as before, found {shapes[1]}"
    old, new = (
        np.asarray(value.detach() if hasattr(value, "detach") else value) for value in (before, after)
    )
    index = tuple(int(axis) for axis in np.argwhere(old != new)[0]) if old.ndim else ()
    place = f"{name}{list(index) if index else ''}"
    return f"{place} after the call: expected {old[index]:.6g} as before, found {new[index]:.6g}"
