"""The hidden suite of scaled dot-product attention.

Queries and keys are drawn so that the scores of a row differ by a few units: every key counts, none counts alone. Sizes
differ from axis to axis. The standard cases come from the description; by hand are the cases that say what attention is.
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
    sizes={"queries": Size(3, large=130), "keys": 5, "d_k": 4, "d_v": 7, "batch": Size(2, large=130)},
    arguments=[
        # queries are large and keys small, also where all numbers are large or tiny: no weights are 0 and 1 only
        Argument("Q", "batch queries d_k", between=(60, 90), far=1),
        Argument("K", "batch keys d_k", between=(0.01, 0.05), far=1, scales=-1),
        Argument("V", "batch keys d_v", plainest=1),
    ],
    results=[Result("output", shape="batch queries d_v")],
)
observer = Observer()


def draw(rng, batch, queries, keys, d_k, d_v, dtype=torch.float64):
    """Draw Q, K and V, in the order in which a submission takes them."""
    return {
        "Q": tensor(signed(rng, 0.4, 1.9, (batch, queries, d_k)), dtype),
        "K": tensor(rng.uniform(-1.7, 1.9, (batch, keys, d_k)), dtype),
        "V": tensor(rng.uniform(-2.3, 2.9, (batch, keys, d_v)), dtype),
    }


def far_apart(rng, dtype):
    """Draw Q, K and V whose scores are whole numbers around 10000, -10000 and 90000, row by row, with a leader by 100 or more."""
    places = np.stack([rng.permutation(np.array([-100.0, -50.0, 0.0, 50.0, 100.0])) for _ in range(2)])
    keys = np.stack([places, np.ones_like(places), rng.integers(-3, 4, places.shape), np.zeros_like(places)], axis=-1)
    slopes, offsets = signed(rng, 10, 30, (2, 4)).round(), signed(rng, 18000, 22000, (2, 4)).round()
    offsets[:, 3] = [180000.0, -180000.0]
    queries = np.stack([slopes, offsets, np.zeros_like(slopes), rng.integers(-3, 4, slopes.shape)], axis=-1)
    values = rng.uniform(0.7, 2.3, (2, 5, 3)) + np.arange(5.0)[:, None]
    return {"Q": tensor(queries, dtype), "K": tensor(keys, dtype), "V": tensor(values, dtype)}


def with_gradients(scaled_dot_product_attention, rng, tensors):
    """Return the output and the gradients of all three."""
    inputs = require_gradients(tensors)
    output = scaled_dot_product_attention(*inputs.values())
    batch, queries, d_v = inputs["V"].shape[0], inputs["Q"].shape[1], inputs["V"].shape[2]
    return {"output": output, **gradients(output, inputs, upstream(rng, torch.empty(batch, queries, d_v)))}


@case(title="output is softmax(Q K^T / sqrt(d_k)) V")
def output_is_softmax_of_scaled_scores_times_v(scaled_dot_product_attention, rng):
    """Each query's output is the average of the values, weighted by the softmax of its scaled scores over the keys."""
    seen = {"output": scaled_dot_product_attention(*draw(rng, 2, 3, 5, 6, 4).values())}
    memory = tensor(signed(rng, 0.4, 1.6, (2, 9, 4)), torch.float64)
    return seen | {"views of one memory": scaled_dot_product_attention(memory[:, :3], memory[:, ::3], memory[:, :6:2])}


@case(title="scores are divided by sqrt(d_k)")
def scores_are_divided_by_the_root_of_d_k(scaled_dot_product_attention, rng):
    """The scores are divided by the root of d_k, the last size of K, whether it is smaller or larger than the others."""
    return {
        f"d_k {d_k}": scaled_dot_product_attention(*draw(rng, 2, queries, keys, d_k, d_v).values())
        for d_k, queries, keys, d_v in ((1, 2, 3, 4), (2, 5, 4, 3), (3, 1, 6, 9), (12, 4, 5, 2), (64, 3, 2, 5))
    }


@case(rejects=["eps_in_the_denominator"])
def weights_of_each_query_sum_to_1(scaled_dot_product_attention, rng):
    """Where the values are the same for all keys, that value comes out for every query: its weights sum to 1."""
    tensors = draw(rng, 2, 4, 6, 3, 5)
    tensors["V"] = tensors["V"][:, :1].repeat(1, 6, 1)
    return {"output": scaled_dot_product_attention(*tensors.values())}


@case()
def one_key_returns_its_value_for_every_query(scaled_dot_product_attention, rng):
    """With a single key, its weight is 1 whatever the score is. The result is a new tensor all the same."""
    return {
        "four queries": with_gradients(scaled_dot_product_attention, rng, draw(rng, 2, 4, 1, 3, 5)),
        "one query": with_gradients(scaled_dot_product_attention, rng, draw(rng, 3, 1, 1, 2, 2)),
        "without gradients": scaled_dot_product_attention(*draw(rng, 1, 3, 1, 1, 2).values()),
    }


@case()
def equal_keys_give_the_mean_of_the_values(scaled_dot_product_attention, rng):
    """Keys that are all the same are no reason to prefer one: the values are averaged plainly."""
    tensors = draw(rng, 2, 3, 6, 4, 5)
    tensors["K"] = tensors["K"][:, :1].repeat(1, 6, 1)
    return with_gradients(scaled_dot_product_attention, rng, tensors)


@case(title="gradients of Q, K and V are right")
def gradients_of_q_k_and_v_are_right(scaled_dot_product_attention, rng):
    """Q, K and V get their full gradients; those of Q and K flow through the softmax and the scale."""
    return with_gradients(scaled_dot_product_attention, rng, draw(rng, 2, 4, 6, 5, 3))


@case(rejects=["exp_without_shift", "shifted_by_the_largest_of_all", "logits_clamped"], tolerance=DIGITS_OF_LARGE_SCORES)
def large_scores_are_finite_and_right(scaled_dot_product_attention, rng):
    """Scores around 10000, -10000 and 90000, row by row, with one clear winner: output and gradients are finite and right."""
    in_float32 = with_gradients(scaled_dot_product_attention, rng, far_apart(rng, torch.float32))
    # a score of 10000 has an error of 0.001 there, and so has a weight: where gradients cancel, that is all that is left
    for name in ("gradient of Q", "gradient of K"):
        in_float32[name] = "finite" if in_float32[name].isfinite().all() else "not finite"
    return {
        "float64": with_gradients(scaled_dot_product_attention, rng, far_apart(rng, torch.float64)),
        "float32": in_float32,
    }


@case(title="a number added to a row's scores has no effect")
def a_number_added_to_a_row_of_scores_changes_nothing(scaled_dot_product_attention, rng):
    """A large number added to all scores of a row changes nothing: only differences count, and they keep their digits."""
    tensors = draw(rng, 2, 4, 5, 3, 2)
    tensors["K"][..., 2] = 1.0
    tensors["Q"][..., 2] = tensor(signed(rng, 12000, 17000, (2, 4)).round(), torch.float64)
    return with_gradients(scaled_dot_product_attention, rng, tensors)


@case()
def equal_winners_share_the_weight(scaled_dot_product_attention, rng):
    """Where two keys fit equally well and all others far worse, each of the two has the weight 1/2."""
    tensors = far_apart(rng, torch.float64)
    best = torch.cat([tensors["K"].max(dim=1, keepdim=True).values, tensors["K"].min(dim=1, keepdim=True).values], dim=1)
    tensors["K"] = torch.cat([best, tensors["K"], best], dim=1)[:, [0, 1, 3, 4, 5, 7, 8]]
    tensors["K"][..., 0] = torch.tensor([140.0, -140.0, 0.0, 20.0, -60.0, 140.0, -140.0], dtype=torch.float64)
    tensors["K"][..., 2] = 0.0
    tensors["V"] = tensor(rng.uniform(0.7, 2.3, (2, 7, 3)) + np.arange(7.0)[:, None], torch.float64)
    return with_gradients(scaled_dot_product_attention, rng, tensors)


@case()
def a_score_of_0_counts_like_any_other(scaled_dot_product_attention, rng):
    """A query that is orthogonal to a key has the score 0 there, and the weight that belongs to 0. So has a key of zeros."""
    tensors = draw(rng, 2, 3, 4, 2, 3)
    tensors["Q"][0, 1, 0] = 0.0
    tensors["K"][0, 2, 1] = 0.0
    tensors["K"][1, 3] = 0.0
    return with_gradients(scaled_dot_product_attention, rng, tensors)


@case()
def batch_items_do_not_mix(scaled_dot_product_attention, rng):
    """Each batch item is computed by itself, also where another one holds far larger numbers."""
    tensors = draw(rng, 3, 2, 4, 5, 3)
    tensors["Q"][1] *= 300.0
    tensors["K"][1] *= 300.0
    tensors["V"][2] *= 4000.0
    output = scaled_dot_product_attention(*tensors.values())
    if not isinstance(output, torch.Tensor):
        raise WrongAnswer(f"output: expected a tensor, found {type(output).__name__}")
    return {"first item": output[:1], "last item": output[2:]}


@case()
def works_on_large_batches(scaled_dot_product_attention, rng):
    """Each of a thousand batch items is computed like a single one, and sends back its gradients."""
    tensors = draw(rng, 1030, 2, 3, 2, 4)
    inputs = require_gradients({"Q": 80.0 * tensors["Q"], "K": tensors["K"] / 80.0, "V": 50.0 * tensors["V"]})
    return observer.observe(lambda: scaled_dot_product_attention(*inputs.values()), inputs, rng)
