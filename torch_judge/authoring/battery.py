"""The standard cases: one for each condition that a description allows, each observing everything.

The jury solution says what is right, as in any case. What is made for every entry point stands here, what is
made for objects in `battery_of_objects`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from .battery_of_objects import list_cases_of_objects
from .description import Description, Library, Option
from .playing import Player
from .scene import Grad, Layout, Scene, choose_options
from .standard_case import StandardCase, make_case

LARGE_NUMBERS, TINY_NUMBERS = 1e3, 1e-5
SMALL_BESIDE_A_LARGE_ONE: Final = 3
EQUAL: Final = 4
TWO: Final = 2


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
    digits = ", and nothing is rounded to float32 on the way" if precise else ""
    yield make_case(
        "float64_in_gives_float64_out",
        f"float64 gives float64 results{digits}. An ordinary call: what it returns, what it sends back, "
        "and what it leaves alone.",
        {"float64": Scene()},
    )
    if description.float32:
        yield make_case(
            "float32_in_gives_float32_out",
            "float32 gives float32 results and gradients, and what is kept stays float32.",
            {"float32": Scene(dtype="float32")},
            description.tolerance_in_float32,
        )


def _list_cases_of_gradients(description: Description) -> Iterator[StandardCase]:
    if description.library is Library.NUMPY:
        return
    off = (Grad.NO_GRAD, Grad.INFERENCE)
    yield make_case(
        "works_with_gradients_off",
        "Under torch.no_grad() and torch.inference_mode() a call does what it does elsewhere.",
        {f"under {grad}": Scene(grad=grad) for grad in off},
    )
    learning = description.learning
    if not learning:
        return
    scenes = {f"only {name} learns": Scene(learning=(name,)) for name in learning}
    yield make_case(
        "each_tensor_may_learn_alone",
        "What requires a gradient gets it, whether the others require one or not; where nothing does, the "
        "result has no graph.",
        scenes | {"nothing learns": Scene(learning=())},
    )


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
            "sizes_may_be_small",
            f"A size may be 1 ({', '.join(ones) or 'none here'}) or 2 ({', '.join(twos) or 'none here'}): it "
            "stays a dimension.",
            scenes,
        )
    equal = [name for name, size in description.sizes.items() if size.equal]
    if len(equal) > 1:
        yield make_case(
            "sizes_may_be_equal",
            f"With equal sizes ({', '.join(equal)}) a wrong axis breaks no shape, only the values.",
            {f"sizes {EQUAL}": Scene(sizes=dict.fromkeys(equal, EQUAL))},
        )
    large = {name: size.large for name, size in description.sizes.items() if size.large > size.usual}
    if large:
        yield make_case(
            "any_size_may_be_large",
            "There may be many of anything: all of them count, and all are treated alike.",
            {
                f"{name} {size}": Scene(
                    sizes=_shrink(description, name) | {name: size}, shape=_find_shape_with(description, name)
                )
                for name, size in large.items()
            },
        )
    shapes = max((len(each.also) for each in description.tensors), default=0)
    if shapes:
        yield make_case(
            "other_shapes_are_legal",
            "Each shape that the statement names is legal, and the result has the shape that belongs to it.",
            {f"shape {number + 1}": Scene(shape=number) for number in range(1, shapes + 1)},
        )


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
            yield make_case(
                f"{each.name.replace('.', '_')}_may_be_all_zeros",
                f"{each.name} may hold zeros only: it is {each.name} all the same, and has its gradient.",
                {f"{each.name} all zeros": Scene(values={each.name: "zeros"})},
            )
    yield from _list_cases_of_equal_numbers([each.name for each in drawn if each.ones])
    signed = [each.name for each in description.tensors if not (each.positive or each.integers)]
    if signed:
        yield make_case(
            "all_numbers_may_be_negative",
            f"{', '.join(signed)} may be below 0 throughout.",
            {"all negative": Scene(values=dict.fromkeys(signed, "negative"))},
        )
    if any(each.integers is None and each.scales for each in description.tensors):
        yield make_case(
            "large_numbers_keep_their_digits",
            "Numbers of a thousand and more are computed like any others: nothing is clamped.",
            {"large numbers": Scene(magnitude=LARGE_NUMBERS)},
        )
        # apart from the large ones, beside which they would be nothing but rounding
        tiny = Scene(magnitude=TINY_NUMBERS, far=False)
        names = [option.name for option in description.options if not option.mode]
        others = [_choose_others(description.options, number) for number in range(_count_rounds(description))]
        yield make_case(
            "tiny_numbers_keep_their_digits",
            "Numbers of a hundred-thousandth are computed like any others, also with the defaults.",
            {"tiny numbers": tiny._replace(left_out=names)}
            | {f"tiny numbers, {_describe_options(given)}": tiny._replace(options=given) for given in others},
        )


def _list_cases_of_options(description: Description) -> Iterator[StandardCase]:
    options = description.options
    if not options:
        return
    defaults = ", ".join(f"{option.name} is {option.default!r}" for option in options)
    yield make_case(
        "options_may_be_left_out",
        f"What is not given has its default: {defaults}. To give the default is the same.",
        dict(_leave_out(description)),
    )
    if rounds := _count_rounds(description):
        yield make_case(
            "every_legal_value_of_an_option_counts",
            "An option has the value that is given, at the edges of what is legal too.",
            {
                _describe_options(given): Scene(options=given)
                for given in (_choose_others(options, number) for number in range(rounds))
            },
        )


def _leave_out(description: Description) -> Iterator[tuple[str, Scene]]:
    """Leave each option out, and give each its default, while the others are given as usual."""
    for option in description.options:
        only = option.default if option.mode and not description.is_object else None
        yield f"without {option.name}", Scene(left_out=(option.name,), only_mode=only)
        if not option.mode:
            yield f"{option.name}={option.default!r}", Scene(options={option.name: option.default})


def _list_cases_of_equal_numbers(names: Sequence[str]) -> Iterator[StandardCase]:
    """List the cases in which arguments hold one number only: the first alone, the others in two groups."""
    groups = [group for group in (names[:1], names[1::2], names[2::2]) if group]
    for name, kind, sentence in (
        ("ones_are_numbers_like_any_other", "ones", "ones only: nothing is left out or handed on for that"),
        ("one_number_throughout_is_legal", "equal", "one number throughout: it counts like any other"),
    ):
        scenes = {
            f"{' and '.join(group)} all {kind}": Scene(
                values=dict.fromkeys(group, kind), far=group != names[:1]
            )
            for group in groups
        }
        if scenes:
            yield make_case(name, f"{', '.join(names)} may hold {sentence}.", scenes)


def _count_rounds(description: Description) -> int:
    return max((len(option.also) for option in description.options), default=0)


def _describe_options(given: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in given.items())


def _choose_others(options: Sequence[Option], number: int) -> dict[str, Any]:
    """Choose the legal values of a round, of each option that has as many."""
    return {option.name: option.also[number] for option in options if number < len(option.also)}


def _list_cases_of_memory(description: Description) -> Iterator[StandardCase]:
    if any(each.views and each.shape for each in description.arguments):
        layouts = (Layout.GAPS, Layout.TRANSPOSED, Layout.EXPANDED)
        yield make_case(
            "views_are_read_by_their_indices",
            "What is passed in may be a view: with gaps in memory, transposed, or expanded from one row.",
            {
                f"{layout}": Scene(
                    layout=layout, far=layout is not Layout.EXPANDED, shape=_find_longest_shape(description)
                )
                for layout in layouts
            },
        )
    yield StandardCase(
        "calls_know_nothing_of_each_other",
        "A call depends on what goes in and on nothing else: not on the calls before, their shapes or their "
        "results, which stay as they were returned.",
        _play_a_sequence,
    )


def _find_longest_shape(description: Description) -> int:
    """Find the legal shape with the most dimensions: only such a view cannot be flattened."""
    counts = [
        max(len(each.choose_shape(number).split()) for each in description.arguments)
        for number in range(1 + max(len(each.also) for each in description.arguments))
    ]
    return counts.index(max(counts))


def _play_a_sequence(player: Player) -> list[Any]:
    """Play calls in a row: another shape, the same tensors again, and filled with other numbers."""
    description, stage = player.description, player.make_stage()
    variable = _find_variable_size(description)
    longer = Scene(
        "a call with another shape",
        sizes={variable: description.sizes[variable].usual + 2} if variable else {},
    )
    first = Scene("the first call")
    thing = player.make_object(first) if description.is_object else None
    options = choose_options(description, first, player.rng)
    seen: list[Any] = []
    again = first._replace(label="the same tensors again")
    whole = (
        first,
        longer,
        first._replace(label="the first shape again"),
        again,
        first._replace(label="the same tensors with other numbers"),
    )
    for number, mode in enumerate(player.list_modes()):
        kept: Mapping[str, Any] = {}
        for scene in (first, again) if number else whole:
            if scene.label.endswith("other numbers"):
                _fill_again(player, kept)
            call = player.draw_call(
                scene,
                mode,
                thing=thing,
                options=options,
                tensors=kept if "same tensors" in scene.label else None,
            )
            seen.append(stage.observe(call, scene))
            kept = {each.name: call.tensors[each.name] for each in description.arguments}
    stage.check_afterwards()
    seen += _play_backwards(player)
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
            value.detach().copy_(fresh[name].detach())


def _play_backwards(player: Player) -> list[Any]:
    """Make two calls before gradients flow, and let them flow back in the other order."""
    description, scene = player.description, Scene("two calls before gradients flow")
    if not description.learning:
        return []
    stage, mode = player.make_stage(), player.list_modes()[0]
    thing = player.make_object(scene) if description.is_object else None
    calls = [player.draw_call(scene, mode, thing=thing) for _ in range(2)]
    looked = [stage.look(call, scene) for call in calls]
    return [
        stage.send_back(outputs, call, scene)
        for call, (_, outputs) in reversed(list(zip(calls, looked, strict=True)))
    ]
