"""The hidden suite of multi-head attention.

All weights and biases are filled with drawn numbers before anything is compared. Weights are small enough that no
softmax is nearly one-hot by chance: gradients would be nothing but rounding there. d_k is 1, 4 or 16, whose roots are
exact, but for one case: the root may be rounded to float32. The standard cases come from a description of the call; by hand
are the cases that say what multi-head attention is.
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
"""Scores near 10000 have four digits less behind the point; one-hot weights leave nothing but rounding of some gradients."""
observer = Observer()


def parts(layer, d_model, num_heads):
    """Find the four layers."""
    return {name: linear_of(layer, name, d_model, d_model) for name in NAMES}


def weight(rng, shape):
    """Draw a weight that keeps the size of what it is multiplied with."""
    drawn = rng.uniform(-0.8, 0.8, shape)
    return (drawn + np.copysign(0.4, drawn)) / np.sqrt(shape[-1])


WIDTH = "heads*4*quarter_of_d_k"
BY_HAND = "That of each parameter is a case by hand, which takes a tenth of the time."
ELSEWHERE = "Cases by hand have it."


def held(name, of_weight, of_bias, between):
    """Describe a weight and its bias; where Q, K and V are large or tiny the scores stay as they are."""
    return [
        Argument(f"{name}.weight", f"{WIDTH} {WIDTH}", draw=weight, far=1, scales=of_weight, zeros=False),
        Argument(f"{name}.bias", WIDTH, between=between, far=1, scales=of_bias, zeros=False),
    ]


call = describe(
    sizes={
        "queries": Size(5, large=33),
        "keys": Size(7, large=33),
        "heads": Size(3, large=33),
        "quarter_of_d_k": Size(1, one=False, large=1, equal=False),
        "batch": Size(2, large=1),
    },
    made_with={"d_model": WIDTH, "num_heads": "heads"},
    parts=parts,
    arguments=[
        Argument("Q", f"batch queries {WIDTH}", far=1),
        Argument("K", f"batch keys {WIDTH}", far=1),
        Argument("V", f"batch keys {WIDTH}"),
    ],
    parameters=[
        *held("W_q", -1, 0, (0.03, 0.09)),
        *held("W_k", -1, 0, (0.03, 0.09)),
        *held("W_v", 0, 1, (0.06, 0.18)),
        *held("W_o", 0, 1, (0.4, 1.2)),
    ],
    modes=False,
    tolerance_in_float32=CANCELLED_IN_FLOAT32,
    call=lambda layer, *tensors: layer.forward(*tensors),
    without={
        "a_deep_copy_is_independent": "Who keeps the attention weights to look at them cannot be copied.",
        "works_when_only_one_tensor_requires_grad: only W_*": BY_HAND,
        "works_with_small_sizes: queries 2": ELSEWHERE,
        "works_with_small_sizes: keys 2": ELSEWHERE,
        "works_with_small_sizes: heads 2": ELSEWHERE,
    },
)


def of_dtype(layer, dtype):
    """Put an object into a dtype."""
    if isinstance(layer, nn.Module):
        layer.to(dtype)
    else:
        convert(layer, NAMES, dtype)


def filled(Attention, d_model, num_heads, values, dtype=torch.float64):
    """Make an object whose four layers have these weights and biases."""
    layer = build_plain(Attention, d_model, num_heads)
    found = parts(layer, d_model, num_heads)
    of_dtype(layer, dtype)
    for name, (matrix, bias) in zip(found, values, strict=True):
        fill(f"{name}.weight", found[name].weight, matrix)
        fill(f"{name}.bias", found[name].bias, bias)
    return layer


def drawn(Attention, rng, d_model, num_heads, dtype=torch.float64):
    """Make an object and give its layers numbers from `rng`."""
    values = [(weight(rng, (d_model, d_model)), signed(rng, low, 3 * low, d_model)) for low in (0.2, 0.2, 0.4, 0.4)]
    return filled(Attention, d_model, num_heads, values, dtype)


def positions(rng, *shape, dtype=torch.float64):
    """Draw positions whose features are of both signs, and none near 0."""
    return tensor(rng.uniform(0.6, 2.4, shape) * rng.choice((-1.0, 1.0), shape), dtype)


def parameters(layer):
    """Return the eight parameters by name."""
    return {f"{name}.{kind}": getattr(getattr(layer, name), kind) for name in NAMES for kind in ("weight", "bias")}


def observed(layer, rng, Q, K, V, /, **inputs):
    """Return the output, and the gradients of these inputs and of all parameters."""
    output = layer.forward(Q, K, V)
    above = upstream(rng, Q)
    return {"output": output, **gradients(output, {**inputs, **parameters(layer)}, above)}


@case(
    title="output is W_o of the heads side by side",
    rejects=["output_projection_forgotten", "heads_joined_without_transpose", "residual_connection_added", "biases_ignored"],
)
def output_is_w_o_of_the_heads_side_by_side(Attention, rng):
    """Q, K and V are projected, each head attends by itself, and W_o projects the heads that lie side by side."""
    layer = drawn(Attention, rng, 12, 3)
    Q, K, V = positions(rng, 2, 5, 12), positions(rng, 2, 6, 12), positions(rng, 2, 6, 12)
    return {"output": layer.forward(Q, K, V)}


@case(rejects=["heads_interleaved", "split_without_transpose", "one_head_only"])
def each_head_has_a_run_of_features(Attention, rng):
    """Head h takes and gives the features h * d_k to (h + 1) * d_k - 1. Here W_o passes the heads on as they are."""
    values = [(weight(rng, (8, 8)), signed(rng, 0.2, 0.6, 8)) for _ in range(3)] + [(np.eye(8), np.zeros(8))]
    layer = filled(Attention, 8, 2, values)
    Q, K, V = positions(rng, 3, 4, 8), positions(rng, 3, 5, 8), positions(rng, 3, 5, 8)
    return {"output": layer.forward(Q, K, V)}


@case(
    title="scores are divided by sqrt(d_k)",
    tolerance=ROOT_IN_FLOAT32,
    rejects=["scale_missing", "scaled_by_the_width_of_all_heads", "divided_by_d_k", "multiplied_by_the_root"],
)
def scores_are_divided_by_the_root_of_d_k(Attention, rng):
    """d_k is d_model / num_heads, the width of one head; the scores are divided by its root."""
    seen = {}
    for num_heads, d_k in ((2, 5), (3, 2), (2, 7)):
        layer = drawn(Attention, rng, num_heads * d_k, num_heads)
        Q, K, V = (positions(rng, 2, size, num_heads * d_k) for size in (3, 4, 4))
        seen[f"{num_heads} heads, d_k {d_k}"] = layer.forward(Q, K, V)
    return seen


@case(rejects=["softmax_over_the_queries", "softmax_over_the_heads", "sigmoid_instead_of_softmax"])
def softmax_is_over_the_keys(Attention, rng):
    """The weights of each query add up to 1: where all values are alike, that is what comes out, whatever the scores are."""
    layer = drawn(Attention, rng, 8, 2)
    V = positions(rng, 2, 1, 8).repeat(1, 5, 1)
    return {"output": layer.forward(positions(rng, 2, 4, 8), positions(rng, 2, 5, 8), V)}


@case(title="Q, K and V are three different tensors", rejects=["values_from_the_keys", "keys_from_the_queries"])
def q_k_and_v_are_three_different_tensors(Attention, rng):
    """W_q is applied to Q, W_k to K and W_v to V; there may be more keys than queries, or fewer. All three may be views of one memory."""
    seen = {}
    for batch, queries, keys in ((2, 2, 6), (2, 6, 2), (2, 4, 4), (1, 6, 2), (1, 2, 6)):
        layer = drawn(Attention, rng, 12, 3)
        Q, K, V = positions(rng, batch, queries, 12), positions(rng, batch, keys, 12), positions(rng, batch, keys, 12)
        seen[f"B {batch}, {queries} queries and {keys} keys"] = layer.forward(Q, K, V)
    memory = positions(rng, 2, 10, 12)
    seen["views of one memory"] = layer.forward(memory[:, :4], memory[:, :8:2], memory[:, ::3])
    return seen


@case(rejects=["causal_mask_added"])
def every_query_sees_every_key(Attention, rng):
    """There is no mask: the last key and value count for each query, and a key of zeros counts like any other."""
    layer = drawn(Attention, rng, 8, 2)
    x = positions(rng, 2, 5, 8)
    seen = {"before": layer.forward(x, x, x)}
    other = x.clone()
    other[:, -1] = positions(rng, 2, 8)
    seen["with another last position"] = layer.forward(x, other, other)
    other[:, 2] = 0
    seen["with a position of zeros"] = layer.forward(x, other, other)
    layer, x, many = drawn(Attention, rng, 4, 1), positions(rng, 1, 3, 4), positions(rng, 1, 1100, 4)
    with torch.no_grad():
        seen["many keys"], seen["many queries"] = layer.forward(x, many, many), layer.forward(many, x, x)
    return seen


@case(title="Q, K and V may be the same tensor")
def q_k_and_v_may_be_the_same_tensor(Attention, rng):
    """In self-attention one tensor is Q, K and V, and its gradient is the sum of the three; elsewhere two of them are the same."""
    layer, x = drawn(Attention, rng, 12, 3), positions(rng, 2, 5, 12).requires_grad_()
    memory, asking = positions(rng, 2, 7, 12).requires_grad_(), positions(rng, 2, 3, 12)
    other = positions(rng, 2, 5, 12)
    return {
        "self-attention": observed(layer, rng, x, x, x, x=x),
        "K is V": observed(layer, rng, asking, memory, memory, K=memory),
        "Q is K": observed(layer, rng, x, x, other, Q=x),
        "Q is V": observed(layer, rng, x, other, x, Q=x),
    }


@case(title="works with every num_heads", rejects=["head_width_taken_for_the_number_of_heads"])
def works_with_every_number_of_heads(Attention, rng):
    """num_heads may be 1, any number that divides d_model, and d_model itself."""
    seen = {}
    for d_model, num_heads in ((16, 1), (16, 4), (16, 16), (3, 3)):
        layer = drawn(Attention, rng, d_model, num_heads)
        Q, K, V = (positions(rng, 2, size, d_model).requires_grad_() for size in (4, 5, 5))
        seen[f"d_model {d_model}, num_heads {num_heads}"] = observed(layer, rng, Q, K, V, Q=Q, K=K, V=V)
    return seen


@case(title="works with d_model 1")
def works_with_a_d_model_of_1(Attention, rng):
    """d_model may be 1: one head of one feature, in float64 and in float32, and called twice."""
    seen = {}
    for dtype in (torch.float64, torch.float32):
        layer = drawn(Attention, rng, 1, 1, dtype)
        for nth in ("first", "second"):
            inputs = {name: positions(rng, 2, size, 1, dtype=dtype) for name, size in (("Q", 3), ("K", 3), ("V", 3))}
            for value in inputs.values():
                value.requires_grad_(dtype is torch.float64)
            label = f"{dtype}, {nth} call"
            call = partial(layer.forward, *inputs.values())
            made = observer.observe(call, inputs, rng, held=partial(parameters, layer), where=label)
            seen[label] = made if dtype is torch.float64 else made["output"]
        with torch.no_grad():
            seen[f"{dtype}, under torch.no_grad()"] = observer.observe(call, inputs, rng, held=partial(parameters, layer))
    return seen


@case(rejects=["weights_detached", "values_detached", "parameters_detached"])
def gradients_of_all_inputs_and_parameters_are_right(Attention, rng):
    """Q, K, V and all eight parameters get their gradients."""
    layer = drawn(Attention, rng, 12, 3)
    Q, K, V = (positions(rng, 2, size, 12).requires_grad_() for size in (5, 6, 6))
    return observed(layer, rng, Q, K, V, Q=Q, K=K, V=V)


@case()
def works_when_only_one_parameter_requires_grad(Attention, rng):
    """A weight or a bias that requires grad gets its gradient, whether the others require one or not."""
    seen = {}
    for only in [f"{name}.{kind}" for name in NAMES for kind in ("weight", "bias")]:
        layer = drawn(Attention, rng, 8, 2)
        for name, each in parameters(layer).items():
            each.requires_grad_(name == only)
        Q, K, V = positions(rng, 1, 3, 8), positions(rng, 1, 4, 8), positions(rng, 1, 4, 8)
        output = layer.forward(Q, K, V)
        seen[only] = {"output": output, **gradients(output, {only: parameters(layer)[only]}, upstream(rng, Q))}
    return seen


@case()
def works_when_a_parameter_is_all_zeros(Attention, rng):
    """All numbers of a weight or a bias may be 0: it is used like any other, and gets its gradient."""
    seen = {}
    for name in [f"{name}.{kind}" for name in NAMES for kind in ("weight", "bias")]:
        layer = drawn(Attention, rng, 8, 2)
        parameters(layer)[name].detach().zero_()
        Q, K, V = (positions(rng, 2, size, 8).requires_grad_() for size in (2, 3, 3))
        seen[name] = observed(layer, rng, Q, K, V, Q=Q, K=K, V=V)
    return seen


@case()
def works_on_large_batches(Attention, rng):
    """Each of a thousand batch items is computed like a single one, and sends back its gradients."""
    layer, seen = drawn(Attention, rng, 2, 2), {}
    for label, dtype in (("first call", torch.float64), ("second call", torch.float64), ("in float32", torch.float32)):
        of_dtype(layer, dtype)
        inputs = {name: positions(rng, 1030, size, 2, dtype=dtype) for name, size in (("Q", 2), ("K", 3), ("V", 3))}
        inputs["V"] *= 90.0
        for each in (*inputs.values(), *parameters(layer).values()):
            each.requires_grad_(dtype is torch.float64)
        call = partial(layer.forward, *inputs.values())
        seen[label] = observer.observe(call, inputs, rng, held=partial(parameters, layer), where=label)
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
    layer, x = drawn(Attention, rng, 8, 2), positions(rng, 2, 3, 8)
    seen = {"before": layer.forward(x, x, x)}
    with torch.no_grad():
        seen["before, under torch.no_grad()"] = layer.forward(x, x, x)
        for each in parameters(layer).values():
            each.mul_(1.3)
        seen["after a step"] = layer.forward(x, x, x)
        for each in parameters(layer).values():
            each.data.mul_(0.8)
        seen["after .data was changed"] = layer.forward(x, x, x)
    with torch.inference_mode():
        seen["under torch.inference_mode()"] = layer.forward(x, x, x)
        fill("W_o.weight", layer.W_o.weight, layer.W_o.weight * 0.7)
        seen["under torch.inference_mode(), after a step"] = layer.forward(x, x, x)
    for name in NAMES:
        replace(layer, name)
        fill(f"{name}.weight", getattr(layer, name).weight, getattr(layer, name).weight * 0.9)
    with torch.inference_mode():
        seen["after every layer was replaced"] = layer.forward(x, x, x)
    return seen


def leading(rng, kinds, heads, d_k, keys):
    """Draw queries and keys of each head, whose scores are near 10000 or -10000, each with a clear winner.

    `kinds` has a row for each batch item: 1 where the winner is at 10000, -1 where all are below -8000. In every other head it
    is the other way round.
    """
    queries = np.empty((*kinds.shape, heads, d_k))
    found = np.empty((len(kinds), keys, heads, d_k))
    for item in np.ndindex(len(kinds), heads):
        directions = np.linalg.qr(rng.normal(size=(d_k, d_k)))[0][:keys]
        found[item[0], :, item[1]] = 140 * directions
        for query, kind in enumerate(kinds[item[0]]):
            winner = directions[int(rng.integers(keys))]
            down = 0.1 * winner - directions.sum(axis=0)
            queries[item[0], query, item[1]] = 140 * (winner if (kind > 0) == (item[1] % 2 == 0) else down)
    return queries, found


def made_for(rng, wanted, bias):
    """Draw positions, and the weight with which they are projected to what is wanted, the bias added."""
    rows = np.prod(wanted.shape[:2])
    flat = wanted.reshape(rows, -1) - bias
    x = np.linalg.qr(rng.normal(size=(flat.shape[1], flat.shape[1])))[0][:rows] * 2
    return x.reshape(*wanted.shape[:2], -1), flat.T @ x / 4


def with_large_scores(Attention, rng, queries, keys, dtype):
    """Make an object and inputs whose projections are these queries and keys of each head."""
    batch, _, heads, d_k = queries.shape
    d_model = heads * d_k
    biases = [signed(rng, 0.2, 0.6, d_model) for _ in NAMES]
    Q, W_q = made_for(rng, queries, biases[0])
    K, W_k = made_for(rng, keys, biases[1])
    matrices = [W_q, W_k, weight(rng, (d_model, d_model)), weight(rng, (d_model, d_model))]
    layer = filled(Attention, d_model, heads, list(zip(matrices, biases, strict=True)), dtype)
    inputs = {"Q": tensor(Q, dtype), "K": tensor(K, dtype), "V": positions(rng, batch, keys.shape[1], d_model, dtype=dtype)}
    return layer, {name: value.requires_grad_() for name, value in inputs.items()}


KINDS = np.array([[1, -1, 1], [-1, -1, 1]])


@case(tolerance=FAR_FROM_ZERO, rejects=["softmax_without_shift", "shifted_by_the_largest_of_all", "scores_clamped"])
def is_right_for_scores_near_10000(Attention, rng):
    """Scores may be near 10000 for one query or head and near -10000 for the next: output and gradients are finite and right."""
    layer, inputs = with_large_scores(Attention, rng, *leading(rng, KINDS, 4, 4, 4), torch.float64)
    return observed(layer, rng, *inputs.values(), **inputs)


@case(rejects=["softmax_without_shift"])
def is_right_for_scores_near_10000_in_float32(Attention, rng):
    """In float32 too, scores near 10000 and -10000 give the right output, and all gradients are finite."""
    layer, inputs = with_large_scores(Attention, rng, *leading(rng, KINDS, 4, 4, 4), torch.float32)
    seen = observed(layer, rng, *inputs.values(), **inputs)
    finite = {name: bool(value.isfinite().all()) for name, value in seen.items()}
    return {"output": seen["output"], "is finite": finite}


@case(tolerance=FAR_FROM_ZERO, rejects=["softmax_without_shift"])
def a_number_added_to_all_scores_changes_nothing(Attention, rng):
    """Only the differences between the scores of a query count: these all lie near 10000, or near -10000."""
    axis = np.full(4, 0.5)
    apart = np.linalg.qr(np.column_stack([axis, rng.normal(size=(4, 3))]))[0][:, 1:]
    sign = np.array([[1, -1, 1], [-1, 1, -1]])[..., None, None]
    queries = 200 * sign * axis + rng.normal(size=(2, 3, 4, 4)) * 1.4
    keys = 100 * axis + rng.normal(size=(2, 5, 4, 3)) * 1.4 @ apart.T
    layer, inputs = with_large_scores(Attention, rng, queries, keys, torch.float64)
    return observed(layer, rng, *inputs.values(), **inputs)


@case(title="W_q, W_k, W_v, W_o: nn.Linear(d_model, d_model)", rejects=["biases_left_out", "unused_layer_left_in"])
def has_four_linear_layers_of_the_right_sizes(Attention, rng):
    """The four layers are nn.Linear from d_model to d_model with biases, float32 as PyTorch makes them; there is nothing
    else to learn.
    """
    layer = build_plain(Attention, 6, 3)
    found = parts(layer, 6, 3)
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
    first, second = build_plain(Attention, 8, 2), build_plain(Attention, 8, 2)
    parts(first, 8, 2), parts(second, 8, 2)
    return {f"{name}.weight is the same twice": torch.equal(getattr(first, name).weight, getattr(second, name).weight) for name in NAMES[:3]}


def small_call(draw):
    """Draw a small object and a call of it; its layers are the identity, or have small whole numbers and halves."""
    above, again, learned = draw.boolean(), draw.boolean(), draw.boolean()
    num_heads, d_k = draw.choice(((1, 1), (2, 1), (1, 2), (3, 1), (2, 2)))
    d_model, batch = num_heads * d_k, draw.integer(1, 2)
    queries, keys = draw.integer(1, 3), draw.integer(1, 3)
    dtype = torch.float64 if above else torch.float32  # gradients cancel, which float32 does not survive
    call = {"d_model": d_model, "num_heads": num_heads}
    for name, size in (("Q", queries), ("K", keys), ("V", keys)):
        call[name] = tensor(draw.array((batch, size, d_model), -2, 3), dtype)
    if learned:
        for name in NAMES:
            call[f"{name}.weight"] = tensor(np.eye(d_model) + draw.array((d_model, d_model), -1, 1), dtype)
            call[f"{name}.bias"] = tensor(draw.array(d_model, -1, 2), dtype)
    else:
        call["W_q, W_k, W_v, W_o"] = "each weight the identity, each bias 0"
    if again:
        call["a second call"] = "with the same Q, K and V, after every parameter was doubled"
    if above:
        call["upstream gradient"] = tensor(draw.array((batch, queries, d_model), -2, 3, plainest=1), dtype)
        call["dtype"] = "float64"
    return call


@counterexample(inputs=small_call, tolerance=Tolerance(relative=1e-4, of_scale=1e-4))
def answers_of_a_small_object(Attention, call):
    """What a small object returns, sends back, and changes that is not its own."""
    inputs, d_model = {name: call[name] for name in "QKV"}, call["d_model"]
    plain = np.eye(d_model), np.zeros(d_model)
    values = [tuple(call.get(f"{name}.{kind}", other) for kind, other in zip(("weight", "bias"), plain, strict=True)) for name in NAMES]
    layer = filled(Attention, d_model, call["num_heads"], values, inputs["Q"].dtype)
    before = {name: value.clone() for name, value in inputs.items()}
    if "upstream gradient" in call:
        inputs = {name: value.requires_grad_() for name, value in inputs.items()}
    output = layer.forward(*inputs.values())
    seen = {"output": output}
    if "upstream gradient" in call:
        seen |= gradients(output, inputs | parameters(layer), call["upstream gradient"])
    seen |= {f"{name} after the call": value for name, value in inputs.items() if not torch.equal(value, before[name])}
    if "a second call" in call:
        with torch.no_grad():
            for each in parameters(layer).values():
                each.mul_(2)
        seen["output of the second call"] = layer.forward(*inputs.values())
    return seen
