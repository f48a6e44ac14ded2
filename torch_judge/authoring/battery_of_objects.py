"""The standard cases of a class: copies, state dicts, modes, and what is written into an object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .description import Description
from .modules import fill, load_by_assigning, load_within_a_model
from .observation import Stage
from .playing import EVAL, TRAIN, Player, Thing
from .scene import Grad, Scene, choose_options
from .shield import load_torch
from .standard_case import StandardCase
from .suite import WrongAnswer


def list_cases_of_objects(description: Description) -> Iterator[StandardCase]:
    """List the standard cases that a class has besides those of every entry point."""
    yield StandardCase(
        "changed_parameters_take_effect",
        "Values that an optimiser, a loaded state or you write into the module take effect at the next call.",
        _write_into_the_state,
        own_title="changed parameters and buffers take effect" if description.buffers else "",
    )
    yield StandardCase(
        "two_instances_share_no_state",
        "Each instance has options, parameters and buffers of its own, next to one of the same size too, "
        "and after one of another size was made.",
        _use_two_objects,
    )
    yield StandardCase(
        "a_deep_copy_is_independent",
        "A copy made with copy.deepcopy computes with its own parameters and buffers: to change one does not "
        "change the other.",
        _use_a_copy,
    )
    if description.call is None:
        yield StandardCase(
            "state_dict_restores_everything",
            "After load_state_dict another instance computes like the first, and the two share no memory.",
            _carry_a_state_dict,
            own_title="state_dict() restores everything",
        )
    if description.modes:
        yield StandardCase(
            "the_mode_follows_self_training",
            "The mode is what self.training says when the module is called, whether train(), eval() or an "
            "assignment has set it.",
            _write_the_mode,
            own_title="the mode follows self.training",
        )


def _observe(
    player: Player, stage: Stage, thing: Thing, scene: Scene, others: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Observe a call in each mode."""
    seen = {}
    for mode in player.list_modes():
        label = f"{scene.label}, {mode}" if mode else scene.label
        call = player.draw_call(scene._replace(label=label), mode, thing=thing)
        call.others = others or {}
        seen[mode or "call"] = stage.observe(call, scene)
    return seen


def _write_into_the_state(player: Player) -> dict[str, Any]:
    scene, stage = Scene(), player.make_stage()
    thing = player.make_object(scene)
    seen = {}
    for label in ("before", "after new values were copied in", "after .data was set"):
        if label.endswith("set"):
            _set_data(player, thing)
        elif label != "before":
            thing.fill(player.draw_held(scene))
        seen[label] = _observe(player, stage, thing, scene._replace(label=label))
    mode: str | None = player.list_modes()[-1]
    for grad, where in ((Grad.ON, "in eval"), (Grad.NO_GRAD, "with gradients off")):
        passed: Mapping[str, Any] | None = None
        for when in ("before", "after"):  # no call in training between the two, nor one of train() or eval()
            in_place = scene._replace(label=f"{when} {where}", grad=grad)
            _write_data(player, thing)
            call = player.draw_call(in_place, mode, thing=thing, tensors=passed)
            seen[in_place.label], mode = stage.observe(call, in_place), None
            # the very same tensors again: what is kept of the call before is of no use now
            passed = {each.name: call.tensors[each.name] for each in player.description.arguments}
    stage.check_afterwards()
    return seen


def _set_data(player: Player, thing: Thing) -> None:
    torch = load_torch()

    values = player.draw_held(Scene())
    for name, tensor in thing.read_held().items():
        tensor.data = torch.from_numpy(values[name]).to(tensor.dtype)


def _write_data(player: Player, thing: Thing) -> None:
    """Write where the numbers lie, past what counts the changes of a tensor."""
    values = player.draw_held(Scene())
    for name, tensor in thing.read_held().items():
        fill(name, tensor.data, values[name])


def _use_two_objects(player: Player) -> dict[str, Any]:
    scene, stage = Scene(), player.make_stage()
    # as they are made: to turn them into float64 would part them
    fresh = [player.make_object(Scene(dtype="float32", far=False)) for _ in range(2)]
    _check_apart(player, fresh[0], fresh[1], "two instances")
    things = [player.make_object(scene) for _ in range(2)]
    _check_apart(player, things[0], things[1], "two instances")
    held = [_name_held(thing, "of the other instance") for thing in things]
    seen = {
        label: _observe(player, stage, things[number], scene._replace(label=label), held[1 - number])
        for label, number in (("the first", 0), ("the second", 1), ("the first again", 0))
    }
    player.make_object(scene._replace(sizes=_choose_other_sizes(player.description)))
    last = scene._replace(label="the first, after one with other sizes and options was made")
    seen[last.label] = _observe(player, stage, things[0], last, held[1])
    stage.check_afterwards()
    return seen


def _choose_other_sizes(description: Description) -> dict[str, int]:
    return {name: size.usual + 1 for name, size in description.sizes.items() if size.equal}


def _use_a_copy(player: Player) -> dict[str, Any]:
    scene, stage = Scene(), player.make_stage()
    original = player.make_object(scene)
    seen = {"before the copy": _observe(player, stage, original, scene._replace(label="before the copy"))}
    copy = original.deep_copy()
    _check_apart(player, original, copy, "the copy and the original")
    seen["copy"] = _observe(
        player, stage, copy, scene._replace(label="copy"), _name_held(original, "of the original")
    )
    copy.fill(player.draw_held(scene))
    for label, thing, other in (
        ("filled copy", copy, original),
        ("original after the copy was filled", original, copy),
        ("copy after a step of the original", copy, original),
    ):
        words = "of the copy" if other is copy else "of the original"
        seen[label] = _observe(player, stage, thing, scene._replace(label=label), _name_held(other, words))
    off = scene._replace(label="copy under torch.no_grad()", grad=Grad.NO_GRAD)
    seen[off.label] = _observe(player, stage, copy, off)
    stage.check_afterwards()
    return seen


def _carry_a_state_dict(player: Player) -> dict[str, Any]:
    scene, stage = Scene(), player.make_stage()
    options = choose_options(player.description, scene, player.rng)
    first, second, unused = (player.make_object(scene, options) for _ in range(3))
    seen = {"before": _observe(player, stage, second, scene._replace(label="before"))}
    _observe(player, stage, first, scene._replace(label="first"))
    # what a call registers is in the one's state dict, and not in that of one that was never called
    load_by_assigning(unused.value, first.value.state_dict())
    load_within_a_model(second.value, dict(first.value.state_dict()))
    _check_apart(player, first, second, "the two instances")
    for label, thing, other in (
        ("loaded", second, first),
        ("loaded before its first call", unused, first),
        ("the first after that", first, second),
    ):
        held = _name_held(other, "of the other instance")
        seen[label] = _observe(player, stage, thing, scene._replace(label=label), held)
    stage.check_afterwards()
    return seen


def _write_the_mode(player: Player) -> dict[str, Any]:
    scene, stage = Scene(), player.make_stage()
    thing = player.make_object(scene)
    seen: dict[str, Any] = {}
    for written, mode in (
        (False, EVAL),
        (True, TRAIN),
        (True, EVAL),
        (False, TRAIN),
        (True, TRAIN),
        (True, EVAL),
    ):
        label = f"step {len(seen) + 1}: {mode}{', written directly' if written else ''}"
        call = player.draw_call(scene._replace(label=label), None if written else mode, thing=thing)
        if written:
            thing.write_mode(mode)
        seen[label] = stage.observe(call, scene)
    stage.check_afterwards()
    return seen


def _name_held(thing: Thing, words: str) -> dict[str, Any]:
    return {f"{name} {words}": value for name, value in thing.read_held().items()}


def _check_apart(player: Player, first: Thing, second: Thing, words: str) -> None:
    """See that two objects hold no tensor in the same memory."""
    theirs = second.read_held()
    for name, value in first.read_held().items():
        for other, tensor in theirs.items():
            if player.library.shares(value, tensor):
                raise WrongAnswer(f"{words} share the memory of {name} and {other}")
