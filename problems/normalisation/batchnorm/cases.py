"""The hidden suite of batch normalisation.

Inputs are drawn so that every quantity in the formula differs from 0, from 1 and from every other:
the batch's statistics are known and far from the running ones, gamma and beta have both signs.
"""

import numpy as np
import torch

from torch_judge.authoring import (
    ROUNDED_AT_THE_OFFSET,
    Tolerance,
    case,
    counterexample,
    draw_batch,
    gradients,
    require_gradients,
    signed,
    standard,
    tensor,
    upstream,
)

SUMMED_OVER_MANY_ROWS = Tolerance(relative=1e-4, of_scale=3e-5)
"""A sum of a thousand float32 numbers depends on the order in which they are added."""


def draw(rng, rows, features, dtype=torch.float32, scale=1.0):
    """Draw x, gamma, beta, running_mean and running_var, in the order in which a submission takes them."""
    return {
        "x": draw_batch(rng, rows, features, dtype, scale),
        "gamma": tensor(signed(rng, 1.2, 2.2, features), dtype),
        "beta": tensor(signed(rng, 0.4, 0.9, features), dtype),
        "running_mean": tensor(scale * signed(rng, 3.6, 5.4, features), dtype),
        "running_var": tensor(scale**2 * rng.uniform(6.5, 9.5, features), dtype),
    }


def running(tensors):
    """Return the running statistics as they are now."""
    return {name: tensors[name] for name in ("running_mean", "running_var")}


def copies(tensors):
    """Return the running statistics as they are now, safe from later updates."""
    return {name: tensors[name].detach().clone() for name in ("running_mean", "running_var")}


@case(
    rejects=[
        "running_statistics_in_training",
        "just_updated_running_statistics",
        "one_statistic_from_the_running_ones",
        "statistics_of_the_whole_tensor",
        "sum_for_mean",
        "gamma_forgotten",
        "beta_forgotten",
        "gamma_and_beta_swapped",
        "gamma_on_the_input",
        "beta_scaled_with_the_rest",
        "absolute_gamma",
        "one_plus_gamma",
        "divides_by_the_variance",
        "multiplies_by_the_deviation",
        "mean_not_subtracted",
        "returns_x_unchanged",
        "returns_zeros",
        "standardised_output_only",
        "returns_a_tuple",
        "returns_a_numpy_array",
        "rms_without_the_mean",
        "always_inference",
        "affine_before_normalising",
        "beta_divided_too",
        "deviation_for_variance",
        "sum_for_variance",
        "variance_not_divided",
    ]
)
def training_normalises_with_the_statistics_of_the_batch(my_batch_norm, rng):
    """In training, each feature is normalised with its own mean and biased variance over the rows, then scaled by
    gamma and shifted by beta.
    """
    tensors = draw(rng, rows=7, features=5)
    return {"output": my_batch_norm(*tensors.values(), eps=0.013, momentum=0.23, training=True)}


@case(
    rejects=[
        "reversed_momentum",
        "momentum_ignored",
        "unbiased_running_variance",
        "rebound_and_not_updated_in_place",
        "running_mean_never_updated",
        "running_variance_never_updated",
        "running_statistics_added_up",
        "running_deviation_for_variance",
        "running_mean_of_the_output",
        "running_variance_about_the_running_mean",
        "updated_twice",
        "momentum_on_the_batch_only",
        "running_statistics_swapped",
        "running_statistics_replaced",
        "second_moment_for_running_variance",
        "mean_updated_without_momentum",
        "cumulative_average",
        "training_means_frozen_statistics",
    ]
)
def training_updates_the_running_statistics_in_place(my_batch_norm, rng):
    """In training, running = (1 - momentum) * running + momentum * batch statistic, written into the tensors that
    were passed in, with the biased variance.
    """
    tensors = draw(rng, rows=5, features=4)
    my_batch_norm(*tensors.values(), eps=0.017, momentum=0.3, training=True)
    return running(tensors)


@case(
    rejects=[
        "batch_statistics_at_inference",
        "training_ignored",
        "batch_mean_at_inference",
        "batch_variance_at_inference",
        "running_variance_taken_for_a_deviation",
        "gamma_and_beta_at_training_only",
        "inference_corrects_the_bias_again",
    ]
)
def inference_normalises_with_the_running_statistics(my_batch_norm, rng):
    """At inference, the running mean and the running variance are used as they are; the batch's own statistics
    play no part.
    """
    tensors = draw(rng, rows=6, features=3)
    return {"output": my_batch_norm(*tensors.values(), eps=0.19, momentum=0.41, training=False)}


@case(rejects=["running_statistics_updated_at_inference", "running_variance_rooted_in_place", "updates_before_the_mode_is_known"])
def inference_leaves_the_running_statistics_alone(my_batch_norm, rng):
    """At inference, running_mean and running_var come back exactly as they were."""
    tensors = draw(rng, rows=4, features=3)
    my_batch_norm(*tensors.values(), eps=0.11, momentum=0.37, training=False)
    return running(tensors)


@case(rejects=["training_defaults_to_false"])
def a_call_without_training_is_a_training_call(my_batch_norm, rng):
    """When training is not given, it is True."""
    tensors = draw(rng, rows=5, features=3)
    output = my_batch_norm(*tensors.values(), eps=0.029, momentum=0.21)
    return {"output": output, **running(tensors)}


@case(rejects=["momentum_defaults_to_0_9", "momentum_defaults_to_0_01"])
def momentum_is_a_tenth_when_it_is_not_given(my_batch_norm, rng):
    """When momentum is not given, it is 0.1: a tenth of the new, nine tenths of the old."""
    tensors = draw(rng, rows=5, features=2)
    my_batch_norm(*tensors.values(), eps=0.023, training=True)
    return running(tensors)


@case(rejects=["eps_missing", "eps_defaults_to_1e_3", "eps_defaults_to_1e_8", "variance_clamped_at_eps", "eps_added_to_the_input"])
def eps_has_its_default_when_it_is_not_given(my_batch_norm, rng):
    """When eps is not given, it is 1e-5, which matters for features that hardly vary."""
    tensors = draw(rng, rows=6, features=4, scale=0.003)
    return {
        "training": my_batch_norm(*tensors.values(), momentum=0.31, training=True),
        "inference": my_batch_norm(*tensors.values(), momentum=0.31, training=False),
    }


@case(rejects=["eps_outside_the_root", "eps_argument_ignored", "eps_squared", "eps_counted_twice", "eps_subtracted"])
def eps_is_added_to_the_variance_inside_the_root_in_training(my_batch_norm, rng):
    """The divisor is sqrt(variance + eps), with the eps that was passed in: not sqrt(variance) + eps."""
    tensors = draw(rng, rows=9, features=4)
    return {"output": my_batch_norm(*tensors.values(), eps=float(rng.uniform(1.3, 2.4)), momentum=0.17, training=True)}


@case(rejects=["eps_outside_the_root_at_inference", "eps_missing_at_inference", "eps_ignored_at_inference"])
def eps_is_added_to_the_variance_inside_the_root_at_inference(my_batch_norm, rng):
    """At inference too, the divisor is sqrt(variance + eps), with the eps that was passed in."""
    tensors = draw(rng, rows=3, features=4)
    return {"output": my_batch_norm(*tensors.values(), eps=float(rng.uniform(1.3, 2.4)), momentum=0.17, training=False)}


@case(rejects=["eps_in_the_running_variance", "running_variance_clamped"])
def eps_stays_out_of_the_running_variance(my_batch_norm, rng):
    """The running variance averages the variance itself, however small it is; eps belongs to the divisor only."""
    tensors = draw(rng, rows=5, features=3, scale=0.05)
    my_batch_norm(*tensors.values(), eps=0.7, momentum=0.34, training=True)
    return running(tensors)


@case(rejects=["zero_momentum_taken_for_none", "momentum_kept_in_bounds"])
def momentum_may_be_0_or_1(my_batch_norm, rng):
    """With momentum 0 the running statistics stay as they are, with momentum 1 the batch's statistics replace
    them.
    """
    tensors = draw(rng, rows=6, features=3)
    my_batch_norm(*tensors.values(), eps=0.019, momentum=0.0, training=True)
    kept = copies(tensors)
    my_batch_norm(*tensors.values(), eps=0.019, momentum=1.0, training=True)
    return {"momentum 0": kept, "momentum 1": running(tensors)}


@case(
    rejects=[
        "statistics_detached",
        "mean_detached",
        "output_detached",
        "input_detached",
        "gamma_detached",
        "beta_detached",
        "straight_through_backward",
        "wrong_backward_forgets_gamma",
        "wrong_backward_gamma_averaged_over_the_batch",
        "wrong_backward_sign",
    ]
)
def gradients_flow_to_x_gamma_and_beta_in_training(my_batch_norm, rng):
    """In training, x, gamma and beta get their full gradients, also through the batch's mean and variance, which
    depend on x.
    """
    tensors = draw(rng, rows=7, features=4)
    inputs = require_gradients(tensors, "x", "gamma", "beta")
    output = my_batch_norm(*tensors.values(), eps=0.21, momentum=0.27, training=True)
    return {"output": output, **gradients(output, inputs, upstream(rng, tensors["x"]))}


@case(rejects=["no_gradient_at_inference", "wrong_backward_at_inference", "gamma_detached_at_inference"])
def gradients_flow_to_x_gamma_and_beta_at_inference(my_batch_norm, rng):
    """At inference the result is still differentiable; the running statistics are constants there."""
    tensors = draw(rng, rows=4, features=3)
    inputs = require_gradients(tensors, "x", "gamma", "beta")
    output = my_batch_norm(*tensors.values(), eps=0.17, momentum=0.27, training=False)
    return {"output": output, **gradients(output, inputs, upstream(rng, tensors["x"]))}


@case(rejects=["only_the_variance_detached", "eps_forgotten_in_the_backward"])
def gradients_are_right_for_features_that_hardly_vary(my_batch_norm, rng):
    """Where the variance is about as small as eps, the gradient through the variance and its eps still counts."""
    tensors = draw(rng, rows=8, features=3, scale=0.003)
    inputs = require_gradients(tensors, "x", "gamma", "beta")
    output = my_batch_norm(*tensors.values(), momentum=0.33, training=True)
    return gradients(output, inputs, upstream(rng, tensors["x"]))


@case(rejects=["root_squared_again"])
def gradients_are_finite_for_constant_features(my_batch_norm, rng):
    """A feature that is the same in every row has variance 0: the root of it has no gradient, the root of variance
    + eps has.
    """
    tensors = draw(rng, rows=8, features=3)
    tensors["x"][:, 1] = float(rng.integers(1, 4)) / 16
    inputs = require_gradients(tensors, "x", "gamma", "beta")
    output = my_batch_norm(*tensors.values(), eps=0.002, momentum=0.33, training=True)
    return gradients(output, inputs, upstream(rng, tensors["x"]))


@case(rejects=["constant_features_skipped", "zero_variance_becomes_one"])
def constant_features_become_beta(my_batch_norm, rng):
    """A feature that is the same in every row comes out as its beta, and its variance 0 enters the running
    variance.
    """
    tensors = draw(rng, rows=8, features=3)
    tensors["x"][:, [0, 2]] = tensor(rng.integers(1, 4, 2) / 16)
    output = my_batch_norm(*tensors.values(), eps=0.003, momentum=0.29, training=True)
    return {"output": output, **running(tensors)}


@case(rejects=["single_row_normalised_with_running_statistics", "single_row_not_recorded"])
def a_batch_of_one_row_is_a_batch(my_batch_norm, rng):
    """With one row in training, the mean is the row itself and the variance is 0; both enter the running
    statistics.
    """
    tensors = draw(rng, rows=1, features=3)
    output = my_batch_norm(*tensors.values(), eps=0.043, momentum=0.26, training=True)
    return {"output": output, **running(tensors)}


@case(rejects=["unbiased_variance_in_the_normaliser", "unbiased_variance_everywhere", "unbiased_in_small_batches"])
def two_rows_share_a_variance_divided_by_two(my_batch_norm, rng):
    """The variance is divided by N, not by N - 1; with two rows that is a factor of two."""
    tensors = draw(rng, rows=2, features=3)
    output = my_batch_norm(*tensors.values(), eps=0.31, momentum=0.24, training=True)
    return {"output": output, **running(tensors)}


@case(rejects=["squeezed_output"])
def a_single_feature_keeps_its_dimension(my_batch_norm, rng):
    """With D = 1 the result still has shape (N, 1), and the running statistics shape (1,)."""
    tensors = draw(rng, rows=3, features=1)
    output = my_batch_norm(*tensors.values(), eps=0.14, momentum=0.22, training=True)
    inference = my_batch_norm(*tensors.values(), eps=0.14, momentum=0.22, training=False)
    return {"training": output, "inference": inference, **running(tensors)}


@case(rejects=["wrong_axis", "wrong_axis_for_square_batches", "variance_over_the_wrong_axis"])
def a_square_batch_is_normalised_over_its_rows(my_batch_norm, rng):
    """With N = D a wrong axis breaks no shape, only the values: the statistics run over the rows, gamma and beta
    along the features.
    """
    tensors = draw(rng, rows=4, features=4)
    output = my_batch_norm(*tensors.values(), eps=0.12, momentum=0.19, training=True)
    inference = my_batch_norm(*tensors.values(), eps=0.12, momentum=0.19, training=False)
    return {"training": output, "inference": inference, **running(tensors)}


@case(rejects=["float64_result_for_float32_input", "running_statistics_turned_into_float64"])
def float32_in_gives_float32_out(my_batch_norm, rng):
    """The result has the dtype of x, and the running statistics keep theirs."""
    tensors = draw(rng, rows=5, features=3)
    training = my_batch_norm(*tensors.values(), eps=0.15, momentum=0.28, training=True)
    inference = my_batch_norm(*tensors.values(), eps=0.15, momentum=0.28, training=False)
    return {"training": training, "inference": inference, **running(tensors)}


@case(rejects=["float32_inside", "float16_inside", "float32_result_for_float64_input", "float32_constants"])
def float64_in_gives_float64_out(my_batch_norm, rng):
    """float64 tensors are computed in float64, in both modes and in the gradients, and nothing is rounded to
    float32 on the way.
    """
    tensors = draw(rng, rows=6, features=3, dtype=torch.float64)
    inputs = require_gradients(tensors, "x", "gamma", "beta")
    training = my_batch_norm(*tensors.values(), eps=0.18, momentum=0.32, training=True)
    found = gradients(training, inputs, upstream(rng, tensors["x"]))
    inference = my_batch_norm(*tensors.values(), eps=0.18, momentum=0.32, training=False)
    return {"training": training, "inference": inference, **running(tensors), **found}


@case(rejects=["mean_of_squares_minus_square_of_mean"], tolerance=ROUNDED_AT_THE_OFFSET)
def a_large_offset_does_not_drown_the_variance(my_batch_norm, rng):
    """Features may lie far from zero: the variance must come from the deviations, or float32 rounds it away."""
    tensors = draw(rng, rows=16, features=3)
    deviations = np.round(64 * rng.uniform(0.3, 0.6, 3) * standard(rng, (16, 3), over=0)) / 64
    tensors["x"] = tensor(4096 + deviations)
    tensors["running_var"] = tensor(rng.uniform(0.5, 0.8, 3))
    output = my_batch_norm(*tensors.values(), eps=0.021, momentum=0.43, training=True)
    return {"output": output, "running_var": tensors["running_var"]}


@case(rejects=["x_centred_in_place", "gamma_changed_in_place", "beta_changed_in_place", "output_written_into_x"])
def training_leaves_its_inputs_unchanged(my_batch_norm, rng):
    """x, gamma and beta belong to the caller: only the running statistics may be changed."""
    tensors = draw(rng, rows=5, features=3)
    output = my_batch_norm(*tensors.values(), eps=0.16, momentum=0.36, training=True)
    return {"output": output, **{name: tensors[name] for name in ("x", "gamma", "beta")}}


@case(rejects=["x_changed_in_place_at_inference", "gamma_folded_in_place_at_inference"])
def inference_leaves_its_inputs_unchanged(my_batch_norm, rng):
    """At inference nothing that was passed in may be changed."""
    tensors = draw(rng, rows=3, features=5)
    output = my_batch_norm(*tensors.values(), eps=0.16, momentum=0.36, training=False)
    return {"output": output, **tensors}


@case(rejects=["running_statistics_keep_the_graph", "running_variance_keeps_the_graph"])
def the_running_statistics_carry_no_graph(my_batch_norm, rng):
    """The running statistics are buffers: after a training call they must not require gradients, or each step
    would hold on to all steps before it.
    """
    tensors = draw(rng, rows=4, features=3)
    require_gradients(tensors, "x", "gamma", "beta")
    my_batch_norm(*tensors.values(), eps=0.16, momentum=0.36, training=True)
    return {f"{name}.requires_grad": value.requires_grad for name, value in running(tensors).items()} | running(tensors)


@case(rejects=["statistics_remembered_from_the_first_call", "momentum_decays", "output_buffer_used_again"])
def steps_follow_each_other_and_inference_follows_them(my_batch_norm, rng):
    """Each training step starts from the running statistics that the step before left, and inference uses the
    latest; results returned earlier stay as they were.
    """
    tensors = draw(rng, rows=20, features=3)
    seen = []
    for training, batch in zip((True, True, False, True, False), tensors["x"].split(4), strict=True):
        tensors["x"] = batch
        output = my_batch_norm(*tensors.values(), eps=0.13, momentum=0.38, training=training)
        seen.append({"output": output, **copies(tensors)})
    return {"steps": seen}


@case(rejects=["one_pair_of_statistics_for_all_layers"])
def two_layers_keep_their_own_statistics(my_batch_norm, rng):
    """All that is remembered between calls is in the running statistics that are passed in: two layers never share
    any.
    """
    layers = [draw(rng, rows=3, features=4), draw(rng, rows=3, features=4)]
    for training in (True, False):
        for tensors in layers:
            tensors["output"] = my_batch_norm(*list(tensors.values())[:5], eps=0.13, momentum=0.38, training=training)
    return [{"output": tensors["output"], **running(tensors)} for tensors in layers]


@case(rejects=["memory_order_for_logical_order"])
def a_transposed_view_is_read_by_its_indices(my_batch_norm, rng):
    """x may be a view whose rows do not lie one after another in memory."""
    tensors = draw(rng, rows=3, features=5)
    tensors["x"] = tensors["x"].t().contiguous().t()
    training = my_batch_norm(*tensors.values(), eps=0.22, momentum=0.33, training=True)
    inference = my_batch_norm(*tensors.values(), eps=0.22, momentum=0.33, training=False)
    return {"training": training, "inference": inference, **running(tensors)}


@case(rejects=["no_grad_taken_for_inference", "requires_grad_taken_for_training"])
def training_under_no_grad_is_still_training(my_batch_norm, rng):
    """The argument training decides, and nothing else: under torch.no_grad() too, a training call uses and records
    the batch's statistics.
    """
    tensors = draw(rng, rows=5, features=3)
    with torch.no_grad():
        output = my_batch_norm(*tensors.values(), eps=0.24, momentum=0.35, training=True)
    return {"output": output, **running(tensors)}


@case(rejects=["statistics_of_the_first_rows_only", "ghost_batches", "normalised_values_clamped"], tolerance=SUMMED_OVER_MANY_ROWS)
def a_large_batch_with_outliers_is_one_batch(my_batch_norm, rng):
    """A thousand rows, two of them far out, are one batch like any other: nothing is cut off, split up or clamped."""
    tensors = draw(rng, rows=1100, features=3)
    tensors["x"][rng.integers(0, 1000, 2)] *= 40.0
    output = my_batch_norm(*tensors.values(), eps=0.17, momentum=0.39, training=True)
    return {"output": output, **running(tensors)}


@case(rejects=["features_beyond_the_sixteenth_forgotten", "normalised_values_clamped"])
def many_features_and_numbers_far_out_change_nothing(my_batch_norm, rng):
    """Each of many features has its own statistics, and a row that lies far out is normalised like the others."""
    tensors = draw(rng, rows=3, features=37)
    training = my_batch_norm(*tensors.values(), eps=0.17, momentum=0.39, training=True)
    tensors["x"] = 50 * tensors["x"]
    inference = my_batch_norm(*tensors.values(), eps=0.17, momentum=0.39, training=False)
    return {"training": training, "inference": inference, **running(tensors)}


@case(rejects=["copies_of_the_statistics_updated"])
def parameters_and_statistics_need_not_lie_side_by_side(my_batch_norm, rng):
    """gamma, beta and the running statistics may have gaps in memory, as a column has: what is updated is the caller's tensor."""
    tensors = draw(rng, rows=4, features=3)
    spread = {
        name: torch.empty_strided((3,), (2,), dtype=torch.float32).copy_(tensors[name])
        for name in ("gamma", "beta", "running_mean", "running_var")
    }
    output = my_batch_norm(tensors["x"], *spread.values(), eps=0.26, momentum=0.42, training=True)
    return {"output": output, **running(spread)}


@case(rejects=["calls_remembered"])
def the_same_batch_counts_each_time(my_batch_norm, rng):
    """A call with the very tensors of the call before is a step of its own: the statistics move once more."""
    tensors = draw(rng, rows=4, features=2)
    for _ in range(3):
        output = my_batch_norm(*tensors.values(), eps=0.26, momentum=0.42, training=True)
    return {"output": output, **running(tensors)}


def small_call(draw):
    """Draw one small call, as plain as the first call of a new layer but for what has to differ."""
    inference, offset, upstream, second = draw.boolean(), draw.choice((0, 1024)), draw.boolean(), draw.boolean()
    rows, features = draw.integer(1, 3), draw.integer(1, 2)
    dtype = torch.float64 if upstream else torch.float32  # gradients cancel, which float32 does not survive
    call = {
        "x": tensor(offset + draw.array((rows, features), -3, 4), dtype),
        "gamma": tensor(draw.array(features, -2, 3, plainest=1), dtype),
        "beta": tensor(draw.array(features, -2, 3), dtype),
        "running_mean": tensor(draw.array(features, -2, 3), dtype),
        "running_var": tensor(draw.array(features, 0.5, 4, plainest=1), dtype),
    }
    for name, values in {"eps": (None, 0.5, 1.0), "momentum": (None, 0.5, 0.0, 1.0)}.items():
        if (value := draw.choice(values)) is not None:
            call[name] = value
    if inference:
        call["training"] = False
    if second:
        call["x of a second call"] = tensor(draw.array((rows, features), -3, 4), dtype)
    if upstream:
        call["upstream gradient"] = tensor(draw.array((rows, features), -2, 3, plainest=1), dtype)
        call["dtype"] = "float64"
    return call


@counterexample(inputs=small_call, tolerance=Tolerance(relative=1e-3, of_scale=1e-3))
def answers_to_a_small_call(my_batch_norm, call):
    """What the call returns, leaves in the running statistics, sends back, and changes that is not its own."""
    tensors = {name: call[name] for name in ("x", "gamma", "beta", "running_mean", "running_var")}
    options = {name: call[name] for name in ("eps", "momentum", "training") if name in call}
    before = {name: tensors[name].clone() for name in ("x", "gamma", "beta")}
    inputs = require_gradients(tensors, "x", "gamma", "beta") if "upstream gradient" in call else {}
    output = my_batch_norm(*tensors.values(), **options)
    seen = {"output": output}
    if inputs:
        seen |= gradients(output, inputs, call["upstream gradient"])
    if "x of a second call" in call:
        seen["output of the second call"] = my_batch_norm(call["x of a second call"], *list(tensors.values())[1:], **options)
    seen |= running(tensors)
    seen |= {f"{name}.requires_grad": True for name, value in running(tensors).items() if value.requires_grad}
    return seen | {f"{name} after the call": tensors[name] for name, value in before.items() if not torch.equal(tensors[name], value)}
