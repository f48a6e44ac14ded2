"""The hidden suite of the NumPy forward pass of batch normalisation.

Inputs are drawn so that every quantity in the formula differs from 0, from 1 and from every other:
the batch's statistics are known and far from the running ones, gamma and beta have both signs.
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

NAMES = ("output", "new_running_mean", "new_running_var")


def draw(rng, rows, features, dtype=np.float64, scale=1.0):
    """Draw x, gamma, beta, running_mean and running_var, in the order in which a submission takes them."""
    spread = scale * rng.uniform(1.3, 2.3, features)
    centre = scale * signed(rng, 1.1, 2.9, features)
    drawn = {
        "x": centre + spread * standard(rng, (rows, features), over=0),
        "gamma": signed(rng, 1.2, 2.2, features),
        "beta": signed(rng, 0.4, 0.9, features),
        "running_mean": scale * signed(rng, 3.6, 5.4, features),
        "running_var": scale**2 * rng.uniform(6.5, 9.5, features),
    }
    return {name: values.astype(dtype) for name, values in drawn.items()}


def named(result):
    """Give the three results the names that a learner reads."""
    return name_arrays(result, NAMES)


def statistics(result):
    """Return the second and the third result."""
    return {name: value for name, value in named(result).items() if name != "output"}


def output(result):
    """Return the first result."""
    return named(result)["output"]


@case(
    rejects=[
        "running_statistics_in_training",
        "just_updated_running_statistics",
        "statistics_of_the_whole_array",
        "gamma_forgotten",
        "beta_forgotten",
        "gamma_and_beta_swapped",
        "beta_scaled_with_the_rest",
        "absolute_gamma",
        "divides_by_the_variance",
        "mean_not_subtracted",
        "returns_the_output_alone",
        "returns_lists_of_numbers",
        "rms_without_the_mean",
        "always_inference",
        "affine_before_normalising",
        "sum_for_variance",
        "rounded_to_four_decimals",
        "computed_in_float32",
    ]
)
def training_normalises_with_the_statistics_of_the_batch(batchnorm_forward, rng):
    """In training, each feature is normalised with its own mean and biased variance over the rows, then scaled by
    gamma and shifted by beta.
    """
    arrays = draw(rng, rows=7, features=5)
    return {"output": output(batchnorm_forward(*arrays.values(), eps=0.013, momentum=0.23, is_training=True))}


@case(
    rejects=[
        "reversed_momentum",
        "momentum_ignored",
        "unbiased_running_variance",
        "running_statistics_not_updated",
        "running_variance_not_updated",
        "statistics_of_the_batch_returned",
        "running_statistics_added_up",
        "running_deviation_for_variance",
        "running_mean_of_the_output",
        "running_variance_about_the_running_mean",
        "mean_and_variance_returned_in_the_wrong_order",
        "statistics_keep_two_dimensions",
    ]
)
def training_returns_the_updated_running_statistics(batchnorm_forward, rng):
    """In training, the second and third result are (1 - momentum) * running + momentum * batch statistic, with the
    biased variance.
    """
    arrays = draw(rng, rows=5, features=4)
    return statistics(batchnorm_forward(*arrays.values(), eps=0.017, momentum=0.3, is_training=True))


@case(
    rejects=[
        "batch_statistics_at_inference",
        "is_training_ignored",
        "batch_mean_at_inference",
        "running_variance_taken_for_a_deviation",
        "gamma_and_beta_in_training_only",
        "inference_corrects_the_bias",
    ]
)
def inference_normalises_with_the_running_statistics(batchnorm_forward, rng):
    """At inference, the running mean and the running variance are used as they are; the batch's own statistics
    play no part.
    """
    arrays = draw(rng, rows=6, features=3)
    return {"output": output(batchnorm_forward(*arrays.values(), eps=0.19, momentum=0.41, is_training=False))}


@case(
    rejects=[
        "running_statistics_updated_at_inference",
        "no_statistics_returned_at_inference",
    ]
)
def inference_returns_the_running_statistics_as_given(batchnorm_forward, rng):
    """At inference, the second and third result are running_mean and running_var, exactly as they were given."""
    arrays = draw(rng, rows=4, features=3)
    return statistics(batchnorm_forward(*arrays.values(), eps=0.11, momentum=0.37, is_training=False))


@case(rejects=["is_training_defaults_to_false"])
def a_call_without_is_training_is_a_training_call(batchnorm_forward, rng):
    """When is_training is not given, it is True."""
    arrays = draw(rng, rows=5, features=3)
    return named(batchnorm_forward(*arrays.values(), eps=0.029, momentum=0.21))


@case(rejects=["momentum_defaults_to_0_9"])
def momentum_is_a_tenth_when_it_is_not_given(batchnorm_forward, rng):
    """When momentum is not given, it is 0.1: a tenth of the new, nine tenths of the old."""
    arrays = draw(rng, rows=5, features=2)
    return statistics(batchnorm_forward(*arrays.values(), eps=0.023, is_training=True))


@case(rejects=["eps_missing", "eps_defaults_to_1e_3", "variance_raised_to_eps"])
def eps_has_its_default_when_it_is_not_given(batchnorm_forward, rng):
    """When eps is not given, it is 1e-5, which matters for features that hardly vary."""
    arrays = draw(rng, rows=6, features=4, scale=0.003)
    return {
        "training": output(batchnorm_forward(*arrays.values(), momentum=0.31, is_training=True)),
        "inference": output(batchnorm_forward(*arrays.values(), momentum=0.31, is_training=False)),
    }


@case(rejects=["eps_outside_the_root", "eps_argument_ignored"])
def eps_is_added_to_the_variance_inside_the_root_in_training(batchnorm_forward, rng):
    """The divisor is sqrt(variance + eps), with the eps that was passed in: not sqrt(variance) + eps."""
    arrays = draw(rng, rows=9, features=4)
    eps = float(rng.uniform(1.3, 2.4))
    return {"output": output(batchnorm_forward(*arrays.values(), eps=eps, momentum=0.17, is_training=True))}


@case(rejects=["eps_outside_the_root_at_inference", "eps_missing_at_inference"])
def eps_is_added_to_the_variance_inside_the_root_at_inference(batchnorm_forward, rng):
    """At inference too, the divisor is sqrt(variance + eps), with the eps that was passed in."""
    arrays = draw(rng, rows=3, features=4)
    eps = float(rng.uniform(1.3, 2.4))
    return {"output": output(batchnorm_forward(*arrays.values(), eps=eps, momentum=0.17, is_training=False))}


@case(rejects=["eps_in_the_running_variance"])
def eps_stays_out_of_the_running_variance(batchnorm_forward, rng):
    """The running variance averages the variance itself, however small it is; eps belongs to the divisor only."""
    arrays = draw(rng, rows=5, features=3, scale=0.05)
    return statistics(batchnorm_forward(*arrays.values(), eps=0.7, momentum=0.34, is_training=True))


@case(rejects=["zero_momentum_taken_for_none", "momentum_kept_in_bounds", "momentum_of_zero_taken_for_inference"])
def momentum_may_be_0_or_1(batchnorm_forward, rng):
    """With momentum 0 the running statistics stay as they are, with momentum 1 the batch's statistics replace
    them; the output is that of training with any momentum.
    """
    arrays = draw(rng, rows=6, features=3)
    return {
        "momentum 0": named(batchnorm_forward(*arrays.values(), eps=0.019, momentum=0.0, is_training=True)),
        "momentum 1": named(batchnorm_forward(*arrays.values(), eps=0.019, momentum=1.0, is_training=True)),
    }


@case(rejects=["constant_features_skipped", "zero_variance_becomes_one"])
def constant_features_become_beta(batchnorm_forward, rng):
    """A feature that is the same in every row comes out as its beta, and its variance 0 enters the running
    variance.
    """
    arrays = draw(rng, rows=8, features=3)
    arrays["x"][:, [0, 2]] = rng.integers(1, 4, 2) / 16
    return named(batchnorm_forward(*arrays.values(), eps=0.003, momentum=0.29, is_training=True))


@case(rejects=["single_row_normalised_with_running_statistics"])
def a_batch_of_one_row_is_a_batch(batchnorm_forward, rng):
    """With one row in training, the mean is the row itself and the variance is 0; both enter the running
    statistics.
    """
    arrays = draw(rng, rows=1, features=3)
    return named(batchnorm_forward(*arrays.values(), eps=0.043, momentum=0.26, is_training=True))


@case(rejects=["single_row_becomes_beta_at_inference"])
def one_row_at_inference_is_compared_with_the_running_mean(batchnorm_forward, rng):
    """A single row at inference comes out as it would among others: the running statistics decide."""
    arrays = draw(rng, rows=1, features=4)
    return named(batchnorm_forward(*arrays.values(), eps=0.27, momentum=0.28, is_training=False))


@case(rejects=["running_variance_of_zero_becomes_one"])
def a_running_variance_may_be_0(batchnorm_forward, rng):
    """Where the running variance is 0, the divisor at inference is sqrt(eps), like anywhere else."""
    arrays = draw(rng, rows=3, features=4)
    arrays["running_var"][rng.integers(4)] = 0.0
    return {"output": output(batchnorm_forward(*arrays.values(), eps=0.061, momentum=0.32, is_training=False))}


@case(rejects=["unbiased_variance_in_the_divisor", "unbiased_variance_everywhere"])
def two_rows_share_a_variance_divided_by_two(batchnorm_forward, rng):
    """The variance is divided by N, not by N - 1; with two rows that is a factor of two."""
    arrays = draw(rng, rows=2, features=3)
    return named(batchnorm_forward(*arrays.values(), eps=0.31, momentum=0.24, is_training=True))


@case(rejects=["squeezed_results"])
def a_single_feature_keeps_its_dimension(batchnorm_forward, rng):
    """With D = 1 the output still has shape (N, 1), and the running statistics shape (1,)."""
    arrays = draw(rng, rows=3, features=1)
    return {
        "training": named(batchnorm_forward(*arrays.values(), eps=0.14, momentum=0.22, is_training=True)),
        "inference": named(batchnorm_forward(*arrays.values(), eps=0.14, momentum=0.22, is_training=False)),
    }


@case(rejects=["wrong_axis", "wrong_axis_for_square_batches"])
def a_square_batch_is_normalised_over_its_rows(batchnorm_forward, rng):
    """With N = D a wrong axis breaks no shape, only the values: the statistics run over the rows, gamma and beta
    along the features.
    """
    arrays = draw(rng, rows=4, features=4)
    return {
        "training": named(batchnorm_forward(*arrays.values(), eps=0.12, momentum=0.19, is_training=True)),
        "inference": named(batchnorm_forward(*arrays.values(), eps=0.12, momentum=0.19, is_training=False)),
    }


@case(rejects=["mean_of_squares_minus_square_of_mean", "half_precision_results"], tolerance=ROUNDED_AT_THE_OFFSET)
def a_large_offset_does_not_drown_the_variance(batchnorm_forward, rng):
    """Features may lie far from zero: the variance must come from the deviations, or float32 rounds it away."""
    arrays = draw(rng, rows=16, features=3, dtype=np.float32)
    deviations = np.round(64 * rng.uniform(0.3, 0.6, 3) * standard(rng, (16, 3), over=0)) / 64
    arrays["x"] = (4096 + deviations).astype(np.float32)
    arrays["running_var"] = rng.uniform(0.5, 0.8, 3).astype(np.float32)
    result = narrow_to_float32(named(batchnorm_forward(*arrays.values(), eps=0.021, momentum=0.43, is_training=True)))
    return {name: result[name] for name in ("output", "new_running_var")}


@case(
    rejects=[
        "x_centred_in_place",
        "output_written_into_x",
        "running_statistics_updated_in_place",
        "gamma_changed_in_place",
        "beta_changed_in_place",
    ]
)
def training_leaves_its_inputs_unchanged(batchnorm_forward, rng):
    """All five arrays belong to the caller: also the running statistics, whose new values are returned."""
    arrays = draw(rng, rows=5, features=3)
    result = named(batchnorm_forward(*arrays.values(), eps=0.16, momentum=0.36, is_training=True))
    return {"output": result["output"], **arrays}


@case(rejects=["x_changed_in_place_at_inference", "gamma_folded_in_place_at_inference"])
def inference_leaves_its_inputs_unchanged(batchnorm_forward, rng):
    """At inference nothing that was passed in may be changed."""
    arrays = draw(rng, rows=3, features=5)
    result = named(batchnorm_forward(*arrays.values(), eps=0.16, momentum=0.36, is_training=False))
    return {"output": result["output"], **arrays}


@case(rejects=["momentum_decays", "output_buffer_used_again", "statistics_buffer_used_again"])
def steps_follow_each_other_and_inference_follows_them(batchnorm_forward, rng):
    """Each step starts from the running statistics that the step before returned; what was returned earlier stays
    as it was.
    """
    arrays = draw(rng, rows=20, features=3)
    steps = []
    for training, batch in zip((True, True, False, True, False), np.split(arrays["x"], 5), strict=True):
        arrays["x"] = batch
        result = named(batchnorm_forward(*arrays.values(), eps=0.13, momentum=0.38, is_training=training))
        arrays |= {"running_mean": result["new_running_mean"], "running_var": result["new_running_var"]}
        steps.append(result)
    return {"steps": steps}


@case(rejects=["one_pair_of_statistics_for_all_layers"])
def two_layers_keep_their_own_statistics(batchnorm_forward, rng):
    """The running statistics that are passed in are the ones that count: two layers never share any."""
    layers = [draw(rng, rows=3, features=4), draw(rng, rows=3, features=4)]
    return [
        named(batchnorm_forward(*arrays.values(), eps=0.13, momentum=0.38, is_training=training))
        for training in (True, False)
        for arrays in layers
    ]


@case(rejects=["results_remembered_by_identity"])
def an_array_that_was_filled_again_is_read_again(batchnorm_forward, rng):
    """The same array with other numbers in it is another batch: no result may be remembered for it."""
    arrays = draw(rng, rows=4, features=2)
    first = named(batchnorm_forward(*arrays.values(), eps=0.26, momentum=0.42, is_training=True))
    arrays["x"][...] = draw(rng, rows=4, features=2)["x"]
    return {"first": first, "second": named(batchnorm_forward(*arrays.values(), eps=0.26, momentum=0.42, is_training=True))}


@case(rejects=["memory_order_for_logical_order", "gaps_in_memory_overlooked"])
def arrays_are_read_by_their_indices(batchnorm_forward, rng):
    """x may be a transposed view, and the other arrays may have gaps in memory, as a column has."""
    arrays = draw(rng, rows=3, features=5)
    arrays["x"] = arrays["x"].T.copy().T
    for name in ("gamma", "beta", "running_mean", "running_var"):
        column = np.zeros((5, 2))
        column[:, 0] = arrays[name]
        arrays[name] = column[:, 0]
    return {
        "training": named(batchnorm_forward(*arrays.values(), eps=0.22, momentum=0.33, is_training=True)),
        "inference": named(batchnorm_forward(*arrays.values(), eps=0.22, momentum=0.33, is_training=False)),
    }


@case(rejects=["ghost_batches", "normalised_values_clipped"])
def a_large_batch_with_outliers_is_one_batch(batchnorm_forward, rng):
    """A thousand rows, two of them far out, are one batch like any other: nothing is cut off, split up or clipped."""
    arrays = draw(rng, rows=1100, features=3)
    arrays["x"][rng.choice(1000, 2, replace=False)] = signed(rng, 55, 85, (2, 3))
    return named(batchnorm_forward(*arrays.values(), eps=0.17, momentum=0.39, is_training=True))


@case(rejects=["features_beyond_the_sixteenth_forgotten", "normalised_values_clipped"])
def many_features_and_numbers_far_out_change_nothing(batchnorm_forward, rng):
    """Each of many features has its own statistics, and a row that lies far out is normalised like the others."""
    arrays = draw(rng, rows=3, features=37)
    training = named(batchnorm_forward(*arrays.values(), eps=0.17, momentum=0.39, is_training=True))
    arrays["x"] = 50 * arrays["x"]
    return {"training": training, "inference": named(batchnorm_forward(*arrays.values(), eps=0.17, momentum=0.39, is_training=False))}


def small_call(draw):
    """Draw one small call, as plain as the first call of a new layer but for what has to differ."""
    inference, offset, second = draw.boolean(), draw.choice((0, 2048)), draw.boolean()
    rows, features = draw.integer(1, 2 if offset else 3), draw.integer(1, 2)  # the mean of two numbers is exact in float32
    dtype = np.float32 if offset else np.float64
    call = {
        "x": (offset + draw.array((rows, features), -3, 4)).astype(dtype),
        "gamma": draw.array(features, -2, 3, plainest=1).astype(dtype),
        "beta": draw.array(features, -2, 3).astype(dtype),
        "running_mean": draw.array(features, -2, 3).astype(dtype),
        "running_var": draw.array(features, 0, 4, plainest=1).astype(dtype),
    }
    for name, values in {"momentum": (None, 0.5, 0.0, 1.0), "eps": (0.5, 1.0) if offset else (None, 0.5, 1.0)}.items():
        if (value := draw.choice(values)) is not None:
            call[name] = value
    if inference:
        call["is_training"] = False
    if second:
        call["x of a second call"] = (offset + draw.array((rows, features), -3, 4)).astype(dtype)
    if offset:
        call["dtype"] = "float32"
    return call


@counterexample(inputs=small_call, tolerance=Tolerance(relative=4e-3, of_scale=4e-3))
def answers_to_a_small_call(batchnorm_forward, call):
    """What the call returns, also after a second one with what the first returned, and what it changes that is not its own."""
    arrays = {name: call[name] for name in ("x", "gamma", "beta", "running_mean", "running_var")}
    options = {name: call[name] for name in ("momentum", "eps", "is_training") if name in call}
    before = {name: values.copy() for name, values in arrays.items()}
    result = batchnorm_forward(*arrays.values(), **options)
    try:
        seen = named(result)
    except WrongAnswer:
        return {"result": result}
    if "x of a second call" in call:
        second = batchnorm_forward(call["x of a second call"], arrays["gamma"], arrays["beta"], *list(seen.values())[1:], **options)
        seen |= {f"{name} of the second call": values for name, values in named(second).items()}
    if "dtype" in call:
        seen = narrow_to_float32(seen)
    changed = [name for name, values in before.items() if not np.allclose(arrays[name], values, rtol=1e-3, atol=0)]  # so that it shows
    return seen | {f"{name} after the call": arrays[name] for name in changed}
