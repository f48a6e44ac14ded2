"""The hidden suite of RMS normalisation.

Inputs are drawn so that every vector has another root mean square, far from 1, and a mean far from 0: what is
divided by a standard deviation, a norm or a mean shows. The weight has both signs and is never near 1. The standard
cases come from the description; by hand are the cases that say what RMS normalisation is.
"""

import torch

from torch_judge.authoring import (
    Argument,
    Option,
    Tolerance,
    case,
    describe,
    gradients,
    require_gradients,
    signed,
    tensor,
    upstream,
)

DIGITS_OF_FLOAT32 = Tolerance(relative=1e-4, of_scale=1e-5)
DIGITS_OF_FLOAT16 = Tolerance(relative=1e-2, of_scale=1e-2)

call = describe(
    sizes={"rows": 3, "features": 5, "batch": 2},
    arguments=[
        Argument("x", "rows features", also=["features", "batch rows features"], small=(-3, 4)),
        Argument("weight", "features", between=(1.3, 2.6), plainest=1),
    ],
    options=[Option("eps", 1e-6, usual=(0.1, 0.4), also=[2, 0], small=[1.0, 0.5])],
    tolerance=DIGITS_OF_FLOAT32,  # float64 may be computed in float32, as many models do
)


def draw(rng, *shape, dtype=torch.float32, scale=1.0):
    """Draw x of this shape and a weight along its last dimension, in the order in which a submission takes them."""
    rows = (*shape[:-1], 1)
    centre = scale * signed(rng, 0.6, 1.4, rows)
    spread = scale * rng.uniform(1.4, 3.9, rows)
    x = centre + spread * rng.uniform(-1.7, 1.7, shape)
    return {"x": tensor(x, dtype), "weight": tensor(signed(rng, 1.3, 2.6, shape[-1]), dtype)}


@case(rejects=["mean_subtracted", "std_instead_of_rms", "sum_instead_of_mean", "rms_over_the_first_dimension"])
def each_vector_is_divided_by_its_root_mean_square(rms_norm, rng):
    """Each vector along the last dimension is divided by the root of the mean of its squares, then multiplied by
    the weight. No mean is subtracted.
    """
    tensors = draw(rng, 5, 7)
    return {"output": rms_norm(*tensors.values(), eps=0.013)}


@case(title="divides by sqrt(mean square + eps)", rejects=["eps_outside_the_root", "eps_argument_ignored", "mean_square_clamped_at_eps"])
def divides_by_the_root_of_mean_square_plus_eps(rms_norm, rng):
    """The divisor is sqrt(mean square + eps), with the eps that was passed in, and not sqrt(mean square) + eps."""
    tensors = draw(rng, 6, 5)
    return {"output": rms_norm(*tensors.values(), eps=float(rng.uniform(1.3, 2.4)))}


@case(rejects=["rms_over_all_but_the_first_two_dimensions", "second_dimension_always"])
def only_the_last_dimension_is_reduced(rms_norm, rng):
    """With four or five dimensions too, only the last one is reduced."""
    four, five = draw(rng, 2, 3, 4, 5), draw(rng, 3, 1, 2, 3, 7)
    return {"four": rms_norm(*four.values(), eps=0.023), "five": rms_norm(*five.values(), eps=0.023)}


@case(rejects=["rms_detached", "weight_detached", "wrong_backward_weight_averaged_over_the_rows"])
def gradients_of_x_and_weight_are_right(rms_norm, rng):
    """x and the weight get their full gradients; that of x also flows through the root mean square."""
    inputs = require_gradients(draw(rng, 3, 4, 5))
    output = rms_norm(*inputs.values(), eps=0.21)
    return {"output": output, **gradients(output, inputs, upstream(rng, inputs["x"]))}


@case(rejects=["eps_forgotten_in_the_backward"])
def gradients_are_right_for_small_vectors(rms_norm, rng):
    """Where the mean square is about as small as eps, the gradient depends on eps too."""
    inputs = require_gradients(draw(rng, 6, 3, scale=0.001))
    return gradients(rms_norm(*inputs.values()), inputs, upstream(rng, inputs["x"]))


@case(rejects=["root_squared_again", "eps_missing"])
def zero_vectors_stay_zero_with_finite_gradients(rms_norm, rng):
    """A vector of zeros comes out as zeros. The root of 0 has no finite gradient, the root of 0 + eps has."""
    inputs = draw(rng, 5, 4)
    inputs["x"][[1, 3]] = 0.0
    inputs = require_gradients(inputs)
    output = rms_norm(*inputs.values(), eps=0.0031)
    return {"output": output, **gradients(output, inputs, upstream(rng, inputs["x"]))}


@case(rejects=["half_comes_back_as_float32"], tolerance=DIGITS_OF_FLOAT16)
def float16_in_gives_float16_out(rms_norm, rng):
    """float16 in gives float16 out, for one vector too and with its gradients, whether it is computed in float32 or not."""
    seen = {}
    for name, shape in (("rows", (3, 9)), ("one vector", (9,))):
        inputs = require_gradients(draw(rng, *shape, dtype=torch.float16))
        output = rms_norm(*inputs.values(), eps=0.16)
        seen[name] = {"output": output, **gradients(output, inputs, upstream(rng, inputs["x"]))}
    return seen


@case(rejects=["bfloat16_turned_into_float16"])
def bfloat16_in_gives_bfloat16_out(rms_norm, rng):
    """bfloat16 in gives bfloat16 out, whose numbers may be far larger than any of float16."""
    tensors, seen = draw(rng, 4, 6, dtype=torch.bfloat16, scale=250000.0), {}
    for grad in (True, False):
        with torch.set_grad_enabled(grad):
            seen[f"output, gradients {'on' if grad else 'off'}"] = rms_norm(*tensors.values(), eps=0.14)
            seen[f"gradients are recorded afterwards, {'on' if grad else 'off'}"] = torch.is_grad_enabled()
    return seen
