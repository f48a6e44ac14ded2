"""The hidden suite of group normalisation.

Inputs are drawn so that every channel of every sample has a mean and a deviation of its own: statistics over the
wrong numbers show. gamma and beta have both signs and differ from channel to channel.
"""

import dis

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
    tensor,
    upstream,
)

SUMMED_OVER_MANY = Tolerance(relative=1e-4, of_scale=3e-5)
"""A sum of thousands of float32 numbers depends on the order in which they are added."""


def draw(rng, *shape, groups, dtype=torch.float32, scale=1.0):
    """Draw x, gamma and beta, and return them with num_groups, in the order in which a submission takes them.

    x has four dimensions: those that `shape` does not name have the size 1.
    """
    shape = (*shape, 1, 1, 1)[:4]
    channels = shape[1]
    rows = (*shape[:2], *(1 for _ in shape[2:]))
    centre = scale * signed(rng, 0.7, 2.1, rows)
    spread = scale * rng.uniform(0.8, 2.9, rows)
    return {
        "x": tensor(centre + spread * rng.uniform(-1.7, 1.7, shape), dtype),
        "num_groups": groups,
        "gamma": tensor(signed(rng, 1.2, 2.2, channels), dtype),
        "beta": tensor(signed(rng, 0.4, 0.9, channels), dtype),
    }


def refusal(my_group_norm, x, num_groups, gamma, beta):
    """Say in words what becomes of a call that is to be refused."""
    try:
        returned = my_group_norm(x, num_groups, gamma, beta, eps=0.1)
    except Exception as error:
        return "a clear error" if raised_on_purpose(error) else f"{type(error).__name__} from the middle of the computation"
    if not isinstance(returned, torch.Tensor):
        return f"no error, {returned if returned is None else type(returned).__name__} is returned"
    return f"no error, a result that begins with {float(returned.detach().flatten()[0]):.3g}"


def raised_on_purpose(error):
    """Tell whether an error comes from a check, whatever its kind: an assertion too.

    What happens on the way, because a reshape does not fit, comes from no raise statement and speaks of shapes.
    """
    traceback = error.__traceback__
    while traceback.tb_next:
        traceback = traceback.tb_next
    last = dis.opname[traceback.tb_frame.f_code.co_code[traceback.tb_lasti]]
    return last == "RAISE_VARARGS" or any(word in str(error).lower() for word in ("group", "divi"))


@case(
    rejects=[
        "interleaved_groups",
        "channels_per_group_for_groups",
        "batch_normalisation",
        "instance_normalisation",
        "layer_normalisation",
        "channels_of_a_group_at_each_position",
        "groups_over_the_batch",
        "channel_variances_averaged",
        "gamma_forgotten",
        "beta_forgotten",
        "gamma_and_beta_swapped",
        "gamma_of_the_group",
        "one_plus_gamma",
        "affine_before_normalising",
        "affine_on_regrouped_channels",
        "beta_divided_too",
        "mean_not_subtracted",
        "divides_by_the_variance",
        "variance_not_divided",
        "sum_for_variance",
        "reshaped_back_in_another_order",
        "returns_x_unchanged",
        "returns_zeros",
        "returns_a_tuple",
        "returns_a_numpy_array",
    ]
)
def each_group_of_a_sample_has_its_own_mean_and_variance(my_group_norm, rng):
    """Each group of neighbouring channels is normalised over its channels and all positions, sample by sample; then
    each channel is scaled by its gamma and shifted by its beta.
    """
    return {"output": my_group_norm(*draw(rng, 5, 6, 4, 7, groups=2).values(), eps=0.013)}


@case(rejects=["channels_per_group_for_groups", "instance_normalisation"])
def one_group_is_all_of_a_sample(my_group_norm, rng):
    """With num_groups = 1, all numbers of a sample share one mean and one variance."""
    return {"output": my_group_norm(*draw(rng, 3, 5, 4, groups=1).values(), eps=0.017)}


@case(rejects=["single_channels_left_alone", "channels_per_group_for_groups", "layer_normalisation"])
def as_many_groups_as_channels_is_each_channel_by_itself(my_group_norm, rng):
    """With num_groups = C, every channel of every sample has its own mean and variance."""
    return {"output": my_group_norm(*draw(rng, 2, 5, 3, 4, groups=5).values(), eps=0.019)}


@case(rejects=["groups_remembered_from_the_first_call"])
def any_number_of_groups_that_divides_the_channels_will_do(my_group_norm, rng):
    """The same sample may be split into 1, 2, 3, 4, 6 or 12 groups, one call after the other."""
    call = draw(rng, 2, 12, 5, groups=None)
    return {f"{groups} groups": my_group_norm(*{**call, "num_groups": groups}.values(), eps=0.023) for groups in (3, 1, 6, 2, 12, 4)}


@case(rejects=["thirty_two_groups_where_they_fit"])
def many_channels_make_many_groups(my_group_norm, rng):
    """With 64 channels too, num_groups decides, and every group counts."""
    return {"output": my_group_norm(*draw(rng, 2, 64, 3, groups=16).values(), eps=0.029)}


@case(rejects=["affine_along_the_last_dimension_where_it_fits"])
def equal_sizes_do_not_hide_a_wrong_axis(my_group_norm, rng):
    """Where N, C, H and W are equally large, a wrong axis breaks no shape, only the values."""
    return {"output": my_group_norm(*draw(rng, 4, 4, 4, 4, groups=2).values(), eps=0.12)}


@case(rejects=["squeezed_output"])
def dimensions_of_size_1_are_kept(my_group_norm, rng):
    """One sample, one channel or one position is legal, and the result has the shape of x."""
    calls = (((1, 6, 5), 3), ((3, 1, 4), 1), ((2, 4, 1, 1), 2), ((1, 2), 1))
    return [my_group_norm(*draw(rng, *shape, groups=groups).values(), eps=0.43) for shape, groups in calls]


@case(rejects=["unbiased_variance", "single_numbers_left_alone"])
def a_group_of_one_number_becomes_beta(my_group_norm, rng):
    """With one position and num_groups = C, each group is one number: its mean is the number itself, its variance 0."""
    return {"output": my_group_norm(*draw(rng, 3, 4, groups=4).values(), eps=0.041)}


@case(rejects=["unbiased_variance", "unbiased_in_small_groups"])
def two_numbers_share_a_variance_divided_by_two(my_group_norm, rng):
    """The variance is divided by n, not by n - 1; with two numbers in a group that is a factor of two."""
    return {"output": my_group_norm(*draw(rng, 3, 6, groups=3).values(), eps=0.31)}


@case(
    rejects=[
        "indivisible_channels_go_through",
        "divisibility_of_all_numbers_checked",
        "chunks_make_fewer_groups",
        "remainder_left_as_it_is",
        "refused_with_none",
        "check_left_to_unflatten",
    ]
)
def channels_that_cannot_be_split_evenly_are_refused(my_group_norm, rng):
    """Where C is not divisible by num_groups, a clear error is raised, even if the numbers of a sample could be split
    into so many equal parts.
    """
    return {
        "6 channels in 4 groups": refusal(my_group_norm, *draw(rng, 2, 6, 10, groups=4).values()),
        "5 channels in 2 groups": refusal(my_group_norm, *draw(rng, 2, 5, 3, groups=2).values()),
        "7 channels in 3 groups": refusal(my_group_norm, *draw(rng, 3, 7, groups=3).values()),
    }


@case(rejects=["groups_limited_to_the_channels", "compares_instead_of_dividing"])
def more_groups_than_channels_are_refused(my_group_norm, rng):
    """Where num_groups is larger than C, a clear error is raised, also where it is a multiple of C."""
    return {
        "3 channels in 6 groups": refusal(my_group_norm, *draw(rng, 2, 3, 4, groups=6).values()),
        "4 channels in 5 groups": refusal(my_group_norm, *draw(rng, 3, 4, 5, groups=5).values()),
    }


@case(rejects=["eps_missing", "eps_defaults_to_1e_3", "variance_clamped_at_eps"])
def eps_has_its_default_when_it_is_not_given(my_group_norm, rng):
    """When eps is not given, it is 1e-5, which matters for groups that hardly vary."""
    return {"output": my_group_norm(*draw(rng, 3, 4, 5, groups=2, scale=0.002).values())}


@case(rejects=["eps_outside_the_root", "eps_argument_ignored", "eps_counted_twice", "eps_at_least_its_default"])
def eps_is_added_to_the_variance_inside_the_root(my_group_norm, rng):
    """The divisor is sqrt(variance + eps), with the eps that was passed in, large or small: not sqrt(variance) + eps."""
    large, small = draw(rng, 2, 6, 3, 2, groups=3), draw(rng, 2, 6, 3, 2, groups=3, scale=0.0005)
    return {
        "large eps": my_group_norm(*large.values(), eps=float(rng.uniform(1.3, 2.4))),
        "small eps": my_group_norm(*small.values(), eps=float(rng.uniform(1.3e-7, 2.4e-7))),
    }


@case(
    rejects=[
        "statistics_detached",
        "mean_detached",
        "variance_detached",
        "input_detached",
        "gamma_detached",
        "beta_detached",
        "output_detached",
        "wrong_backward_forgets_gamma",
        "wrong_backward_gamma_averaged_over_the_batch",
        "wrong_backward_of_one_channel",
        "returns_a_numpy_array",
    ]
)
def gradients_flow_to_x_gamma_and_beta(my_group_norm, rng):
    """x, gamma and beta get their full gradients, also through the mean and the variance, which depend on x."""
    call = draw(rng, 3, 6, 5, groups=2)
    inputs = require_gradients(call, "x", "gamma", "beta")
    output = my_group_norm(*call.values(), eps=0.21)
    return {"output": output, **gradients(output, inputs, upstream(rng, call["x"]))}


@case(rejects=["eps_forgotten_in_the_backward", "variance_detached"])
def gradients_are_right_for_groups_that_hardly_vary(my_group_norm, rng):
    """Where the variance is about as small as eps, the gradient depends on eps too."""
    call = draw(rng, 2, 4, 3, 2, groups=2, scale=0.002)
    inputs = require_gradients(call, "x", "gamma", "beta")
    return gradients(my_group_norm(*call.values()), inputs, upstream(rng, call["x"]))


@case(rejects=["root_squared_again", "eps_missing"])
def gradients_are_finite_for_constant_groups(my_group_norm, rng):
    """Where a group's numbers are all the same, the root of its variance has no gradient, the root of variance + eps
    has.
    """
    call = draw(rng, 2, 4, 4, groups=2)
    call["x"][1, 2:] = float(rng.integers(1, 4)) / 16
    inputs = require_gradients(call, "x", "gamma", "beta")
    return gradients(my_group_norm(*call.values(), eps=0.0023), inputs, upstream(rng, call["x"]))


@case(rejects=["constant_groups_skipped", "eps_missing"])
def a_constant_group_becomes_beta(my_group_norm, rng):
    """A group whose numbers are all the same comes out as the beta of each channel."""
    call = draw(rng, 3, 6, 4, groups=3)
    call["x"][0, :2] = float(rng.integers(1, 4)) / 16
    call["x"][2, 4:] = -float(rng.integers(1, 4)) / 16
    return {"output": my_group_norm(*call.values(), eps=0.0031)}


@case(rejects=["float64_result_for_float32_input"])
def float32_in_gives_float32_out(my_group_norm, rng):
    """The result has the dtype of x, with eps at its default too."""
    call = draw(rng, 2, 4, 3, groups=2)
    return {"given": my_group_norm(*call.values(), eps=0.15), "default": my_group_norm(*call.values())}


@case(rejects=["float32_inside", "float32_constants", "float32_result_for_float64_input", "statistics_in_float32"])
def float64_in_gives_float64_out(my_group_norm, rng):
    """float64 tensors are computed in float64, in the gradients too, and nothing is rounded to float32 on the way."""
    call = draw(rng, 2, 6, 5, groups=3, dtype=torch.float64)
    inputs = require_gradients(call, "x", "gamma", "beta")
    output = my_group_norm(*call.values(), eps=float(rng.uniform(2.3, 3.4)))
    return {"output": output, **gradients(output, inputs, upstream(rng, call["x"]))}


@case(rejects=["mean_of_squares_minus_square_of_mean"], tolerance=ROUNDED_AT_THE_OFFSET)
def a_large_offset_does_not_drown_the_variance(my_group_norm, rng):
    """Groups may lie far from zero: the variance must come from the deviations, or float32 rounds it away."""
    call = draw(rng, 2, 4, 8, groups=2)
    call["x"] = tensor(4096 + np.round(64 * rng.normal(scale=0.45, size=(2, 4, 8, 1))) / 64)
    return {"output": my_group_norm(*call.values(), eps=0.021)}


@case(rejects=["x_changed_in_place", "gamma_changed_in_place", "output_written_into_x"])
def the_inputs_come_back_unchanged(my_group_norm, rng):
    """x, gamma and beta belong to the caller: none may be changed, and the result is a new tensor."""
    call = draw(rng, 2, 6, 3, groups=2)
    output = my_group_norm(*call.values(), eps=0.16)
    return {"output": output, **call}


@case(rejects=["gaps_in_gamma_and_beta_ignored"])
def gamma_and_beta_may_have_gaps_in_memory(my_group_norm, rng):
    """gamma and beta may be columns of a matrix, whose numbers do not lie side by side."""
    call = draw(rng, 2, 6, 3, groups=3)
    columns = torch.stack([call["gamma"], call["beta"]], dim=1)
    call["gamma"], call["beta"] = columns[:, 0], columns[:, 1]
    return {"output": my_group_norm(*call.values(), eps=0.26)}


@case(rejects=["statistics_remembered_from_the_first_call", "output_buffer_used_again"])
def calls_know_nothing_of_each_other(my_group_norm, rng):
    """Other numbers of the same shape, and another eps, give another result; results returned earlier stay as they
    were.
    """
    return [my_group_norm(*draw(rng, 3, 4, 2, groups=2).values(), eps=eps) for eps in (0.13, 1.9, 0.6)]


@case(rejects=["calls_remembered"])
def tensors_are_read_at_every_call(my_group_norm, rng):
    """The same tensors may hold other numbers at the next call, as parameters do after each step of training."""
    call, later = draw(rng, 2, 4, 3, groups=2), draw(rng, 2, 4, 3, groups=2)
    before = my_group_norm(*call.values(), eps=0.27)
    for name in ("x", "gamma", "beta"):
        call[name].copy_(later[name])
    return {"before": before, "after": my_group_norm(*call.values(), eps=0.27)}


@case(rejects=["first_positions_only", "normalised_values_clamped"], tolerance=SUMMED_OVER_MANY)
def large_groups_with_outliers_count_in_full(my_group_norm, rng):
    """All of a thousand positions enter the statistics, and a number far out is normalised like the others."""
    call = draw(rng, 2, 4, 29, 37, groups=2)
    call["x"][1, 3, rng.integers(20, 29), rng.integers(37)] = 700.0
    return {"output": my_group_norm(*call.values(), eps=0.17)}


@case(rejects=["samples_beyond_full_blocks_forgotten"])
def large_batches_are_normalised_to_the_last_sample(my_group_norm, rng):
    """Each of many samples is normalised like a single one."""
    return {"output": my_group_norm(*draw(rng, 77, 6, groups=2).values(), eps=0.24)}


def small_call(draw):
    """Draw one small call; a group has 1, 2 or 4 numbers, so that its mean is exact."""
    uneven, upstream, again, double = draw.boolean(), draw.boolean(), draw.boolean(), draw.boolean()
    samples, groups, each = draw.integer(1, 2), draw.integer(1, 3), draw.integer(1, 2)
    shape = (samples, groups * each, *draw.choice(((1, 1), (1, 2), (2, 1))))
    dtype = torch.float64 if upstream or double else torch.float32  # gradients cancel, which float32 does not survive
    call = {
        "x": tensor(draw.array(shape, -3, 4), dtype),
        "num_groups": groups,
        "gamma": tensor(draw.array(shape[1], -2, 3, plainest=1), dtype),
        "beta": tensor(draw.array(shape[1], -2, 3), dtype),
    }
    if uneven:
        return call | {"num_groups": shape[1] + draw.choice((1, 2)) if shape[1] < 3 else shape[1] - 1}
    if (eps := draw.choice((None, 0.5, 1.0))) is not None:
        call["eps"] = eps
    if again:
        call["x holds at a second call"] = tensor(draw.array(shape, -3, 4), dtype)
    if upstream:
        call["upstream gradient"] = tensor(draw.array(shape, -2, 3, plainest=1), dtype)
    if dtype is torch.float64:
        call["dtype"] = "float64"
    return call


@counterexample(inputs=small_call, tolerance=Tolerance(relative=1e-3, of_scale=1e-3))
def answers_to_a_small_call(my_group_norm, call):
    """What the call returns, or how it is refused, what it sends back, and what it changes that is not its own."""
    arguments = {name: call[name] for name in ("x", "num_groups", "gamma", "beta")}
    if call["x"].shape[1] % call["num_groups"]:
        return {"answer": refusal(my_group_norm, *arguments.values())}
    options = {name: call[name] for name in ("eps",) if name in call}
    before = {name: call[name].clone() for name in ("x", "gamma", "beta")}
    inputs = require_gradients(arguments, "x", "gamma", "beta") if "upstream gradient" in call else {}
    output = my_group_norm(*arguments.values(), **options)
    seen = {"output": output}
    if inputs:
        seen |= gradients(output, inputs, call["upstream gradient"])
    seen |= {f"{name} after the call": call[name].clone() for name, value in before.items() if not torch.equal(call[name], value)}
    if "x holds at a second call" in call:
        call["x"].data.copy_(call["x holds at a second call"])
        seen["output of the second call"] = my_group_norm(*arguments.values(), **options)
    return seen
