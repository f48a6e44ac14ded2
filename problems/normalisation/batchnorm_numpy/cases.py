"""The hidden suite of the NumPy forward pass of batch normalisation.

Inputs are drawn so that every quantity in the formula differs from 0, from 1 and from every other:
the batch's statistics are known and far from the running ones, gamma and beta have both signs. The standard cases
come from the description; by hand are the cases that say what batch normalisation is.
"""

import numpy as np

from torch_judge.authoring import (
    ROUNDED_AT_THE_OFFSET,
    Argument,
    Option,
    Result,
    WrongAnswer,
    case,
    describe,
    name_arrays,
    narrow_to_float32,
    signed,
    standard,
)

NAMES = ("output", "new_running_mean", "new_running_var")


call = describe(
    library="numpy",
    sizes={"rows": 7, "features": 5},
    arguments=[
        Argument("x", "rows features", small=(-3, 4), offset=2048),
        Argument("gamma", "features", between=(1.2, 2.2), plainest=1),
        Argument("beta", "features", between=(0.4, 0.9)),
        Argument("running_mean", "features", between=(3.6, 5.4)),
        Argument("running_var", "features", between=(6.5, 9.5), positive=True, scales=2, small=(0, 4), plainest=1),
    ],
    options=[
        Option("momentum", 0.1, usual=(0.2, 0.45), also=[0, 1], small=[0.5, 0.0, 1.0]),
        Option("eps", 1e-5, usual=(0.05, 0.3), also=[2], small=[0.5, 1.0]),
        Option("is_training", True, mode=True),
    ],
    results=[
        Result("output", may_widen=True),
        Result("new_running_mean", may_share=["running_mean"], may_widen=True),
        Result("new_running_var", may_share=["running_var"], may_widen=True),
    ],
)


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


@case(rejects=["running_statistics_in_training", "running_statistics_updated_before_use", "unbiased_variance_in_the_divisor", "wrong_axis"])
def training_uses_the_batch_statistics(batchnorm_forward, rng):
    """In training, each feature is normalised with its own mean and biased variance over the rows, then scaled by
    gamma and shifted by beta.
    """
    arrays = draw(rng, rows=7, features=5)
    backwards = [each[::-1] for each in arrays.values()]
    return {
        "output": output(batchnorm_forward(*arrays.values(), eps=0.013, momentum=0.23, is_training=True)),
        "output for arrays that run backwards": output(batchnorm_forward(*backwards, eps=0.013, momentum=0.23, is_training=True)),
    }


@case(rejects=["reversed_momentum", "unbiased_running_variance", "statistics_of_the_batch_returned", "mean_and_variance_returned_in_the_wrong_order"])
def training_returns_the_updated_running_statistics(batchnorm_forward, rng):
    """In training, the second and third result are (1 - momentum) * running + momentum * batch statistic, with the
    biased variance, for ten thousand rows too. They are new arrays, also with momentum 0.
    """
    arrays, many = draw(rng, rows=5, features=4), draw(rng, rows=1, features=2)
    many["x"] = many["x"] + (np.arange(2 * 10_007.0) * 37 % 101 / 40).reshape(-1, 2)
    result = named(batchnorm_forward(*arrays.values(), momentum=0.0, is_training=True))
    for name in ("running_mean", "running_var"):
        if np.shares_memory(result[f"new_{name}"], arrays[name]):
            raise WrongAnswer(f"new_{name}: expected a new array with momentum 0 too, found one that shares memory with {name}")
    return {
        **statistics(batchnorm_forward(*arrays.values(), eps=0.017, momentum=0.3, is_training=True)),
        "of ten thousand rows": statistics(batchnorm_forward(*many.values(), eps=0.017, momentum=0.3, is_training=True)),
    }


@case(rejects=["batch_statistics_at_inference", "running_variance_used_as_std"])
def inference_uses_the_running_statistics(batchnorm_forward, rng):
    """At inference, running_mean and running_var are used as they are; the batch's own statistics play no part."""
    arrays, many = draw(rng, rows=6, features=3), draw(rng, rows=130, features=2)
    many["running_var"][:] = 0.0
    return {
        "output": output(batchnorm_forward(*arrays.values(), eps=0.19, momentum=0.41, is_training=False)),
        "output where running_var is 0": output(batchnorm_forward(*many.values(), eps=0.19, momentum=0.41, is_training=False)),
    }


@case(
    rejects=[
        "running_statistics_updated_at_inference",
        "no_statistics_returned_at_inference",
    ]
)
def inference_returns_the_running_statistics_unchanged(batchnorm_forward, rng):
    """At inference, the second and third result are running_mean and running_var, exactly as they were given."""
    arrays = draw(rng, rows=4, features=3)
    return statistics(batchnorm_forward(*arrays.values(), eps=0.11, momentum=0.37, is_training=False))


@case(title="training divides by sqrt(var + eps)", rejects=["eps_outside_the_root", "eps_argument_ignored"])
def training_divides_by_the_root_of_var_plus_eps(batchnorm_forward, rng):
    """In training the divisor is sqrt(var + eps), with the eps that was passed in, and not sqrt(var) + eps."""
    arrays = draw(rng, rows=9, features=4)
    eps = float(rng.uniform(1.3, 2.4))
    return {"output": output(batchnorm_forward(*arrays.values(), eps=eps, momentum=0.17, is_training=True))}


@case(title="inference divides by sqrt(var + eps)", rejects=["eps_outside_the_root", "eps_missing"])
def inference_divides_by_the_root_of_var_plus_eps(batchnorm_forward, rng):
    """At inference too, the divisor is sqrt(running_var + eps), with the eps that was passed in."""
    arrays = draw(rng, rows=3, features=4)
    eps = float(rng.uniform(1.3, 2.4))
    return {"output": output(batchnorm_forward(*arrays.values(), eps=eps, momentum=0.17, is_training=False))}


@case(rejects=["eps_in_the_running_variance"])
def running_variance_does_not_include_eps(batchnorm_forward, rng):
    """The running variance averages the variance itself, however small it is; eps belongs to the divisor only."""
    arrays = draw(rng, rows=5, features=3, scale=0.05)
    return statistics(batchnorm_forward(*arrays.values(), eps=0.7, momentum=0.34, is_training=True))


@case(rejects=["constant_features_skipped", "zero_variance_becomes_one"])
def constant_features_become_beta(batchnorm_forward, rng):
    """A feature that is the same in every row comes out as its beta, and its variance 0 enters the running
    variance.
    """
    arrays = draw(rng, rows=8, features=3)
    arrays["x"][:, [0, 2]] = rng.integers(1, 4, 2) / 16
    return named(batchnorm_forward(*arrays.values(), eps=0.003, momentum=0.29, is_training=True))


@case(title="the variance is divided by N, not N - 1", rejects=["unbiased_variance_in_the_divisor", "unbiased_variance_everywhere"])
def the_variance_is_divided_by_n(batchnorm_forward, rng):
    """The variance is divided by N, not by N - 1. With two rows that is a factor of two."""
    arrays = draw(rng, rows=2, features=3)
    return named(batchnorm_forward(*arrays.values(), eps=0.31, momentum=0.24, is_training=True))


@case(rejects=["mean_of_squares_minus_square_of_mean"], tolerance=ROUNDED_AT_THE_OFFSET)
def is_accurate_when_the_mean_is_large(batchnorm_forward, rng):
    """Features may lie far from zero. The variance must come from the deviations from the mean, or it is rounded away: in float32 where
    the mean is some thousands, in float64 where it is some millions.
    """
    seen = {}
    for dtype, mean in ((np.float32, 4096), (np.float64, 2**24)):
        arrays = draw(rng, rows=16, features=3, dtype=dtype)
        deviations = np.round(64 * rng.uniform(0.3, 0.6, 3) * standard(rng, (16, 3), over=0)) / 64
        arrays["x"] = (mean + deviations).astype(dtype)
        arrays["running_var"] = rng.uniform(0.5, 0.8, 3).astype(dtype)
        result = narrow_to_float32(named(batchnorm_forward(*arrays.values(), eps=0.021, momentum=0.43, is_training=True)))
        seen |= {f"{name}, {np.dtype(dtype)}": result[name] for name in ("output", "new_running_var")}
    return seen


@case(rejects=["running_statistics_updated_in_place"])
def works_over_several_training_steps_and_inference(batchnorm_forward, rng):
    """Each step starts from the running statistics that the step before returned; what was returned earlier stays
    as it was, and so does how NumPy reports errors, however the caller has set it.
    """
    arrays = draw(rng, rows=20, features=3)
    steps = []
    with np.errstate(all="ignore", call=print):
        for training, batch in zip((True, True, False, True, False), np.split(arrays["x"], 5), strict=True):
            arrays["x"] = batch
            result = named(batchnorm_forward(*arrays.values(), eps=0.13, momentum=0.38, is_training=training))
            arrays |= {"running_mean": result["new_running_mean"], "running_var": result["new_running_var"]}
            steps.append(result)
        return {"steps": steps, "np.geterr()": np.geterr(), "np.geterrcall() is as before": np.geterrcall() is print}
