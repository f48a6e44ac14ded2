"""The hidden suite of grouped-query attention.

All weights and biases are filled with drawn numbers before anything is compared. Weights are small enough that no
softmax is nearly one-hot by chance: gradients would be nothing but rounding there. d_k is 1, 4 or 16, whose roots are
exact, but for one case: the root may be rounded to float32. The standard cases come from a description of the call; by
hand are the cases that say what grouped-query attention is.
"""

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
"""Scores near 10000 have four digits less behind the point; one-hot weights leave nothing but rounding of some gradients."""
D_MODEL, D_KV = "kv_heads*group*4*quarter_of_d_k", "kv_heads*4*quarter_of_d_k"


def sizes_of(d_model, num_heads, num_kv_heads):
    """Return the sizes of each layer by name: from what to what."""
    narrow = num_kv_heads * (d_model // num_heads)
    return {"W_q": (d_model, d_model), "W_k": (d_model, narrow), "W_v": (d_model, narrow), "W_o": (d_model, d_model)}


def parts(layer, *sizes):
    """Find the four layers."""
    return {name: linear_of(layer, name, *size) for name, size in sizes_of(*sizes).items()}


def weight(rng, shape, by=1.0):
    """Draw a weight that keeps the size of what it is multiplied with."""
    return by * signed(rng, 0.4, 1.2, shape) * rng.choice((-1.0, 1.0), shape) / np.sqrt(shape[-1])


def larger_weight(rng, shape):
    """Draw a weight for queries and keys: what the description draws for x is small, so that sums of it are not large."""
    return weight(rng, shape, 3.0)


call = describe(
    sizes={
        "positions": Size(5, large=33),
        "kv_heads": Size(2, large=12),
        "group": Size(3, large=17),
        "quarter_of_d_k": Size(1, large=4, equal=False),
        "batch": Size(2, large=1030),
    },
    made_with={"d_model": D_MODEL, "num_heads": "kv_heads*group", "num_kv_heads": "kv_heads"},
    parts=parts,
    arguments=[Argument("x", f"batch positions {D_MODEL}", between=(0.15, 0.6), far=1)],
    parameters=[  # where x is large or tiny the scores stay as they are
        Argument("W_q.weight", f"{D_MODEL} {D_MODEL}", draw=larger_weight, far=1, scales=-1),
        Argument("W_q.bias", D_MODEL, between=(0.03, 0.09), far=1, scales=0),
        Argument("W_k.weight", f"{D_KV} {D_MODEL}", draw=larger_weight, far=1, scales=-1),
        Argument("W_k.bias", D_KV, between=(0.03, 0.09), far=1, scales=0),
        Argument("W_v.weight", f"{D_KV} {D_MODEL}", draw=larger_weight, far=1, scales=0),
        Argument("W_v.bias", D_KV, between=(0.06, 0.18), far=1),
        Argument("W_o.weight", f"{D_MODEL} {D_MODEL}", draw=weight, far=1, scales=0),
        Argument("W_o.bias", D_MODEL, between=(0.4, 1.2), far=1),
    ],
    modes=False,
    tolerance_in_float32=CANCELLED_IN_FLOAT32,
    call=lambda layer, x: layer.forward(x),
    without={
        "a_deep_copy_is_independent": "Who keeps the attention weights to look at them cannot be copied.",
    },
)


def of_dtype(layer, dtype):
    """Put an object into a dtype."""
    if isinstance(layer, nn.Module):
        layer.to(dtype)
    else:
        convert(layer, NAMES, dtype)


def filled(Attention, sizes, values, dtype=torch.float64):
    """Make an object whose four layers have these weights and biases."""
    layer = build_plain(Attention, *sizes)
    found = parts(layer, *sizes)
    of_dtype(layer, dtype)
    for name, (matrix, bias) in zip(found, values, strict=True):
        fill(f"{name}.weight", found[name].weight, matrix)
        fill(f"{name}.bias", found[name].bias, bias)
    return layer


def draw_values(rng, *sizes):
    """Draw a weight and a bias for each layer."""
    lows = (0.2, 0.2, 0.4, 0.4)
    shapes = sizes_of(*sizes).values()
    return [(weight(rng, (out, into)), signed(rng, low, 3 * low, out)) for low, (into, out) in zip(lows, shapes, strict=True)]


def drawn(Attention, rng, *sizes, dtype=torch.float64):
    """Make an object and give its layers numbers from `rng`."""
    return filled(Attention, sizes, draw_values(rng, *sizes), dtype)


def positions(rng, *shape):
    """Draw positions whose features are of both signs, and none near 0."""
    return tensor(rng.uniform(0.6, 2.4, shape) * rng.choice((-1.0, 1.0), shape), torch.float64)


def parameters(layer):
    """Return the eight parameters by name."""
    return {f"{name}.{kind}": getattr(getattr(layer, name), kind) for name in NAMES for kind in ("weight", "bias")}


def observed(layer, rng, x):
    """Return the output, and the gradients of x and of all parameters."""
    output = layer.forward(x.requires_grad_())
    return {"output": output, **gradients(output, {"x": x, **parameters(layer)}, upstream(rng, x))}


@case(
    title="output is W_o of the heads side by side",
    rejects=["output_projection_forgotten", "heads_joined_without_transpose", "residual_connection_added", "biases_ignored"],
)
def output_is_w_o_of_the_heads_side_by_side(Attention, rng):
    """x is projected to queries, keys and values, each head attends by itself, and W_o projects the heads side by side."""
    return {"output": drawn(Attention, rng, 24, 6, 2).forward(positions(rng, 2, 5, 24))}


@case(
    title="head h uses key-value head h // group",
    rejects=["key_value_heads_in_turn", "first_key_value_head_for_all", "mean_of_the_key_value_heads", "values_in_turn"],
)
def head_h_uses_key_value_head_h_by_group(Attention, rng):
    """Neighbouring query heads share a key-value head. Here W_o passes the heads on as they are."""
    seen = {}
    for num_kv_heads in (2, 3):
        values = draw_values(rng, 24, 6, num_kv_heads)[:3] + [(np.eye(24), np.zeros(24))]
        layer = filled(Attention, (24, 6, num_kv_heads), values)
        seen[f"6 heads, {num_kv_heads} key-value heads"] = layer.forward(positions(rng, 2, 4, 24))
    return seen


@case(rejects=["heads_interleaved", "key_value_heads_interleaved", "split_without_transpose"])
def each_head_has_a_run_of_features(Attention, rng):
    """Head h takes and gives the features h * d_k to (h + 1) * d_k - 1, of the queries as of the keys and values."""
    layer = filled(Attention, (16, 4, 2), draw_values(rng, 16, 4, 2)[:3] + [(np.eye(16), np.zeros(16))])
    return {"output": layer.forward(positions(rng, 3, 5, 16))}


@case(
    title="scores are divided by sqrt(d_k)",
    tolerance=ROOT_IN_FLOAT32,
    rejects=["scale_missing", "scale_by_d_model", "divided_by_d_k", "multiplied_by_the_root"],
)
def scores_are_divided_by_the_root_of_d_k(Attention, rng):
    """d_k is d_model / num_heads, the width of one head; the scores are divided by its root."""
    seen = {}
    for num_heads, d_k in ((2, 5), (6, 2), (4, 3)):
        layer = drawn(Attention, rng, num_heads * d_k, num_heads, num_heads // 2)
        seen[f"{num_heads} heads, d_k {d_k}"] = layer.forward(positions(rng, 2, 4, num_heads * d_k))
    return seen


@case(rejects=["softmax_over_the_queries", "softmax_over_the_heads", "sigmoid_instead_of_softmax"])
def softmax_is_over_the_keys(Attention, rng):
    """The weights of each query add up to 1: where all values are alike, that is what comes out, whatever the scores are."""
    values = draw_values(rng, 16, 4, 2)
    values[2] = np.zeros((8, 16)), values[2][1]
    return {"output": filled(Attention, (16, 4, 2), values).forward(positions(rng, 2, 5, 16))}


@case(rejects=["causal_mask_added"])
def every_position_sees_all_positions(Attention, rng):
    """There is no mask: the last position counts for each one before, and a position of zeros counts like any other."""
    layer, x = drawn(Attention, rng, 16, 4, 2), positions(rng, 2, 5, 16)
    seen = {"before": layer.forward(x)}
    other = x.clone()
    other[:, -1] = positions(rng, 2, 16)
    seen["with another last position"] = layer.forward(other)
    other[:, 2] = 0
    seen["with a position of zeros"] = layer.forward(other)
    return seen


@case(title="works with every num_kv_heads", rejects=["number_of_key_value_heads_fixed"])
def works_with_every_number_of_key_value_heads(Attention, rng):
    """num_kv_heads may be 1, any number that divides num_heads, and num_heads itself; num_heads may be 1, and d_model."""
    seen = {}
    for sizes in ((24, 6, 1), (24, 6, 2), (24, 6, 3), (24, 6, 6), (16, 1, 1), (4, 4, 2), (3, 3, 1)):
        label = f"{sizes[1]} heads of width {sizes[0] // sizes[1]}, {sizes[2]} for keys and values"
        seen[label] = drawn(Attention, rng, *sizes).forward(positions(rng, 2, 3, sizes[0]))
    return seen


observer = Observer()


@case(title="works with d_model 1")
def works_with_a_d_model_of_1(Attention, rng):
    """d_model may be 1: one head of one feature, in float64 and in float32, and called twice."""
    seen = {}
    for dtype in (torch.float64, torch.float32):
        layer = drawn(Attention, rng, 1, 1, 1, dtype=dtype)
        for nth in ("first", "second"):
            x = positions(rng, 2, 3, 1).to(dtype).requires_grad_(dtype is torch.float64)
            call, label = partial(layer.forward, x), f"{dtype}, {nth} call"
            made = observer.observe(call, {"x": x}, rng, held=partial(parameters, layer), where=label)
            seen[label] = made if dtype is torch.float64 else made["output"]
        with torch.no_grad():
            seen[f"{dtype}, under torch.no_grad()"] = observer.observe(call, {"x": x}, rng, held=partial(parameters, layer))
    return seen


@case(rejects=["weights_detached", "values_detached", "parameters_detached", "gradient_of_one_head_of_the_group"])
def gradients_of_x_and_all_parameters_are_right(Attention, rng):
    """x and all eight parameters get their gradients; those of W_k and W_v come from all heads of the group."""
    seen = {}
    for sizes in ((24, 6, 2), (12, 3, 1), (4, 4, 2)):
        layer = drawn(Attention, rng, *sizes)
        seen[f"{sizes[1]} heads, {sizes[2]} for keys and values"] = observed(layer, rng, positions(rng, 2, 5, sizes[0]))
    return seen


@case(rejects=["weights_copied_at_the_first_call"])
def uses_the_weights_as_they_are_now(Attention, rng):
    """A step of the optimiser takes effect at the next call, under torch.no_grad() too."""
    layer, x = drawn(Attention, rng, 16, 4, 2), positions(rng, 2, 3, 16)
    seen = {"before": layer.forward(x)}
    with torch.no_grad():
        seen["before, under torch.no_grad()"] = layer.forward(x)
        for each in parameters(layer).values():
            each.mul_(1.3)
        seen["after a step"] = layer.forward(x)
    return seen


HEADS, KV_HEADS, D_K = 4, 2, 4
KINDS = np.array([[1, -1, 1], [-1, -1, 1]])
"""Of two sequences of three positions: 1 where a query's winner is at 10000, -1 where all its scores are below -8000."""


def leading(rng):
    """Draw queries and keys of each head, whose scores are near 10000 or -10000, each with a clear winner."""
    queries, keys = np.empty((2, 3, HEADS, D_K)), np.empty((2, 3, KV_HEADS, D_K))
    for item, g in np.ndindex(2, KV_HEADS):
        directions = np.linalg.qr(rng.normal(size=(D_K, D_K)))[0][:3]
        keys[item, :, g] = 140 * directions
        for head in (2 * g, 2 * g + 1):
            for query, kind in enumerate(KINDS[item]):
                winner = directions[int(rng.integers(3))]
                queries[item, query, head] = 140 * (winner if kind > 0 else 0.1 * winner - directions.sum(axis=0))
    return queries, keys


def with_large_scores(Attention, rng, queries, keys, dtype):
    """Make an object, and positions that it projects to these queries and keys of each head."""
    sizes = HEADS * D_K, HEADS, KV_HEADS
    values = draw_values(rng, *sizes)
    x = np.linalg.qr(rng.normal(size=(sizes[0], sizes[0])))[0][:6] * 2
    for number, wanted in enumerate((queries, keys)):
        bias = values[number][1]
        values[number] = (wanted.reshape(6, -1) - bias).T @ x / 4, bias
    return filled(Attention, sizes, values, dtype), tensor(x.reshape(2, 3, -1), dtype)


@case(tolerance=FAR_FROM_ZERO, rejects=["softmax_without_shift", "shifted_by_the_largest_of_all", "scores_clamped"])
def is_right_for_scores_near_10000(Attention, rng):
    """Scores may be near 10000 for one query and near -10000 for the next: output and gradients are finite and right."""
    layer, x = with_large_scores(Attention, rng, *leading(rng), torch.float64)
    return observed(layer, rng, x)


@case(rejects=["softmax_without_shift"])
def is_right_for_scores_near_10000_in_float32(Attention, rng):
    """In float32 too, scores near 10000 and -10000 give the right output, and all gradients are finite."""
    layer, x = with_large_scores(Attention, rng, *leading(rng), torch.float32)
    seen = observed(layer, rng, x)
    finite = {name: bool(value.isfinite().all()) for name, value in seen.items()}
    return {"output": seen["output"], "is finite": finite}


@case(tolerance=FAR_FROM_ZERO, rejects=["softmax_without_shift"])
def a_number_added_to_all_scores_changes_nothing(Attention, rng):
    """Only the differences between the scores of a query count: these all lie near 10000, or near -10000."""
    axis = np.full(D_K, 0.5)
    apart = np.linalg.qr(np.column_stack([axis, rng.normal(size=(D_K, 3))]))[0][:, 1:]
    queries = 200 * KINDS[..., None, None] * axis + rng.normal(size=(2, 3, HEADS, D_K)) * 1.4
    keys = 100 * axis + rng.normal(size=(2, 3, KV_HEADS, 3)) * 1.4 @ apart.T
    layer, x = with_large_scores(Attention, rng, queries, keys, torch.float64)
    return observed(layer, rng, x)


@case(rejects=["biases_left_out", "unused_layer_left_in", "full_width_of_keys_and_values"])
def has_four_linear_layers_of_the_right_sizes(Attention, rng):
    """W_q and W_o are nn.Linear(d_model, d_model), W_k and W_v are nn.Linear(d_model, num_kv_heads * d_k), with biases,
    float32 as PyTorch makes them; there is nothing else to learn.
    """
    layer = build_plain(Attention, 12, 6, 3)
    found = parts(layer, 12, 6, 3)
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
    first, second = build_plain(Attention, 12, 6, 3), build_plain(Attention, 12, 6, 3)
    parts(first, 12, 6, 3), parts(second, 12, 6, 3)
    return {f"{name}.weight is the same twice": torch.equal(getattr(first, name).weight, getattr(second, name).weight) for name in NAMES[:3]}


def small_call(draw):
    """Draw a small object and a call of it; its layers take features as they are, or have small whole numbers and halves."""
    above, again, learned = draw.boolean(), draw.boolean(), draw.boolean()
    num_heads, num_kv_heads, d_k = draw.choice(((1, 1, 1), (2, 1, 1), (2, 2, 1), (1, 1, 2), (4, 2, 1), (2, 1, 2)))
    d_model, batch, length = num_heads * d_k, draw.integer(1, 2), draw.integer(1, 3)
    dtype = torch.float64 if above else torch.float32  # gradients cancel, which float32 does not survive
    call = {"d_model": d_model, "num_heads": num_heads, "num_kv_heads": num_kv_heads}
    call["x"] = tensor(draw.array((batch, length, d_model), -2, 3), dtype)
    if learned:
        for name, (into, out) in sizes_of(d_model, num_heads, num_kv_heads).items():
            call[f"{name}.weight"] = tensor(np.eye(out, into) + draw.array((out, into), -1, 1), dtype)
            call[f"{name}.bias"] = tensor(draw.array(out, -1, 2), dtype)
    else:
        call["W_q, W_k, W_v, W_o"] = "each weight torch.eye of its shape, each bias 0"
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
    values = [
        (call.get(f"{name}.weight", np.eye(out, into)), call.get(f"{name}.bias", np.zeros(out)))
        for name, (into, out) in sizes_of(*sizes).items()
    ]
    layer, before = filled(Attention, sizes, values, x.dtype), x.clone()
    output = layer.forward(x.requires_grad_() if "upstream gradient" in call else x)
    seen = {"output": output}
    if "upstream gradient" in call:
        seen |= gradients(output, {"x": x} | parameters(layer), call["upstream gradient"])
    if not torch.equal(x, before):
        seen["x after the call"] = x
    if "a second call" in call:
        with torch.no_grad():
            for each in parameters(layer).values():
                each.mul_(2)
        seen["output of the second call"] = layer.forward(x)
    return seen
