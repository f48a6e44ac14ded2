"""The standard cases: one for each condition that a description allows, each observing everything.

The jury solution says what is right, as in any case. What is made for every entry point stands here, what is
made for objects in `battery_of_objects`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from torch_judge.model.naming import LONGEST_TITLE, spell

from .battery_of_objects import list_cases_of_objects
from .description import Description, Library, Option
from .observation import Say, find_changed
from .playing import Player
from .scene import Grad, Layout, Scene, Upstream, choose_options
from .standard_case import StandardCase, make_case
from .suite import WrongAnswer

LARGE_NUMBERS, TINY_NUMBERS = 1e3, 1e-5
SMALL_BESIDE_A_LARGE_ONE: Final = 3
SIZES_BESIDE_USUAL_ONES: Final = 2
EQUAL: Final = 4
TWO: Final = 2
OF_INFERENCE_MODE: Final = "inference tensor"
KEPT_FROM_INFERENCE_MODE: Final = (
    "a tensor that was made under torch.inference_mode() is remembered, and cannot be used where "
    "gradients are recorded"
)
UPSTREAMS: Final = (Upstream.ROW, Upstream.TRANSPOSED, Upstream.SUM, Upstream.ZEROS)


def list_standard_cases(description: Description) -> Iterator[StandardCase]:
    """List all standard cases that a description allows."""
    yield from _list_cases_of_dtypes(description)
    yield from _list_cases_of_gradients(description)
    yield from _list_cases_of_sizes(description)
    yield from _list_cases_of_values(description)
    yield from _list_cases_of_options(description)
    yield from _list_cases_of_memory(description)
    if description.is_object:
        yield from list_cases_of_objects(description)


def _list_cases_of_dtypes(description: Description) -> Iterator[StandardCase]:
    precise = description.tolerance is None
    digits = ", computed in float64 throughout" if precise else ""
    seen = "results, its gradients" if description.learning else "results"
    yield make_case(
        "float64_in_gives_float64_out",
        f"float64 inputs give float64 results{digits}. This is an ordinary call: its {seen} and what it must "
        "leave unchanged.",
        {"float64": Scene(layout=Layout.OFFSET)},
    )
    if not description.float32:
        return
    sent_back = " and gradients" if description.learning else ""
    stores = description.is_object or any(each.changes for each in description.tensors)
    stored = ", and what is stored stays float32" if stores else ""
    yield make_case(
        "float32_in_gives_float32_out",
        f"float32 inputs give float32 results{sent_back}{stored}.",
        {"float32": Scene(dtype="float32")},
        description.tolerance_in_float32,
    )


def _list_cases_of_gradients(description: Description) -> Iterator[StandardCase]:
    if description.library is Library.NUMPY:
        return
    yield make_case(
        "works_with_gradients_off",
        "Under torch.no_grad() and torch.inference_mode() a call computes the same as with gradients on.",
        {
            # plain ones are among the calls in a row
            f"under {Grad.NO_GRAD}": Scene(
                grad=Grad.NO_GRAD,
                layout=Layout.TRANSPOSED,
                shape=_find_longest_shape(description),
                numbers_in_float32=True,
            ),
            f"under {Grad.INFERENCE}": Scene(grad=Grad.INFERENCE, numbers_in_float32=True),
        },
    )
    learning = description.learning
    if not learning:
        return
    yield StandardCase(
        "works_inside_a_network",
        "In a network inputs come out of other layers or are parameters, and the gradient from above may be "
        "expanded, as sum() sends it, transposed, or all zeros. It is left as it is.",
        _play_within_a_network,
    )
    scenes = {f"only {name} requires grad": Scene(learning=(name,)) for name in learning}
    yield make_case(
        "works_when_only_one_tensor_requires_grad",
        "A tensor that requires grad gets its gradient, whether the others require one or not. Where none "
        "does, the result has no graph.",
        scenes | {"nothing requires grad": Scene(learning=())},
    )


def _play_within_a_network(player: Player) -> dict[str, Any]:
    """Play a call for each kind of gradient from above, and see that none draws random numbers."""
    stage, modes, seen = player.make_stage(), player.list_modes(), {}
    shape = _find_longest_shape(player.description)
    thing = player.make_object(Scene()) if player.description.is_object else None
    options = choose_options(player.description, Scene(), player.rng)
    before = player.library.read_slow_settings(strictly=True)
    for turn, upstream in enumerate(UPSTREAMS):
        scene = Scene(f"the gradient from above {upstream}", upstream=upstream, shape=shape, far=False)
        call = player.draw_call_within_a_network(
            scene, modes[turn % len(modes)], thing=thing, options=options, turn=turn
        )
        seen[scene.label] = stage.observe(call, scene)
    for changed in find_changed(before, player.library.read_slow_settings(strictly=True), Say()):
        player.complaints.note(changed)
    stage.check_afterwards()
    return seen


def _list_cases_of_sizes(description: Description) -> Iterator[StandardCase]:
    ones = [name for name, size in description.sizes.items() if size.one]
    modes = {name: _find_only_mode(description, [name]) for name in ones}
    places = dict.fromkeys(
        (_find_shape_with(description, name, shape), name)
        for shape in (0, _find_longest_shape(description))
        for name in ones
    )
    scenes = {
        f"{name} 1{f', shape {shape + 1}' if shape else ''}": Scene(
            sizes={name: 1}, only_mode=modes[name], shape=shape
        )
        for shape, name in places
    }
    if len(ones) > 1:
        sizes = dict.fromkeys(ones, 1)
        scenes[f"{' and '.join(ones)} 1"] = Scene(sizes=sizes, only_mode=_find_only_mode(description, ones))
    twos = [name for name, size in description.sizes.items() if size.usual > TWO]
    scenes |= {
        f"{name} {TWO}": Scene(sizes={name: TWO}, shape=_find_shape_with(description, name)) for name in twos
    }
    if scenes:
        yield make_case(
            "works_with_small_sizes",
            f"{_name_small_sizes(ones, twos)}: the result is right, and keeps its dimensions.",
            scenes,
        )
    equal = [name for name, size in description.sizes.items() if size.equal]
    if len(equal) > 1:
        yield make_case(
            "works_with_equal_sizes",
            f"Sizes may be equal ({', '.join(equal)}). A wrong axis then breaks no shape, only the values.",
            {f"all sizes {EQUAL}": Scene(sizes=dict.fromkeys(equal, EQUAL))},
        )
    off = "" if description.library is Library.NUMPY else f", under {Grad.NO_GRAD}"
    large = {name: size.large for name, size in description.sizes.items() if size.large > size.usual}
    if large:
        largest = sorted(large, key=large.__getitem__, reverse=True)[:SIZES_BESIDE_USUAL_ONES]
        # beside usual ones the results are larger than elsewhere
        most = {
            f"{name} {large[name]} beside usual sizes{off}": Scene(
                sizes={name: large[name]},
                shape=_find_shape_with(description, name),
                grad=Grad.NO_GRAD,
                learning=(),
            )
            for name in largest
        }
        yield make_case(
            "works_with_large_sizes",
            f"Any size may be large ({', '.join(large)}): all entries count, the last ones too.",
            {
                f"{name} {size}": Scene(
                    sizes=_shrink(description, name) | {name: size}, shape=_find_shape_with(description, name)
                )
                for name, size in large.items()
            }
            | most,
        )
    shapes = max((len(each.also) for each in description.tensors), default=0)
    if shapes:
        yield make_case(
            "works_with_every_legal_shape",
            "Every shape that the statement allows works, and the result has the shape that belongs to it.",
            {
                f"shape {number + 1}": Scene(shape=number, numbers_in_float32=True)
                for number in range(1, shapes + 1)
            },
        )


def _name_small_sizes(ones: Sequence[str], twos: Sequence[str]) -> str:
    """Say which sizes may be 1 and which may be 2."""
    if ones == twos:
        return f"A size may be 1 or {TWO} ({', '.join(ones)})"
    parts = [f"{number} ({', '.join(names)})" for number, names in ((1, ones), (TWO, twos)) if names]
    return f"A size may be {' or '.join(parts)}"


def _find_shape_with(description: Description, name: str, first: int = 0) -> int:
    """Find a legal shape in which a size occurs, `first` if it is one; where there is none, the usual one."""
    numbers: list[int] = [first, *range(1 + max(len(each.also) for each in description.arguments))]
    fixed = "*".join((description.made_with or {}).values()).split("*")
    for number in numbers:
        words = [word for each in description.tensors for word in each.choose_shape(number).split()]
        if name in fixed or any(name in word.split("*") for word in words):
            return number
    return 0


def _find_only_mode(description: Description, names: Sequence[str]) -> str | None:
    """Find the mode in which alone these sizes may be 1."""
    legal = (description.sizes[name].one for name in names)
    return next((mode for mode in legal if isinstance(mode, str)), None)


def _shrink(description: Description, name: str) -> dict[str, int]:
    """Make the other sizes small beside a large one."""
    sizes = description.sizes
    return {other: min(sizes[other].usual, SMALL_BESIDE_A_LARGE_ONE) for other in sizes if other != name}


def _list_cases_of_values(description: Description) -> Iterator[StandardCase]:
    drawn = [each for each in description.tensors if each.integers is None]
    for each in drawn:
        if each.zeros:
            yield _make_case_of_zeros(each.name, learns=each.name in description.learning)
    yield from _list_cases_of_equal_numbers([each.name for each in drawn if each.ones])
    signed = [each.name for each in description.tensors if not (each.positive or each.integers)]
    if signed:
        yield make_case(
            "works_when_values_are_all_negative",
            f"All values may be below 0: {', '.join(signed)}.",
            {"all negative": Scene(values=dict.fromkeys(signed, "negative"))},
        )
    if any(each.integers is None and each.scales for each in description.tensors):
        yield make_case(
            "works_on_large_values",
            "Values in the thousands are computed like any others: nothing is clamped.",
            {"large values": Scene(magnitude=LARGE_NUMBERS)},
        )
        # apart from the large ones, beside which they would be nothing but rounding
        tiny = Scene(magnitude=TINY_NUMBERS, far=False)
        names = [option.name for option in description.options if not option.mode]
        others = [_choose_others(description.options, number) for number in range(_count_rounds(description))]
        yield make_case(
            "works_on_tiny_values",
            "Values of about 1e-5 are computed like any others, with the default options too.",
            {"tiny values": tiny._replace(left_out=names)}
            | {f"tiny values, {_describe_options(given)}": tiny._replace(options=given) for given in others},
        )


def _make_case_of_zeros(name: str, *, learns: bool) -> StandardCase:
    """Make the case in which one tensor is all zeros; a dot in its name parts a layer from what it holds."""
    layer, _, held = name.rpartition(".")
    words = f"{spell(layer)}'s {held}" if layer.startswith("the_") else name
    return make_case(
        f"works_when_{name.replace('.', '_')}_is_all_zeros",
        f"All values of {words} may be 0: it is used like any other{', and gets its gradient' * learns}.",
        {f"{name} all zeros": Scene(values={name: "zeros"})},
        title=f"works when {words} is all zeros",
    )


def _list_cases_of_options(description: Description) -> Iterator[StandardCase]:
    options = description.options
    if not options:
        return
    defaults = [f"{option.name}={_write_number(option.default)}" for option in options]
    yield make_case(
        "options_have_the_right_defaults",
        f"Options that are left out have their defaults: {', '.join(defaults)}. Passing a default "
        "does the same.",
        dict(_leave_out(description)),
        title=_choose_title(
            ", ".join(
                f"{option.name}{'' if number else ' defaults'} to {_write_number(option.default)}"
                for number, option in enumerate(options)
            )
        ),
    )
    if rounds := _count_rounds(description):
        yield make_case(
            "works_with_every_legal_option",
            "The value that is passed is used, whichever legal value it is: the smallest and largest too.",
            {
                _describe_options(given): Scene(options=given)
                for given in (_choose_others(options, number) for number in range(rounds))
            },
            title=_choose_title(
                f"works with every legal {' and '.join(option.name for option in options if option.also)}"
            ),
        )


def _leave_out(description: Description) -> Iterator[tuple[str, Scene]]:
    """Leave each option out, and give each its default, while the others are given as usual."""
    for option in description.options:
        only = option.default if option.mode and not description.is_object else None
        yield f"without {option.name}", Scene(left_out=(option.name,), only_mode=only)
        if not option.mode:
            yield f"{option.name}={option.default!r}", Scene(options={option.name: option.default})


def _choose_title(title: str) -> str:
    """Return a title that names the options; none where they are too many for one line."""
    return title if len(title) <= LONGEST_TITLE else ""


def _write_number(value: Any) -> str:
    """Write a number as a learner writes it: 1e-5."""
    return repr(value).replace("e-0", "e-")


def _list_cases_of_equal_numbers(names: Sequence[str]) -> Iterator[StandardCase]:
    """List the cases in which arguments hold one number only: the first alone, the others in two groups."""
    groups = [group for group in (names[:1], names[1::2], names[2::2]) if group]
    for name, kind, sentence in (
        ("works_when_values_are_all_ones", "ones", "All values may be 1"),
        ("works_when_values_are_all_equal", "equal", "All values of a tensor may be the same number"),
    ):
        scenes = {
            f"{' and '.join(group)} all {kind}": Scene(
                values=dict.fromkeys(group, kind), far=group != names[:1]
            )
            for group in groups
        }
        if scenes:
            yield make_case(name, f"{sentence}: {', '.join(names)}.", scenes)


def _count_rounds(description: Description) -> int:
    return max((len(option.also) for option in description.options), default=0)


def _describe_options(given: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in given.items())


def _choose_others(options: Sequence[Option], number: int) -> dict[str, Any]:
    """Choose the legal values of a round, of each option that has as many."""
    return {option.name: option.also[number] for option in options if number < len(option.also)}


def _list_cases_of_memory(description: Description) -> Iterator[StandardCase]:
    if any(each.views and each.shape for each in description.arguments):
        layouts = (Layout.GAPS, Layout.TRANSPOSED, Layout.EXPANDED, Layout.PART)
        yield make_case(
            "works_on_non_contiguous_input",
            "Inputs may be views: with gaps, transposed, expanded from one row, or part of a larger tensor.",
            {
                f"{layout}": Scene(
                    layout=layout,
                    far=layout is not Layout.EXPANDED,
                    shape=_find_longest_shape(description),
                    numbers_in_float32=layout in (Layout.TRANSPOSED, Layout.PART),
                )
                for layout in layouts
            },
            title="works on non-contiguous input",
        )
    depends = "A call depends on its inputs" + (
        " and on the state of the module." if description.is_object else " only."
    )
    yield StandardCase(
        "no_state_is_kept_between_calls",
        f"{depends} Earlier calls, their shapes and their results play no part, and results returned earlier "
        "do not change.",
        _play_a_sequence,
        own_title="no hidden state is kept between calls" if description.is_object else "",
    )


def _find_longest_shape(description: Description) -> int:
    """Find the legal shape with the most dimensions: only such a view cannot be flattened."""
    counts = [
        max(len(each.choose_shape(number).split()) for each in description.arguments)
        for number in range(1 + max(len(each.also) for each in description.arguments))
    ]
    return counts.index(max(counts))


def _play_a_sequence(player: Player) -> dict[str, Any]:
    """Play calls in a row: another shape, the same tensors again, and filled with other numbers.

    What is kept of one call must be of no use to the next: neither by the shapes nor by the place in memory.
    """
    description, stage = player.description, player.make_stage()
    variable = _find_variable_size(description)
    longer = Scene(
        "a call with another shape",
        sizes={variable: description.sizes[variable].usual + 2} if variable else {},
    )
    first = Scene("the first call")
    thing = player.make_object(first) if description.is_object else None
    options = choose_options(description, first, player.rng)
    seen = _play_in_inference_mode_first(player, variable)
    again = first._replace(label="the same tensors again")
    off = Scene("with gradients off", grad=Grad.NO_GRAD, learning=())
    last = (off, off._replace(label=f"{off.label}, the same tensors with other numbers"))
    whole = (
        first,
        longer,
        first._replace(label="the first shape again"),
        again,
        first._replace(label="the same tensors with other numbers"),
    )
    modes = player.list_modes()
    for number, mode in enumerate(modes):
        kept: Mapping[str, Any] = {}
        scenes = (first, again) if number else whole
        for scene in (*scenes, *last) if description.learning and number == len(modes) - 1 else scenes:
            if scene.label.endswith("other numbers"):
                _fill_again(player, kept)
            call = player.draw_call(
                scene,
                mode,
                thing=thing,
                options=options,
                tensors=kept if "same tensors" in scene.label else None,
            )
            label = scene.label if mode is None else f"{scene.label}, {player.name_turns([(mode, False)])[0]}"
            seen[label] = stage.observe(call, scene)
            kept = {each.name: call.tensors[each.name] for each in description.arguments}
    stage.check_afterwards()
    return seen | _play_backwards(player)


def _play_in_inference_mode_first(player: Player, variable: str | None) -> dict[str, Any]:
    """Play a call in inference mode and one that records gradients, of a size that no call has had before.

    What was made in inference mode and kept, a mask perhaps, is of no use where gradients are recorded. Calls
    that change something are left out: who binds it anew there makes of it what cannot be changed later.
    """
    description = player.description
    changes = any(each.changes for each in description.tensors) or any(
        result.number for result in description.results
    )
    if changes or not description.learning or (variable is None and not description.is_object):
        return {}
    sizes = {variable: description.sizes[variable].usual + 4} if variable else {}
    stage, mode, seen = player.make_stage(), player.list_modes()[-1], {}
    scene = Scene("a size for the first time, in inference mode", sizes=sizes, grad=Grad.INFERENCE)
    thing = player.make_object(scene._replace(grad=Grad.ON)) if description.is_object else None
    options = choose_options(description, scene, player.rng)
    for each in (scene, Scene("the same size, with gradients", sizes=sizes)):
        call = player.draw_call(each, mode, thing=thing, options=options)
        try:
            seen[each.label] = stage.observe(call, each)
        except RuntimeError as error:
            if OF_INFERENCE_MODE not in str(error).lower():
                raise
            raise WrongAnswer(f"{each.label}: {KEPT_FROM_INFERENCE_MODE}") from None
    return seen


def _find_variable_size(description: Description) -> str | None:
    """Find a size in which calls of one object may differ."""
    fixed = {part for size in (description.made_with or {}).values() for part in size.split("*")}
    held = {part for each in description.held for word in each.shape.split() for part in word.split("*")}
    return next((name for name in description.sizes if name not in fixed and name not in held), None)


def _fill_again(player: Player, tensors: Mapping[str, Any]) -> None:
    """Write other numbers into tensors that were passed in before."""
    fresh = player.draw_tensors(Scene())
    for name, value in tensors.items():
        if player.description.library is Library.NUMPY:
            value[...] = fresh[name]
        else:
            value.data.copy_(fresh[name].detach())  # past what counts the changes of a tensor


def _play_backwards(player: Player) -> dict[str, Any]:
    """Make two calls before gradients flow, and let them flow back in the other order."""
    description, scene = player.description, Scene("two calls before gradients flow")
    if not description.learning:
        return {}
    stage, mode = player.make_stage(), player.list_modes()[0]
    thing = player.make_object(scene) if description.is_object else None
    calls = [player.draw_call(scene, mode, thing=thing) for _ in range(2)]
    looked = [stage.look(call, scene) for call in calls]
    seen: dict[str, Any] = {}
    for nth, call, (_, outputs) in reversed(list(zip(("first", "second"), calls, looked, strict=True))):
        label = f"two calls, then the gradients of the {nth}"
        # the graph is kept, as for two losses, and what was kept in it must still be there the second time
        seen[label] = stage.send_back(outputs, call, scene, keeps_graph=nth == "first")
    label = "gradients of the first, sent back once more through its graph"
    return seen | {label: stage.send_back(looked[0][1], calls[0], scene._replace(label=label))}
