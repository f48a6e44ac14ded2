"""The hidden suite of RMS normalisation.

Inputs are drawn so that every vector has another root mean square, far from 1, and a mean far from 0: what is
divided by a standard deviation, a norm or a mean shows. The weight has both signs and is never near 1.
"""

import torch

from torch_judge.authoring import (
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
"""A sum of a thousand float32 numbers depends on the order in which they are added."""

DIGITS_OF_FLOAT32 = Tolerance(relative=1e-4, of_scale=1e-5)
DIGITS_OF_FLOAT16 = Tolerance(relative=1e-2, of_scale=1e-2)


def draw(rng, *shape, dtype=torch.float32, scale=1.0):
    """Draw x of this shape and a weight along its last dimension, in the order in which a submission takes them."""
    rows = (*shape[:-1], 1)
    centre = scale * signed(rng, 0.6, 1.4, rows)
    spread = scale * rng.uniform(1.4, 3.9, rows)
    x = centre + spread * rng.uniform(-1.7, 1.7, shape)
    return {"x": tensor(x, dtype), "weight": tensor(signed(rng, 1.3, 2.6, shape[-1]), dtype)}


@case(
    rejects=[
        "mean_subtracted",
        "mean_subtracted_from_the_numerator",
        "deviation_for_rms",
        "sum_for_mean",
        "divided_by_d_minus_1",
        "divides_by_the_mean_square",
        "multiplies_by_the_rms",
        "mean_of_absolute_values",
        "largest_value_for_rms",
        "square_of_the_mean",
        "weight_forgotten",
        "one_plus_weight",
        "weight_added",
        "weight_before_normalising",
        "rms_of_the_whole_tensor",
        "rms_over_the_first_dimension",
        "returns_x_unchanged",
        "returns_zeros",
        "returns_a_tuple",
        "returns_a_numpy_array",
    ]
)
def each_vector_is_divided_by_its_root_mean_square(rms_norm, rng):
    """Each vector along the last dimension is divided by the root of the mean of its squares, then multiplied by
    the weight. No mean is subtracted.
    """
    tensors = draw(rng, 5, 7)
    return {"output": rms_norm(*tensors.values(), eps=0.013)}


@case(rejects=["eps_missing", "eps_defaults_to_1e_5", "eps_defaults_to_1e_8", "eps_of_the_machine"])
def eps_has_its_default_when_it_is_not_given(rms_norm, rng):
    """When eps is not given, it is 1e-6, which matters for vectors of small numbers."""
    tensors = draw(rng, 4, 6, scale=0.001)
    return {"output": rms_norm(*tensors.values())}


@case(
    rejects=[
        "eps_argument_ignored",
        "eps_outside_the_root",
        "eps_squared",
        "eps_divided_by_d",
        "eps_counted_twice",
        "eps_added_to_the_input",
        "rms_clamped_at_eps",
        "mean_square_clamped_at_eps",
        "normalised_twice",
    ]
)
def eps_is_added_to_the_mean_square_inside_the_root(rms_norm, rng):
    """The divisor is sqrt(mean square + eps), with the eps that was passed in: not sqrt(mean square) + eps."""
    tensors = draw(rng, 6, 5)
    return {"output": rms_norm(*tensors.values(), eps=float(rng.uniform(1.3, 2.4)))}


@case(rejects=["zero_eps_taken_for_none"])
def eps_may_be_0(rms_norm, rng):
    """With eps = 0 the root mean square of the result is exactly that of the weight, however small the numbers are."""
    tensors = draw(rng, 3, 4, scale=0.0007)
    return {"output": rms_norm(*tensors.values(), eps=0.0)}


@case(rejects=["flattened_result"])
def one_vector_alone_is_normalised(rms_norm, rng):
    """x of shape (D,) is one vector; the result has shape (D,) too, and so have both gradients."""
    inputs = require_gradients(draw(rng, 7))
    output = rms_norm(*inputs.values(), eps=0.017)
    return {"output": output, **gradients(output, inputs, upstream(rng, inputs["x"]))}


@case(rejects=["rms_over_all_but_the_first_dimension", "second_dimension_always", "last_two_dimensions_together"])
def every_position_of_a_sequence_has_its_own_root_mean_square(rms_norm, rng):
    """x of shape (B, T, D) holds B * T vectors; neither the batch nor the positions are averaged over."""
    tensors = draw(rng, 3, 5, 4)
    return {"output": rms_norm(*tensors.values(), eps=0.019)}


@case(rejects=["rms_over_all_but_the_first_two_dimensions", "second_dimension_always"])
def only_the_last_of_many_dimensions_is_reduced(rms_norm, rng):
    """With four or five dimensions too, only the last one is reduced."""
    four, five = draw(rng, 2, 3, 4, 5), draw(rng, 3, 1, 2, 3, 7)
    return {"four": rms_norm(*four.values(), eps=0.023), "five": rms_norm(*five.values(), eps=0.023)}


@case(rejects=["axis_found_by_its_size", "weight_along_the_wrong_axis_of_a_square"])
def equal_sizes_do_not_hide_a_wrong_axis(rms_norm, rng):
    """Where other dimensions are as large as D, a wrong axis breaks no shape, only the values."""
    square, cube = draw(rng, 4, 4), draw(rng, 3, 3, 3)
    return {"square": rms_norm(*square.values(), eps=0.12), "cube": rms_norm(*cube.values(), eps=0.12)}


@case(rejects=["squeezed_output"])
def dimensions_of_size_1_are_kept(rms_norm, rng):
    """With D = 1, or with one row only, the result still has the shape of x."""
    shapes = ((3, 1), (1, 2), (1, 1, 3), (1,))
    return [rms_norm(*draw(rng, *shape).values(), eps=0.41) for shape in shapes]


@case(
    rejects=[
        "rms_detached",
        "weight_detached",
        "input_detached",
        "output_detached",
        "wrong_backward_forgets_weight",
        "wrong_backward_weight_averaged_over_the_rows",
        "wrong_backward_sign",
        "wrong_backward_sums_for_the_mean",
        "returns_a_numpy_array",
    ]
)
def gradients_flow_to_x_and_weight(rms_norm, rng):
    """x and the weight get their full gradients; that of x also flows through the root mean square."""
    inputs = require_gradients(draw(rng, 3, 4, 5))
    output = rms_norm(*inputs.values(), eps=0.21)
    return {"output": output, **gradients(output, inputs, upstream(rng, inputs["x"]))}


@case(rejects=["eps_forgotten_in_the_backward"])
def gradients_are_right_for_vectors_of_small_numbers(rms_norm, rng):
    """Where the mean square is about as small as eps, the gradient depends on eps too."""
    inputs = require_gradients(draw(rng, 6, 3, scale=0.001))
    return gradients(rms_norm(*inputs.values()), inputs, upstream(rng, inputs["x"]))


@case(rejects=["root_squared_again", "eps_missing"])
def a_vector_of_zeros_stays_zero_with_finite_gradients(rms_norm, rng):
    """A vector of zeros comes out as zeros. The root of 0 has no gradient, the root of 0 + eps has."""
    inputs = draw(rng, 5, 4)
    inputs["x"][[1, 3]] = 0.0
    inputs = require_gradients(inputs)
    output = rms_norm(*inputs.values(), eps=0.0031)
    return {"output": output, **gradients(output, inputs, upstream(rng, inputs["x"]))}


@case(rejects=["zero_rows_left_out", "zero_rms_becomes_one"])
def a_vector_of_zeros_has_the_gradient_of_the_formula(rms_norm, rng):
    """At a vector of zeros the gradient of x is upstream * weight / sqrt(eps): neither 0 nor cut off."""
    inputs = draw(rng, 3, 5)
    inputs["x"][rng.integers(3)] = 0.0
    inputs = require_gradients(inputs)
    return gradients(rms_norm(*inputs.values(), eps=0.29), inputs, upstream(rng, inputs["x"]))


@case(rejects=["weight_learns_only_if_x_does"])
def the_weight_may_learn_alone(rms_norm, rng):
    """The weight gets its gradient where x requires none, and x gets its own where the weight is frozen."""
    found = {}
    for name in ("weight", "x"):
        tensors = draw(rng, 4, 3)
        learning = {name: tensors[name].requires_grad_()}
        found |= gradients(rms_norm(*tensors.values(), eps=0.23), learning, upstream(rng, tensors["x"]))
    return found


@case(rejects=["normalised_values_recovered_from_the_result"])
def a_weight_of_0_still_learns(rms_norm, rng):
    """Where a weight is 0 the result is 0, but the gradient of that weight is not: it does not depend on the weight."""
    inputs = draw(rng, 4, 5)
    inputs["weight"][rng.integers(5)] = 0.0
    inputs = require_gradients(inputs)
    output = rms_norm(*inputs.values(), eps=0.25)
    return {"output": output, **gradients(output, inputs, upstream(rng, inputs["x"]))}


@case(rejects=["float64_result_for_float32_input"])
def float32_in_gives_float32_out(rms_norm, rng):
    """The result has the dtype of x, with eps at its default too."""
    tensors = draw(rng, 4, 3)
    return {"given": rms_norm(*tensors.values(), eps=0.15), "default": rms_norm(*tensors.values())}


@case(rejects=["half_precision_for_all"], tolerance=DIGITS_OF_FLOAT32)
def float64_in_gives_float64_out(rms_norm, rng):
    """float64 in gives float64 out, in the gradients too. It may be computed in float32, as many models do."""
    inputs = require_gradients(draw(rng, 5, 6, dtype=torch.float64))
    output = rms_norm(*inputs.values(), eps=0.18)
    return {"output": output, **gradients(output, inputs, upstream(rng, inputs["x"]))}


@case(rejects=["half_comes_back_as_float32"], tolerance=DIGITS_OF_FLOAT16)
def float16_in_gives_float16_out(rms_norm, rng):
    """float16 in gives float16 out, whether it is computed in float32 or not."""
    return {"output": rms_norm(*draw(rng, 3, 9, dtype=torch.float16).values(), eps=0.16)}


@case(rejects=["bfloat16_turned_into_float16"])
def bfloat16_in_gives_bfloat16_out(rms_norm, rng):
    """bfloat16 in gives bfloat16 out, whose numbers may be far larger than any of float16."""
    tensors = draw(rng, 4, 6, dtype=torch.bfloat16, scale=250000.0)
    return {"output": rms_norm(*tensors.values(), eps=0.14)}


@case(rejects=["x_changed_in_place", "weight_changed_in_place", "output_written_into_x"])
def the_inputs_come_back_unchanged(rms_norm, rng):
    """x and the weight belong to the caller: neither may be changed, and the result is a new tensor."""
    tensors = draw(rng, 4, 5)
    output = rms_norm(*tensors.values(), eps=0.16)
    return {"output": output, **tensors}


@case(rejects=["memory_order_for_logical_order", "gaps_in_the_weight_ignored"])
def views_are_read_by_their_indices(rms_norm, rng):
    """x may be a view whose vectors do not lie one after another in memory, and the weight may have gaps."""
    tensors = draw(rng, 3, 4, 5)
    x = tensors["x"].permute(2, 1, 0).contiguous().permute(2, 1, 0)
    weight = torch.zeros(10)
    weight[::2] = tensors["weight"]
    return {"output": rms_norm(x, weight[::2], eps=0.22)}


@case(rejects=["rms_remembered_from_the_first_call", "output_buffer_used_again", "eps_remembered_from_the_first_call"])
def calls_know_nothing_of_each_other(rms_norm, rng):
    """Other numbers of the same shape, another weight and another eps give another result, and results returned
    earlier stay as they were.
    """
    return [rms_norm(*draw(rng, 4, 3).values(), eps=eps) for eps in (0.13, 1.9, 0.6)]


@case(rejects=["calls_remembered"])
def tensors_are_read_at_every_call(rms_norm, rng):
    """The same tensors may hold other numbers at the next call, as a parameter does after each step of training."""
    tensors, later = draw(rng, 3, 4), draw(rng, 3, 4)
    before = rms_norm(*tensors.values(), eps=0.27)
    for name, value in tensors.items():
        value.copy_(later[name])
    return {"before": before, "after": rms_norm(*tensors.values(), eps=0.27)}


@case(rejects=["first_features_only", "normalised_values_clamped"], tolerance=SUMMED_OVER_MANY)
def long_vectors_with_outliers_count_in_full(rms_norm, rng):
    """All of a thousand features enter the root mean square, and a number far out is divided like the others."""
    tensors = draw(rng, 3, 1031)
    tensors["x"][1, rng.integers(900, 1031)] = 900.0
    return {"output": rms_norm(*tensors.values(), eps=0.17)}


@case(rejects=["rows_beyond_full_blocks_forgotten"])
def many_vectors_are_all_normalised(rms_norm, rng):
    """Hundreds of vectors are normalised like one."""
    tensors = draw(rng, 21, 17, 3)
    return {"output": rms_norm(*tensors.values(), eps=0.24)}


def small_call(draw):
    """Draw one small call: vectors in one, two or three dimensions, of ordinary or of tiny numbers."""
    above, tiny, second = draw.boolean(), draw.boolean(), draw.boolean()
    rows, features = draw.integer(1, 2), draw.integer(1, 3)
    shape = draw.choice(((rows, features), (features,), (2, rows, features)))
    dtype = torch.float64 if above else torch.float32
    eps = draw.choice((1.0, 0.5) if above and not tiny else (None, 1.0, 0.5, 0.0))
    if above and eps == 0:
        eps = None  # without eps the gradient cancels, which those who compute in float32 would not survive

    def vectors():
        drawn = draw.array(shape, -3, 4)
        if eps == 0:
            drawn[drawn == 0] = 1  # 0 / 0
        return tensor(0.001 * drawn if tiny else drawn, dtype)

    call = {"x": vectors(), "weight": tensor(draw.array(features, -2, 3, plainest=1), dtype)}
    if eps is not None:
        call["eps"] = eps
    if second:
        call["x of a second call"] = vectors()
    if above:
        call["upstream gradient"] = tensor(draw.array(shape, -2, 3, plainest=1), dtype)
        call["dtype"] = "float64"
        if draw.boolean():
            call["x.requires_grad"] = False
    return call


@counterexample(inputs=small_call, tolerance=Tolerance(relative=1e-3, of_scale=1e-3))
def answers_to_a_small_call(rms_norm, call):
    """What the call returns, also after a second one, what it sends back, and what it changes that is not its own."""
    tensors = {name: call[name] for name in ("x", "weight")}
    options = {"eps": call["eps"]} if "eps" in call else {}
    before = {name: value.clone() for name, value in tensors.items()}
    learning = {name: value for name, value in tensors.items() if call.get(f"{name}.requires_grad", "upstream gradient" in call)}
    require_gradients(learning)
    output = rms_norm(*tensors.values(), **options)
    seen = {"output": output}
    if learning:
        seen |= gradients(output, learning, call["upstream gradient"])
    if "x of a second call" in call:
        seen["output of the second call"] = rms_norm(call["x of a second call"], tensors["weight"], **options)
    changed = [name for name, value in before.items() if not torch.allclose(tensors[name], value, rtol=1e-3, atol=0)]  # so that it shows
    return seen | {f"{name} after the call": tensors[name] for name in changed}
