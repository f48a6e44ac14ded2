"""The hidden suite of BatchNorm2d.

Images have odd, unequal sides. The state of a module is written into its named tensors, so that each quantity in the
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
    build,
    case,
    counterexample,
    deep_copy,
    describe,
    fill,
    gradients,
    load_state,
    raised,
    signed,
    snapshot,
    tensor,
    tensor_of,
    upstream,
)

AFFINE = ("weight", "bias")
RUNNING = ("running_mean", "running_var")
NAMES = (*AFFINE, *RUNNING, "num_batches_tracked")

layer = describe(
    sizes={
        "images": 3,
        "channels": Size(5, large=35),
        "height": Size(4, large=35),
        "width": Size(2, one="eval"),
    },
    made_with=["channels"],
    options=[
        Option("eps", 1e-5, usual=(0.05, 0.3), also=[2]),
        Option("momentum", 0.1, usual=(0.2, 0.45), also=[0, None, 1]),
    ],
    parameters=[Argument("weight", "channels", between=(1.2, 2.2)), Argument("bias", "channels", between=(0.4, 0.9))],
    buffers=[
        Argument("running_mean", "channels", between=(3.6, 5.4), changes=True),
        Argument("running_var", "channels", between=(6.5, 9.5), positive=True, scales=2, changes=True),
        Argument("num_batches_tracked", "", integers=(3, 90), changes=True),
    ],
    arguments=[Argument("x", "images channels height width")],
)
"""With affine and track_running_stats: what is switched off is not there, which cases by hand look at."""


def standard_images(rng, n, channels, height, width):
    """Draw images whose channels have mean 0 and biased variance 1, and whose images differ in their means."""
    drawn = rng.normal(size=(n, channels, height, width)) + rng.normal(size=(n, channels, 1, 1))
    drawn -= drawn.mean(axis=(0, 2, 3), keepdims=True)
    return drawn if n * height * width == 1 else drawn / drawn.std(axis=(0, 2, 3), keepdims=True)


def draw_images(rng, n, channels, height, width, *, dtype=torch.float32, scale=1.0):
    """Draw a batch whose means and variances are far from those of `draw_state`."""
    spread = scale * rng.uniform(1.3, 2.3, (channels, 1, 1))
    centre = scale * signed(rng, 1.1, 2.9, (channels, 1, 1))
    return tensor(centre + spread * standard_images(rng, n, channels, height, width), dtype)


def draw_state(rng, channels, scale=1.0):
    """Draw values for the state of a module."""
    return {
        "weight": tensor(signed(rng, 1.2, 2.2, channels)),
        "bias": tensor(signed(rng, 0.4, 0.9, channels)),
        "running_mean": tensor(scale * signed(rng, 3.6, 5.4, channels)),
        "running_var": tensor(scale**2 * rng.uniform(6.5, 9.5, channels)),
        "num_batches_tracked": torch.tensor(int(rng.integers(3, 7))),
    }


def drawn(module_class, rng, channels, *, scale=1.0, counted=True, **options):
    """Make a module and write drawn values into the part of the state that it has; the count, too, if wanted.

    A count that is missing is left to the cases that look at it: nothing else depends on it.
    """
    module = build(module_class, channels, **options)
    kept = (*RUNNING, "num_batches_tracked") if counted else RUNNING
    there = (AFFINE if options.get("affine", True) else ()) + (kept if options.get("track_running_stats", True) else ())
    for name, values in draw_state(rng, channels, scale).items():
        is_missing_count = name == "num_batches_tracked" and getattr(module, name, None) is None
        if name in there and not is_missing_count:
            fill(name, tensor_of(module, name), values)
    return module


def entries(module):
    """Return the state dict in the order of names, safe from later updates."""
    return {name: value.detach().clone() for name, value in sorted(module.state_dict().items())}


def found_gradients(rng, module, x, output, names=AFFINE):
    """Return the gradients of x and of the named parameters."""
    return gradients(output, {"x": x, **{name: tensor_of(module, name) for name in names}}, upstream(rng, x))


def has_memory_of_its_own(output, *others):
    """Tell whether the result shares memory with none of the others."""
    return all(output.untyped_storage().data_ptr() != each.untyped_storage().data_ptr() for each in others)


def observed_in_both_modes(rng, module):
    """Look at all that a call does where something is switched off: what it gives, sends back, records and leaves alone."""
    module.double()
    found = {}
    for mode in ("training", "eval"):
        module.train(mode == "training")
        x = draw_images(rng, 2, 3, 5, 2, dtype=torch.float64)
        x[1, int(rng.integers(3)), 2, 1] = 2000.0
        if getattr(module, "bias", None) is not None:
            fill("bias", module.bias, tensor(signed(rng, 70.0, 90.0, 3)))
        before, generator = x.clone(), torch.get_rng_state()
        output = module(x.requires_grad_())
        found[mode] = {
            "output": output,
            "memory of its own": has_memory_of_its_own(output, x, *module.state_dict().values()),
            "x and the random generator unchanged": [torch.equal(x, before), torch.equal(torch.get_rng_state(), generator)],
            "module.training, gradients recorded, default dtype": [module.training, torch.is_grad_enabled(), str(torch.get_default_dtype())],
            "requires_grad": {name: getattr(getattr(module, name, None), "requires_grad", None) for name in NAMES},
            "state": entries(module),
            **found_gradients(rng, module, x, output, [name for name in AFFINE if getattr(module, name, None) is not None]),
        }
        module.requires_grad_(requires_grad=False)
        fixed = module(before)
        found[mode]["where nothing requires grad"] = {
            "output.requires_grad": fixed.requires_grad,
            "memory of its own": has_memory_of_its_own(fixed, output, before, *module.state_dict().values()),
            "x unchanged": torch.equal(x, before),
        }
        module.requires_grad_()
    return found | {"dtype in float32": str(module.float()(before.float()).dtype)}


@case(title="training normalises over N, H and W", rejects=["running_statistics_in_training", "statistics_of_the_whole_tensor", "statistics_of_each_image", "reshaped_without_permuting", "variances_of_the_images_averaged", "weight_forgotten"])
def training_normalises_over_batch_height_and_width(BatchNorm2d, rng):
    """In training mode, each channel is normalised with its own mean and biased variance over the batch, the rows and
    the columns, then scaled by weight and shifted by bias.
    """
    module = drawn(BatchNorm2d, rng, 5, eps=0.013, momentum=0.23)
    return {"output": module(draw_images(rng, 3, 5, 7, 2))}


@case(rejects=["reversed_momentum", "biased_running_variance", "variance_corrected_by_the_number_of_images", "running_statistics_never_updated"])
def training_updates_the_running_statistics(BatchNorm2d, rng):
    """In training mode, running = (1 - momentum) * running + momentum * batch statistic. The recorded variance is the
    unbiased one, divided by N * H * W - 1.
    """
    module = drawn(BatchNorm2d, rng, 4, eps=0.017, momentum=0.3)
    module(draw_images(rng, 2, 4, 3, 5))
    return snapshot(module, RUNNING)


@case(rejects=["unbiased_variance_in_the_normaliser", "biased_running_variance"])
def normalises_with_biased_variance_and_records_unbiased(BatchNorm2d, rng):
    """With two values in each channel, the variance that normalises is divided by 2 and the recorded one by 1."""
    found = {}
    for name, shape in {"two images": (2, 3, 1, 1), "two rows": (1, 3, 2, 1), "two columns": (1, 3, 1, 2)}.items():
        module = drawn(BatchNorm2d, rng, 3, eps=0.31, momentum=0.24).double()
        found[name] = {"output": module(draw_images(rng, *shape, dtype=torch.float64)), **snapshot(module, NAMES)}
    return found


@case(rejects=["batch_statistics_in_eval", "running_statistics_updated_in_eval"])
def eval_uses_the_running_statistics(BatchNorm2d, rng):
    """In eval mode, running_mean and running_var are used as they are and do not change, nor does num_batches_tracked;
    the batch's own statistics play no part.
    """
    module = drawn(BatchNorm2d, rng, 3, eps=0.19, momentum=0.41).eval()
    return {"output": module(draw_images(rng, 2, 3, 4, 5)), **snapshot(module, NAMES)}


@case(rejects=["running_variance_starts_at_zero", "state_shaped_for_broadcasting", "batch_count_has_a_dimension"])
def a_new_module_has_the_right_initial_state(BatchNorm2d, rng):
    """Before any batch, weight and running_var are ones, bias and running_mean zeros, num_batches_tracked is an int64 0
    without dimensions, and the module is in training mode.
    """
    module = build(BatchNorm2d, int(rng.integers(3, 8)))
    return {"state": snapshot(module, NAMES), "training": module.training, "one channel": snapshot(build(BatchNorm2d, 1), NAMES)}


@case(title="divides by sqrt(var + eps)", rejects=["eps_outside_the_root", "eps_raised_to_a_floor"])
def divides_by_the_root_of_var_plus_eps(BatchNorm2d, rng):
    """The divisor is sqrt(var + eps) in both modes, with the eps that the module was made with, and not sqrt(var) + eps.
    Both may be tiny.
    """
    module = drawn(BatchNorm2d, rng, 4, eps=float(rng.uniform(1.3, 2.4)), momentum=0.17)
    x = draw_images(rng, 3, 4, 2, 5)
    seen = {"training": module(x), "eval": module.eval()(x)}
    tiny = drawn(BatchNorm2d, rng, 4, eps=float(rng.uniform(2e-8, 4e-8)), momentum=0.17)
    seen["training, variance and eps near 1e-8"] = tiny(draw_images(rng, 3, 4, 2, 5, scale=1e-4))
    fill("running_var", tensor_of(tiny, "running_var"), rng.uniform(1e-8, 3e-8, 4))
    fill("running_mean", tensor_of(tiny, "running_mean"), np.zeros(4))
    return seen | {"eval, variance and eps near 1e-8": tiny.eval()(draw_images(rng, 3, 4, 2, 5, scale=1e-4))}


@case(title="num_batches_tracked counts the training batches", rejects=["batches_not_counted"])
def num_batches_tracked_counts_training_batches(BatchNorm2d, rng):
    """num_batches_tracked grows by one with each training batch, whatever its size, also where momentum is a number."""
    module = drawn(BatchNorm2d, rng, 3, momentum=0.36)
    counts = []
    for n, mode in ((2, True), (3, True), (4, False), (5, True)):
        module.train(mode)(draw_images(rng, n, 3, 2, 3))
        counts.append(tensor_of(module, "num_batches_tracked").clone())
    return {"counts": counts, **snapshot(module, RUNNING)}


@case(title="momentum=None averages all batches equally", rejects=["momentum_none_taken_for_the_default", "average_with_the_start_value", "batches_not_counted"])
def momentum_none_averages_all_batches(BatchNorm2d, rng):
    """With momentum=None the n-th batch has the share 1 / n: after each step the running statistics are the plain
    average of all batches so far, and nothing is left of the initial values.
    """
    module = drawn(BatchNorm2d, rng, 3, counted=False, momentum=None)
    records = []
    for n in (2, 5, 3):
        module(draw_images(rng, n, 3, 3, 2))
        records.append(snapshot(module, NAMES))
    found = {"records": records, "eval": module.eval()(draw_images(rng, 1, 3, 2, 2))}
    if isinstance(getattr(module, "num_batches_tracked", None), torch.Tensor):
        module.num_batches_tracked.fill_(9999)
    module.train()(draw_images(rng, 2, 3, 3, 2, scale=1000.0))
    return found | {"after batch 10,000": snapshot(module, RUNNING)}


@case(title="affine=False and track_running_stats=False give None", rejects=["affine_argument_ignored", "tracking_off_keeps_the_buffers", "statistics_as_parameters"])
def what_is_switched_off_is_none(BatchNorm2d, rng):
    """With affine=False, weight and bias are None; with track_running_stats=False, the three buffers are. The state
    dict has no entry for what is not there.
    """
    found = {}
    for affine in (True, False):
        for tracked in (True, False):
            module = build(BatchNorm2d, 4, affine=affine, track_running_stats=tracked)
            attributes = {name: getattr(module, name, "missing") is None for name in NAMES}
            found[f"affine={affine}, track_running_stats={tracked}"] = {
                "is None": attributes,
                "entries": sorted(module.state_dict()),
                "parameters require gradients": {name: value.requires_grad for name, value in sorted(module.named_parameters())},
                "buffers": sorted(name for name, _ in module.named_buffers()),
            }
    return found


@case(title="affine=False neither scales nor shifts", rejects=["affine_argument_ignored"])
def affine_false_neither_scales_nor_shifts(BatchNorm2d, rng):
    """With affine=False there is neither scale nor shift, in both modes; the running statistics are recorded as usual.
    affine defaults to True.
    """
    found = {}
    for affine, momentum in ((True, 0.28), (False, None)):
        module = drawn(BatchNorm2d, rng, 3, affine=affine, eps=0.23, momentum=momentum)
        found[f"affine={affine}"] = observed_in_both_modes(rng, module)
    return found


@case(title="track_running_stats=False: eval uses batch statistics", rejects=["tracking_off_uses_start_values_in_eval", "tracking_off_keeps_the_buffers"])
def without_tracking_eval_uses_the_batch_statistics(BatchNorm2d, rng):
    """With track_running_stats=False nothing is recorded, and the batch's own statistics are used in eval mode too.
    track_running_stats defaults to True.
    """
    found = {}
    for affine, tracked in ((True, False), (False, False), (True, True)):
        module = drawn(BatchNorm2d, rng, 3, affine=affine, track_running_stats=tracked, eps=0.23, momentum=0.28)
        found[f"affine={affine}, track_running_stats={tracked}"] = observed_in_both_modes(rng, module)
    return found


@case(title="loads the state dict of nn.BatchNorm2d", rejects=["buffers_not_persistent", "parameters_named_gamma_and_beta", "batch_count_missing"])
def loads_the_state_dict_of_pytorchs_layer(BatchNorm2d, rng):
    """A state dict of torch.nn.BatchNorm2d loads strictly, takes effect at once in eval, and training goes on from it."""
    built_in = nn.BatchNorm2d(4)
    built_in.load_state_dict(draw_state(rng, 4))
    module = build(BatchNorm2d, 4, momentum=0.32)
    x = draw_images(rng, 2, 4, 3, 3)
    module.eval()(x)
    load_state(module, built_in.state_dict())
    output = module(x)
    module.train()(x)
    return {"eval": output, "one step later": entries(module)}


@case(title="its state dict loads into nn.BatchNorm2d", rejects=["buffers_not_persistent", "parameters_named_gamma_and_beta", "batch_count_missing"])
def its_state_dict_loads_into_pytorchs_layer(BatchNorm2d, rng):
    """torch.nn.BatchNorm2d, made with the same arguments, loads this module's state dict strictly, whatever is switched off."""
    found = {}
    for name, options in {
        "all": {},
        "no affine": {"affine": False},
        "no tracking": {"track_running_stats": False},
        "neither": {"affine": False, "track_running_stats": False},
    }.items():
        module = drawn(BatchNorm2d, rng, 3, momentum=0.27, **options)
        module(draw_images(rng, 2, 3, 2, 4))
        found[name] = entries(load_state(nn.BatchNorm2d(3, **options), module.state_dict()))
    return found


@case(title="raises ValueError unless x has 4 dimensions", rejects=["number_of_dimensions_not_checked"])
def raises_value_error_unless_x_has_4_dimensions(BatchNorm2d, rng):
    """An x that does not have 4 dimensions raises ValueError, in training and in eval, with and without tracking."""
    shapes = ((), (3,), (5, 3), (3, 4, 5), (2, 3, 4), (2, 3, 4, 5, 2))
    found = {}
    for tracked in (True, False):
        module = drawn(BatchNorm2d, rng, 3, track_running_stats=tracked)
        for mode in (True, False):
            raisings = {str(shape): raised(module.train(mode), tensor(rng.normal(size=shape))) for shape in shapes}
            found[f"track_running_stats={tracked}, {'training' if mode else 'eval'}"] = raisings
    return found


@case(title="training raises ValueError for one value per channel", rejects=["single_value_not_refused"])
def training_raises_value_error_for_one_value_per_channel(BatchNorm2d, rng):
    """Where the batch's statistics are needed and N * H * W is 1, there is no variance: training raises ValueError,
    with tracking and without.
    """
    found = {}
    for channels in (1, 4):
        x = draw_images(rng, 1, channels, 1, 1)
        found[f"{channels} channels"] = {
            "training": raised(drawn(BatchNorm2d, rng, channels), x),
            "training without tracking": raised(drawn(BatchNorm2d, rng, channels, track_running_stats=False), x),
        }
    return found


def answer_to_a_single_value(module, x):
    """Say in words what a module makes of one value for each channel, where it may refuse it or take its variance for 0."""
    try:
        output = module(x)
    except ValueError:
        return "refused, or the bias"
    except Exception as error:
        return type(error).__name__
    bias = torch.zeros(x.shape[1]) if module.bias is None else tensor_of(module, "bias").detach()
    wanted = bias.reshape(1, -1, 1, 1)
    fits = isinstance(output, torch.Tensor) and output.shape == wanted.shape and torch.allclose(output, wanted, rtol=1e-4, atol=1e-5)
    return "refused, or the bias" if fits else "no ValueError, and not the bias"


@case(rejects=["single_value_is_nan_without_tracking"])
def one_value_per_channel_in_eval_without_tracking(BatchNorm2d, rng):
    """In eval mode with track_running_stats=False, N * H * W = 1 raises ValueError, as in PyTorch, or has variance 0.
    Both are fine, and nothing else is.
    """
    found = {}
    for affine in (True, False):
        module = drawn(BatchNorm2d, rng, 3, affine=affine, track_running_stats=False, eps=0.2).eval()
        found[f"affine={affine}"] = answer_to_a_single_value(module, draw_images(rng, 1, 3, 1, 1))
    return found


@case(rejects=["statistics_detached", "only_the_variance_detached"])
def gradients_are_right_in_training(BatchNorm2d, rng):
    """In training mode, x, weight and bias get their full gradients, also through the batch's mean and variance, which
    depend on x.
    """
    module = drawn(BatchNorm2d, rng, 4, eps=0.21, momentum=0.27)
    x = draw_images(rng, 3, 4, 2, 5).requires_grad_()
    output = module(x)
    return {"output": output, **found_gradients(rng, module, x, output)}


@case(rejects=["mean_of_squares_minus_square_of_mean"], tolerance=ROUNDED_AT_THE_OFFSET)
def is_accurate_when_the_mean_is_large(BatchNorm2d, rng):
    """Channels may lie far from zero. The variance must come from the deviations from the mean, or float32 rounds it away."""
    module = drawn(BatchNorm2d, rng, 3, eps=0.021, momentum=0.43)
    deviations = np.round(64 * rng.uniform(0.3, 0.6, (3, 1, 1)) * standard_images(rng, 2, 3, 4, 3)) / 64
    fill("running_var", tensor_of(module, "running_var"), tensor(rng.uniform(0.5, 0.8, 3)))
    output = module(tensor(4096 + deviations))
    return {"output": output, "running_var": snapshot(module, RUNNING)["running_var"]}


@case(title="follows train() and eval() of the network", rejects=["own_training_flag"])
def follows_train_and_eval_of_the_network(BatchNorm2d, rng):
    """Inside a network, training and eval take turns: each starts from the statistics that the last step left, and
    results returned earlier do not change.
    """
    module = drawn(BatchNorm2d, rng, 3, eps=0.16, momentum=0.27)
    network = nn.Sequential(nn.Identity(), nn.Sequential(module))
    outputs, records = [], []
    for mode in (False, True, True, False, True, False):
        outputs.append(network.train(mode)(draw_images(rng, 2, 3, 3, 2)))
        records.append(snapshot(module, RUNNING))
    return {"outputs": outputs, "records": records}


@case(title="works on images in channels_last format", rejects=["reshaped_without_permuting"])
def works_on_images_in_channels_last_format(BatchNorm2d, rng):
    """x may have the memory format channels_last: which axis holds the channels is said by the shape, not by the order
    in memory.
    """
    module = drawn(BatchNorm2d, rng, 5, eps=0.22, momentum=0.33)
    found = {}
    for images in (2, 1):
        x = draw_images(rng, images, 5, 3, 4).contiguous(memory_format=torch.channels_last)
        found[f"batch of {images}"] = {"training": module.train()(x), **snapshot(module, RUNNING), "eval": module.eval()(x)}
    return found


def small_layer(draw):
    """Draw a small layer, as plain as a new one but for what has to differ, and one or two batches for it."""
    modes = draw.choice((("train",), ("eval",), ("train", "eval"), ("train", "train"), ("eval", "train"), ("eval", "eval")))
    affine, tracked = draw.choice((True, False)), draw.choice((True, False))
    meanwhile = draw.choice((None, "deepcopy", "load_state_dict", "double()"))
    lies, upstream, channels = draw.choice(("about zero", "far off", "close together")), draw.boolean(), draw.integer(1, 2)
    # float32 divides exactly by 2 and 4
    shape = draw.choice(((2, channels, 1, 1), (1, channels, 1, 2), (1, channels, 2, 1), (2, channels, 1, 2), (2, channels, 2, 1)))
    odd = draw.choice((None, None, None, None, (1, channels, 1, 1), (2, channels, 2))) if tracked or set(modes) == {"train"} else None
    dtype = torch.float64 if upstream else torch.float32  # gradients cancel, which float32 does not survive
    call = {"num_features": channels}
    for name, values in {"eps": ("default", 0.5, 1.0, 1e-7), "momentum": ("default", 0.5, None, 0.0, 1.0)}.items():
        if (value := draw.choice(values)) != "default":
            call[name] = value
    call |= ({} if affine else {"affine": False}) | ({} if tracked else {"track_running_stats": False})
    if draw.boolean():
        if affine:
            call["weight"] = tensor(draw.array(channels, -2, 3, plainest=1), dtype)
            call["bias"] = tensor(draw.array(channels, -2, 3), dtype)
        if tracked:
            call["running_mean"] = tensor(draw.array(channels, -2, 3), dtype)
            call["running_var"] = tensor(draw.array(channels, 0.5, 4, plainest=1), dtype)
            call["num_batches_tracked"] = torch.tensor(draw.integer(0, 3))
    for mode, ordinal in zip(modes, ("first", "second"), strict=False):
        last = ordinal == "second" or len(modes) == 1
        values = draw.array(odd if odd and last else shape, -3, 4)
        values = {"about zero": values, "far off": 1024 + values, "close together": values / 256}[lies]
        call |= {f"{ordinal} mode": mode, f"{ordinal} x": tensor(values, dtype)}
    if meanwhile:
        call["before the last call"] = meanwhile
    if upstream:
        call["upstream gradient"] = tensor(draw.array(odd or shape, -2, 3, plainest=1), dtype)
        call["dtype"] = "float64"
    return call


@counterexample(inputs=small_layer, tolerance=Tolerance(relative=5e-3, of_scale=5e-3))
def answers_of_a_small_layer(BatchNorm2d, call):
    """What the calls return, what the layer holds after them, and what is not as it should be in its registers."""
    options = {name: call[name] for name in ("eps", "momentum", "affine", "track_running_stats") if name in call}
    module = build(BatchNorm2d, call["num_features"], **options).to(call["first x"].dtype)
    for name in NAMES:
        if name in call:
            fill(name, tensor_of(module, name), call[name])
    ordinals = [each for each in ("first", "second") if f"{each} x" in call]
    seen = {}
    for ordinal in ordinals:
        x = call[f"{ordinal} x"]
        if ordinal == ordinals[-1]:
            if "before the last call" in call:
                module, x = _changed(module, x, call["before the last call"], lambda: build(BatchNorm2d, call["num_features"], **options))
            x = x.clone().requires_grad_("upstream gradient" in call)
        before = x.detach().clone()
        module.train(call[f"{ordinal} mode"] == "train")
        output = module(x)
        seen |= {f"{ordinal} output": output}
        seen |= {} if torch.equal(x, before) else {f"{ordinal} x after the call": x}
    affine, tracked = options.get("affine", True), options.get("track_running_stats", True)
    if "upstream gradient" in call:
        inputs = {"x": x} | {name: tensor_of(module, name) for name in AFFINE if affine}
        seen |= gradients(output, inputs, call["upstream gradient"])
    if tracked:
        seen |= snapshot(module, (*RUNNING, "num_batches_tracked"))
        seen |= {f"{name}.requires_grad": True for name in RUNNING if tensor_of(module, name).requires_grad}
    return seen | _registers(module, affine, tracked)


def _changed(module, x, how, another):
    if how == "deepcopy":
        return deep_copy(module), x
    if how == "double()":
        return module.double(), x.double()
    return load_state(another().to(x.dtype), {name: value.clone() for name, value in module.state_dict().items()}), x


def _registers(module, affine, tracked):
    """Return what is missing where the layer registers its tensors, and what is too many."""
    parameters, buffers = set(AFFINE if affine else ()), {*RUNNING, "num_batches_tracked"} if tracked else set()
    places = {
        "parameters()": (parameters, {name for name, _ in module.named_parameters()}),
        "buffers()": (buffers, {name for name, _ in module.named_buffers()}),
        "state_dict()": (parameters | buffers, set(module.state_dict())),
    }
    found = {f"missing in {place}": usual - there for place, (usual, there) in places.items()}
    found |= {f"too many in {place}": there - usual for place, (usual, there) in places.items()}
    return {name: ", ".join(sorted(names)) for name, names in found.items() if names}
