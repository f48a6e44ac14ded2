"""The hidden suite of causal attention.

Queries and keys are drawn so that the scores of a row differ by a few units: every visible key counts, none counts alone,
and so would every hidden one. Sizes differ from axis to axis. The standard cases come from the description; by hand are the
cases that say what causal attention is.
"""

import numpy as np
import torch

from torch_judge.authoring import (
    Argument,
    Observer,
    Result,
    Size,
    Tolerance,
    WrongAnswer,
    case,
    describe,
    gradients,
    require_gradients,
    signed,
    tensor,
    upstream,
)

DIGITS_OF_LARGE_SCORES = Tolerance(relative=1e-3, of_scale=1e-3)  # a weight is off by as much as the score that is rounded

call = describe(
    sizes={"positions": Size(7, large=130), "d_k": 4, "d_v": 5, "batch": Size(2, large=130)},
    arguments=[
        # queries are large and keys small, also where all numbers are large or tiny: no weights are 0 and 1 only
        Argument("Q", "batch positions d_k", between=(60, 90), far=1),
        Argument("K", "batch positions d_k", between=(0.01, 0.05), far=1, scales=-1),
        Argument("V", "batch positions d_v", plainest=1),
    ],
    results=[Result("output", shape="batch positions d_v")],
)
observer = Observer()


def draw(rng, batch, positions, d_k, d_v, dtype=torch.float64):
    """Draw Q, K and V, in the order in which a submission takes them."""
    return {
        "Q": tensor(signed(rng, 0.4, 1.9, (batch, positions, d_k)), dtype),
        "K": tensor(rng.uniform(-1.7, 1.9, (batch, positions, d_k)), dtype),
        "V": tensor(rng.uniform(-2.3, 2.9, (batch, positions, d_v)), dtype),
    }


def far_apart(rng, dtype):
    """Draw Q, K and V whose scores are whole numbers around 10000, -10000 and -90000, row by row.

    The best visible key leads by 250 or more; in float64 all scores of the fourth row are -100000. In the first batch item a later
    one is better still, by as much, and in its second row by 120000.
    """
    places = np.arange(-125.0, 126.0, 50.0)
    keys = np.stack([np.stack([each, np.ones(6), rng.integers(-3, 4, 6), np.zeros(6)], axis=-1) for each in (places, rng.permutation(places))])
    slopes = np.stack([rng.uniform(10, 30, 6), signed(rng, 10, 30, 6)]).round()
    offsets = signed(rng, 18000, 22000, (2, 6)).round()
    offsets[:, 2:4] = [-180000.0, 20000.0]
    slopes[0, 1], offsets[0, 1] = 1200.0, 0.0
    if dtype == torch.float64:  # float32 would tell them apart by their rounding
        slopes[:, 3], offsets[:, 3] = 0.0, -200000.0
    queries = np.stack([slopes, offsets, np.zeros((2, 6)), rng.integers(-3, 4, (2, 6))], axis=-1)
    values = rng.uniform(0.7, 2.3, (2, 6, 3)) + np.arange(6.0)[:, None]
    return {"Q": tensor(queries, dtype), "K": tensor(keys, dtype), "V": tensor(values, dtype)}


def with_gradients(causal_attention, rng, tensors):
    """Return the output and the gradients of all three."""
    inputs = require_gradients(tensors)
    output = causal_attention(*inputs.values())
    return {"output": output, **gradients(output, inputs, upstream(rng, inputs["V"]))}


def tensor_of(output):
    """Return an output of which a case looks at a part."""
    if not isinstance(output, torch.Tensor):
        raise WrongAnswer(f"output: expected a tensor, found {type(output).__name__}")
    return output


@case(title="position i attends to positions 0 to i")
def each_position_attends_to_itself_and_those_before(causal_attention, rng):
    """Each position's output is the average of its own value and those before it, weighted by the softmax of their scores."""
    seen = {"output": causal_attention(*draw(rng, 2, 7, 3, 4).values())}
    memory = tensor(signed(rng, 0.4, 1.6, (2, 9, 4)), torch.float64)
    return seen | {"views of one memory": causal_attention(memory[:, :3], memory[:, ::3], memory[:, :6:2])}


@case(title="scores are divided by sqrt(d_k)")
def scores_are_divided_by_the_root_of_d_k(causal_attention, rng):
    """The scores are divided by the root of d_k, the last size of K, whether it is smaller or larger than the others."""
    return {
        f"d_k {d_k}": causal_attention(*draw(rng, 2, positions, d_k, d_v).values())
        for d_k, positions, d_v in ((1, 3, 4), (2, 4, 3), (3, 6, 9), (12, 5, 2), (64, 3, 5))
    }


@case(title="the first position returns its own value")
def the_first_position_returns_its_value(causal_attention, rng):
    """The first position sees itself alone: its weight is 1 whatever its score is, also where it is the only position."""
    return {
        "one position": with_gradients(causal_attention, rng, draw(rng, 2, 1, 3, 5)),
        "one position without gradients": causal_attention(*draw(rng, 1, 1, 1, 2).values()),
        "first of two": tensor_of(causal_attention(*draw(rng, 2, 2, 3, 4).values()))[:, :1],
        "first of five": tensor_of(causal_attention(*draw(rng, 3, 5, 2, 3).values()))[:, :1],
    }


@case()
def later_positions_have_no_influence(causal_attention, rng):
    """Whatever the later positions hold, large numbers too, the outputs up to a position stay the same."""
    tensors = draw(rng, 2, 6, 4, 3)
    for name, factor in (("Q", 20.0), ("K", 90.0), ("V", 4000.0)):
        tensors[name][:, 4:] *= factor
    return {"first four": tensor_of(causal_attention(*tensors.values()))[:, :4]}


@case()
def gradients_of_hidden_positions_are_0(causal_attention, rng):
    """Where only the first outputs send a gradient back, K and V of the later positions get 0, and Q too."""
    inputs = require_gradients(draw(rng, 2, 6, 3, 4))
    output = causal_attention(*inputs.values())
    above = upstream(rng, inputs["V"])
    above[0, 3:], above[1, 1:] = 0.0, 0.0
    return gradients(output, inputs, above)


@case(title="gradients of Q, K and V are right")
def gradients_of_q_k_and_v_are_right(causal_attention, rng):
    """Q, K and V get their full gradients; those of Q and K flow through the softmax and the scale."""
    return with_gradients(causal_attention, rng, draw(rng, 2, 6, 5, 3))


@case()
def equal_keys_give_the_running_mean(causal_attention, rng):
    """Keys that are all the same are no reason to prefer one: each position gets the plain mean of the values so far."""
    tensors = draw(rng, 2, 6, 4, 3)
    tensors["K"] = tensors["K"][:, :1].repeat(1, 6, 1)
    return with_gradients(causal_attention, rng, tensors)


@case(rejects=["eps_in_the_denominator"])
def weights_of_each_position_sum_to_1(causal_attention, rng):
    """Where the values are the same at all positions, that value comes out everywhere: the visible weights sum to 1."""
    tensors = draw(rng, 2, 7, 3, 5)
    tensors["V"] = tensors["V"][:, :1].repeat(1, 7, 1)
    return {"output": causal_attention(*tensors.values())}


@case(rejects=["mask_filled_with_too_little", "shifted_by_hidden_scores"], tolerance=DIGITS_OF_LARGE_SCORES)
def large_scores_are_finite_and_right(causal_attention, rng):
    """Scores around 10000, -10000 and -90000, row by row, or all of them -100000, the largest of all at hidden positions:
    output and gradients are finite and right, and nothing of what is hidden comes through.
    """
    in_float32 = with_gradients(causal_attention, rng, far_apart(rng, torch.float32))
    # a score of 10000 has an error of 0.001 there, and so has a weight: where gradients cancel, that is all that is left
    for name in ("gradient of Q", "gradient of K"):
        in_float32[name] = "finite" if in_float32[name].isfinite().all() else "not finite"
    return {
        "float64": with_gradients(causal_attention, rng, far_apart(rng, torch.float64)),
        "float32": in_float32,
    }


@case(title="a number added to a row's scores has no effect")
def a_number_added_to_a_row_of_scores_changes_nothing(causal_attention, rng):
    """A large number added to all scores of a row changes nothing: only differences count, and they keep their digits."""
    tensors = draw(rng, 2, 5, 3, 2)
    tensors["K"][..., 2] = 1.0
    tensors["Q"][..., 2] = tensor(signed(rng, 12000, 17000, (2, 5)).round(), torch.float64)
    return with_gradients(causal_attention, rng, tensors)


@case()
def a_score_of_0_counts_like_any_other(causal_attention, rng):
    """A query that is orthogonal to a visible key has the score 0 there, and the weight that belongs to 0. So has a key of
    zeros.
    """
    tensors = draw(rng, 2, 5, 2, 3)
    tensors["Q"][0, 4, 0] = 0.0
    tensors["K"][0, 2, 1] = 0.0
    tensors["K"][1, 1] = 0.0
    return with_gradients(causal_attention, rng, tensors)


@case()
def the_mask_follows_the_length_of_each_call(causal_attention, rng):
    """Longer and shorter texts come one after the other, with other dtypes in between."""
    calls = ((4, torch.float64), (7, torch.float32), (1, torch.float64), (6, torch.float32), (2, torch.float32), (9, torch.float64))
    return {
        f"{positions} positions, {str(dtype).removeprefix('torch.')}": causal_attention(*draw(rng, 2, positions, 3, 4, dtype).values())
        for positions, dtype in calls
    }


@case()
def works_on_long_texts(causal_attention, rng):
    """A text may be longer than a thousand positions; the last of them see all the others."""
    return {"output": causal_attention(*draw(rng, 1, 1030, 2, 1, torch.float32).values())}


@case()
def batch_items_do_not_mix(causal_attention, rng):
    """Each batch item is computed by itself, also where another one holds far larger numbers."""
    tensors = draw(rng, 3, 4, 5, 3)
    tensors["Q"][1] *= 300.0
    tensors["K"][1] *= 300.0
    tensors["V"][2] *= 4000.0
    output = tensor_of(causal_attention(*tensors.values()))
    return {"first item": output[:1], "last item": output[2:]}


@case()
def works_on_large_batches(causal_attention, rng):
    """Each of a thousand batch items is computed like a single one, and sends back its gradients."""
    tensors = draw(rng, 1030, 2, 3, 4)
    inputs = require_gradients({"Q": 80.0 * tensors["Q"], "K": tensors["K"] / 80.0, "V": 50.0 * tensors["V"]})
    return observer.observe(lambda: causal_attention(*inputs.values()), inputs, rng)
