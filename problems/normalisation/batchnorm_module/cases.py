"""The hidden suite of batch normalisation as a module.

Every case makes its own modules. Their state is written into the four named tensors, so that each quantity in the
formula differs from 0, from 1 and from every other; only a few cases look at what a fresh module starts with.
"""

import numpy as np
import torch
from torch import nn

from torch_judge.authoring import (
    ROUNDED_AT_THE_OFFSET,
    Argument,
    Option,
    Size,
    Tolerance,
    WrongAnswer,
    build,
    case,
    counterexample,
    deep_copy,
    describe,
    draw_batch,
    fill,
    gradients,
    load_state,
    signed,
    snapshot,
    standard,
    tensor,
    tensor_of,
    upstream,
)

RUNNING = ("running_mean", "running_var")
STATE = ("gamma", "beta", *RUNNING)

layer = describe(
    sizes={"rows": Size(7, one="eval"), "features": 5},
    made_with=["features"],
    options=[
        Option("eps", 1e-5, usual=(0.05, 0.3), also=[2]),
        Option("momentum", 0.1, usual=(0.2, 0.45), also=[0, 1]),
    ],
    parameters=[Argument("gamma", "features", between=(1.2, 2.2)), Argument("beta", "features", between=(0.4, 0.9))],
    buffers=[
        Argument("running_mean", "features", between=(3.6, 5.4), changes=True),
        Argument("running_var", "features", between=(6.5, 9.5), positive=True, scales=2, changes=True),
    ],
    arguments=[Argument("x", "rows features")],
)
"""A single row may be refused in training, so that a case by hand looks at it."""


def draw_state(rng, features, scale=1.0):
    """Draw values for the four tensors of a module."""
    return {
        "gamma": tensor(signed(rng, 1.2, 2.2, features)),
        "beta": tensor(signed(rng, 0.4, 0.9, features)),
        "running_mean": tensor(scale * signed(rng, 3.6, 5.4, features)),
        "running_var": tensor(scale**2 * rng.uniform(6.5, 9.5, features)),
    }


def drawn(module_class, rng, features, *, scale=1.0, **options):
    """Make a module and write drawn values into its state."""
    module = build(module_class, features, **options)
    for name, values in draw_state(rng, features, scale).items():
        fill(name, tensor_of(module, name), values)
    return module


def found_gradients(rng, module, x, output):
    """Return the gradients of x, gamma and beta."""
    return gradients(output, {"x": x, "gamma": tensor_of(module, "gamma"), "beta": tensor_of(module, "beta")}, upstream(rng, x))


@case(
    rejects=[
        "running_statistics_in_training",
        "running_statistics_updated_before_use",
        "statistics_of_the_whole_tensor",
        "gamma_forgotten",
        "divides_by_the_variance",
        "not_an_nn_module",
    ]
)
def training_uses_the_batch_statistics(BatchNorm1DManual, rng):
    """In training mode, each feature is normalised with its own mean and biased variance over the rows, then scaled
    by gamma and shifted by beta.
    """
    module = drawn(BatchNorm1DManual, rng, 5, eps=0.013, momentum=0.23)
    return {"output": module(draw_batch(rng, 7, 5))}


@case(rejects=["reversed_momentum", "unbiased_running_variance", "running_statistics_never_updated"])
def training_updates_the_running_statistics(BatchNorm1DManual, rng):
    """In training mode, running = (1 - momentum) * running + momentum * batch statistic, with the biased variance,
    kept in the module's buffers.
    """
    module = drawn(BatchNorm1DManual, rng, 4, eps=0.017, momentum=0.3)
    module(draw_batch(rng, 5, 4))
    return snapshot(module, RUNNING)


@case(rejects=["batch_statistics_in_eval"])
def eval_uses_the_running_statistics(BatchNorm1DManual, rng):
    """In eval mode, running_mean and running_var are used as they are; the batch's own statistics play no part."""
    module = drawn(BatchNorm1DManual, rng, 3, eps=0.19, momentum=0.41).eval()
    return {"output": module(draw_batch(rng, 6, 3))}


@case(rejects=["running_statistics_updated_in_eval"])
def eval_does_not_change_the_state(BatchNorm1DManual, rng):
    """In eval mode, all four tensors of the module stay exactly as they were."""
    module = drawn(BatchNorm1DManual, rng, 3, eps=0.11, momentum=0.37).eval()
    module(draw_batch(rng, 4, 3))
    return snapshot(module, STATE)


@case(
    rejects=[
        "gamma_does_not_start_as_ones",
        "running_variance_starts_at_zero",
        "statistics_created_at_the_first_batch",
        "state_of_shape_one_by_d",
        "starts_in_float64",
    ]
)
def a_new_module_has_the_right_initial_state(BatchNorm1DManual, rng):
    """Before any batch, gamma and running_var are ones, beta and running_mean zeros, all of shape (num_features,) and
    in float32, and the module is in training mode.
    """
    features = int(rng.integers(3, 8))
    module = build(BatchNorm1DManual, features)
    return {"state": snapshot(module, STATE), "training": module.training, "one feature": snapshot(build(BatchNorm1DManual, 1), STATE)}


@case(title="momentum defaults to 0.1", rejects=["wrong_default_momentum", "running_variance_starts_at_zero"])
def momentum_defaults_to_a_tenth(BatchNorm1DManual, rng):
    """A module made with num_features alone updates its running statistics with momentum 0.1, and leaves gamma and beta
    to the optimiser.
    """
    module = build(BatchNorm1DManual, 3)
    module(draw_batch(rng, 5, 3))
    return snapshot(module, STATE)


@case(title="divides by sqrt(var + eps)", rejects=["eps_outside_the_root", "eps_argument_ignored"])
def divides_by_the_root_of_var_plus_eps(BatchNorm1DManual, rng):
    """The divisor is sqrt(var + eps) in both modes, with the eps that the module was made with, and not sqrt(var) + eps."""
    module = drawn(BatchNorm1DManual, rng, 4, eps=float(rng.uniform(1.3, 2.4)), momentum=0.17)
    x = draw_batch(rng, 9, 4)
    return {"training": module(x), "eval": module.eval()(x)}


@case(rejects=["variance_has_a_floor"])
def works_with_a_tiny_variance_and_a_tiny_eps(BatchNorm1DManual, rng):
    """A tiny variance is used as it is, and so is a tiny eps above 0: neither is raised to a floor."""
    module = drawn(BatchNorm1DManual, rng, 4, scale=0.0005, eps=1e-9, momentum=0.33)
    x = draw_batch(rng, 6, 4, scale=0.0005)
    return {"training": module(x), "eval": module.eval()(x)}


@case(rejects=["eps_in_the_running_variance"])
def running_variance_does_not_include_eps(BatchNorm1DManual, rng):
    """The running variance averages the variance itself, however small it is; eps belongs to the divisor only."""
    module = drawn(BatchNorm1DManual, rng, 3, scale=0.05, eps=0.7, momentum=0.34)
    module(draw_batch(rng, 5, 3, scale=0.05))
    return snapshot(module, RUNNING)


@case(
    title="gamma and beta are parameters, the statistics buffers",
    rejects=[
        "statistics_as_parameters",
        "gamma_and_beta_as_plain_tensors",
        "statistics_as_plain_attributes",
    ]
)
def gamma_and_beta_are_parameters_the_statistics_buffers(BatchNorm1DManual, rng):
    """parameters() gives gamma and beta only, for the optimiser; the running statistics are registered as buffers.
    """
    module = build(BatchNorm1DManual, int(rng.integers(2, 6)))
    found = {name: value.requires_grad for name, value in sorted(module.named_parameters())}
    buffers = {name for name, _ in module.named_buffers()}
    return {"parameters require gradients": found, "buffers": sorted(buffers & set(STATE))}


@case(title="state_dict() holds all four tensors", rejects=["buffers_not_persistent", "statistics_as_plain_attributes"])
def state_dict_holds_all_four_tensors(BatchNorm1DManual, rng):
    """state_dict() has gamma, beta, running_mean and running_var, as they are after the last training step."""
    module = drawn(BatchNorm1DManual, rng, 3, eps=0.12, momentum=0.28)
    module(draw_batch(rng, 4, 3))
    return {name: value.detach().clone() for name, value in sorted(module.state_dict().items()) if name in STATE}


@case(title="follows train() and eval() of the network", rejects=["own_training_flag"])
def follows_train_and_eval_of_the_network(BatchNorm1DManual, rng):
    """train() and eval() of a network that holds the module switch its mode, back and forth, through its attribute training."""
    module = drawn(BatchNorm1DManual, rng, 3, eps=0.16, momentum=0.27)
    network = nn.Sequential(nn.Identity(), nn.Sequential(module))
    steps = []
    for mode in (False, True, False, True, True, False):
        output = network.train(mode)(draw_batch(rng, 4, 3))
        steps.append({"output": output.detach().clone(), **snapshot(module, RUNNING)})
    return {"steps": steps}


@case(rejects=["single_row_refused_too_late", "unbiased_variance_everywhere"])
def one_row_in_training_is_normalised_or_refused(BatchNorm1DManual, rng):
    """In training mode a single row is a batch: its mean is the row itself, its variance 0, and both are recorded. To
    refuse it with an error is fine too, if nothing is recorded.
    """
    module = drawn(BatchNorm1DManual, rng, 3, eps=0.043, momentum=0.26)
    x, before = draw_batch(rng, 1, 3), snapshot(module, STATE)
    try:
        output = module(x)
    except Exception:  # whatever a learner refuses it with
        after = snapshot(module, STATE)
        if any(not torch.equal(before[name], after[name]) for name in STATE):
            raise WrongAnswer("the row was refused with an error, but the state of the module had changed by then") from None
        return {  # what the row would have given: nothing is held against the module
            "output": before["beta"][None],
            "running_mean": 0.74 * before["running_mean"] + 0.26 * x[0],
            "running_var": 0.74 * before["running_var"],
        }
    return {"output": output, **snapshot(module, RUNNING)}


@case(rejects=["statistics_detached"])
def gradients_are_right_in_training(BatchNorm1DManual, rng):
    """In training mode, x, gamma and beta get their full gradients, also through the batch's mean and variance, which
    depend on x.
    """
    module = drawn(BatchNorm1DManual, rng, 4, eps=0.21, momentum=0.27)
    x = draw_batch(rng, 7, 4).requires_grad_()
    output = module(x)
    return {"output": output, **found_gradients(rng, module, x, output)}


@case(rejects=["no_gradient_in_eval"])
def gradients_are_right_in_eval(BatchNorm1DManual, rng):
    """In eval mode the result is differentiable too, for fine-tuning with frozen statistics; these are constants."""
    module = drawn(BatchNorm1DManual, rng, 3, eps=0.17, momentum=0.27).eval()
    x = draw_batch(rng, 4, 3).requires_grad_()
    output = module(x)
    return {"output": output, **found_gradients(rng, module, x, output)}


@case(rejects=["only_the_variance_detached"])
def gradients_are_right_for_nearly_constant_features(BatchNorm1DManual, rng):
    """Where the variance is about as small as eps, the path through the variance and its eps still adds to the gradient."""
    module = drawn(BatchNorm1DManual, rng, 3, momentum=0.33)
    x = draw_batch(rng, 8, 3, scale=0.003).requires_grad_()
    return found_gradients(rng, module, x, module(x))


@case(rejects=["root_squared_again"])
def constant_features_become_beta_with_finite_gradients(BatchNorm1DManual, rng):
    """A feature that is the same in every row comes out as its beta, its variance 0 enters the running variance, and
    its gradients are finite.
    """
    module = drawn(BatchNorm1DManual, rng, 3, eps=0.002, momentum=0.33)
    x = draw_batch(rng, 8, 3)
    x[:, 1] = float(rng.integers(1, 4)) / 16
    x.requires_grad_()
    output = module(x)
    return {"output": output, **snapshot(module, RUNNING), **found_gradients(rng, module, x, output)}


@case(rejects=["gamma_and_beta_as_plain_tensors", "statistics_as_parameters"])
def an_optimiser_changes_gamma_and_beta_only(BatchNorm1DManual, rng):
    """Gradient descent with weight decay on parameters() moves gamma and beta; the running statistics are not touched by it."""
    module = drawn(BatchNorm1DManual, rng, 3, eps=0.16, momentum=0.36)
    found = list(module.parameters())
    if not found:
        raise WrongAnswer("parameters() of the module: expected gamma and beta, found none")
    for step in range(3):
        x = draw_batch(rng, 5, 3)
        output = module.train(step < 2)(x)
        if not getattr(output, "requires_grad", False):
            raise WrongAnswer("output: no gradient can flow back from it, it is cut off from the graph")
        (output * upstream(rng, x)).sum().backward()
        with torch.no_grad():
            for each in found:
                if each.grad is not None:
                    each.sub_(0.05 * (each.grad + 0.6 * each))
                each.grad = None
    return snapshot(module, STATE)


@case(rejects=["mean_of_squares_minus_square_of_mean"], tolerance=ROUNDED_AT_THE_OFFSET)
def is_accurate_when_the_mean_is_large(BatchNorm1DManual, rng):
    """Features may lie far from zero. The variance must come from the deviations from the mean, or float32 rounds it away."""
    module = drawn(BatchNorm1DManual, rng, 3, eps=0.021, momentum=0.43)
    deviations = np.round(64 * rng.uniform(0.3, 0.6, 3) * standard(rng, (16, 3), over=0)) / 64
    fill("running_var", tensor_of(module, "running_var"), tensor(rng.uniform(0.5, 0.8, 3)))
    output = module(tensor(4096 + deviations))
    return {"output": output, "running_var": snapshot(module, RUNNING)["running_var"]}


def small_module(draw):
    """Draw a small module, as plain as a new one but for what has to differ, and one or two batches for it."""
    modes = draw.choice((("train",), ("eval",), ("train", "eval"), ("train", "train"), ("eval", "train"), ("eval", "eval")))
    meanwhile = draw.choice((None, "deepcopy", "state_dict into another", "double()"))
    lies, upstream = draw.choice(("about zero", "far off", "close together")), draw.boolean()
    rows, features = draw.choice((2, 4) if "train" in modes else (1, 2)), draw.integer(1, 2)  # by which float32 divides exactly
    dtype = torch.float64 if upstream else torch.float32  # gradients cancel, which float32 does not survive
    call = {"num_features": features}
    for name, values in {"eps": (None, 0.5, 1.0, 1e-7), "momentum": (None, 0.5, 0.0, 1.0)}.items():
        if (value := draw.choice(values)) is not None:
            call[name] = value
    if draw.boolean():
        call |= {
            "gamma": tensor(draw.array(features, -2, 3, plainest=1), dtype),
            "beta": tensor(draw.array(features, -2, 3), dtype),
            "running_mean": tensor(draw.array(features, -2, 3), dtype),
            "running_var": tensor(draw.array(features, 0.5, 4, plainest=1), dtype),
        }
    for mode, ordinal in zip(modes, ("first", "second"), strict=False):
        call |= {f"{ordinal} mode": mode, f"{ordinal} x": tensor(_lying(lies, draw.array((rows, features), -3, 4)), dtype)}
    if meanwhile:
        call["before the last call"] = meanwhile
    if upstream:
        call["upstream gradient"] = tensor(draw.array((rows, features), -2, 3, plainest=1), dtype)
        call["dtype"] = "float64"
    return call


def _lying(where, values):
    return {"about zero": values, "far off": 1024 + values, "close together": values / 256}[where]


@counterexample(inputs=small_module, tolerance=Tolerance(relative=5e-3, of_scale=5e-3))
def answers_of_a_small_module(BatchNorm1DManual, call):
    """What the calls return, what the module holds after them, and what is not as it should be in its registers."""
    options = {name: call[name] for name in ("eps", "momentum") if name in call}
    module = build(BatchNorm1DManual, call["num_features"], **options).to(call["first x"].dtype)
    for name in STATE:
        if name in call:
            fill(name, tensor_of(module, name), call[name])
    ordinals = [each for each in ("first", "second") if f"{each} x" in call]
    seen = {}
    for ordinal in ordinals:
        x = call[f"{ordinal} x"]
        if ordinal == ordinals[-1]:
            if "before the last call" in call:
                module, x = _changed(module, x, call["before the last call"], lambda: build(BatchNorm1DManual, call["num_features"], **options))
            x = x.clone().requires_grad_("upstream gradient" in call)
        before = x.detach().clone()
        module.train(call[f"{ordinal} mode"] == "train")
        output = module(x)
        seen |= {f"{ordinal} output": output}
        seen |= {} if torch.equal(x, before) else {f"{ordinal} x after the call": x}
    if "upstream gradient" in call:
        seen |= gradients(output, {"x": x, "gamma": tensor_of(module, "gamma"), "beta": tensor_of(module, "beta")}, call["upstream gradient"])
    seen |= snapshot(module, STATE if "gamma" not in call else RUNNING) | _registers(module)
    return seen | {f"{name}.requires_grad": True for name in RUNNING if tensor_of(module, name).requires_grad}


def _changed(module, x, how, another):
    if how == "deepcopy":
        return deep_copy(module), x
    if how == "double()":
        return module.double(), x.double()
    return load_state(another().to(x.dtype), {name: value.clone() for name, value in module.state_dict().items()}), x


def _registers(module):
    """Return what is missing where the module registers its tensors, and which parameters are too many."""
    parameters, buffers = {name for name, _ in module.named_parameters()}, {name for name, _ in module.named_buffers()}
    found = {
        "missing in parameters()": {"gamma", "beta"} - parameters,
        "too many in parameters()": parameters - {"gamma", "beta"},
        "missing in buffers()": set(RUNNING) - buffers,
        "missing in state_dict()": set(STATE) - set(module.state_dict()),
    }
    return {name: ", ".join(sorted(names)) for name, names in found.items() if names}
