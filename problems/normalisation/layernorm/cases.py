"""The hidden suite of layer normalisation.

Inputs are drawn so that every quantity in the formula differs from 0, from 1 and from every other: each
vector has its own mean and its own deviation, gamma and beta have both signs.
"""

import numpy as np
import torch

from torch_judge.authoring import (
    ROUNDED_AT_THE_OFFSET,
    Tolerance,
    case,
    counterexample,
    gradients,
    require_gradients,
    signed,
    standard,
    tensor,
    upstream,
)

SUMMED_OVER_MANY_FEATURES = Tolerance(relative=1e-4, of_scale=3e-5)
"""A sum of a thousand float32 numbers depends on the order in which they are added."""


def draw(rng, *shape, dtype=torch.float32, scale=1.0):
    """Draw x, gamma and beta, in the order in which a submission takes them."""
    *leading, features = shape
    centre = scale * signed(rng, 1.1, 2.9, (*leading, 1))
    spread = scale * rng.uniform(1.3, 2.3, (*leading, 1))
    return {
        "x": tensor(centre + spread * standard(rng, shape, over=-1), dtype),
        "gamma": tensor(signed(rng, 1.2, 2.2, features), dtype),
        "beta": tensor(signed(rng, 0.4, 0.9, features), dtype),
    }


@case(
    rejects=[
        "statistics_over_the_batch",
        "statistics_of_the_whole_tensor",
        "variance_over_the_batch",
        "sum_for_mean",
        "sum_for_variance",
        "deviation_for_variance",
        "gamma_forgotten",
        "beta_forgotten",
        "gamma_and_beta_swapped",
        "gamma_on_the_input",
        "beta_scaled_with_the_rest",
        "one_plus_gamma",
        "affine_before_normalising",
        "divides_by_the_variance",
        "multiplies_by_the_deviation",
        "mean_not_subtracted",
        "rms_without_the_mean",
        "standardised_output_only",
        "returns_a_tuple",
        "returns_a_numpy_array",
        "deviation_divided_by_n_minus_one_and_eps_outside",
    ]
)
def each_row_is_normalised_by_itself(my_layer_norm, rng):
    """Each row is normalised with its own mean and biased variance over the features, then scaled by gamma and shifted
    by beta.
    """
    tensors = draw(rng, 7, 5)
    return {"output": my_layer_norm(*tensors.values(), eps=0.013)}


@case(rejects=["all_dimensions_but_the_first", "dimension_one_for_the_last", "last_two_dimensions", "shape_not_restored"])
def three_dimensions_hold_a_vector_at_each_position(my_layer_norm, rng):
    """In an (N, S, D) tensor each of the N * S positions has its own mean and variance: neither the sequence nor the
    batch is averaged over.
    """
    tensors = draw(rng, 3, 4, 5)
    return {"output": my_layer_norm(*tensors.values(), eps=0.017)}


@case(rejects=["channels_first_in_four_dimensions", "images_normalised_as_a_whole"])
def four_dimensions_hold_a_vector_at_each_position(my_layer_norm, rng):
    """In a four-dimensional tensor too, the last dimension is the one that is normalised over, and only that one."""
    tensors = draw(rng, 2, 3, 4, 5)
    return {"output": my_layer_norm(*tensors.values(), eps=0.019)}


@case(rejects=["vector_becomes_a_row"])
def a_single_vector_is_enough(my_layer_norm, rng):
    """x may be one vector of shape (D,): the result has shape (D,) too."""
    tensors = draw(rng, 6)
    return {"output": my_layer_norm(*tensors.values(), eps=0.016)}


@case(rejects=["squeezed_output"])
def there_may_be_more_dimensions_and_dimensions_of_size_one(my_layer_norm, rng):
    """Any number of leading dimensions is legal, and those of size 1 stay where they are."""
    tensors = draw(rng, 2, 1, 3, 1, 4)
    return {"output": my_layer_norm(*tensors.values(), eps=0.014)}


@case(rejects=["eps_missing", "eps_defaults_to_1e_3", "eps_defaults_to_1e_6", "variance_clamped_at_eps"])
def eps_has_its_default_when_it_is_not_given(my_layer_norm, rng):
    """When eps is not given, it is 1e-5, which matters for vectors that hardly vary."""
    tensors = draw(rng, 6, 4, scale=0.003)
    return {"output": my_layer_norm(*tensors.values())}


@case(rejects=["eps_never_below_the_default", "variance_has_a_floor"])
def a_tiny_eps_is_as_good_as_any(my_layer_norm, rng):
    """The eps that was passed in is used as it is, however small it is, and so is the variance."""
    tensors = draw(rng, 5, 4, scale=0.0005)
    return {"output": my_layer_norm(*tensors.values(), eps=1e-9)}


@case(rejects=["eps_outside_the_root", "eps_argument_ignored", "eps_divided_by_d"])
def eps_is_added_to_the_variance_inside_the_root(my_layer_norm, rng):
    """The divisor is sqrt(variance + eps), with the eps that was passed in: not sqrt(variance) + eps."""
    tensors = draw(rng, 9, 4)
    return {"output": my_layer_norm(*tensors.values(), eps=float(rng.uniform(1.3, 2.4)))}


@case(
    rejects=[
        "statistics_detached",
        "mean_detached",
        "output_detached",
        "gamma_detached",
        "beta_detached",
        "wrong_backward_forgets_gamma",
        "wrong_backward_gamma_averaged",
        "wrong_backward_over_the_batch",
    ]
)
def gradients_flow_to_x_gamma_and_beta(my_layer_norm, rng):
    """x, gamma and beta get their full gradients, also through the mean and the variance, which depend on x."""
    tensors = draw(rng, 7, 4)
    inputs = require_gradients(tensors)
    output = my_layer_norm(*tensors.values(), eps=0.21)
    return {"output": output, **gradients(output, inputs, upstream(rng, tensors["x"]))}


@case(rejects=["gamma_wrapped_in_a_parameter"])
def frozen_tensors_stay_frozen(my_layer_norm, rng):
    """With gamma and beta frozen, x still gets its gradient; where nothing requires gradients, neither does the
    result.
    """
    tensors = draw(rng, 5, 3)
    frozen = my_layer_norm(*tensors.values(), eps=0.24)
    inputs = {"x": tensors["x"].requires_grad_()}
    found = gradients(my_layer_norm(*tensors.values(), eps=0.24), inputs, upstream(rng, tensors["x"]))
    return {"output": frozen, "output requires gradients": bool(getattr(frozen, "requires_grad", False)), **found}


@case(rejects=["wrong_backward_of_the_first_position_only", "backward_for_rows_only"])
def gradients_of_gamma_and_beta_gather_from_all_positions(my_layer_norm, rng):
    """gamma and beta serve every position of a batch of sequences: their gradients sum over all leading dimensions.
    For a single vector there is nothing to sum.
    """
    seen = {}
    for name, shape in {"sequences": (2, 3, 5), "vector": (5,)}.items():
        tensors = draw(rng, *shape)
        inputs = require_gradients(tensors)
        output = my_layer_norm(*tensors.values(), eps=0.23)
        seen[name] = gradients(output, inputs, upstream(rng, tensors["x"]))
    return seen


@case(rejects=["graph_only_where_x_requires_one"])
def gamma_and_beta_learn_from_data(my_layer_norm, rng):
    """In the first layer of a network x is data and requires no gradient; gamma and beta still get theirs."""
    tensors = draw(rng, 4, 3)
    inputs = {name: tensors[name].requires_grad_() for name in ("gamma", "beta")}
    output = my_layer_norm(*tensors.values(), eps=0.27)
    return {"output": output, **gradients(output, inputs, upstream(rng, tensors["x"]))}


@case(rejects=["normalised_values_recovered_from_the_output"])
def a_gamma_of_zero_still_learns(my_layer_norm, rng):
    """A gamma of 0 is legal, and a new branch of a network often starts with it: its output is beta, its gradient is
    that of any other gamma.
    """
    tensors = draw(rng, 4, 3)
    tensors["gamma"][rng.integers(3)] = 0.0
    inputs = require_gradients(tensors)
    output = my_layer_norm(*tensors.values(), eps=0.25)
    return {"output": output, **gradients(output, inputs, upstream(rng, tensors["x"]))}


@case(rejects=["only_the_variance_detached", "eps_forgotten_in_the_backward"])
def gradients_are_right_for_vectors_that_hardly_vary(my_layer_norm, rng):
    """Where the variance is about as small as eps, the gradient through the variance and its eps still counts."""
    tensors = draw(rng, 3, 8, scale=0.003)
    inputs = require_gradients(tensors)
    output = my_layer_norm(*tensors.values())
    return gradients(output, inputs, upstream(rng, tensors["x"]))


@case(rejects=["root_squared_again", "zero_variance_becomes_one"])
def gradients_are_finite_for_constant_vectors(my_layer_norm, rng):
    """A vector of equal numbers has variance 0: the root of it has no gradient, the root of variance + eps has."""
    tensors = draw(rng, 4, 8)
    tensors["x"][1] = float(rng.integers(1, 4)) / 16
    inputs = require_gradients(tensors)
    output = my_layer_norm(*tensors.values(), eps=0.002)
    return gradients(output, inputs, upstream(rng, tensors["x"]))


@case(rejects=["constant_vectors_skipped", "vectors_of_zeros_kept"])
def constant_vectors_become_beta(my_layer_norm, rng):
    """A vector of equal numbers comes out as beta, and so does a vector of zeros, which padding often is."""
    tensors = draw(rng, 4, 8)
    tensors["x"][0] = float(rng.integers(1, 4)) / 16
    tensors["x"][2] = 0.0
    return {"output": my_layer_norm(*tensors.values(), eps=0.003)}


@case(rejects=["single_feature_left_as_it_is"])
def a_single_feature_becomes_beta(my_layer_norm, rng):
    """With D = 1 the mean is the number itself and the variance is 0: the output is beta, of shape (N, 1)."""
    tensors = draw(rng, 3, 1)
    return {"output": my_layer_norm(*tensors.values(), eps=0.14)}


@case(rejects=["unbiased_variance"])
def two_features_share_a_variance_divided_by_two(my_layer_norm, rng):
    """The variance is divided by D, not by D - 1; with two features that is a factor of two."""
    tensors = draw(rng, 3, 2)
    return {"output": my_layer_norm(*tensors.values(), eps=0.31)}


@case(rejects=["single_row_left_as_it_is"])
def a_batch_of_one_is_normalised_too(my_layer_norm, rng):
    """One row is as good as many: no row needs others beside it."""
    tensors = draw(rng, 1, 4)
    return {"output": my_layer_norm(*tensors.values(), eps=0.18)}


@case(rejects=["wrong_axis_for_square_inputs"])
def a_square_input_is_normalised_along_its_rows(my_layer_norm, rng):
    """With N = D a wrong axis breaks no shape, only the values: the statistics run along the last dimension, and so do
    gamma and beta.
    """
    tensors = draw(rng, 4, 4)
    return {"output": my_layer_norm(*tensors.values(), eps=0.12)}


@case(rejects=["gamma_along_the_channels"])
def equal_sizes_do_not_change_the_roles(my_layer_norm, rng):
    """With all sizes equal, in three dimensions and in four, the features are still those of the last dimension."""
    three, four = draw(rng, 3, 3, 3), draw(rng, 3, 3, 3, 3)
    return {"three": my_layer_norm(*three.values(), eps=0.11), "four": my_layer_norm(*four.values(), eps=0.11)}


@case(rejects=["float64_result_for_float32_input"])
def float32_in_gives_float32_out(my_layer_norm, rng):
    """The result has the dtype of x."""
    tensors = draw(rng, 5, 3)
    return {"output": my_layer_norm(*tensors.values(), eps=0.15)}


@case(rejects=["float32_inside", "float32_result_for_float64_input", "float32_statistics"])
def float64_in_gives_float64_out(my_layer_norm, rng):
    """float64 tensors are computed in float64, in the gradients too, and nothing is rounded to float32 on the way."""
    tensors = draw(rng, 6, 3, dtype=torch.float64)
    inputs = require_gradients(tensors)
    output = my_layer_norm(*tensors.values(), eps=0.18)
    return {"output": output, **gradients(output, inputs, upstream(rng, tensors["x"]))}


@case(rejects=["mean_of_squares_minus_square_of_mean"], tolerance=ROUNDED_AT_THE_OFFSET)
def a_large_offset_does_not_drown_the_variance(my_layer_norm, rng):
    """Vectors may lie far from zero: the variance must come from the deviations, or float32 rounds it away."""
    tensors = draw(rng, 3, 16)
    deviations = np.round(64 * rng.uniform(0.3, 0.6, (3, 1)) * standard(rng, (3, 16), over=-1)) / 64
    tensors["x"] = tensor(4096 + deviations)
    return {"output": my_layer_norm(*tensors.values(), eps=0.021)}


@case(rejects=["x_centred_in_place", "output_written_into_x"])
def the_inputs_come_back_unchanged(my_layer_norm, rng):
    """x, gamma and beta belong to the caller: a skip connection still needs x."""
    tensors = draw(rng, 2, 5, 3)
    output = my_layer_norm(*tensors.values(), eps=0.16)
    return {"output": output, **{f"{name} afterwards": value for name, value in tensors.items()}}


@case(rejects=["running_statistics", "output_buffer_used_again"])
def calls_do_not_know_of_each_other(my_layer_norm, rng):
    """There are no running statistics: every call measures its own vectors, and results returned earlier stay as they
    were.
    """
    return {"outputs": [my_layer_norm(*draw(rng, 4, 3).values(), eps=0.13) for _ in range(3)]}


@case(rejects=["calls_remembered"])
def a_tensor_that_was_filled_again_is_read_again(my_layer_norm, rng):
    """The same tensor with other numbers in it is another input: no result may be remembered for it."""
    tensors = draw(rng, 4, 2)
    first = my_layer_norm(*tensors.values(), eps=0.26)
    tensors["x"].copy_(draw(rng, 4, 2)["x"])
    return {"first": first, "second": my_layer_norm(*tensors.values(), eps=0.26)}


@case(rejects=["memory_order_for_logical_order"])
def a_transposed_view_is_read_by_its_indices(my_layer_norm, rng):
    """x may be a view whose vectors do not lie one after another in memory, as after a transposition."""
    matrix, sequence = draw(rng, 3, 5), draw(rng, 2, 3, 4)
    matrix["x"] = matrix["x"].t().contiguous().t()
    sequence["x"] = sequence["x"].transpose(1, 2).contiguous().transpose(1, 2)
    return {"matrix": my_layer_norm(*matrix.values(), eps=0.22), "sequence": my_layer_norm(*sequence.values(), eps=0.22)}


@case(rejects=["gaps_in_memory_overlooked"])
def gamma_and_beta_need_not_lie_side_by_side(my_layer_norm, rng):
    """gamma and beta may have gaps in memory, as a column of a larger tensor has."""
    tensors = draw(rng, 4, 3)
    for name in ("gamma", "beta"):
        column = torch.zeros(3, 2)
        column[:, 0] = tensors[name]
        tensors[name] = column[:, 0]
    return {"output": my_layer_norm(*tensors.values(), eps=0.26)}


@case(
    rejects=["groups_of_features", "normalised_values_clamped"],
    tolerance=SUMMED_OVER_MANY_FEATURES,
)
def long_vectors_with_outliers_are_one_vector(my_layer_norm, rng):
    """A thousand features, two of them far out, are one vector like any other: nothing is cut off, split up or
    clamped.
    """
    tensors = draw(rng, 3, 1100)
    tensors["x"][:, rng.choice(1000, 2, replace=False)] = tensor(signed(rng, 55, 85, (3, 2)))
    return {"output": my_layer_norm(*tensors.values(), eps=0.17)}


@case(rejects=["positions_beyond_128_forgotten"])
def many_positions_change_nothing(my_layer_norm, rng):
    """There may be many vectors: each of them is normalised."""
    rows, sequence = draw(rng, 262, 3), draw(rng, 2, 150, 3)
    return {"rows": my_layer_norm(*rows.values(), eps=0.17), "sequence": my_layer_norm(*sequence.values(), eps=0.17)}


def small_call(draw):
    """Draw one small call, as plain as the first call of a new layer but for what has to differ."""
    lies, upstream, second = draw.choice(("about zero", "far off", "close together")), draw.boolean(), draw.boolean()
    leading = draw.choice(((1,), (2,), (3,), (), (1, 2), (2, 2), (2, 1, 1), (1, 2, 2)))
    features = draw.choice((1, 2, 4))  # by which float32 divides exactly
    dtype = torch.float64 if upstream else torch.float32  # gradients cancel, which float32 does not survive
    x = draw.array((*leading, features), -3, 4)
    call = {
        "x": tensor({"about zero": x, "far off": 1024 + x, "close together": x / 256}[lies], dtype),
        "gamma": tensor(draw.array(features, -2, 3, plainest=1), dtype),
        "beta": tensor([draw.choice((0.0, 0.25, -0.25, 0.75, -1.25)) for _ in range(features)], dtype),  # cancels no gamma
    }
    if (eps := draw.choice((None, 0.5, 1.0, 1e-7))) is not None:
        call["eps"] = eps
    if second:
        call["x of a second call"] = tensor(draw.array((*leading, features), -3, 4), dtype)
    if upstream:
        call["upstream gradient"] = tensor(draw.array((*leading, features), -2, 3, plainest=1), dtype)
        call["dtype"] = "float64"
    return call


@counterexample(inputs=small_call, tolerance=Tolerance(relative=5e-3, of_scale=5e-3))
def answers_to_a_small_call(my_layer_norm, call):
    """What the call returns, sends back, and changes that is not its own."""
    tensors = {name: call[name] for name in ("x", "gamma", "beta")}
    options = {name: call[name] for name in ("eps",) if name in call}
    before = {name: value.clone() for name, value in tensors.items()}
    inputs = require_gradients(tensors) if "upstream gradient" in call else {}
    output = my_layer_norm(*tensors.values(), **options)
    seen = {"output": output}
    if inputs:
        seen |= gradients(output, inputs, call["upstream gradient"])
    if "x of a second call" in call:
        seen["output of the second call"] = my_layer_norm(call["x of a second call"], *list(tensors.values())[1:], **options)
    return seen | {f"{name} after the call": tensors[name] for name, value in before.items() if not torch.equal(tensors[name], value)}
