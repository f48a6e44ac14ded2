"""The hidden suite of the NumPy backward pass of batch normalisation.

Inputs are drawn so that every quantity in the formula differs from 0, from 1 and from every other. The upstream
gradient has a mean and a part along the normalised input, so that both paths through the statistics carry weight.
The standard cases come from the description; by hand are the cases that say what the gradients are.
"""

import numpy as np

from torch_judge.authoring import (
    ROUNDED_AT_THE_OFFSET,
    Argument,
    Option,
    Result,
    Tolerance,
    case,
    describe,
    name_arrays,
    narrow_to_float32,
    signed,
    standard,
)

NAMES = ("dx", "dgamma", "dbeta")
CANCELLED_IN_FLOAT32 = Tolerance(relative=1e-3, of_scale=1e-4)
"""Where a number lies far out, most of dx cancels, and float32 keeps few digits of what is left."""


def draw_batch(rng, shape):
    """Draw rows of features whose means and deviations are known: far from 0, from 1 and from each other."""
    return signed(rng, 1.1, 2.9, shape[1]) + rng.uniform(1.3, 2.3, shape[1]) * standard(rng, shape, over=0)


def draw_upstream(rng, shape):
    """Draw an upstream gradient whose columns do not add up to zero."""
    return signed(rng, 0.4, 0.9, shape[1]) + 0.7 * rng.normal(size=shape)


call = describe(
    library="numpy",
    sizes={"rows": 7, "features": 5},
    arguments=[
        Argument("dout", "rows features", draw=draw_upstream, plainest=1),
        Argument("x", "rows features", draw=draw_batch, small=(-3, 4)),
        Argument("gamma", "features", between=(1.2, 2.2), plainest=1),
    ],
    options=[Option("eps", 1e-5, usual=(0.05, 0.3), also=[2], small=[1.0, 0.5])],
    results=[
        Result("dx", may_widen=True),
        Result("dgamma", "features", may_widen=True),
        Result("dbeta", "features", may_widen=True),
    ],
    tolerance_in_float32=CANCELLED_IN_FLOAT32,
)


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


@case(rejects=["statistics_taken_for_constants", "mean_taken_for_a_constant", "variance_taken_for_a_constant", "gamma_forgotten_in_dx", "sums_not_divided_by_n"])
def dx_includes_the_paths_through_mean_and_variance(batchnorm_backward, rng):
    """dx adds up three parts: directly, through the mean and through the variance of the batch, which both depend
    on x.
    """
    arrays = draw(rng, rows=7, features=5, scale=0.1)
    with np.errstate(all="ignore", call=print):
        dx = named(batchnorm_backward(*arrays.values(), eps=0.0043))["dx"]
        settings = {"np.geterr()": np.geterr(), "np.geterrcall() is as before": np.geterrcall() is print}
    backwards = [each[::-1] for each in arrays.values()]
    return {"dx": dx, "dx for arrays that run backwards": named(batchnorm_backward(*backwards, eps=0.0043))["dx"], **settings}


@case(rejects=["dgamma_and_dbeta_averaged", "results_in_another_order", "dbeta_not_summed", "x_not_normalised_in_dgamma", "parameter_gradients_scaled_by_gamma"])
def dgamma_and_dbeta_are_sums_over_the_rows(batchnorm_backward, rng):
    """dgamma sums dout * x_hat over the rows, and dbeta sums dout: one number for each feature, and no average. After a row of x was
    written to they are those of x as it is then.
    """
    arrays = draw(rng, rows=7, features=4)
    result = named(batchnorm_backward(*arrays.values(), eps=0.34))
    arrays["x"][3] *= -1.6
    return {name: result[name] for name in ("dgamma", "dbeta")} | {"dgamma afterwards": named(batchnorm_backward(*arrays.values(), eps=0.34))["dgamma"]}


@case(title="every divisor is sqrt(var + eps)", rejects=["eps_outside_the_root", "eps_argument_ignored"])
def every_divisor_includes_eps(batchnorm_backward, rng):
    """The divisor is sqrt(var + eps) everywhere, with the eps that was passed in: in the direct part, in both paths and
    in dgamma, where x and eps are tiny too.
    """
    arrays, tiny = draw(rng, rows=9, features=4), draw(rng, rows=9, features=4, scale=1e-12)
    return {
        **named(batchnorm_backward(*arrays.values(), eps=float(rng.uniform(1.3, 2.4)))),
        "tiny x": named(batchnorm_backward(*tiny.values(), eps=1e-26)),
    }


@case(rejects=["single_row_passes_through"])
def dx_is_0_for_a_batch_of_one_row(batchnorm_backward, rng):
    """With one row the output is beta whatever x is: dx and dgamma are 0, and dbeta is that row of dout."""
    arrays = draw(rng, rows=1, features=3)
    return named(batchnorm_backward(*arrays.values(), eps=0.43))


@case(title="the variance is divided by N, not N - 1", rejects=["unbiased_variance"])
def the_variance_is_divided_by_n(batchnorm_backward, rng):
    """The variance is divided by N, not by N - 1, forward and backward. With two rows that is a factor of two."""
    arrays, close = draw(rng, rows=2, features=3), draw(rng, rows=2, features=3, scale=0.001)
    return {**named(batchnorm_backward(*arrays.values(), eps=0.91)), "rows that are close, default eps": named(batchnorm_backward(*close.values()))}


@case(rejects=["constant_features_get_no_gradient", "zero_variance_becomes_one"])
def constant_features_have_a_finite_gradient(batchnorm_backward, rng):
    """A feature that is the same in every row has variance 0; eps keeps its gradient finite, and it is not zero."""
    arrays = draw(rng, rows=8, features=3)
    arrays["x"][:, [0, 2]] = rng.integers(1, 4, 2) / 16
    return named(batchnorm_backward(*arrays.values(), eps=0.03))


@case(rejects=["mean_of_squares_minus_square_of_mean"], tolerance=ROUNDED_AT_THE_OFFSET)
def is_accurate_when_the_mean_is_large(batchnorm_backward, rng):
    """Features may lie far from zero. Whatever multiplies dout must be centred first, or float32 rounds it away."""
    arrays = draw(rng, rows=16, features=3, dtype=np.float32)
    deviations = np.round(64 * rng.uniform(0.3, 0.6, 3) * standard(rng, (16, 3), over=0)) / 64
    arrays["x"] = (4096 + deviations).astype(np.float32)
    found = narrow_to_float32(named(batchnorm_backward(*arrays.values(), eps=0.021)))
    arrays["dout"] *= np.float32(1e8)
    return {**found, "dout 100,000,000 times as large": narrow_to_float32(named(batchnorm_backward(*arrays.values(), eps=0.021)))}
