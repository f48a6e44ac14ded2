"""The hidden suite of group normalisation.

Inputs are drawn so that every channel of every sample has a mean and a deviation of its own: statistics over the
wrong numbers show. gamma and beta have both signs and differ from channel to channel. The standard cases come from
the description; by hand are the cases that say what group normalisation is.
"""

import dis

import numpy as np
import torch

from torch_judge.authoring import (
    ROUNDED_AT_THE_OFFSET,
    Argument,
    Option,
    Size,
    Tolerance,
    case,
    counterexample,
    describe,
    gradients,
    require_gradients,
    signed,
    tensor,
    upstream,
)


def pass_the_number_of_groups(my_group_norm, x, groups, gamma, beta, **options):
    """Call it with as many groups as `groups` is long: so any sizes make a call whose channels can be split."""
    return my_group_norm(x, len(groups), gamma, beta, **options)


call = describe(
    sizes={
        "samples": Size(3, large=130),
        "groups": Size(2, large=64),
        "channels_of_a_group": Size(3, large=64),
        "height": Size(2, large=34),
        "width": 5,
    },
    arguments=[
        Argument("x", "samples groups*channels_of_a_group height width", views=False),
        Argument("groups", "groups", integers=(1, 2), views=False),
        Argument("gamma", "groups*channels_of_a_group", between=(1.2, 2.2)),
        Argument("beta", "groups*channels_of_a_group", between=(0.4, 0.9)),
    ],
    options=[Option("eps", 1e-5, usual=(0.05, 0.3), also=[2, 1e-7])],
    call=pass_the_number_of_groups,
)


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


def settings():
    """Return what belongs to the caller."""
    return {
        "whether gradients are recorded": torch.is_grad_enabled(),
        "the default dtype": torch.get_default_dtype(),
        "the random generator": bytes(torch.get_rng_state().numpy()),
    }


def refusal(my_group_norm, *arguments):
    """Say in words what becomes of a call that is to be refused, and which of the caller's settings it leaves changed."""
    before = settings()
    says = answer(my_group_norm, *arguments)
    after = settings()
    torch.set_grad_enabled(before["whether gradients are recorded"])
    torch.set_default_dtype(before["the default dtype"])
    return "; ".join([says, *(f"{name} is not as before" for name in before if before[name] != after[name])])


def answer(my_group_norm, x, num_groups, gamma, beta):
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


@case(rejects=["interleaved_groups", "batch_normalisation", "channel_variances_averaged", "affine_before_normalising"])
def each_group_is_normalised_by_itself(my_group_norm, rng):
    """Each group of neighbouring channels is normalised over its channels and all positions, sample by sample; then
    each channel is scaled by its gamma and shifted by its beta.
    """
    return {"output": my_group_norm(*draw(rng, 5, 6, 4, 7, groups=2).values(), eps=0.013)}


@case(title="num_groups=1 normalises the whole sample", rejects=["channels_per_group_for_groups", "instance_normalisation"])
def num_groups_1_normalises_the_whole_sample(my_group_norm, rng):
    """With num_groups = 1, all numbers of a sample share one mean and one variance, in a large image too."""
    large = draw(rng, 1, 1, groups=1)
    places = torch.arange(257.0 * 256)
    large["x"] = (places % 101 / 16 + 3 * (places % 2)).reshape(1, 1, 257, 256)
    of_large = my_group_norm(*large.values(), eps=0.017)
    return {
        "output": my_group_norm(*draw(rng, 3, 5, 4, groups=1).values(), eps=0.017),
        "shape of a large image": tuple(of_large.shape),
        "a few numbers of a large image": of_large.flatten()[:10].clone(),
    }


@case(title="num_groups=C normalises each channel", rejects=["layer_normalisation", "channels_per_group_for_groups"])
def num_groups_c_normalises_each_channel(my_group_norm, rng):
    """With num_groups = C, every channel of every sample has its own mean and variance."""
    return {"output": my_group_norm(*draw(rng, 2, 5, 3, 4, groups=5).values(), eps=0.019)}


@case(title="works with any num_groups that divides C", rejects=["groups_remembered_from_the_first_call"])
def works_with_any_num_groups_that_divides_c(my_group_norm, rng):
    """The same sample may be split into 1, 2, 3, 4, 6 or 12 groups, one call after the other."""
    call = draw(rng, 2, 12, 5, groups=None)
    return {f"{groups} groups": my_group_norm(*{**call, "num_groups": groups}.values(), eps=0.023) for groups in (3, 1, 6, 2, 12, 4)}


@case(title="works when N, C, H and W are equal", rejects=["affine_along_the_last_dimension_where_it_fits"])
def works_when_n_c_h_and_w_are_equal(my_group_norm, rng):
    """Where N, C, H and W are equally large, a wrong axis breaks no shape, only the values."""
    return {"output": my_group_norm(*draw(rng, 4, 4, 4, 4, groups=2).values(), eps=0.12)}


@case(rejects=["batch_normalisation"])
def works_with_one_channel(my_group_norm, rng):
    """C = 1 is legal: the only channel is normalised over all its positions, sample by sample, also where one number is
    an outlier.
    """
    call = draw(rng, 3, 1, 4, 2, groups=1, dtype=torch.float64)
    call["x"][1, 0, 2, 1] = 700.0
    inputs = require_gradients(call, "x", "gamma", "beta")
    output = my_group_norm(*call.values(), eps=0.043)
    return {"output": output, **gradients(output, inputs, upstream(rng, call["x"]))}


@case(title="the variance is divided by n, not n - 1", rejects=["unbiased_variance"])
def the_variance_is_divided_by_n(my_group_norm, rng):
    """The variance is divided by n, not by n - 1. With two numbers in a group that is a factor of two."""
    return {"output": my_group_norm(*draw(rng, 3, 6, groups=3).values(), eps=0.31)}


@case(
    title="raises an error unless num_groups divides C",
    rejects=[
        "indivisible_channels_go_through",
        "wrong_divisibility_check",
        "chunks_make_fewer_groups",
        "returns_none_instead_of_an_error",
    ]
)
def raises_an_error_unless_num_groups_divides_c(my_group_norm, rng):
    """Where C is not divisible by num_groups, a clear error is raised, even if the numbers of a sample could be split
    into so many equal parts.
    """
    return {
        "6 channels in 4 groups": refusal(my_group_norm, *draw(rng, 2, 6, 10, groups=4).values()),
        "5 channels in 2 groups": refusal(my_group_norm, *draw(rng, 2, 5, 3, groups=2).values()),
        "7 channels in 3 groups": refusal(my_group_norm, *draw(rng, 3, 7, groups=3, dtype=torch.float64).values()),
    }


@case(rejects=["groups_limited_to_the_channels"])
def raises_an_error_for_more_groups_than_channels(my_group_norm, rng):
    """Where num_groups is larger than C, a clear error is raised, also where it is a multiple of C."""
    return {
        "3 channels in 6 groups": refusal(my_group_norm, *draw(rng, 2, 3, 4, groups=6).values()),
        "4 channels in 5 groups": refusal(my_group_norm, *draw(rng, 3, 4, 5, groups=5).values()),
    }


@case(title="divides by sqrt(var + eps)", rejects=["eps_outside_the_root", "eps_argument_ignored"])
def divides_by_the_root_of_var_plus_eps(my_group_norm, rng):
    """The divisor is sqrt(var + eps), with the eps that was passed in, and not sqrt(var) + eps."""
    return {"output": my_group_norm(*draw(rng, 2, 6, 3, 2, groups=3).values(), eps=float(rng.uniform(1.3, 2.4)))}


@case(rejects=["statistics_detached", "gamma_detached", "wrong_backward_of_one_channel"])
def gradients_are_right(my_group_norm, rng):
    """x, gamma and beta get their full gradients, also through the mean and the variance, which depend on x."""
    call = draw(rng, 3, 6, 5, groups=2)
    inputs = require_gradients(call, "x", "gamma", "beta")
    output = my_group_norm(*call.values(), eps=0.21)
    return {"output": output, **gradients(output, inputs, upstream(rng, call["x"]))}


@case(rejects=["gamma_detached"])
def gamma_of_ones_and_beta_of_zeros_get_gradients(my_group_norm, rng):
    """A layer starts with gamma = 1 and beta = 0. They change nothing then, but they have their gradients."""
    call = draw(rng, 2, 4, 3, groups=2)
    call["gamma"], call["beta"] = torch.ones(4), torch.zeros(4)
    inputs = require_gradients(call, "x", "gamma", "beta")
    output = my_group_norm(*call.values(), eps=0.27)
    return {"output": output, **gradients(output, inputs, upstream(rng, call["x"]))}


@case(rejects=["root_squared_again", "eps_missing"])
def constant_groups_become_beta_with_finite_gradients(my_group_norm, rng):
    """A group whose numbers are all the same comes out as the beta of each channel. sqrt(var) has no finite gradient
    there, sqrt(var + eps) has.
    """
    call = draw(rng, 3, 6, 4, groups=3)
    call["x"][0, :2] = float(rng.integers(1, 4)) / 16
    call["x"][2, 4:] = -float(rng.integers(1, 4)) / 16
    inputs = require_gradients(call, "x", "gamma", "beta")
    output = my_group_norm(*call.values(), eps=0.0031)
    return {"output": output, **gradients(output, inputs, upstream(rng, call["x"]))}


@case(rejects=["mean_of_squares_minus_square_of_mean"], tolerance=ROUNDED_AT_THE_OFFSET)
def is_accurate_when_the_mean_is_large(my_group_norm, rng):
    """Groups may lie far from zero. The variance must come from the deviations from the mean, or float32 rounds it away."""
    call = draw(rng, 2, 4, 8, groups=2)
    call["x"] = tensor(4096 + np.round(64 * rng.normal(scale=0.45, size=(2, 4, 8, 1))) / 64)
    return {"output": my_group_norm(*call.values(), eps=0.021)}


@case(rejects=["groups_over_the_batch"])
def works_on_large_batches(my_group_norm, rng):
    """Each of a thousand samples is normalised like a single one, and gets its gradient."""
    call = draw(rng, 1037, 1, 2, groups=1, dtype=torch.float64)
    call["x"][1000 + int(rng.integers(37)), 0, 1] = 700.0
    inputs = require_gradients(call, "x", "gamma", "beta")
    output = my_group_norm(*call.values(), eps=0.24)
    after = {f"{name} after the call": call[name].detach().clone() for name in inputs}
    return {"output": output, **gradients(output, inputs, upstream(rng, call["x"])), **after}


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
