"""The hidden suite of linear attention.

A guard of up to 1e-6 in the denominator is right, and so is none. In the standard cases the denominators are so large that
it makes no difference to the last digits: the larger numbers of Q and K lie between 10000 and 40000, the others below 0, where
phi is an exponential. The cases by hand have ordinary numbers, and a tolerance that the guard needs.
"""

import numpy as np
import torch

from torch_judge.authoring import (
    Argument,
    Observer,
    Size,
    Tolerance,
    case,
    counterexample,
    describe,
    gradients,
    record_cost,
    require_gradients,
    signed,
    tensor,
    upstream,
)

GUARDED = Tolerance(relative=1e-6, of_scale=1e-6)
"""For denominators above 5, of which a guard of 1e-6 is less than this."""
SMALL_DENOMINATORS = Tolerance(relative=1e-4, of_scale=1e-5)
"""For denominators between 0.019 and 0.041: a guard of 1e-6 is half of it, one of 1e-5 twice of it and more."""
LARGE_DENOMINATORS = Tolerance(relative=1e-8, of_scale=1e-8)
"""For denominators above 1000, where float32 shows and a guard does not."""
SMALL_GRADIENTS = Tolerance(relative=1e-3, of_scale=1e-3)
"""For gradients that nearly cancel, where a guard of 1e-6 is a larger share of what is left."""
FLOAT32_SUMS = Tolerance(relative=1e-3, of_scale=1e-4)


def draw_queries(rng, shape):
    """Draw numbers that are large or below 0; in each row one at least is large, in the first the first one."""
    chosen = rng.integers(shape[-1], size=shape[:-1])[..., None] == np.arange(shape[-1])
    return _draw_features(rng, chosen)


def draw_keys(rng, shape):
    """Draw numbers that are large or below 0; of each feature one position at least is large."""
    chosen = rng.integers(shape[1], size=(shape[0], 1, shape[2])) == np.arange(shape[1])[None, :, None]
    return _draw_features(rng, chosen)


def _draw_features(rng, chosen):
    large = chosen | (rng.uniform(size=chosen.shape) < 0.5)
    large.flat[0] = True
    return np.where(large, rng.uniform(1e4, 4e4, chosen.shape), rng.uniform(-3, -0.5, chosen.shape))


call = describe(
    sizes={
        "batch": 2,
        "length": Size(7, large=130),
        "d_k": 3,
        "d_v": Size(5, large=130),
    },
    arguments=[
        Argument("Q", "batch length d_k", draw=draw_queries, zeros=False),
        Argument("K", "batch length d_k", draw=draw_keys, zeros=False),
        Argument("V", "batch length d_v"),
    ],
    tolerance_in_float32=FLOAT32_SUMS,
    without={
        "works_when_values_are_all_negative": "The guard shows there: a case by hand has the tolerance that it needs.",
        "works_with_small_sizes: length 2": "The guard shows in gradients that nearly cancel; cases by hand have two positions.",
        "works_on_tiny_values": "The guard shows there: a case by hand has the tolerance that it needs.",
    },
)


observer = Observer()


def draw(rng, batch, length, d_k, d_v, dtype=torch.float64, *, low=-1.2, high=2.5):
    """Draw Q, K and V, in the order in which a submission takes them."""
    return {
        "Q": tensor(rng.uniform(low, high, (batch, length, d_k)), dtype),
        "K": tensor(rng.uniform(low, high, (batch, length, d_k)), dtype),
        "V": tensor(signed(rng, 0.7, 2.9, (batch, length, d_v)), dtype),
    }


def send_back(linear_attention, call, rng):
    """Return the output and the gradients of all three, and see what the call leaves behind."""
    require_gradients(call)
    return observer.observe(lambda: linear_attention(*call.values()), call, rng)


@case(
    title="weights are phi(q) . phi(k), over their sum",
    rejects=["causal", "features_of_the_keys_only", "features_of_the_queries_only", "exponential_features", "denominator_without_features"],
    tolerance=GUARDED,
)
def weights_are_products_of_features(linear_attention, rng):
    """The values are weighted with phi(q) . phi(k) and divided by the sum of these weights, over all positions, earlier
    and later ones.
    """
    return {"output": linear_attention(*draw(rng, 3, 7, 4, 5).values())}


@case(
    title="phi(x) is elu(x) + 1",
    rejects=["one_not_added", "relu_features", "one_added_before_the_elu", "elu_with_another_alpha"],
    tolerance=SMALL_GRADIENTS,
)
def phi_is_elu_plus_one(linear_attention, rng):
    """Below 0 phi(x) is exp(x), above 0 it is x + 1: here all of Q and K are below 0, then all above, and V is below 0."""
    below, above = draw(rng, 2, 9, 5, 4, low=-2.4, high=-0.3), draw(rng, 2, 6, 3, 4, low=0.2, high=3.0)
    below["V"] = -below["V"].abs()
    return {"below 0": send_back(linear_attention, below, rng), "above 0": send_back(linear_attention, above, rng)}


@case(title="scores are not divided by sqrt(d_k)", rejects=["keys_divided_by_the_root_of_d_k", "maximum_subtracted"], tolerance=GUARDED)
def features_are_of_q_and_k_as_they_are(linear_attention, rng):
    """phi is taken of Q and K as they are: nothing is divided by sqrt(d_k), and no maximum is subtracted."""
    return {"output": linear_attention(*draw(rng, 2, 6, 9, 4, low=-0.9, high=1.6).values())}


@case(rejects=["normaliser_missing", "divides_by_the_length", "normalised_over_the_queries"], tolerance=GUARDED)
def equal_values_come_back(linear_attention, rng):
    """The weights of a position sum to 1: where all positions of a sequence have the same value, it comes back."""
    call = draw(rng, 2, 6, 4, 3)
    call["V"][:] = call["V"][:, :1].clone()
    return {"output": linear_attention(*call.values())}


@case(
    title="Q, K and V get their gradients",
    rejects=["denominator_detached", "wrong_backward_of_the_denominator", "keys_detached"],
    tolerance=Tolerance(relative=1e-5, of_scale=1e-5),
)
def all_three_get_their_gradients(linear_attention, rng):
    """Q, K and V get their full gradients, those of Q and K through the denominator too."""
    return send_back(linear_attention, draw(rng, 2, 7, 4, 3), rng)


@case(rejects=["one_not_added", "zeros_left_out"], tolerance=GUARDED)
def zeros_have_the_feature_1(linear_attention, rng):
    """phi(0) is 1. Numbers of Q and K may be exactly 0; all the others have their gradients."""
    call = draw(rng, 2, 6, 4, 3)
    for name in "QK":
        call[name][torch.from_numpy(rng.uniform(size=(2, 6, 4)) < 0.4)] = 0.0
        call[name][0, 1, 1], call[name][1, 5, 0] = 0.0, 0.0
    seen = send_back(linear_attention, call, rng)
    for name in "QK":  # the gradient of a number that is exactly 0 is open
        seen[f"gradient of {name}"] = torch.where(call[name].detach() == 0, 0.0, seen[f"gradient of {name}"])
    return seen


@case(rejects=["exp_of_large_numbers_in_the_graph", "features_clamped"], tolerance=GUARDED)
def large_numbers_are_right(linear_attention, rng):
    """Numbers above 100, at -30 and at -1000 beside ordinary ones give the right output, and finite gradients."""
    call = draw(rng, 2, 7, 4, 3, low=0.3, high=2.5)
    for name in "QK":
        call[name][0, 2, 1], call[name][0, 4, 0], call[name][1, 3, 3] = (float(x) for x in rng.uniform(100, 2000, 3))
        call[name][0, 1, 2], call[name][1, 5, 0] = -30.0, -1000.0
        call[name][1, 2] *= -1
    return send_back(linear_attention, call, rng)


def at_large_denominators(linear_attention, rng, change, open_gradients=()):
    """Observe two calls in float64 and one in float32 without gradients, of Q, K and V in which one thing is particular."""
    seen = {}
    for label, dtype in (("first call", torch.float64), ("second call", torch.float64), ("in float32", torch.float32)):
        numbers = {"Q": draw_queries(rng, (2, 6, 3)), "K": draw_keys(rng, (2, 6, 3)), "V": signed(rng, 70, 290, (2, 6, 4))}
        for name, factor in change.items():
            numbers[name] = factor * rng.uniform(0.5, 1.5, numbers[name].shape)
        call = {name: tensor(values, dtype) for name, values in numbers.items()}
        if dtype is torch.float64:
            found = send_back(linear_attention, call, rng)
            seen[label] = {key: value for key, value in found.items() if key not in open_gradients}
        else:
            found = observer.observe(lambda: linear_attention(*call.values()), call, rng)  # noqa: B023
            seen[label] = {"dtype": str(found["output"].dtype)}
    return seen


@case(rejects=["one_not_added", "relu_features"], tolerance=LARGE_DENOMINATORS)
def works_when_q_or_k_is_all_zeros(linear_attention, rng):
    """All numbers of Q or of K may be 0, whose feature is 1. The others get their gradients, as ever."""
    # the gradient of a number that is exactly 0 is open; that of Q is nothing but the guard where all keys are alike
    return {
        "Q all zeros": at_large_denominators(linear_attention, rng, {"Q": 0.0}, ["gradient of Q"]),
        "K all zeros": at_large_denominators(linear_attention, rng, {"K": 0.0}, ["gradient of Q", "gradient of K"]),
    }


@case(rejects=["exp_of_large_numbers_in_the_graph"], tolerance=FLOAT32_SUMS)
def large_numbers_are_right_in_float32(linear_attention, rng):
    """In float32 an exponential is infinite from 89 on. The gradients stay finite and right."""
    call = draw(rng, 2, 6, 3, 4, torch.float32, low=0.3, high=2.5)
    for name in "QK":
        call[name][0, 3, 1], call[name][1, 2, 0] = (float(x) for x in rng.uniform(95, 300, 2))
        call[name][0, 1, 2], call[name][1, 4, 1] = -30.0, -300.0
    return send_back(linear_attention, call, rng)


@case(title="a guard is at most 1e-6", rejects=["guard_too_large", "denominator_kept_above_1"], tolerance=SMALL_DENOMINATORS)
def a_guard_is_at_most_a_millionth(linear_attention, rng):
    """What is added to the denominator, if anything, is 1e-6 or less. Denominators about 0.03 show a larger one."""
    return {"output": linear_attention(*draw(rng, 3, 2, 2, 4, low=-2.65, high=-2.3).values())}


@case(tolerance=LARGE_DENOMINATORS)
def works_on_tiny_numbers(linear_attention, rng):
    """Numbers of about 1e-5 are computed like any others: their features are near 1, and differ."""
    call = {name: value * 1e-5 for name, value in draw(rng, 1, 500, 3, 4).items()}
    return {
        "Q and K tiny": send_back(linear_attention, call, rng)["output"],
        "Q tiny": at_large_denominators(linear_attention, rng, {"Q": 1e-5}),
    }


@case(title="no tensor of S x S numbers is made", rejects=["all_weights_at_once"])
def makes_no_tensor_of_all_pairs(linear_attention, rng):
    """With B = 1, S = 64, d_k = 3 and d_v = 5 no operation is given a tensor of 2048 numbers or more. With B = 2, S = 100, d_k = 6 and
    d_v = 5, in float64 under torch.no_grad(), none is given one of 10,000.
    """
    call = draw(rng, 1, 64, 3, 5, torch.float32)
    with record_cost() as cost:
        output = linear_attention(*call.values())
    cost.refuse_tensors_of(2048)
    call = draw(rng, 2, 100, 6, 5)
    with torch.no_grad(), record_cost() as cost:
        linear_attention(*call.values())
    cost.refuse_tensors_of(10_000)
    return {"output": output}


@case(title="nor is one made in the backward", rejects=["all_weights_in_the_backward"], tolerance=FLOAT32_SUMS)
def makes_no_tensor_of_all_pairs_in_the_backward(linear_attention, rng):
    """With B = 1, S = 24, d_k = 2 and d_v = 3 the backward gives no operation a tensor of 288 numbers or more."""
    call = draw(rng, 1, 24, 2, 3, torch.float32)
    inputs = require_gradients(call)
    above = upstream(rng, call["V"])
    output = linear_attention(*call.values())
    with record_cost() as cost:
        found = gradients(output, inputs, above)
    cost.refuse_tensors_of(288)
    return found


@case(title="Q, K and V may be one tensor", rejects=["q_changed_in_place"], tolerance=Tolerance(relative=1e-5, of_scale=1e-5))
def one_tensor_for_all_three(linear_attention, rng):
    """In self-attention Q, K and V may be one and the same tensor: it comes back unchanged, and its gradient is the sum. They
    may also be three views of one memory.
    """
    x = draw(rng, 2, 6, 4, 1)["Q"]
    quiet = x.clone()
    with torch.no_grad():
        under_no_grad = linear_attention(quiet, quiet, quiet)
    inputs = require_gradients({"x": x})
    output = linear_attention(x, x, x)
    after = {"x after the call": x.detach().clone(), "x after the call under torch.no_grad()": quiet}
    seen = {"output": output, "output under torch.no_grad()": under_no_grad, **gradients(output, inputs, upstream(rng, x)), **after}
    memory = draw(rng, 2, 16, 4, 1)["Q"]
    return seen | {"views of one memory": linear_attention(memory[:, :6], memory[:, :12:2], memory[:, ::3])}


def small_call(draw):
    """Draw one small call. No number of Q and K is 0, for its gradient is open.

    Beside an upstream gradient none is below 0: where gradients cancel, a guard of 1e-6 is what is left of them.
    """
    upstream, again = draw.boolean(), draw.boolean()
    batch, length = draw.integer(1, 2), draw.integer(1, 3)
    d_k, d_v = draw.integer(1, 2), draw.integer(1, 2)
    dtype = torch.float64 if upstream else torch.float32
    features = (batch, length, d_k)
    drawn = {name: draw.array(features, 1 if upstream else -1, 3, plainest=1) for name in "QK"}
    call = {name: tensor(np.where(values == 0, 4.0, values), dtype) for name, values in drawn.items()}
    call["V"] = tensor(draw.array((batch, length, d_v), -2, 3), dtype)
    if again:
        call["V of a second call"] = tensor(draw.array((batch, length, d_v), -2, 3), dtype)
    if upstream:
        call["upstream gradient"] = tensor(draw.array((batch, length, d_v), -2, 3, plainest=1), dtype)
        call["dtype"] = "float64"
    return call


@counterexample(inputs=small_call, tolerance=Tolerance(relative=1e-3, of_scale=1e-3))
def answer_to_a_small_call(linear_attention, call):
    """What the call returns, what it sends back, and what it changes that is not its own."""
    arguments = {name: call[name] for name in ("Q", "K", "V")}
    before = {name: value.clone() for name, value in arguments.items()}
    inputs = require_gradients(arguments) if "upstream gradient" in call else {}
    output = linear_attention(*arguments.values())
    seen = {"output": output}
    if inputs:
        seen |= gradients(output, inputs, call["upstream gradient"])
    if "V of a second call" in call:
        seen["output of a second call"] = linear_attention(call["Q"], call["K"], call["V of a second call"])
    return seen | {f"{name} after the call": arguments[name].clone() for name in before if not torch.equal(before[name], arguments[name])}
