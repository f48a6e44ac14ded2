"""Play a scene: draw what it says, make the calls, and observe everything about each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .complaints import Complaints
from .description import Description
from .drawing import Drawer
from .libraries import NumpyLibrary, Settings
from .modules import build, build_plain, deep_copy, fill, read_structure, tensor_of
from .observation import Call, Stage
from .scene import Grad, Scene, choose_options, list_learning
from .shield import load_torch

TRAIN, EVAL = "train", "eval"
IN_FLOAT32 = "in float32"
Turn = tuple[Any, bool]
"""A mode, None where there is none, and whether some numbers lie far out."""


@dataclass(slots=True)
class Player:
    """One run of a standard case."""

    description: Description
    library: NumpyLibrary
    passed: Drawer
    """Draws what is passed in."""
    held: Drawer
    """Draws what an object holds."""
    entry_point: Any
    rng: np.random.Generator
    complaints: Complaints = field(default_factory=Complaints)
    made: int = 0
    """How many objects."""

    def play(self, scene: Scene) -> dict[str, Any]:
        """Play a scene: a call in each mode, or two, with other numbers of the same shapes."""
        stage = self.make_stage()
        options = choose_options(self.description, scene, self.rng)
        looks_at_float32 = self.description.float32 and scene.dtype == "float64"
        made_in = scene._replace(dtype="float32", far=False) if looks_at_float32 else scene
        thing = self.make_object(made_in, options) if self.description.is_object else None
        in_float32 = self._look_at_float32(stage, scene, thing, options) if looks_at_float32 else {}
        if thing and looks_at_float32:
            thing = self._renew(thing, scene, options)
        seen: dict[str, Any] = {}
        turns = self.list_turns(scene)
        for (mode, far), name in zip(turns, self.name_turns(turns), strict=True):
            precise = self.description.tolerance is None
            adapted = scene._replace(far=far, precise=precise, label=_join(scene.label, name))
            if thing and far != scene.far:
                thing.fill(self.draw_held(adapted))
            call = self.draw_call(adapted, mode, thing=thing, options=options)
            seen[name] = stage.observe(call, adapted)
        stage.check_afterwards()
        return seen | in_float32

    def _renew(self, thing: Thing, scene: Scene, options: Mapping[str, Any]) -> Thing:
        """Return an object in float64, after a call in float32.

        To make another one takes longer than all calls of it, so that the same one is filled anew. But not
        after a call outside training: what is kept from that would be an error, and is a wrong answer.
        """
        # what was made under torch.inference_mode() cannot be written to outside it
        if self.list_turns(scene)[0][0] != TRAIN or scene.grad is Grad.INFERENCE:
            return self.make_object(scene, options)
        thing.widen()
        self.prepare(thing, scene)
        return thing

    def _look_at_float32(
        self, stage: Stage, scene: Scene, thing: Thing | None, options: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Look at the kinds of what a call in float32 gives, without gradients if the scene names none."""
        label, learning = _join(scene.label, IN_FLOAT32), scene.learning or ()
        mode, described = self.list_turns(scene)[0][0], self.description
        # where the digits of float32 are a matter of their own, a case of their own looks at them
        compared = scene.numbers_in_float32 and described.tolerance_in_float32 in (None, described.tolerance)
        scene = scene._replace(
            label=label, dtype="float32", far=False, kinds_only=not compared, learning=learning
        )
        if thing:
            thing.let_learn(list_learning(self.description, scene))
        call = self.draw_call(scene, mode, thing=thing, options=options)
        return {IN_FLOAT32: stage.observe(call, scene)}

    def make_stage(self) -> Stage:
        """Return what watches over calls."""
        return Stage(self.description, self.library, self.rng, self.complaints)

    def list_turns(self, scene: Scene) -> list[Turn]:
        """List the calls of a scene."""
        modes = [scene.only_mode] if scene.only_mode is not None else self.list_modes()
        if self.description.is_object and len(modes) > 1 and self._changing & set(scene.values):
            modes = [EVAL, EVAL, TRAIN]  # while what is particular about the state holds still
        if not scene.far:
            return [(mode, False) for mode in modes] * (2 // len(modes))
        if len(modes) > 1 and scene.dtype == "float64" and self.description.tolerance is None:
            return [(mode, True) for mode in modes]
        return [(mode, far) for far in (False, True) for mode in modes]

    def name_turns(self, turns: list[Turn]) -> list[str]:
        """Name the calls of a scene, as a learner reads them."""
        option = self.description.mode
        mixed = {far for _, far in turns} == {False, True}
        names: list[str] = []
        for mode, far in turns:
            words = [] if mode is None else [mode if option is None else f"{option.name}={mode}"]
            words += ["with outliers"] if far and mixed else []
            name = ", ".join(words) or ("a call" if not mixed else "without outliers")
            names.append(f"{name}, again" if name in names else name)
        return names

    @property
    def _changing(self) -> set[str]:
        return {each.name for each in self.description.held if each.changes}

    def list_modes(self) -> list[Any]:
        """List the modes that a call is made in."""
        description = self.description
        if description.is_object:
            return [TRAIN, EVAL] if description.modes else [None]
        return [True, False] if description.mode else [None]

    def draw_call(
        self,
        scene: Scene,
        mode: Any = None,
        *,
        thing: Thing | None = None,
        options: Mapping[str, Any] | None = None,
        tensors: Mapping[str, Any] | None = None,
    ) -> Call:
        """Draw what is passed in, unless it is given, and make a call of it."""
        drawn = dict(tensors) if tensors is not None else self.draw_tensors(scene)
        where = scene.label
        if thing is not None:
            if mode is not None:
                thing.switch_mode(mode)
            return thing.make_call(drawn, where)
        given = dict(options if options is not None else choose_options(self.description, scene, self.rng))
        option = self.description.mode
        if option and mode is not None and (option.name not in scene.left_out or mode != option.default):
            given[option.name] = mode
        described = self.description.call
        if described:
            return Call(lambda: described(self.entry_point, *drawn.values(), **given), drawn, where)
        return Call(lambda: self.entry_point(*drawn.values(), **given), drawn, where)

    def draw_tensors(self, scene: Scene) -> dict[str, Any]:
        """Draw the arguments of a call, in the order in which they are passed."""
        sizes = self.description.draw_sizes(**scene.sizes)
        learning = list_learning(self.description, scene)
        drawn = {}
        values = self.passed.draw(scene, sizes, self.rng)
        for argument, numbers in zip(self.description.arguments, values, strict=True):
            value = self.library.make(numbers, scene, argument)
            drawn[argument.name] = self.library.let_learn(value) if argument.name in learning else value
        return drawn

    def draw_call_within_a_network(
        self, scene: Scene, mode: Any, *, thing: Thing | None, options: Mapping[str, Any], turn: int
    ) -> Call:
        """Draw a call whose arguments come out of another layer or are parameters, by turns, if they learn.

        What learns has a gradient of an earlier call.
        """
        torch = load_torch()

        drawn, leaves, described = self.draw_tensors(scene), dict[str, Any](), self.description
        learning = [each.name for each in described.arguments if each.name in described.learning]
        for number, name in enumerate(learning, turn):
            leaves[name] = drawn[name]
            if number % 2:
                leaves[name] = drawn[name] = torch.nn.Parameter(drawn[name].detach())
            else:
                drawn[name] = drawn[name] * 1.0
        call = self.draw_call(scene, mode, thing=thing, options=options, tensors=drawn)
        call.leaves = leaves
        of_held = {name: value for name, value in call.tensors.items() if name in described.learning}
        call.given = {
            name: (leaf, self.library.give_gradient(leaf)) for name, leaf in (of_held | leaves).items()
        }
        return call

    def make_object(self, scene: Scene, options: Mapping[str, Any] | None = None) -> Thing:
        """Make an object and fill what it holds with drawn numbers."""
        sizes = self.description.draw_sizes(**scene.sizes)
        options = choose_options(self.description, scene, self.rng) if options is None else options
        numbers = self.description.choose_made_with(sizes)
        by_name, self.made = self.description.also_by_name and self.made % 2 == 1, self.made + 1
        thing = Thing.make(self.description, self.entry_point, numbers, dict(options), by_name=by_name)
        if scene.dtype == "float64":
            thing.widen()
        self.prepare(thing, scene)
        return thing

    def prepare(self, thing: Thing, scene: Scene) -> None:
        """Fill what an object holds with drawn numbers, and let learn what learns in a scene."""
        thing.fill(self.draw_held(scene))
        thing.let_learn(list_learning(self.description, scene))

    def draw_held(self, scene: Scene) -> dict[str, Any]:
        """Draw values for what an object holds."""
        sizes = self.description.draw_sizes(**scene.sizes)
        values = self.held.draw(scene, sizes, self.rng)
        return {
            each.name: numbers.astype(scene.dtype)
            for each, numbers in zip(self.description.held, values, strict=True)
        }


@dataclass(slots=True)
class Thing:
    """An object of the learner's class, a module or a plain one."""

    description: Description
    value: Any
    is_module: bool
    numbers: tuple[int, ...]
    """What it was made with."""
    parts: Mapping[str, Any]
    """What it is made of, by names that are the author's and not the learner's."""

    @classmethod
    def make(
        cls,
        description: Description,
        entry_point: Any,
        numbers: Mapping[str, int],
        options: dict[str, Any],
        *,
        by_name: bool = False,
    ) -> Thing:
        """Make an object; it is float32."""
        make = description.make or _choose_maker(description)
        if by_name:
            value = make(entry_point, **numbers, **options)
        else:
            value = make(entry_point, *numbers.values(), **options)
        return cls.find_parts(description, value, tuple(numbers.values()))

    @classmethod
    def find_parts(cls, description: Description, value: Any, numbers: tuple[int, ...]) -> Thing:
        """Find what an object is made of, which may have names of the learner's choice."""
        nn = load_torch().nn

        parts = description.parts(value, *numbers) if description.parts else {}
        return cls(description, value, isinstance(value, nn.Module), numbers, parts)

    def deep_copy(self) -> Thing:
        """Make a deep copy of it."""
        return self.find_parts(self.description, deep_copy(self.value), self.numbers)

    def widen(self) -> None:
        """Turn all that it holds into float64."""
        if self.is_module:
            self.value.double()
            return
        for value in self.read_held().values():
            value.data = value.data.double()

    def read_held(self) -> dict[str, Any]:
        """Find what it holds, by name."""
        return {each.name: tensor_of(self.value, each.name, self.parts) for each in self.description.held}

    def fill(self, values: Mapping[str, Any]) -> None:
        """Write values into what it holds."""
        for name, tensor in self.read_held().items():
            fill(name, tensor, values[name])

    def let_learn(self, names: tuple[str, ...]) -> None:
        """Let the parameters of these names require gradients, and no others."""
        for each in self.description.parameters:
            tensor_of(self.value, each.name, self.parts).requires_grad_(each.name in names)

    def switch_mode(self, mode: str) -> None:
        """Put it into a mode as PyTorch does."""
        self.value.train(mode == TRAIN)

    def write_mode(self, mode: str) -> None:
        """Put it into a mode by writing the attribute."""
        for module in self.value.modules():
            module.training = mode == TRAIN

    def make_call(self, arguments: Mapping[str, Any], where: str = "") -> Call:
        """Return a call of it."""
        described, values = self.description.call, list(arguments.values())
        return Call(
            lambda: described(self.value, *values) if described else self.value(*values),
            dict(arguments) | self.read_held(),
            where,
            held=self.read_held,
            state=self._read_state if self.is_module else None,
        )

    def _read_state(self) -> Settings:
        modes, names = read_structure(self.value)
        return {"the mode of the module": modes, "the names of its parameters": names}


def _choose_maker(description: Description) -> Callable[..., Any]:
    plain = description.call is not None and not description.modes
    return build_plain if plain else build


def _join(label: str, name: str) -> str:
    return f"{label}, {name}" if label else name
