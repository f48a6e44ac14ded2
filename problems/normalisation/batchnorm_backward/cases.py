"""The hidden suite of the NumPy backward pass of batch normalisation.

Inputs are drawn so that every quantity in the formula differs from 0, from 1 and from every other. The
upstream gradient has a mean and a part along the normalised input, so that both paths through the
statistics carry weight.
"""

import numpy as np

from torch_judge.authoring import (
    ROUNDED_AT_THE_OFFSET,
    Tolerance,
    WrongAnswer,
    case,
    counterexample,
    name_arrays,
    narrow_to_float32,
    signed,
    standard,
)

NAMES = ("dx", "dgamma", "dbeta")


def draw(rng, rows, features, dtype=np.float64, scale=1.0):
    """Draw dout, x and gamma, in the order in which a submission takes them."""
    x_hat = standard(rng, (rows, features), over=0)
    along = signed(rng, 0.5, 1.1, features) * x_hat
    drawn = {
        "dout": signed(rng, 0.4, 0.9, features) + along + 0.7 * rng.normal(size=(rows, features)),
        "x": scale * (signed(rng, 1.1, 2.9, features) + rng.uniform(1.3, 2.3, features) * x_hat),
        "gamma": signed(rng, 1.2, 2.2, features),
    }
    return {name: values.astype(dtype) for name, values in drawn.items()}


def named(result):
    """Give the three results the names that a learner reads."""
    return name_arrays(result, NAMES)


@case(
    rejects=[
        "statistics_taken_for_constants",
        "mean_taken_for_a_constant",
        "variance_taken_for_a_constant",
        "gamma_forgotten_in_dx",
        "gamma_forgotten_in_the_paths_through_the_statistics",
        "gamma_applied_twice",
        "sums_not_divided_by_n",
        "mean_path_not_divided_by_n",
        "variance_path_not_divided_by_n",
        "mean_path_with_the_wrong_sign",
        "variance_path_with_the_wrong_sign",
        "factor_two_forgotten",
        "minus_one_half_forgotten",
        "wrong_power_in_dvar",
        "centred_for_normalised_in_the_variance_path",
        "divisor_forgotten",
        "multiplies_by_the_deviation",
        "divides_by_the_variance",
        "n_taken_from_the_features",
        "dx_averaged_over_the_batch",
        "means_of_dout_over_the_features",
        "paths_share_one_sum_over_the_batch",
        "variance_measured_from_zero",
        "returns_dx_alone",
        "finite_differences",
        "computed_in_float32",
        "rounded_to_four_decimals",
    ]
)
def dx_has_a_part_through_the_mean_and_one_through_the_variance(batchnorm_backward, rng):
    """dx adds up three parts: directly, through the mean and through the variance of the batch, which both depend
    on x.
    """
    arrays = draw(rng, rows=7, features=5)
    return {"dx": named(batchnorm_backward(*arrays.values(), eps=0.21))["dx"]}


@case(
    rejects=[
        "x_for_x_hat_in_dgamma",
        "centred_for_normalised_in_dgamma",
        "dgamma_and_dbeta_averaged",
        "dgamma_scaled_by_gamma",
        "dbeta_scaled_by_gamma",
        "dgamma_and_dbeta_swapped",
        "parameters_before_x",
        "sums_over_the_whole_array",
        "sums_keep_two_dimensions",
        "dbeta_not_summed",
        "dgamma_of_the_absolute_scale",
        "eps_missing_in_dgamma",
    ]
)
def dgamma_and_dbeta_are_sums_over_the_rows(batchnorm_backward, rng):
    """dgamma sums dout * x_hat and dbeta sums dout, over the rows: one number for each feature, and no average."""
    arrays = draw(rng, rows=7, features=4)
    result = named(batchnorm_backward(*arrays.values(), eps=0.34))
    return {name: result[name] for name in ("dgamma", "dbeta")}


@case(rejects=["eps_missing", "eps_defaults_to_1e_3", "variance_raised_to_eps"])
def eps_has_its_default_when_it_is_not_given(batchnorm_backward, rng):
    """When eps is not given, it is 1e-5, which matters for features that hardly vary."""
    arrays = draw(rng, rows=6, features=4, scale=0.003)
    return named(batchnorm_backward(*arrays.values()))


@case(rejects=["eps_outside_the_root", "eps_argument_ignored", "eps_forgotten_in_dvar"])
def eps_counts_wherever_the_deviation_does(batchnorm_backward, rng):
    """The divisor is sqrt(variance + eps) everywhere, with the eps that was passed in: in the direct part, in both paths
    and in dgamma.
    """
    arrays = draw(rng, rows=9, features=4)
    return named(batchnorm_backward(*arrays.values(), eps=float(rng.uniform(1.3, 2.4))))


@case(rejects=["single_row_passes_through"])
def one_row_alone_has_no_influence(batchnorm_backward, rng):
    """With one row the output is beta whatever x is: dx and dgamma are 0, and dbeta is that row of dout."""
    arrays = draw(rng, rows=1, features=3)
    return named(batchnorm_backward(*arrays.values(), eps=0.43))


@case(rejects=["unbiased_variance", "unbiased_variance_in_the_gradient_only"])
def two_rows_share_a_variance_divided_by_two(batchnorm_backward, rng):
    """The variance is divided by N, not by N - 1, forward and backward; with two rows that is a factor of two."""
    arrays = draw(rng, rows=2, features=3)
    return named(batchnorm_backward(*arrays.values(), eps=0.91))


@case(rejects=["squeezed_results"])
def a_single_feature_keeps_its_dimension(batchnorm_backward, rng):
    """With D = 1, dx still has shape (N, 1), and dgamma and dbeta have shape (1,)."""
    arrays = draw(rng, rows=3, features=1)
    return named(batchnorm_backward(*arrays.values(), eps=0.14))


@case(rejects=["wrong_axis", "wrong_axis_for_square_batches"])
def a_square_batch_is_normalised_over_its_rows(batchnorm_backward, rng):
    """With N = D a wrong axis breaks no shape, only the values: all sums run over the rows, gamma lies along the
    features.
    """
    arrays = draw(rng, rows=4, features=4)
    return named(batchnorm_backward(*arrays.values(), eps=0.12))


@case(rejects=["constant_features_get_no_gradient", "zero_variance_becomes_one"])
def constant_features_have_a_finite_gradient(batchnorm_backward, rng):
    """A feature that is the same in every row has variance 0; eps keeps its gradient finite, and it is not zero."""
    arrays = draw(rng, rows=8, features=3)
    arrays["x"][:, [0, 2]] = rng.integers(1, 4, 2) / 16
    return named(batchnorm_backward(*arrays.values(), eps=0.03))


@case(rejects=["divides_by_gamma", "divides_dx_by_gamma"])
def gamma_may_hold_zeros(batchnorm_backward, rng):
    """Where gamma is 0, dx is 0, but dgamma is not: it does not depend on gamma at all."""
    arrays = draw(rng, rows=5, features=3)
    arrays["gamma"][rng.integers(3)] = 0.0
    return named(batchnorm_backward(*arrays.values(), eps=0.27))


@case(rejects=["gradients_clipped"])
def a_large_upstream_gradient_comes_through(batchnorm_backward, rng):
    """The gradients are linear in dout, however large it is: nothing is clipped."""
    arrays = draw(rng, rows=6, features=3)
    arrays["dout"] *= 5e4
    return named(batchnorm_backward(*arrays.values(), eps=0.17))


@case(rejects=["small_gradients_dropped"])
def a_small_upstream_gradient_comes_through(batchnorm_backward, rng):
    """The gradients are linear in dout, however small it is: nothing is rounded away."""
    arrays = draw(rng, rows=6, features=3)
    arrays["dout"] *= 3e-10
    return named(batchnorm_backward(*arrays.values(), eps=0.17))


@case(rejects=["mean_of_squares_minus_square_of_mean", "half_precision_results"], tolerance=ROUNDED_AT_THE_OFFSET)
def a_large_offset_does_not_drown_the_gradients(batchnorm_backward, rng):
    """Features may lie far from zero: whatever multiplies dout must be centred first, or float32 rounds it away."""
    arrays = draw(rng, rows=16, features=3, dtype=np.float32)
    deviations = np.round(64 * rng.uniform(0.3, 0.6, 3) * standard(rng, (16, 3), over=0)) / 64
    arrays["x"] = (4096 + deviations).astype(np.float32)
    return narrow_to_float32(named(batchnorm_backward(*arrays.values(), eps=0.021)))


@case(rejects=["x_centred_in_place", "dout_scaled_in_place", "dx_written_into_dout", "dx_written_into_x", "gamma_changed_in_place"])
def the_arguments_come_back_unchanged(batchnorm_backward, rng):
    """dout, x and gamma belong to the caller: other layers may still need them."""
    arrays = draw(rng, rows=5, features=3)
    result = named(batchnorm_backward(*arrays.values(), eps=0.16))
    return {**result, **{f"{name} afterwards": array for name, array in arrays.items()}}


@case(rejects=["dx_buffer_used_again", "gradients_accumulated_over_calls"])
def calls_do_not_know_of_each_other(batchnorm_backward, rng):
    """Other data of the same shape is another call: nothing is kept, added up or overwritten."""
    calls = [named(batchnorm_backward(*draw(rng, rows=4, features=3).values(), eps=0.13)) for _ in range(3)]
    return {"calls": calls}


@case(rejects=["forward_pass_remembered_by_identity"])
def an_array_that_was_filled_again_is_read_again(batchnorm_backward, rng):
    """The same array with other numbers in it is another batch: nothing may be remembered for it."""
    arrays = draw(rng, rows=4, features=2)
    first = named(batchnorm_backward(*arrays.values(), eps=0.26))
    for name, values in draw(rng, rows=4, features=2).items():
        arrays[name][...] = values
    return {"first": first, "second": named(batchnorm_backward(*arrays.values(), eps=0.26))}


@case(rejects=["memory_order_for_logical_order", "memory_order_of_dout", "gaps_in_memory_overlooked"])
def arrays_are_read_by_their_indices(batchnorm_backward, rng):
    """dout and x may be transposed views, and gamma may have gaps in memory, as a column has."""
    arrays = draw(rng, rows=3, features=5)
    both = draw(rng, rows=3, features=5)
    both["dout"] = both["dout"].T.copy().T
    arrays["x"] = arrays["x"].T.copy().T
    column = np.zeros((5, 2))
    column[:, 0] = arrays["gamma"]
    arrays["gamma"] = column[:, 0]
    return {
        "x transposed": named(batchnorm_backward(*arrays.values(), eps=0.22)),
        "dout transposed": named(batchnorm_backward(*both.values(), eps=0.22)),
    }


@case(rejects=["ghost_batches", "normalised_values_clipped"])
def a_large_batch_with_outliers_is_one_batch(batchnorm_backward, rng):
    """Hundreds of rows, two of them far out, are one batch like any other: nothing is cut off, split up or clipped."""
    arrays = draw(rng, rows=300, features=3)
    arrays["x"][rng.choice(300, 2, replace=False)] = signed(rng, 55, 85, (2, 3))
    return named(batchnorm_backward(*arrays.values(), eps=0.17))


@case(rejects=["features_beyond_the_sixteenth_forgotten"])
def many_features_change_nothing(batchnorm_backward, rng):
    """Each of many features has its own statistics and its own gradients."""
    arrays = draw(rng, rows=3, features=37)
    return named(batchnorm_backward(*arrays.values(), eps=0.19))


def small_call(draw):
    """Draw one small call; with eps = 1 the numbers of the answer are as plain as those of the call."""
    offset, second = draw.choice((0, 2048)), draw.boolean()
    rows, features = draw.integer(1, 2 if offset else 3), draw.integer(1, 2)  # the mean of two numbers is exact in float32
    dtype = np.float32 if offset else np.float64
    call = {
        "dout": draw.array((rows, features), -2, 3, plainest=1).astype(dtype),
        "x": (offset + draw.array((rows, features), -3, 4)).astype(dtype),
        "gamma": draw.array(features, -2, 3, plainest=1).astype(dtype),
    }
    if (eps := draw.choice((1.0, 0.5) if offset else (1.0, None, 0.5))) is not None:
        call["eps"] = eps
    if second:
        call["x of a second call"] = (offset + draw.array((rows, features), -3, 4)).astype(dtype)
    if offset:
        call["dtype"] = "float32"
    return call


@counterexample(inputs=small_call, tolerance=Tolerance(relative=4e-3, of_scale=4e-3))
def answers_to_a_small_call(batchnorm_backward, call):
    """What the call returns, also after a second one with another batch, and what it changes that is not its own."""
    arrays = {name: call[name] for name in ("dout", "x", "gamma")}
    options = {"eps": call["eps"]} if "eps" in call else {}
    before = {name: values.copy() for name, values in arrays.items()}
    result = batchnorm_backward(*arrays.values(), **options)
    try:
        seen = named(result)
    except WrongAnswer:
        return {"result": result}
    if "x of a second call" in call:
        second = named(batchnorm_backward(arrays["dout"], call["x of a second call"], arrays["gamma"], **options))
        seen |= {f"{name} of the second call": values for name, values in second.items()}
    if "dtype" in call:
        seen = narrow_to_float32(seen)
    changed = [name for name, values in before.items() if not np.allclose(arrays[name], values, rtol=1e-3, atol=0)]  # so that it shows
    return seen | {f"{name} after the call": arrays[name] for name in changed}
