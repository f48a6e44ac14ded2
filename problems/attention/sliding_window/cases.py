"""The hidden suite of sliding-window attention.

Every position, query, key and value has numbers of its own, so that a window which is one too wide, one too narrow or
shifted shows, and so does a batch item that looks into another one. The standard cases come from the description;
by hand are the cases that say what the window is, and those with scores as large as the statement allows.
"""

import numpy as np
import torch

from torch_judge.authoring import (
    Argument,
    Observer,
    Option,
    Size,
    Tolerance,
    WrongAnswer,
    case,
    counterexample,
    describe,
    gradients,
    require_gradients,
    signed,
    tensor,
    upstream,
)

FLOAT32_SCORES = Tolerance(relative=3e-4, of_scale=1e-4)
"""Scores round differently in float32, and an exponential makes of that a relative error of the weight."""
SATURATED = Tolerance(relative=1e-9, of_scale=1e-7)
"""Where one weight is 1, gradients of Q and K are 0 but for rounding, times numbers of 10,000."""


def pass_by_position(sliding_window_attention, Q, K, V, *, window_size=2):
    """Pass the window size by position, as the statement promises."""
    return sliding_window_attention(Q, K, V, window_size)


call = describe(
    sizes={
        "batch": Size(2, large=130),
        "length": Size(7, large=75),
        "d_k": 3,
        "d_v": 5,
    },
    arguments=[
        # large scores leave gradients that are nothing but rounding: they have cases of their own
        Argument("Q", "batch length d_k", far=100.0, scales=0.0),
        Argument("K", "batch length d_k", far=1.0, scales=0.0),
        Argument("V", "batch length d_v"),
    ],
    options=[Option("window_size", 2, usual=[1, 2, 3], also=[5, 6, 7, 50])],
    results=["output"],
    call=pass_by_position,
    tolerance_in_float32=FLOAT32_SCORES,
    without={"options_have_the_right_defaults": "window_size is always passed, and by position."},
)


observer = Observer()


def draw(rng, batch, length, d_k, d_v, dtype=torch.float64):
    """Draw Q, K and V, in the order in which a submission takes them; scores lie between -4 and 4."""
    return {
        "Q": tensor(signed(rng, 0.5, 1.5, (batch, length, d_k)), dtype),
        "K": tensor(rng.normal(size=(batch, length, d_k)), dtype),
        "V": tensor(signed(rng, 0.7, 2.9, (batch, length, d_v)), dtype),
    }


def draw_with_scores(rng, scores, d_v, dtype=torch.float64):
    """Draw Q, K and V with these scores (batch, length, length): d_k is one more than the length."""
    batch, length, _ = scores.shape
    d_k = length + 1
    keys = np.concatenate([np.eye(length), np.zeros((length, 1))], axis=1) * d_k**0.5
    return {
        "Q": tensor(np.concatenate([scores, rng.normal(size=(batch, length, 1))], axis=2), dtype),
        "K": tensor(np.broadcast_to(keys, (batch, length, d_k)).copy(), dtype),
        "V": tensor(signed(rng, 0.7, 2.9, (batch, length, d_v)), dtype),
    }


def measure_distance(length):
    """Say for each pair of positions how far apart they are."""
    return np.abs(np.arange(length)[:, None] - np.arange(length))


def send_back(sliding_window_attention, call, window_size, rng):
    """Return the output and the gradients of all three, and see what the call leaves behind."""
    require_gradients(call)
    return observer.observe(lambda: sliding_window_attention(*call.values(), window_size), call, rng)


@case(rejects=["causal_window", "later_positions_all_seen", "earlier_positions_all_seen", "half_window", "mask_inverted"])
def each_position_sees_both_sides(sliding_window_attention, rng):
    """Position i sees all positions j with |i - j| <= window_size, before it and after it, and itself."""
    seen = {"output": sliding_window_attention(*draw(rng, 2, 9, 4, 3).values(), 2)}
    with torch.no_grad():
        seen["S 300"] = sliding_window_attention(*draw(rng, 1, 300, 2, 1, torch.float32).values(), 2)
    return seen


@case(rejects=["window_one_too_narrow", "window_one_too_wide", "last_position_of_the_window_missing"])
def both_ends_of_the_window_are_included(sliding_window_attention, rng):
    """A position that is exactly window_size away is seen, the next one is not: 1 to each side makes three positions."""
    one, three = draw(rng, 2, 6, 3, 4), draw(rng, 2, 8, 4, 2)
    return {
        "window_size 1": sliding_window_attention(*one.values(), 1),
        "window_size 3": sliding_window_attention(*three.values(), 3),
    }


@case(title="window_size=0 gives the values of V", rejects=["returns_v_itself_for_window_0"])
def window_size_0_gives_the_values_of_v(sliding_window_attention, rng):
    """With window_size 0 each position sees itself alone: the result is a new tensor with the values of V. The gradient
    of V is what was sent back; those of Q and K are zeros, or None.
    """
    call = draw(rng, 2, 7, 3, 5)
    above = upstream(rng, call["V"])
    without = sliding_window_attention(*call.values(), 0)
    inputs = require_gradients(call)
    output = sliding_window_attention(*call.values(), 0)
    seen = {"without gradients": without, "output": output, **gradients(output, {"V": inputs["V"]}, above)}
    again = sliding_window_attention(*call.values(), 0)
    for returned in (without, output, again):
        if any(returned.untyped_storage().data_ptr() == each.untyped_storage().data_ptr() for each in call.values()):
            raise WrongAnswer("output: expected a new tensor, found one that shares memory with V")
    found = torch.autograd.grad((again * above).sum(), [inputs["Q"], inputs["K"]], allow_unused=True)
    for name, gradient in zip("QK", found, strict=True):
        seen[f"gradient of {name}"] = torch.zeros_like(call[name]) if gradient is None else gradient
    return seen


@case(title="window_size >= S - 1 is full attention", rejects=["half_window"])
def a_wide_window_is_full_attention(sliding_window_attention, rng):
    """With a window_size of S - 1 or more, also far more, every position sees all the others."""
    call = draw(rng, 2, 6, 4, 3)
    return {f"window_size {size}": sliding_window_attention(*call.values(), size) for size in (5, 6, 11, 40, 10**6, 2**40)}


@case(
    rejects=["window_wraps_around", "padding_gets_weight", "window_shifted_at_the_ends", "slice_starts_before_0", "windows_side_by_side"]
)
def the_window_is_cut_off_at_the_ends(sliding_window_attention, rng):
    """The first and the last positions have fewer neighbours: nothing wraps around, nothing is padded, and the window is
    not shifted.
    """
    seen = {"output": sliding_window_attention(*draw(rng, 2, 5, 3, 4).values(), 2)}
    call = draw(rng, 2, 37, 3, 4)
    return seen | {f"S 37, window_size {size}": sliding_window_attention(*call.values(), size) for size in (20, 35)}


@case(title="scores are divided by sqrt(d_k)", rejects=["scale_missing", "scale_of_d_v", "divides_by_d_k", "multiplies_by_the_root"])
def scores_are_divided_by_the_root_of_d_k(sliding_window_attention, rng):
    """The products of queries and keys are divided by the root of d_k, the size of one key."""
    return {"output": sliding_window_attention(*draw(rng, 2, 6, 9, 4).values(), 2)}


@case(rejects=["weights_not_normalised_again", "masked_scores_become_0", "softmax_over_the_queries"])
def weights_of_the_positions_seen_sum_to_1(sliding_window_attention, rng):
    """Where all scores are equal, each position takes the plain mean of the values that it sees, at the ends of fewer."""
    call = draw(rng, 2, 7, 3, 4)
    call["Q"].zero_()
    return {"output": sliding_window_attention(*call.values(), 2)}


@case(
    title="Q, K and V get their gradients",
    rejects=["weights_detached", "wrong_backward_of_the_softmax", "wrong_backward_scale_forgotten"],
)
def all_three_get_their_gradients(sliding_window_attention, rng):
    """Q, K and V get their full gradients, those of Q and K through the softmax."""
    return send_back(sliding_window_attention, draw(rng, 2, 7, 4, 3), 2, rng)


@case(rejects=["window_reaches_into_the_next_sequence", "causal_window"])
def gradients_stay_inside_the_window(sliding_window_attention, rng):
    """What is sent back to one position reaches the keys and values that it sees; those of all others get zeros."""
    call = draw(rng, 3, 8, 3, 2)
    inputs = require_gradients(call)
    above = torch.zeros_like(call["V"])
    above[0, 7] = tensor(signed(rng, 0.5, 2.0, 2), torch.float64)
    above[1, 3] = tensor(signed(rng, 0.5, 2.0, 2), torch.float64)
    return gradients(sliding_window_attention(*call.values(), 2), inputs, above)


@case(rejects=["masked_after_the_softmax"])
def large_scores_outside_the_window_play_no_part(sliding_window_attention, rng):
    """Scores of up to 10,000, positive and negative, outside the window change nothing, and the gradients stay right."""
    scores = signed(rng, 0.5, 2.0, (2, 7, 7))
    hidden = measure_distance(7) > 2
    scores[:, hidden] = signed(rng, 6000, 10000, (2, int(hidden.sum())))
    scores[:, 6, 0], scores[:, 0, 6] = 9999.0, -9999.0
    seen = send_back(sliding_window_attention, draw_with_scores(rng, scores, 4), 2, rng)
    # another call without gradients, with other values, which may be large too
    other = draw_with_scores(rng, scores, 4)
    other["V"] *= 300
    return {"with gradients": seen, "without": observer.observe(lambda: sliding_window_attention(*other.values(), 2), other, rng)}


def let_one_win(rng, length, window_size):
    """Draw scores between -10,000 and 10,000, of which one that each position sees is larger than the others by far."""
    scores = signed(rng, 3000, 8000, (2, length, length))
    for i in range(length):
        near = np.flatnonzero(measure_distance(length)[i] <= window_size)
        for item in range(2):
            scores[item, i, near[rng.integers(len(near))]] = 8500 + float(rng.integers(0, 1400))
    return scores


@case(rejects=["exponentials_not_shifted"], tolerance=SATURATED)
def large_scores_inside_the_window_are_right(sliding_window_attention, rng):
    """Where one score that is seen is larger than the others by hundreds, its value comes back; nothing overflows, in the
    gradients neither.
    """
    return send_back(sliding_window_attention, draw_with_scores(rng, let_one_win(rng, 7, 2), 3), 2, rng)


@case(rejects=["exponentials_not_shifted"])
def large_scores_are_right_in_float32(sliding_window_attention, rng):
    """In float32, too, scores of up to 10,000 inside the window give finite and right values."""
    call = draw_with_scores(rng, let_one_win(rng, 6, 1), 4, torch.float32)
    return {"output": sliding_window_attention(*call.values(), 1)}


@case(rejects=["mask_value_too_weak", "masked_scores_become_0", "exponentials_not_shifted"])
def very_negative_scores_inside_the_window_count(sliding_window_attention, rng):
    """Where all scores that are seen are near -10,000, the others still have no weight, though theirs are larger."""
    scores = signed(rng, 0.5, 2.0, (2, 7, 7))
    scores[:, measure_distance(7) <= 1] -= 9990
    return send_back(sliding_window_attention, draw_with_scores(rng, scores, 3), 1, rng)


@case(rejects=["scale_missing", "masked_scores_become_0"])
def tiny_numbers_are_right(sliding_window_attention, rng):
    """Where Q holds numbers of about 1e-4, large keys still tell positions apart."""
    call = draw(rng, 2, 6, 3, 4)
    call["Q"] *= 1e-4
    call["K"] *= 1e4
    call["V"] *= 1e-4
    return send_back(sliding_window_attention, call, 2, rng)


@case(rejects=["mask_remembered_from_the_first_call"])
def each_call_has_its_own_window(sliding_window_attention, rng):
    """The same tensors give another result with another window size, one call after the other; so do other lengths."""
    call, longer = draw(rng, 2, 6, 3, 4), draw(rng, 2, 9, 3, 4)
    seen = {f"window_size {size}": sliding_window_attention(*call.values(), size) for size in (1, 4, 2, 1)}
    return seen | {f"S 9, window_size {size}": sliding_window_attention(*longer.values(), size) for size in (4, 2)}


@case(title="Q, K and V may be one tensor", rejects=["q_scaled_in_place"])
def one_tensor_for_all_three(sliding_window_attention, rng):
    """In self-attention Q, K and V may be one and the same tensor: it comes back unchanged, and its gradient is the sum. They
    may also be three views of one memory.
    """
    x = tensor(signed(rng, 0.5, 1.6, (2, 6, 4)), torch.float64)
    under_no_grad = x.clone()
    with torch.no_grad():
        quiet = sliding_window_attention(under_no_grad, under_no_grad, under_no_grad, 2)
    inputs = require_gradients({"x": x})
    output = sliding_window_attention(x, x, x, 2)
    after = {"x after the call": x.detach().clone(), "x after the call under torch.no_grad()": under_no_grad}
    seen = {"output": output, "output under torch.no_grad()": quiet, **gradients(output, inputs, upstream(rng, x)), **after}
    memory = tensor(signed(rng, 0.5, 1.6, (2, 16, 4)), torch.float64)
    return seen | {"views of one memory": sliding_window_attention(memory[:, :6], memory[:, :12:2], memory[:, ::3], 2)}


def small_call(draw):
    """Draw one small call."""
    upstream, again = draw.boolean(), draw.boolean()
    batch, length = draw.integer(1, 2), draw.integer(1, 4)
    d_k, d_v = draw.integer(1, 2), draw.integer(1, 2)
    dtype = torch.float64 if upstream else torch.float32
    call = {
        "Q": tensor(draw.array((batch, length, d_k), -1, 2), dtype),
        "K": tensor(draw.array((batch, length, d_k), -1, 2), dtype),
        "V": tensor(draw.array((batch, length, d_v), -2, 3), dtype),
        "window_size": draw.choice((1, 0, 2, 3)),
    }
    if again:
        call["window_size of a second call"] = draw.choice((1, 0, 2))
    if upstream and call["window_size"]:
        call["upstream gradient"] = tensor(draw.array((batch, length, d_v), -2, 3, plainest=1), dtype)
        call["dtype"] = "float64"
    return call


@counterexample(inputs=small_call, tolerance=Tolerance(relative=1e-3, of_scale=1e-3))
def answer_to_a_small_call(sliding_window_attention, call):
    """What the call returns, what it sends back, and what it changes that is not its own."""
    arguments = {name: call[name] for name in ("Q", "K", "V")}
    before = {name: value.clone() for name, value in arguments.items()}
    inputs = require_gradients(arguments) if "upstream gradient" in call else {}
    output = sliding_window_attention(*arguments.values(), call["window_size"])
    seen = {"output": output}
    if isinstance(output, torch.Tensor):
        places = {name: value.untyped_storage().data_ptr() for name, value in arguments.items()}
        shared = [name for name, place in places.items() if output.untyped_storage().data_ptr() == place]
        seen |= {f"output shares the memory of {name}": True for name in shared}
    if inputs:
        seen |= gradients(output, inputs, call["upstream gradient"])
    if "window_size of a second call" in call:
        seen["output of a second call"] = sliding_window_attention(*arguments.values(), call["window_size of a second call"])
    return seen | {f"{name} after the call": arguments[name].clone() for name in before if not torch.equal(before[name], arguments[name])}
