"""The hidden suite of grouped-query attention.

All weights and biases are filled with drawn numbers before anything is compared. Weights are small enough that no
softmax is nearly one-hot by chance: gradients would be nothing but rounding there. d_k is 1, 4 or 16, whose roots are
exact, but for one case: the root may be rounded to float32. The standard cases come from a description of the call; by hand
are the cases that say what the groups are.
"""

from contextlib import suppress
from functools import partial

import numpy as np
import torch
from torch import nn

from torch_judge.authoring import (
    Argument,
    Observer,
    Size,
    Tolerance,
    WrongAnswer,
    build_plain,
    case,
    convert,
    counterexample,
    deep_copy,
    describe,
    fill,
    gradients,
    linear_of,
    signed,
    tensor,
    upstream,
)

NAMES = ("W_q", "W_k", "W_v", "W_o")
ROOT_IN_FLOAT32 = Tolerance(relative=1e-5, of_scale=1e-6)
CANCELLED_IN_FLOAT32 = Tolerance(relative=3e-5, of_scale=2e-4)
"""The gradient of W_k.bias is zero but for rounding, and so may differ by that."""
FAR_FROM_ZERO = Tolerance(relative=1e-6, of_scale=1e-6)
"""Scores near 10000 have four digits less behind the point."""
observer = Observer()


def widths(d_model, num_heads, num_kv_heads):
    """Return how many features each of the four layers gives."""
    narrow = num_kv_heads * (d_model // num_heads)
    return dict(zip(NAMES, (d_model, narrow, narrow, d_model), strict=True))


def parts(layer, d_model, num_heads, num_kv_heads):
    """Find the four layers."""
    return {name: linear_of(layer, name, d_model, width) for name, width in widths(d_model, num_heads, num_kv_heads).items()}


def weight(rng, shape):
    """Draw a weight that keeps the size of what it is multiplied with."""
    drawn = rng.uniform(-0.8, 0.8, shape)
    return (drawn + np.copysign(0.4, drawn)) / np.sqrt(shape[-1])


WIDTH, NARROW = "kv_heads*group*4", "kv_heads*4"
BY_HAND = "That of each parameter is a case by hand, which takes a tenth of the time."
ELSEWHERE = "Cases by hand have it."


def with_one_far_out(rng, shape):
    """Draw biases of the output, one of them large: a result may be beyond any bound."""
    biases = signed(rng, 0.6, 1.2, shape)
    biases[int(rng.integers(biases.size))] *= 90
    return biases


def projection(name, width, of_weight, of_bias, *, weights, **biases):
    """Describe a weight and its bias."""
    return [
        Argument(f"{name}.weight", f"{width} {WIDTH}", between=weights, far=1, scales=of_weight, zeros=False, ones=False),
        Argument(f"{name}.bias", width, far=1, scales=of_bias, zeros=False, ones=False, **biases),
    ]


call = describe(
    sizes={
        "positions": Size(5, large=5),
        "kv_heads": Size(2, large=11),
        "group": Size(3, large=3, equal=False),
        "batch": Size(2, large=130),
    },
    made_with={"d_model": WIDTH, "num_heads": "kv_heads*group", "num_kv_heads": "kv_heads"},
    parts=parts,
    arguments=[Argument("x", f"batch positions {WIDTH}", far=1)],
    parameters=[
        # Scores stay as they are where x is large or tiny, and small where all numbers are negative and add up.
        *projection("W_q", WIDTH, -1, 0, weights=(0.02, 0.08), between=(0.1, 0.4)),
        *projection("W_k", NARROW, -1, 0, weights=(0.02, 0.08), between=(0.1, 0.4)),
        *projection("W_v", NARROW, 0, 1, weights=(0.1, 0.3), between=(0.1, 0.4)),
        *projection("W_o", WIDTH, 0, 1, weights=(0.1, 0.3), draw=with_one_far_out),
    ],
    modes=False,
    tolerance_in_float32=CANCELLED_IN_FLOAT32,
    call=lambda layer, x: layer.forward(x),
    without={
        "a_deep_copy_is_independent": "Who keeps the attention weights to look at them cannot be copied.",
        "works_when_only_one_tensor_requires_grad: only W_*": BY_HAND,
        "works_with_small_sizes: batch 1": ELSEWHERE,
        "works_with_small_sizes: kv_heads 1": ELSEWHERE,
        "works_with_small_sizes: group 1": ELSEWHERE,
        "works_with_small_sizes: * 2": ELSEWHERE,
        "works_on_non_contiguous_input: expanded": "Two other views are tried; x goes to three linear layers and nowhere else.",
    },
)


def of_dtype(layer, dtype):
    """Put an object into a dtype."""
    if isinstance(layer, nn.Module):
        layer.to(dtype)
    else:
        convert(layer, NAMES, dtype)


def filled(Attention, sizes, values, dtype=torch.float64):
    """Make an object whose four layers have these weights and biases; sizes are d_model, num_heads and num_kv_heads."""
    layer = build_plain(Attention, *sizes)
    found = parts(layer, *sizes)
    of_dtype(layer, dtype)
    for name, (matrix, bias) in zip(found, values, strict=True):
        fill(f"{name}.weight", found[name].weight, matrix)
        fill(f"{name}.bias", found[name].bias, bias)
    return layer


def draw_values(rng, *sizes):
    """Draw a weight and a bias for each of the four layers."""
    lows = (0.2, 0.2, 0.4, 0.4)
    found = zip(lows, widths(*sizes).values(), strict=True)
    return [(weight(rng, (width, sizes[0])), signed(rng, low, 3 * low, width)) for low, width in found]


def drawn(Attention, rng, *sizes, dtype=torch.float64):
    """Make an object and give its layers numbers from `rng`."""
    return filled(Attention, sizes, draw_values(rng, *sizes), dtype)


def positions(rng, *shape, dtype=torch.float64):
    """Draw positions whose features are of both signs, and none near 0."""
    return tensor(rng.uniform(0.6, 2.4, shape) * rng.choice((-1.0, 1.0), shape), dtype)


def parameters(layer):
    """Return the eight parameters by name."""
    return {f"{name}.{kind}": getattr(getattr(layer, name), kind) for name in NAMES for kind in ("weight", "bias")}


def observed(layer, rng, x):
    """Return the output, and the gradients of x and of all parameters."""
    x.requires_grad_()
    output = layer.forward(x)
    return {"output": output, **gradients(output, {"x": x, **parameters(layer)}, upstream(rng, x))}


@case(
    title="output is W_o of the heads side by side",
    rejects=["output_projection_forgotten", "heads_joined_without_transpose", "biases_ignored"],
)
def output_is_w_o_of_the_heads_side_by_side(Attention, rng):
    """x is projected, each query head attends by itself, and W_o projects the heads that lie side by side."""
    return {"output": drawn(Attention, rng, 24, 6, 2).forward(positions(rng, 2, 5, 24))}


@case(title="query head h uses key-value head h // group", rejects=["key_value_heads_taken_in_turn", "first_key_value_head_for_all"])
def query_head_h_uses_key_value_head_h_over_group(Attention, rng):
    """A group is a run of query heads: with 6 heads and 2 key-value heads, heads 0, 1 and 2 use the first. W_o passes them on here."""
    seen = {}
    for num_heads, num_kv_heads in ((6, 2), (6, 3), (40, 2)):
        sizes = num_heads, num_heads, num_kv_heads
        values = [*draw_values(rng, *sizes)[:3], (np.eye(num_heads), np.zeros(num_heads))]
        seen[f"{num_heads} heads on {num_kv_heads}"] = filled(Attention, sizes, values).forward(positions(rng, 2, 3, num_heads))
    return seen


@case(rejects=["heads_interleaved", "split_without_transpose"])
def each_head_has_a_run_of_features(Attention, rng):
    """Head h takes and gives the features h * d_k to (h + 1) * d_k - 1. Here W_o passes the heads on as they are."""
    sizes = 16, 4, 2
    values = [*draw_values(rng, *sizes)[:3], (np.eye(16), np.zeros(16))]
    return {"output": filled(Attention, sizes, values).forward(positions(rng, 3, 5, 16))}


@case(
    title="scores are divided by sqrt(d_k)",
    tolerance=ROOT_IN_FLOAT32,
    rejects=["scale_missing", "scaled_by_the_width_of_all_heads", "scaled_by_the_width_of_the_keys", "divided_by_d_k"],
)
def scores_are_divided_by_the_root_of_d_k(Attention, rng):
    """d_k is d_model / num_heads, the width of one head; the scores are divided by its root."""
    seen = {}
    for num_heads, num_kv_heads, d_k in ((4, 2, 5), (6, 3, 2), (4, 2, 18)):
        layer = drawn(Attention, rng, num_heads * d_k, num_heads, num_kv_heads)
        seen[f"{num_heads} heads, d_k {d_k}"] = layer.forward(positions(rng, 2, 3, num_heads * d_k))
    return seen


@case(rejects=["softmax_over_the_queries", "softmax_over_the_heads"])
def weights_of_a_query_add_up_to_1(Attention, rng):
    """The softmax is over the keys: where all values are alike, that is what comes out, whatever the scores are."""
    sizes = 16, 4, 2
    values = draw_values(rng, *sizes)
    values[2] = np.zeros((8, 16)), values[2][1]
    return {"output": filled(Attention, sizes, values).forward(positions(rng, 2, 5, 16))}


@case(rejects=["causal_mask_added"])
def every_position_sees_every_position(Attention, rng):
    """There is no mask: the last position counts for each query, of many positions too, and one of zeros counts like any other."""
    layer, x = drawn(Attention, rng, 16, 4, 2), positions(rng, 2, 5, 16)
    seen = {"before": layer.forward(x)}
    other = x.clone()
    other[:, -1] = positions(rng, 2, 16)
    seen["with another last position"] = layer.forward(other)
    other[:, 2] = 0
    seen["with a position of zeros"] = layer.forward(other)
    seen["many positions"] = layer.forward(positions(rng, 2, 40, 16))
    layer = drawn(Attention, rng, 2, 2, 1, dtype=torch.float32)
    with torch.no_grad():
        seen["300 positions"] = layer.forward(positions(rng, 1, 300, 2, dtype=torch.float32))
    return seen


@case(title="works with every num_kv_heads", rejects=["first_key_value_head_for_all"])
def works_with_every_number_of_key_value_heads(Attention, rng):
    """num_kv_heads may be 1, num_heads, and any number that divides num_heads, which may be 1 or d_model, too."""
    seen = {}
    for sizes in ((16, 4, 1), (16, 4, 4), (6, 6, 3), (4, 1, 1), (8, 8, 1)):
        label = "d_model {}, num_heads {}, num_kv_heads {}".format(*sizes)
        layer = drawn(Attention, rng, *sizes)
        seen[label] = observed(layer, rng, positions(rng, 4, 4, sizes[0]))
    return seen | {"B and S the same, transposed": layer.forward(positions(rng, 4, 4, 8).transpose(0, 1))}


@case(title="works with d_model 1")
def works_with_a_d_model_of_1(Attention, rng):
    """d_model may be 1: one head of one feature, in float64 and in float32, and called twice."""
    seen, kept = {}, []

    def call(layer, x):
        kept.append(layer.forward(x))
        return kept[-1]

    for dtype in (torch.float64, torch.float32):
        layer = drawn(Attention, rng, 1, 1, 1, dtype=dtype)
        for label in ("first call", "second call"):
            x = positions(rng, 2, 3, 1, dtype=dtype).requires_grad_(dtype is torch.float64)
            made = observer.observe(partial(call, layer, x), {"x": x}, rng, held=partial(parameters, layer), where=label)
            seen[f"{dtype}, {label}"] = made if dtype is torch.float64 else made["output"]
        with torch.no_grad():
            made = observer.observe(partial(call, layer, x), {"x": x}, rng, held=partial(parameters, layer))
            seen[f"{dtype}, under torch.no_grad()"] = made
    return seen | {"results, afterwards": [each.detach().clone() for each in kept]}


@case(rejects=["weights_detached", "keys_and_values_detached", "parameters_detached"])
def gradients_of_x_and_all_parameters_are_right(Attention, rng):
    """x and all eight parameters get their gradients; those of W_k and W_v are the sum over the query heads of a group."""
    seen = {}
    for num_kv_heads in (2, 3):
        seen[f"6 heads on {num_kv_heads}"] = observed(drawn(Attention, rng, 24, 6, num_kv_heads), rng, positions(rng, 2, 3, 24))
    return seen


@case()
def works_when_only_one_parameter_requires_grad(Attention, rng):
    """A weight or a bias that requires grad gets its gradient, whether the others require one or not."""
    layer, seen = drawn(Attention, rng, 4, 4, 2), {}
    for only in (held := parameters(layer)):
        for name, each in held.items():
            each.requires_grad_(name == only)
        x = positions(rng, 1, 3, 4)
        output = layer.forward(x)
        seen[only] = {"output": output, **gradients(output, {only: held[only]}, upstream(rng, x))}
    return seen


@case(title="a parameter may be all zeros, or all ones")
def works_when_a_parameter_is_all_zeros_or_ones(Attention, rng):
    """All numbers of a weight may be 0 and those of its bias 1, and the other way round: both are used, and get their gradients."""
    layer, seen = drawn(Attention, rng, 4, 4, 2), {}
    for name, found in parts(layer, 4, 4, 2).items():
        before = found.weight.detach().clone(), found.bias.detach().clone()
        for number in (0, 1):
            fill(f"{name}.weight", found.weight, torch.full_like(before[0], number))
            fill(f"{name}.bias", found.bias, torch.full_like(before[1], 1 - number))
            seen[f"{name}.weight all {number}"] = observed(layer, rng, 0.4 * positions(rng, 2, 3, 4))
        fill(f"{name}.weight", found.weight, before[0])
        fill(f"{name}.bias", found.bias, before[1])
    return seen


def replace(layer, name):
    """Put a copy in the place of a layer, unless it is a property, which cannot be set."""
    with suppress(AttributeError):
        setattr(layer, name, deep_copy(getattr(layer, name)))


@case(rejects=["weights_copied_at_the_first_call"])
def uses_the_weights_as_they_are_now(Attention, rng):
    """A step of the optimiser takes effect at the next call, under torch.no_grad() and torch.inference_mode() too, and so does a
    layer that replaces another.
    """
    layer, x = drawn(Attention, rng, 8, 8, 2), positions(rng, 1, 9, 8)
    seen = {"before": layer.forward(x)}
    with torch.no_grad():
        seen["before, under torch.no_grad()"] = layer.forward(x)
        for each in parameters(layer).values():
            each.mul_(1.3)
        seen["after a step"] = layer.forward(x)
        for each in parameters(layer).values():
            each.data.mul_(0.8)
        seen["after .data was changed"] = layer.forward(x)
    with torch.inference_mode():
        seen["under torch.inference_mode()"] = layer.forward(x)
        fill("W_o.weight", layer.W_o.weight, layer.W_o.weight * 0.7)
        seen["under torch.inference_mode(), after a step"] = layer.forward(x)
    for name in NAMES:
        replace(layer, name)
        fill(f"{name}.weight", getattr(layer, name).weight, getattr(layer, name).weight * 0.9)
    with torch.inference_mode():
        seen["after every layer was replaced"] = layer.forward(x)
    return seen


def leading(rng, kinds, heads, group):
    """Draw queries and keys of heads of 4 features, whose scores are near 10000 or -10000, each with a clear winner.

    `kinds` has a row for each sequence: 1 where the winner is at 10000, -1 where all are below -8000; in every other query head it is the
    other way round. Keys are at right angles.
    """
    batch, length = kinds.shape
    keys = np.empty((batch, length, heads, 4))
    queries = np.empty((batch, length, heads * group, 4))
    for item, head in np.ndindex(batch, heads):
        directions = np.linalg.qr(rng.normal(size=(4, 4)))[0][:length]
        keys[item, :, head] = 140 * directions
        for query, member in np.ndindex(length, group):
            winner = directions[int(rng.integers(length))]
            up = (kinds[item, query] > 0) == ((head + member) % 2 == 0)
            queries[item, query, head * group + member] = 140 * (winner if up else 0.1 * winner - directions.sum(axis=0))
    return queries, keys


def with_large_scores(Attention, rng, queries, keys, dtype=torch.float64):
    """Make an object and an x whose projections are these queries and keys of each head."""
    d_model, rows = queries[0, 0].size, len(queries[0]) * len(queries)
    sizes = d_model, queries.shape[2], keys.shape[2]
    values = draw_values(rng, *sizes)
    # the positions are at right angles to each other, so that any projections can be had
    x = 2 * np.linalg.qr(rng.normal(size=(d_model, d_model)))[0][:rows]
    for number, wanted in enumerate((queries, keys)):
        bias = values[number][1]
        values[number] = (wanted.reshape(rows, -1) - bias).T @ x / 4, bias
    return filled(Attention, sizes, values, dtype), tensor(x.reshape(*queries.shape[:2], d_model), dtype)


def without_noise(seen):
    """Of the gradients of W_q and W_k look only whether they are finite: a softmax that is sure leaves rounding of them."""
    noisy = {name: bool(value.isfinite().all()) for name, value in seen.items() if name.startswith(("gradient of W_q", "gradient of W_k"))}
    return {name: value for name, value in seen.items() if name not in noisy} | {"finite": noisy}


KINDS = np.array([[1, -1, 1, 1], [-1, -1, 1, -1]])


@case(tolerance=FAR_FROM_ZERO, rejects=["softmax_without_shift", "shifted_by_the_largest_of_all"])
def is_right_for_scores_near_10000(Attention, rng):
    """Scores may be near 10000 for one query or head and near -10000 for the next: output and gradients are finite and right."""
    layer, x = with_large_scores(Attention, rng, *leading(rng, KINDS, 2, 2))
    return without_noise(observed(layer, rng, x))


@case(rejects=["softmax_without_shift"])
def is_right_for_scores_near_10000_in_float32(Attention, rng):
    """In float32 too, scores near 10000 and -10000 give the right output, and all gradients are finite."""
    layer, x = with_large_scores(Attention, rng, *leading(rng, KINDS, 2, 2), torch.float32)
    seen = observed(layer, rng, x)
    return {"output": seen["output"], "finite": {name: bool(value.isfinite().all()) for name, value in seen.items()}}


@case(tolerance=FAR_FROM_ZERO, rejects=["softmax_without_shift", "scores_clamped"])
def a_number_added_to_all_scores_changes_nothing(Attention, rng):
    """Only the differences between the scores of a query count: these all lie near 10000, or near -10000."""
    axis = np.full(4, 0.5)
    apart = np.linalg.qr(np.column_stack([axis, rng.normal(size=(4, 3))]))[0][:, 1:]
    sign = np.array([[1, -1, 1], [-1, 1, -1]])[..., None, None]
    queries = 200 * sign * axis + rng.normal(size=(2, 3, 4, 4)) * 1.4
    keys = 100 * axis + rng.normal(size=(2, 3, 2, 3)) * 1.4 @ apart.T
    layer, x = with_large_scores(Attention, rng, queries, keys)
    return observed(layer, rng, x)


@case(title="W_k and W_v give num_kv_heads * d_k features", rejects=["keys_and_values_of_full_width", "biases_left_out", "unused_layer_left_in"])
def has_four_linear_layers_of_the_right_sizes(Attention, rng):
    """W_q and W_o are nn.Linear(d_model, d_model), W_k and W_v nn.Linear(d_model, num_kv_heads * d_k), all with biases, float32 as
    PyTorch makes them; there is nothing else to learn.
    """
    layer = build_plain(Attention, 12, 6, 2)
    found = parts(layer, 12, 6, 2)
    if len({id(each) for each in found.values()}) < len(NAMES):
        raise WrongAnswer(f"{', '.join(NAMES)}: expected four layers, found one of them under two names")
    more = 0
    if isinstance(layer, nn.Module):
        more = len({id(each) for each in layer.parameters()} - {id(each) for each in parameters(layer).values()})
    return {
        "shapes": {name: list(each.shape) for name, each in parameters(layer).items()},
        "dtypes": {name: str(each.dtype) for name, each in parameters(layer).items()},
        "all require gradients": all(each.requires_grad for each in parameters(layer).values()),
        "parameters besides": more,
    }


@case(rejects=["seeded_in_the_constructor"])
def each_object_has_random_weights_of_its_own(Attention, rng):
    """The weights are drawn anew for each object, and the random generator is not set back."""
    first, second = (parts(build_plain(Attention, 8, 4, 2), 8, 4, 2) for _ in range(2))
    return {f"{name}.weight is the same twice": torch.equal(first[name].weight, second[name].weight) for name in NAMES[:3]}


def small_call(draw):
    """Draw a small object and a call of it; its layers are the identity, or have small whole numbers and halves."""
    above, again, learned = draw.boolean(), draw.boolean(), draw.boolean()
    num_heads, num_kv_heads, d_k = draw.choice(((2, 1, 1), (1, 1, 1), (2, 2, 1), (4, 2, 1), (2, 1, 2)))
    d_model = num_heads * d_k
    sizes = d_model, num_heads, num_kv_heads
    batch, length = draw.integer(1, 2), draw.integer(1, 3)
    dtype = torch.float64 if above else torch.float32  # gradients cancel, which float32 does not survive
    call = dict(zip(("d_model", "num_heads", "num_kv_heads"), sizes, strict=True))
    call["x"] = tensor(draw.array((batch, length, d_model), -2, 3), dtype)
    if learned:
        for name, width in widths(*sizes).items():
            call[f"{name}.weight"] = tensor(np.eye(width, d_model) + draw.array((width, d_model), -1, 1), dtype)
            call[f"{name}.bias"] = tensor(draw.array(width, -1, 2), dtype)
    else:
        call["W_q, W_k, W_v, W_o"] = "each weight the identity, of which W_k and W_v have the first rows; each bias 0"
    if again:
        call["a second call"] = "with the same x, after every parameter was doubled"
    if above:
        call["upstream gradient"] = tensor(draw.array((batch, length, d_model), -2, 3, plainest=1), dtype)
        call["dtype"] = "float64"
    return call


@counterexample(inputs=small_call, tolerance=Tolerance(relative=1e-4, of_scale=1e-4))
def answers_of_a_small_object(Attention, call):
    """What a small object returns, sends back, and changes that is not its own."""
    x, sizes = call["x"], (call["d_model"], call["num_heads"], call["num_kv_heads"])
    plain = [(f"{name}.weight", np.eye(width, sizes[0]), f"{name}.bias", np.zeros(width)) for name, width in widths(*sizes).items()]
    values = [(call.get(matrix, identity), call.get(bias, zeros)) for matrix, identity, bias, zeros in plain]
    layer = filled(Attention, sizes, values, x.dtype)
    before = x.clone()
    if "upstream gradient" in call:
        x.requires_grad_()
    output = layer.forward(x)
    seen = {"output": output}
    if "upstream gradient" in call:
        seen |= gradients(output, {"x": x, **parameters(layer)}, call["upstream gradient"])
    if not torch.equal(x, before):
        seen["x after the call"] = x
    if "a second call" in call:
        with torch.no_grad():
            for each in parameters(layer).values():
                each.mul_(2)
        seen["output of the second call"] = layer.forward(x)
    return seen
