"""The hidden suite of dropout.

What is dropped is up to chance, but not what becomes of a number: put back x / (1 - p) where there is 0, and the result is
known, and so is its gradient. The standard cases compare that. By hand are the gradient of what was dropped, the ends
of p, and the law: how often, how independently, and out of which generator.
"""

import math

import torch

from torch_judge.authoring import (
    Argument,
    Option,
    Tolerance,
    WrongAnswer,
    build,
    case,
    counterexample,
    deep_copy,
    describe,
    every,
    frequencies,
    gradients,
    signed,
    tensor,
)

EXACT = Tolerance(relative=0.0, of_scale=0.0)
UNLIKELY = math.log(1e12)
"""In each call that may drop, all numbers or none are dropped less than once in 1e12 calls, or it is not looked at."""


def made(Layer, **options):
    """Make a layer that a case knows the p of."""
    layer = build(Layer, **options)
    layer.p_of_the_case = float(options.get("p", 0.5))
    return layer


def call(layer, x):
    """Call a layer; what cannot be compared is the learner's mistake."""
    output = layer(x)
    if type(output) is not torch.Tensor:
        raise WrongAnswer(f"output: expected a tensor, found {type(output).__name__}")
    if output.shape != x.shape or output.dtype != x.dtype:
        found = f"{output.dtype} of shape {tuple(output.shape)}"
        raise WrongAnswer(f"output: expected {x.dtype} of shape {tuple(x.shape)}, found {found}")
    return output


def refuse_unlikely(dropped, p, number):
    """Say that all numbers were dropped, or none, where chance hardly ever does that."""
    for says, none, chance in (("none", 0, 1 - p), ("all", number, p)):
        if dropped == none and -number * math.log(chance) > UNLIKELY:
            raise WrongAnswer(f"{says} of {number} numbers were dropped in training; chance alone hardly ever does that")


def put_back(layer, x):
    """Return what a layer gives, with x / (1 - p) where it is 0, and so without chance."""
    output, p = layer(x), getattr(layer, "p_of_the_case", 0.5)
    if not isinstance(output, torch.Tensor) or output.shape != x.shape or output.dtype != x.dtype:
        return output
    if not layer.training or p == 0:
        return output.clone()  # it may be x itself
    if output.untyped_storage().data_ptr() == x.untyped_storage().data_ptr() and x.numel():
        raise WrongAnswer("output: expected a new tensor in training, found one that shares memory with x")
    if p == 1:
        return output + x * 0  # it may have no graph
    zero = output == 0
    if number := int((x != 0).sum()):
        refuse_unlikely(int((zero & (x != 0)).sum()), p, number)
    return torch.where(zero, x / (1 - p), output)


suite = describe(
    sizes={"rows": 9, "features": 11, "batch": 2},
    made_with=[],
    make=made,
    call=put_back,
    options=[Option("p", 0.5, usual=(0.3, 0.45), also=[0, 1])],
    draws=True,
    arguments=[Argument("x", "rows features", also=["features", "batch rows features", "batch 3 rows features", ""])],
)


def draw_p(rng):
    """Draw an ordinary p."""
    return float(rng.uniform(0.25, 0.4))


def drawn(rng, *shape, dtype=torch.float32):
    """Draw numbers of both signs, none of them 0."""
    return tensor(signed(rng, 0.6, 2.4, shape), dtype)


@case(
    title="a number is dropped or divided by 1 - p",
    rejects=["not_scaled", "scaled_by_p", "scaled_by_the_share_kept", "multiplied_by_noise", "float32_mask_with_its_scale"],
)
def a_number_is_dropped_or_divided_by_1_minus_p(Layer, rng):
    """In training each number of the result is 0 or x / (1 - p). (Where it is 0, the case puts x / (1 - p) in its place.)"""
    p, seen = draw_p(rng), {}
    for shape in ((150,), (12, 17), (2, 3, 8, 5)):
        layer, x = made(Layer, p=p), drawn(rng, *shape, dtype=torch.float64)
        seen[f"kept numbers, shape {shape}"] = put_back(layer, x)
    return seen


@case(rejects=["gradient_passes_the_mask_by", "backward_draws_again", "output_detached", "gradient_is_not_scaled"])
def gradient_goes_through_the_mask_of_the_forward_pass(Layer, rng):
    """The gradient of x is 0 where a number was dropped, and upstream / (1 - p) where it was kept."""
    p, seen = draw_p(rng), {}
    for name, shape in (("matrix", (12, 17)), ("vector", (90,)), ("four dimensions", (2, 3, 5, 4))):
        layer = made(Layer, p=p)
        x = drawn(rng, *shape, dtype=torch.float64)
        x.view(-1)[:3] = 0.0  # a zero may be dropped or kept
        x.requires_grad_()
        above = drawn(rng, *shape, dtype=torch.float64)
        outputs = [call(layer, x), call(layer, x)]
        for nth, output in reversed(list(zip(("first", "second"), outputs, strict=True))):
            found = gradients(output, {"x": x}, above)["gradient of x"]
            dropped, clear = output.detach() == 0, x.detach() != 0
            refuse_unlikely(int((dropped & clear).sum()), p, int(clear.sum()))
            seen[f"{name}, {nth} call"] = {
                "gradient where x was dropped": torch.where(dropped & clear, found, 0.0),
                "gradient where x was kept": torch.where(dropped, above / (1 - p), found),
                "gradient where x is 0 is one of the two": bool(
                    torch.all(torch.isclose(found[~clear] * (1 - p), above[~clear]) | (found[~clear] == 0))
                ),
            }
    return seen


@case(rejects=["scaled_in_evaluation", "drops_in_evaluation"], tolerance=EXACT)
def eval_returns_x_as_it_is(Layer, rng):
    """In eval mode the result is exactly x, for every p and after calls in training, and so is its gradient."""
    seen = {}
    for p in (draw_p(rng), 0.9, 0.0, 1.0):
        layer = made(Layer, p=p)
        for number, dtype in enumerate((torch.float32, torch.float64)):
            layer.train()
            call(layer, drawn(rng, 5, 4))
            layer.eval()
            x = drawn(rng, 7, 6, dtype=dtype)
            x[0] = 0.0
            output = call(layer, x.requires_grad_())
            found = gradients(output, {"x": x}, drawn(rng, 7, 6, dtype=dtype))
            seen[f"p = {p:.3g}, {number}"] = {"output": output, **found}
    return seen


@case(rejects=["p_zero_drops"], tolerance=EXACT)
def p_zero_changes_nothing(Layer, rng):
    """With p = 0 the result is exactly x in training, too, and its gradient is what is sent back."""
    seen = {}
    for name, p in (("0.0", 0.0), ("the whole number 0", 0)):
        layer, x = build(Layer, p), drawn(rng, 30, 20, dtype=torch.float64).requires_grad_()
        output = call(layer, x)
        seen[name] = {"output": output, **gradients(output, {"x": x}, drawn(rng, 30, 20, dtype=torch.float64))}
    return seen


@case(rejects=["nan_for_p_one", "p_one_returns_x"])
def p_one_drops_everything(Layer, rng):
    """With p = 1 the result is zeros in training, never NaN, and no gradient but 0 reaches x."""
    seen = {}
    for name, p in (("1.0", 1.0), ("the whole number 1", 1)):
        for shape in ((6, 5), (), (2, 3, 4)):
            layer, x = build(Layer, p), drawn(rng, *shape, dtype=torch.float64).requires_grad_()
            output = call(layer, x)
            found = torch.zeros(shape, dtype=torch.float64)
            if output.requires_grad:
                found = gradients(output, {"x": x}, drawn(rng, *shape, dtype=torch.float64))["gradient of x"]
            seen[f"p = {name}, shape {shape}"] = {"output": output.detach(), "gradient of x": found}
    return seen


def dropped_by(layer, x):
    """Return 1 where a number was dropped, else 0."""
    return (call(layer, x).detach() == 0).int()


@case(
    rejects=["keeps_with_probability_p", "never_drops", "normal_numbers_compared_with_p", "p_hard_coded"],
    checker=every(
        *(frequencies("chances", of=of, noun="outcome") for of in ("dropped", "dropped_zeros")),
        *(frequencies("chances_of_pairs", of=of, noun="pair") for of in ("upper_and_lower", "halves_of_many_more")),
    ),
)
def drops_a_share_p_of_all_numbers(Layer, rng):
    """About p of all numbers are dropped in training: outcome 1 is a number that was dropped, outcome 0 one that was kept. Of zeros
    the gradient tells. The upper half and the lower half of many numbers have no mask in common, and how many are dropped is left to
    chance: eight calls do not all drop as many.
    """
    p = draw_p(rng)
    layer, zeros = build(Layer, p), torch.zeros(80, 90, requires_grad=True)
    found = gradients(call(layer, zeros), {"x": zeros}, torch.ones(80, 90))["gradient of x"]
    # each power of two up to 4096 divides the half of them
    mask, x = dropped_by(layer, drawn(rng, 160, 256)), drawn(rng, 30, 40)
    # as many in eight calls come less than once in 1e11: one number has a probability of at most 0.028
    numbers = {int(dropped_by(layer, x).sum()) for _ in range(8)}
    # the first half of 131,072 numbers and the second
    vast = dropped_by(layer, torch.ones(256, 512)).to(torch.int8)
    return {
        "p": p,
        "halves_of_many_more": pair(vast[:128], vast[128:]),
        "dropped": mask.flatten(),
        "dropped_zeros": (found == 0).int().flatten(),
        "upper_and_lower": pair(mask[:80], mask[80:]),
        "eight calls drop as many": len(numbers) == 1,
    }


@case(checker=every(frequencies("chances_when_few", of="few"), frequencies("chances_when_many", of="many")))
def drops_few_or_nearly_all(Layer, rng):
    """A p of 0.0009 drops few numbers and one of 0.995 nearly all, in float64 and for negative numbers as well."""
    few, many = float(rng.uniform(0.0008, 0.00095)), float(rng.uniform(0.994, 0.996))
    x = -drawn(rng, 210, 220, dtype=torch.float64).abs()
    layers = {"few": build(Layer, p=few), "many": build(Layer, p=many)}
    return {"p_few": few, "p_many": many, **{name: dropped_by(layer, x).flatten().to(torch.int8) for name, layer in layers.items()}}


@case(title="half of the numbers are dropped by default", rejects=["wrong_default_p"], checker=frequencies("chances", of="dropped"))
def p_defaults_to_one_half_by_frequency(Layer, rng):
    """Where p is not given, half of the numbers are dropped, and the others are doubled."""
    x = drawn(rng, 80, 90)
    output = call(build(Layer), x)
    doubled = bool(torch.all((output == 0) | torch.isclose(output, 2 * x, rtol=1e-4)))
    return {"p": 0.5, "dropped": (output == 0).int().flatten(), "all others are doubled": doubled}


def pair(first, second):
    """Return 2 * first + second for pairs of outcomes."""
    return (2 * first + second).flatten()


@case(
    rejects=["mask_by_row", "mask_by_feature", "mask_by_channel", "mask_common_to_the_batch"],
    checker=every(*(frequencies("chances_of_pairs", of=of, noun="pair") for of in ("in_the_batch", "in_the_channels", "in_a_column", "in_a_row", "in_small_images"))),
)
def numbers_are_dropped_independently_of_each_other(Layer, rng):
    """No axis has a mask in common: of two neighbours along any axis both are kept (pair 0), one is dropped (1, 2), or both (3),
    as often as chance has it.
    """
    p = draw_p(rng)
    layer = build(Layer, p)
    mask, small = dropped_by(layer, drawn(rng, 2, 6, 20, 30)), dropped_by(layer, drawn(rng, 20, 30, 2, 2))
    return {
        "p": p,
        "in_the_batch": pair(mask[0], mask[1]),
        "in_the_channels": pair(mask[:, 0::2], mask[:, 1::2]),
        "in_a_column": pair(mask[:, :, 0::2], mask[:, :, 1::2]),
        "in_a_row": pair(mask[..., 0::2], mask[..., 1::2]),
        "in_small_images": pair(small[:, :, 0], small[:, :, 1]),
    }


@case(
    rejects=["mask_by_row", "mask_by_feature"],
    checker=every(*(frequencies("chances_of_pairs", of=of, noun="pair") for of in ("in_a_column", "in_a_row", "upper_and_lower", "left_and_right", "in_one_row_expanded"))),
)
def numbers_of_a_matrix_are_dropped_independently(Layer, rng):
    """In a matrix, too, no row and no column has a mask in common, nor where all rows are one row, expanded. (Pair 0: both are kept; 1,
    2: one is; 3: none is.)
    """
    p = draw_p(rng)
    layer = build(Layer, p)
    mask, row = dropped_by(layer, drawn(rng, 60, 70)), drawn(rng, 1, 700)
    try:
        repeated = dropped_by(layer, row.expand(6, 700))
    except RuntimeError as error:
        if "single memory location" not in str(error):
            raise
        raise WrongAnswer("x is one row, expanded, and is written to in place") from None
    return {
        "p": p,
        "in_a_column": pair(mask[0::2], mask[1::2]),
        "in_a_row": pair(mask[:, 0::2], mask[:, 1::2]),
        "upper_and_lower": pair(mask[:30], mask[30:]),
        "left_and_right": pair(mask[:, :35], mask[:, 35:]),
        "in_one_row_expanded": pair(repeated[0::2], repeated[1::2]),
    }


@case(rejects=["number_dropped_is_fixed"], checker=frequencies("chances_of_pairs", of="both", noun="pair"))
def two_numbers_alone_are_independent(Layer, rng):
    """Of a vector of two numbers both may be dropped, or none: how many are dropped is left to chance. (Pair 0: both are kept; 1, 2:
    one is; 3: none is.)
    """
    p = draw_p(rng)
    layer, x = build(Layer, p), drawn(rng, 2)
    masks = torch.stack([dropped_by(layer, x) for _ in range(300)])
    return {"p": p, "both": pair(masks[:, 0], masks[:, 1])}


@case(checker=frequencies("chances", of="dropped"))
def works_on_a_tensor_without_dimensions(Layer, rng):
    """A single number, a tensor without dimensions, is dropped with probability p as well."""
    p = draw_p(rng)
    layer, x = build(Layer, p), tensor(float(rng.uniform(1, 2)))
    return {"p": p, "dropped": torch.stack([dropped_by(layer, x) for _ in range(300)])}


@case(
    rejects=["mask_made_in_the_constructor", "mask_remembered_by_shape", "seeded_in_the_call", "seeded_in_the_constructor"],
    checker=every(
        *(
            frequencies("chances_of_pairs", of=of, noun="pair")
            for of in ("of_two_calls", "of_two_calls_upside_down", "of_two_layers", "of_a_copy", "later", "after_backward", "before_backward")
        )
    ),
)
def each_call_draws_anew(Layer, rng):
    """Two calls drop different numbers, and so do two layers and a copy of a layer, also after backward(). (Pair 0: kept by both; 1, 2:
    by one; 3: by none.)
    """
    p, x = draw_p(rng), drawn(rng, 40, 50)
    layer = build(Layer, p)
    first, second = dropped_by(layer, x), dropped_by(layer, x)
    other, copied = dropped_by(build(Layer, p), x), deep_copy(layer)
    of_the_copy = dropped_by(copied, x)
    dropped_by(layer.eval().train(), drawn(rng, 30, 20))
    third = dropped_by(layer, x)
    learning = x.clone().requires_grad_()
    outputs = [call(layer, learning) for _ in range(2)]
    gradients(outputs[0], {"x": learning}, torch.ones_like(x))
    before, after = (outputs[1].detach() == 0).int(), dropped_by(layer, learning)
    return {
        "p": p,
        "of_two_calls": pair(first, second),
        "of_two_calls_upside_down": pair(first, second.flip(0)),
        "of_two_layers": pair(first, other),
        "of_a_copy": pair(of_the_copy, second),
        "later": pair(third, first),
        "before_backward": pair((outputs[0].detach() == 0).int(), after),
        "after_backward": pair(before, after),
    }


@case(rejects=["drops_only_with_gradients_on"], checker=every(*(frequencies("chances", of=of) for of in ("under_no_grad", "under_inference_mode", "in_a_parent", "written"))))
def drops_wherever_it_is_in_training(Layer, rng):
    """A layer in training drops under torch.no_grad() and torch.inference_mode() too, inside a parent that was put into training, and
    where somebody has written to training.
    """
    p, x = draw_p(rng), drawn(rng, 50, 40)
    layer = build(Layer, p=p)
    with torch.no_grad():
        off = dropped_by(layer, x)
    with torch.inference_mode():
        inference = dropped_by(layer, x).clone()
    parent = torch.nn.Sequential(layer.eval()).train()
    seen = {"p": p, "under_no_grad": off.flatten(), "under_inference_mode": inference.flatten(), "in_a_parent": dropped_by(parent, x).flatten()}
    layer.eval()
    layer.training = True
    return seen | {"written": dropped_by(layer, x).flatten()}


@case(title="the same seed drops the same numbers", rejects=["draws_from_another_generator", "seeded_in_the_call"])
def same_seed_drops_the_same_numbers(Layer, rng):
    """After the same torch.manual_seed the same numbers are dropped, after another one others. No call seeds the generator, and nor
    does the constructor.
    """
    x, seeds = drawn(rng, 101, 100), [int(each) for each in rng.integers(1, 1 << 30, 2)]
    layer, masks = build(Layer, 0.4), []
    for seed in (seeds[0], seeds[1], seeds[0]):
        torch.manual_seed(seed)
        dropped_by(layer, x)
        masks.append(dropped_by(layer, x))
    before = torch.initial_seed()
    dropped_by(build(Layer, 0.3), x)
    return {
        "the same seed, the same numbers": torch.equal(masks[0], masks[2]),
        "another seed, the same numbers": torch.equal(masks[0], masks[1]),
        "the generator was seeded": torch.initial_seed() != before,
    }


@case(rejects=["p_is_a_parameter"])
def has_no_parameters_and_no_buffers(Layer, rng):
    """There is nothing to learn and nothing to save, after calls neither; a new layer is in training mode."""
    layer, x = build(Layer, 0.3), drawn(rng, 4, 5)
    seen = {"a new layer": contents(layer)}
    for mode in (True, False):
        call(layer.train(mode), x)
        seen[f"after a call in {'training' if mode else 'eval mode'}"] = contents(layer)
    return seen


def contents(layer):
    """Return what a layer holds, and its mode."""
    return {
        "parameters": [name for name, _ in layer.named_parameters()],
        "buffers": [name for name, _ in layer.named_buffers()],
        "state dict": sorted(layer.state_dict()),
        "training": layer.training,
    }


@case(rejects=["x_changed_in_place"])
def x_and_earlier_results_stay_as_they_are(Layer, rng):
    """x comes back unchanged in both modes, and a later call in training changes no earlier result."""
    layer, x = made(Layer, p=draw_p(rng)), drawn(rng, 8, 9)
    before, seen = x.clone(), {}
    for mode in ("train", "eval", "train"):
        layer.train(mode == "train")
        for grad in (True, False):
            with torch.set_grad_enabled(grad):
                call(layer, x)
        seen[f"x after a call, {mode}, {len(seen)}"] = x.clone()
    layer.train()
    first = call(layer, x)
    copy = first.clone()
    second = call(layer, x)
    seen["the first result after a second call"] = torch.equal(first, copy)
    seen["two results share memory"] = first.untyped_storage().data_ptr() == second.untyped_storage().data_ptr()
    return seen | {"x is unchanged": torch.equal(x, before)}


@case(rejects=["p_given_by_position_ignored"])
def p_is_passed_by_position_or_by_name(Layer, rng):
    """p is the first parameter of the constructor and has this name; layers keep their own."""
    p, other, x = draw_p(rng), float(rng.uniform(0.5, 0.6)), drawn(rng, 15, 14, dtype=torch.float64)
    layers = {"by position": build(Layer, p), "by name": build(Layer, p=p), "another": build(Layer, p=other)}
    seen = {}
    for name, layer in layers.items():
        layer.p_of_the_case = other if name == "another" else p
        seen[name] = put_back(layer, x)
    return seen


@case()
def earlier_results_stay_as_they_are(Layer, rng):
    """In training each call returns a new tensor: what was returned before does not change, of whatever shape it was."""
    layers, seen = {"": build(Layer, p=draw_p(rng)).train(), ", p = 1": build(Layer, p=1.0).train()}, {}
    for shape in ((6, 7), (1, 9), (9, 1), (200, 3), (3, 200), (1100,), (4, 5, 6), (2, 1, 5), (3, 4, 1)):
        for name, grad in (("", True), ("", False), (", p = 1", False)):
            layer = layers[name]
            with torch.set_grad_enabled(grad):
                x = drawn(rng, *shape)
                first = call(layer, x)
                before = first.detach().clone()
                others = [call(layer, each) for each in (x, drawn(rng, *shape), drawn(rng, 2, 3))]
            shared = any(each.untyped_storage().data_ptr() == first.untyped_storage().data_ptr() for each in others)
            seen[f"{shape}{name}{'' if grad else ', under torch.no_grad()'}"] = torch.equal(first.detach(), before) and not shared
    return seen


def small_call(draw):
    """Draw a call in which nothing is left to chance, or one whose dropped numbers are put back."""
    mode, upstream = draw.choice(("eval", "train")), draw.boolean()
    p = draw.choice((0.5, 0.75, 0.25, 0.0, 1.0, None))
    shape = draw.choice(((1,), (2,), (3,), (2, 2), (), (1, 3), (2, 1, 2), (12,)))
    dtype = torch.float64 if upstream else torch.float32
    call = {} if p is None else {"p": p}
    call |= {"x": tensor(draw.array(shape, -3, 4, plainest=1), dtype), "mode": mode}
    if upstream:
        call["upstream gradient"] = tensor(draw.array(shape, -2, 3, plainest=1), dtype)
    return call


@counterexample(inputs=small_call)
def answers_of_a_small_layer(Layer, inputs):
    """What a layer returns where chance plays no part, and what it keeps where it does."""
    layer = build(Layer, **({"p": inputs["p"]} if "p" in inputs else {}))
    layer.train(inputs["mode"] == "train")
    p, x = float(inputs.get("p", 0.5)), inputs["x"]
    before = x.clone()
    above = inputs.get("upstream gradient")
    if not torch.is_grad_enabled():
        above = None  # x itself is right in eval, and has its gradient there; a copy has none
    if above is not None:
        x.requires_grad_()
    output = call(layer, x)
    found = None
    if above is not None and (output.requires_grad or p != 1 or not layer.training):
        found = gradients(output, {"x": x}, above)["gradient of x"]
    dropped = (output.detach() == 0) & layer.training & (0 < p < 1)
    if layer.training and 0 < p < 1:
        seen = {"output, with x / (1 - p) where it is 0": torch.where(dropped, x.detach() / (1 - p), output.detach())}
        if found is not None:
            seen["gradient of x, with upstream / (1 - p) where the output is 0"] = torch.where(dropped, above / (1 - p), found)
            if bool((found[dropped & (x.detach() != 0)] != 0).any()):
                seen["gradient where a number was dropped is 0"] = False
    else:
        seen = {"output": output.detach()}
        if above is not None:
            seen["gradient of x"] = torch.zeros_like(above) if found is None else found
    if not torch.equal(before, x):
        seen["x after the call"] = x.detach()
    return seen
