"""The hidden suite of batch normalisation.

Inputs are drawn so that every quantity in the formula differs from 0, from 1 and from every other:
the batch's statistics are known and far from the running ones, gamma and beta have both signs. The standard
cases come from the description; by hand are the cases that say what batch normalisation is.
"""

import numpy as np
import torch

from torch_judge.authoring import (
    ROUNDED_AT_THE_OFFSET,
    Argument,
    Option,
    case,
    describe,
    draw_batch,
    gradients,
    require_gradients,
    signed,
    standard,
    tensor,
    upstream,
)

call = describe(
    sizes={"rows": 7, "features": 5},
    arguments=[
        Argument("x", "rows features", small=(-3, 4), offset=1024),
        Argument("gamma", "features", between=(1.2, 2.2), plainest=1),
        Argument("beta", "features", between=(0.4, 0.9)),
        Argument("running_mean", "features", between=(3.6, 5.4), changes=True),
        Argument(
            "running_var", "features", between=(6.5, 9.5), positive=True, scales=2, changes=True, small=(0.5, 4), plainest=1
        ),
    ],
    options=[
        Option("eps", 1e-5, usual=(0.05, 0.3), also=[2], small=[0.5, 1.0]),
        Option("momentum", 0.1, usual=(0.2, 0.45), also=[0, 1], small=[0.5, 0.0, 1.0]),
        Option("training", True, mode=True),
    ],
)


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


@case(rejects=["running_statistics_in_training", "unbiased_variance_in_the_normaliser", "wrong_axis"])
def training_uses_the_batch_statistics(my_batch_norm, rng):
    """In training, each feature is normalised with its own mean and biased variance over the rows, then scaled by
    gamma and shifted by beta.
    """
    tensors = draw(rng, rows=7, features=5)
    return {"output": my_batch_norm(*tensors.values(), eps=0.013, momentum=0.23, training=True)}


@case(rejects=["reversed_momentum", "unbiased_running_variance", "running_statistics_not_updated_in_place"])
def training_updates_the_running_statistics_in_place(my_batch_norm, rng):
    """In training, running = (1 - momentum) * running + momentum * batch statistic, written into the tensors that
    were passed in, with the biased variance: for one row with gradients off, and where they start as 0 and 1, too.
    """
    seen = {}
    for name, rows in {"five rows": 5, "one row, under torch.no_grad()": 1, "100 rows, running statistics of 0 and 1": 100}.items():
        tensors = draw(rng, rows=rows, features=4)
        if rows > 5:
            tensors["running_mean"].zero_(), tensors["running_var"].fill_(1.0)
        with torch.set_grad_enabled(rows > 1):
            my_batch_norm(*tensors.values(), eps=0.017, momentum=0.3, training=True)
        seen[name] = running(tensors)
    return seen


@case(rejects=["batch_statistics_at_inference", "training_flag_ignored"])
def inference_uses_the_running_statistics(my_batch_norm, rng):
    """At inference, running_mean and running_var are used as they are; the batch's own statistics play no part."""
    tensors, far = draw(rng, rows=6, features=3), draw(rng, rows=4, features=2, dtype=torch.float64, scale=1e40)
    return {
        "output": my_batch_norm(*tensors.values(), eps=0.19, momentum=0.41, training=False),
        "output for numbers of 1e40 in float64": my_batch_norm(*far.values(), eps=0.19, momentum=0.41, training=False),
    }


@case(rejects=["running_statistics_updated_at_inference", "running_variance_changed_in_place"])
def inference_does_not_update_the_running_statistics(my_batch_norm, rng):
    """At inference, running_mean and running_var stay exactly as they were."""
    tensors = draw(rng, rows=4, features=3)
    my_batch_norm(*tensors.values(), eps=0.11, momentum=0.37, training=False)
    return running(tensors)


@case(title="training divides by sqrt(var + eps)", rejects=["eps_outside_the_root", "eps_argument_ignored"])
def training_divides_by_the_root_of_var_plus_eps(my_batch_norm, rng):
    """In training the divisor is sqrt(var + eps), with the eps that was passed in, and not sqrt(var) + eps."""
    tensors = draw(rng, rows=9, features=4)
    return {"output": my_batch_norm(*tensors.values(), eps=float(rng.uniform(1.3, 2.4)), momentum=0.17, training=True)}


@case(title="inference divides by sqrt(var + eps)", rejects=["eps_outside_the_root", "eps_argument_ignored"])
def inference_divides_by_the_root_of_var_plus_eps(my_batch_norm, rng):
    """At inference too, the divisor is sqrt(running_var + eps), with the eps that was passed in."""
    tensors = draw(rng, rows=3, features=4)
    return {"output": my_batch_norm(*tensors.values(), eps=float(rng.uniform(1.3, 2.4)), momentum=0.17, training=False)}


@case(rejects=["eps_in_the_running_variance"])
def running_variance_does_not_include_eps(my_batch_norm, rng):
    """The running variance averages the variance itself, however small it is; eps belongs to the divisor only."""
    tensors = draw(rng, rows=5, features=3, scale=0.05)
    my_batch_norm(*tensors.values(), eps=0.7, momentum=0.34, training=True)
    return running(tensors)


@case(rejects=["statistics_detached", "mean_or_variance_detached", "gamma_detached"])
def gradients_are_right_in_training(my_batch_norm, rng):
    """In training, x, gamma and beta get their full gradients, also through the batch's mean and variance, which
    depend on x. One gamma is tiny.
    """
    tensors = draw(rng, rows=7, features=5)
    tensors["gamma"][0], tensors["beta"][0] = 1e-12, 1.0
    inputs = require_gradients(tensors, "x", "gamma", "beta")
    output = my_batch_norm(*tensors.values(), eps=0.21, momentum=0.27, training=True)
    return {"output": output, **gradients(output, inputs, upstream(rng, tensors["x"]))}


@case(rejects=["no_gradient_at_inference", "wrong_backward_at_inference"])
def gradients_are_right_at_inference(my_batch_norm, rng):
    """At inference the result is differentiable too, in x, gamma and beta, for one row and in one of them alone as well; the running
    statistics are constants there.
    """
    seen = {}
    for rows, names in ((4, ("x", "gamma", "beta")), (1, ("x",)), (1, ("gamma",)), (1, ("beta",))):
        tensors = draw(rng, rows=rows, features=3)
        inputs = require_gradients(tensors, *names)
        output = my_batch_norm(*tensors.values(), eps=0.17, momentum=0.27, training=False)
        seen[f"{rows} x 3, {', '.join(names)}"] = {"output": output, **gradients(output, inputs, upstream(rng, tensors["x"]))}
    return seen


@case(rejects=["mean_or_variance_detached"])
def gradients_are_right_for_nearly_constant_features(my_batch_norm, rng):
    """Where the variance is about as small as eps, the path through the variance and its eps still adds to the gradient."""
    tensors = draw(rng, rows=8, features=3, scale=0.003)
    inputs = require_gradients(tensors, "x", "gamma", "beta")
    output = my_batch_norm(*tensors.values(), momentum=0.33, training=True)
    return gradients(output, inputs, upstream(rng, tensors["x"]))


@case(rejects=["root_squared_again"])
def gradients_are_finite_for_constant_features(my_batch_norm, rng):
    """A feature that is the same in every row has variance 0. sqrt(var) has no finite gradient there, sqrt(var + eps) has."""
    tensors = draw(rng, rows=8, features=3)
    tensors["x"][:, 1] = float(rng.integers(1, 4)) / 16
    inputs = require_gradients(tensors, "x", "gamma", "beta")
    output = my_batch_norm(*tensors.values(), eps=0.002, momentum=0.33, training=True)
    return gradients(output, inputs, upstream(rng, tensors["x"]))


@case(rejects=["constant_features_skipped"])
def constant_features_become_beta(my_batch_norm, rng):
    """A feature that is the same in every row comes out as its beta, and its variance 0 enters the running
    variance.
    """
    tensors = draw(rng, rows=8, features=3)
    tensors["x"][:, [0, 2]] = tensor(rng.integers(1, 4, 2) / 16)
    output = my_batch_norm(*tensors.values(), eps=0.003, momentum=0.29, training=True)
    return {"output": output, **running(tensors)}


@case(title="the variance is divided by N, not N - 1", rejects=["unbiased_variance_in_the_normaliser"])
def the_variance_is_divided_by_n(my_batch_norm, rng):
    """The variance is divided by N, not by N - 1. With two rows that is a factor of two."""
    tensors = draw(rng, rows=2, features=3)
    output = my_batch_norm(*tensors.values(), eps=0.31, momentum=0.24, training=True)
    return {"output": output, **running(tensors)}


@case(rejects=["mean_of_squares_minus_square_of_mean"], tolerance=ROUNDED_AT_THE_OFFSET)
def is_accurate_when_the_mean_is_large(my_batch_norm, rng):
    """Features may lie far from zero. The variance must come from the deviations from the mean, or float32 rounds it away."""
    tensors = draw(rng, rows=16, features=3)
    deviations = np.round(64 * rng.uniform(0.3, 0.6, 3) * standard(rng, (16, 3), over=0)) / 64
    tensors["x"] = tensor(4096 + deviations)
    tensors["running_var"] = tensor(rng.uniform(0.5, 0.8, 3))
    output = my_batch_norm(*tensors.values(), eps=0.021, momentum=0.43, training=True)
    return {"output": output, "running_var": tensors["running_var"]}
