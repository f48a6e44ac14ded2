"""The hidden suite of layer normalisation.

Inputs are drawn so that every quantity in the formula differs from 0, from 1 and from every other: each
vector has its own mean and its own deviation, gamma and beta have both signs. The standard cases come from the
description; by hand are the cases that say what layer normalisation is.
"""

import numpy as np
import torch

from torch_judge.authoring import (
    ROUNDED_AT_THE_OFFSET,
    Argument,
    Option,
    case,
    describe,
    gradients,
    require_gradients,
    signed,
    standard,
    tensor,
    upstream,
)

call = describe(
    sizes={"rows": 3, "features": 5, "batch": 2},
    arguments=[
        Argument("x", "rows features", also=["features", "batch rows features"], small=(-3, 4), offset=1024),
        Argument("gamma", "features", between=(1.2, 2.2), plainest=1),
        Argument("beta", "features", between=(0.4, 0.9)),
    ],
    options=[Option("eps", 1e-5, usual=(0.05, 0.3), also=[2, 1e-9], small=[0.5, 1.0])],
)


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


@case(rejects=["statistics_over_the_batch", "rms_without_the_mean", "mean_not_subtracted", "unbiased_std_plus_eps"])
def each_row_is_normalised_by_itself(my_layer_norm, rng):
    """Each row is normalised with its own mean and biased variance over the features, then scaled by gamma and shifted
    by beta.
    """
    tensors = draw(rng, 7, 5)
    return {"output": my_layer_norm(*tensors.values(), eps=0.013)}


@case(rejects=["all_dimensions_but_the_first", "dimension_1_instead_of_the_last", "shape_not_restored"])
def works_on_a_batch_of_sequences(my_layer_norm, rng):
    """In an (N, S, D) tensor each of the N * S positions has its own mean and variance: neither the sequence nor the
    batch is averaged over.
    """
    tensors = draw(rng, 3, 4, 5)
    return {"output": my_layer_norm(*tensors.values(), eps=0.017)}


@case(rejects=["dimension_1_instead_of_the_last"])
def only_the_last_dimension_is_reduced(my_layer_norm, rng):
    """With four, five or six dimensions too, the last one is normalised over, and only that one."""
    shapes = {"four": (2, 3, 4, 5), "five": (2, 1, 3, 1, 4), "six": (2, 1, 2, 1, 3, 4)}
    return {name: my_layer_norm(*draw(rng, *shape).values(), eps=0.019) for name, shape in shapes.items()}


@case(rejects=["wrong_axis_for_square_inputs"])
def works_when_all_dimensions_have_the_same_size(my_layer_norm, rng):
    """With all sizes equal, in three dimensions and in four, the features are still those of the last dimension."""
    three, four = draw(rng, 3, 3, 3), draw(rng, 3, 3, 3, 3)
    return {"three": my_layer_norm(*three.values(), eps=0.11), "four": my_layer_norm(*four.values(), eps=0.11)}


@case(title="divides by sqrt(var + eps)", rejects=["eps_outside_the_root", "eps_argument_ignored", "variance_clamped_at_eps"])
def divides_by_the_root_of_var_plus_eps(my_layer_norm, rng):
    """The divisor is sqrt(var + eps), with the eps that was passed in, and not sqrt(var) + eps. In float32 a tiny eps counts too."""
    tensors = draw(rng, 9, 4)
    tiny = draw(rng, 9, 4) | {"x": tensor(rng.normal(scale=1e-5, size=(9, 4)))}
    return {
        "output": my_layer_norm(*tensors.values(), eps=float(rng.uniform(1.3, 2.4))),
        "output in float32": my_layer_norm(*tiny.values(), eps=float(rng.uniform(0.8e-10, 1.6e-10))),
    }


@case(title="the variance is divided by D, not D - 1", rejects=["unbiased_variance"])
def the_variance_is_divided_by_d(my_layer_norm, rng):
    """The variance is divided by D, not by D - 1. With two features that is a factor of two."""
    tensors = draw(rng, 3, 2)
    return {"output": my_layer_norm(*tensors.values(), eps=0.31)}


@case(rejects=["statistics_detached", "gamma_detached", "wrong_backward_forgets_gamma"])
def gradients_are_right(my_layer_norm, rng):
    """x, gamma and beta get their full gradients, also through the mean and the variance, which depend on x."""
    tensors = draw(rng, 7, 4)
    inputs = require_gradients(tensors)
    output = my_layer_norm(*tensors.values(), eps=0.21)
    return {"output": output, **gradients(output, inputs, upstream(rng, tensors["x"]))}


@case(rejects=["backward_for_rows_only", "wrong_backward_gamma_averaged"])
def gradients_of_gamma_and_beta_sum_over_all_positions(my_layer_norm, rng):
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


@case(rejects=["eps_forgotten_in_the_backward"])
def gradients_are_right_for_nearly_constant_vectors(my_layer_norm, rng):
    """Where the variance is about as small as eps, the path through the variance and its eps still adds to the gradient."""
    tensors = draw(rng, 3, 8, scale=0.003)
    inputs = require_gradients(tensors)
    output = my_layer_norm(*tensors.values())
    return gradients(output, inputs, upstream(rng, tensors["x"]))


@case(rejects=["root_squared_again", "zero_variance_becomes_one", "constant_vectors_skipped"])
def constant_vectors_become_beta_with_finite_gradients(my_layer_norm, rng):
    """A vector of equal numbers comes out as beta, and so does a vector of zeros, as padding often is. sqrt(var) has no
    finite gradient there, sqrt(var + eps) has.
    """
    tensors = draw(rng, 4, 8)
    tensors["x"][1] = float(rng.integers(1, 4)) / 16
    tensors["x"][2] = 0.0
    inputs = require_gradients(tensors)
    output = my_layer_norm(*tensors.values(), eps=0.002)
    return {"output": output, **gradients(output, inputs, upstream(rng, tensors["x"]))}


@case(rejects=["gamma_or_beta_forgotten"])
def a_result_equal_to_beta_is_a_new_tensor(my_layer_norm, rng):
    """A single vector of equal numbers comes out as beta, but not as the tensor beta itself: who changes the result
    changes no parameter.
    """
    seen = {}
    for name, size in {"five features": 5, "one feature": 1}.items():
        tensors = draw(rng, size)
        tensors["x"][:] = 0.0
        output = my_layer_norm(*tensors.values(), eps=0.15)
        seen[name] = output
        if isinstance(output, torch.Tensor):
            seen[name] = output.detach().clone()
            output.detach().add_(1.0)
        seen[f"beta of {name} afterwards"] = tensors["beta"]
    return seen


@case(rejects=["mean_of_squares_minus_square_of_mean"], tolerance=ROUNDED_AT_THE_OFFSET)
def is_accurate_when_the_mean_is_large(my_layer_norm, rng):
    """Vectors may lie far from zero. The variance must come from the deviations from the mean, or it is rounded away: in float32 where
    the mean is some thousands, in float64 where it is some millions.
    """
    seen = {}
    for dtype, mean in ((torch.float32, 4096), (torch.float64, 2**24)):
        tensors = draw(rng, 3, 16, dtype=dtype)
        deviations = np.round(64 * rng.uniform(0.3, 0.6, (3, 1)) * standard(rng, (3, 16), over=-1)) / 64
        tensors["x"] = tensor(mean + deviations, dtype)
        seen[f"output, {dtype}"] = my_layer_norm(*tensors.values(), eps=0.021)
    return seen
