"""The hidden suite of batch normalisation with a projection.

Every case writes weights of its own into `linear`, and mostly statistics of its own into the buffers, so that no quantity
in the formula is 0, 1 or equal to another. Batches are small: there N and N - 1 are far apart. The standard cases come from
the description; by hand are the cases that say what this convention is, and what a description cannot say of a mode that
is passed with the call, and of running statistics that may be kept anywhere.
"""


import numpy as np
import torch
from torch import nn

from torch_judge.authoring import (
    ROUNDED_AT_THE_OFFSET,
    Argument,
    Observer,
    Result,
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
    standard,
    tensor,
)

RUNNING = ("running_mean", "running_var")

def held(module, name):
    """Return a running statistic of the module: by its name, or else the only tensor that is called a mean or a variance."""
    value = getattr(module, name, None)
    if isinstance(value, torch.Tensor):
        return value
    words = ("mean", "mu", "avg", "average") if name == "running_mean" else ("var", "sigma")
    own = {**vars(module), **dict(module.named_buffers(recurse=False)), **dict(module.named_parameters(recurse=False))}
    found = [value for key, value in own.items() if isinstance(value, torch.Tensor) and any(word in key.lower() for word in words)]
    if len(found) != 1:
        raise WrongAnswer(f"{name} of the module: expected a tensor, found {type(value).__name__}")
    return found[0]


def place_of(value):
    """Return where the memory of a tensor lies."""
    return value.untyped_storage().data_ptr()


def projection(module):
    """Return the module's nn.Linear."""
    linear = getattr(module, "linear", None)
    if not isinstance(linear, nn.Linear):
        raise WrongAnswer(f"linear of the module: expected an nn.Linear, found {type(linear).__name__}")
    return linear


def weights(module):
    """Return the parameters of the projection; one that has no bias is rejected."""
    linear = projection(module)
    if linear.bias is None:
        raise WrongAnswer("linear.bias of the module: expected a tensor, found None")
    return {"linear.weight": linear.weight, "linear.bias": linear.bias}


def fresh(module_class, in_dim, out_dim):
    """Make a module, and check the sizes of its running statistics: (in_dim,) and (1, in_dim) are both fine."""
    module = build(module_class, in_dim, out_dim)
    for name in RUNNING:
        if held(module, name).numel() != in_dim:
            raise WrongAnswer(f"{name} of the module: expected shape {(in_dim,)}, found {tuple(held(module, name).shape)}")
    return module


def write(module, values):
    """Write values into the projection and the running statistics, by name."""
    tensors = weights(module) | {name: held(module, name).detach().view(-1) for name in RUNNING}
    for name, each in values.items():
        fill(f"{name} of the module", tensors[name], each)
    return module


def projected(module_class, rng, in_dim, out_dim):
    """Make a module and write drawn weights into its projection."""
    drawn_weights = {"linear.weight": signed(rng, 0.6, 1.9, (out_dim, in_dim)), "linear.bias": signed(rng, 0.4, 0.9, out_dim)}
    return write(fresh(module_class, in_dim, out_dim), drawn_weights)


def drawn(module_class, rng, in_dim, out_dim, *, scale=1.0):
    """Make a module and write drawn values into its projection and its running statistics."""
    module = projected(module_class, rng, in_dim, out_dim)
    mean, var = scale * signed(rng, 3.6, 5.4, in_dim), scale**2 * rng.uniform(6.5, 9.5, in_dim)
    return write(module, {"running_mean": mean, "running_var": var})


def convert(module, dtype):
    """Convert a module and its running statistics: in plain attributes they do not follow, and need not."""
    module.to(dtype)
    for name in RUNNING:
        convert_tensor(held(module, name), dtype)
    return module


def convert_tensor(value, dtype):
    """Convert a tensor in its place."""
    if value.dtype != dtype:
        value.data = value.data.to(dtype)


def call_in_its_mode(module, x, running_mean, running_var):
    """Write the running statistics, and call a module in eval mode with inference=True, one in training without."""
    for name, values in zip(RUNNING, (running_mean, running_var), strict=True):
        target = held(module, name)
        convert_tensor(target, x.dtype)
        fill(f"{name} of the module", target.detach().view(-1), values)
    output = module(x) if module.training else module(x, inference=True)
    return output, *(require_no_graph(module, name).detach().clone().view(-1) for name in RUNNING)


def require_no_graph(module, name):
    """Return a running statistic, which must not require gradients."""
    value = held(module, name)
    if value.requires_grad:
        raise WrongAnswer(f"{name}.requires_grad: expected False after the call, found True")
    return value


layer = describe(
    sizes={"rows": Size(7, one="eval"), "in_dim": 5, "out_dim": 3},
    made_with=["in_dim", "out_dim"],
    parameters=[Argument("linear.weight", "out_dim in_dim"), Argument("linear.bias", "out_dim", between=(0.4, 0.9))],
    arguments=[
        Argument("x", "rows in_dim"),
        Argument("running_mean", "in_dim", between=(3.6, 5.4), differentiable=False, views=False),
        Argument("running_var", "in_dim", between=(6.5, 9.5), positive=True, scales=2, differentiable=False, views=False),
    ],
    results=[
        Result("output", "rows out_dim"),
        Result("running_mean after the call", "in_dim", number=True),
        Result("running_var after the call", "in_dim", number=True),
    ],
    call=call_in_its_mode,
    without={"the_mode_follows_self_training": "The argument inference decides, and not the attribute training."},
)
"""The running statistics may have other names and shapes and be no buffers, so that they are written before each call and
read after it.
"""


def running(module):
    """Return the running statistics as they are now, safe from later updates."""
    return {name: held(module, name).detach().clone().reshape(-1) for name in RUNNING}


def state(module):
    """Return the whole state as it is now, safe from later updates."""
    return {name: value.detach().clone() for name, value in weights(module).items()} | running(module)


def all_gradients(rng, module, x, output):
    """Return the gradients of x and of the projection under a random upstream gradient."""
    above = tensor(rng.normal(size=(x.shape[0], projection(module).out_features)), x.dtype)
    return gradients(output, {"x": x, **weights(module)}, above)


DTYPES = (torch.float64, torch.float32)


def far_out(rng, rows, features, dtype):
    """Draw a batch with a number that lies far out."""
    x = draw_batch(rng, rows, features, dtype)
    x[rng.integers(rows), rng.integers(features)] *= 500.0
    return x


observer = Observer(changes=RUNNING)


def watch(rng, module, x, **options):
    """Make a call, with gradients in float64 and without in float32, and return all that is seen of it."""
    wide = x.dtype == torch.float64
    x.requires_grad_(wide)
    with torch.set_grad_enabled(wide):
        return observer.observe(
            lambda: module(x, **options),
            {"x": x},
            rng,
            held=lambda: weights(module) | {name: held(module, name).detach().view(-1) for name in RUNNING},
            state=lambda: {"the mode of the module": module.training} | {f"{name}.requires_grad": held(module, name).requires_grad for name in RUNNING},
        )


@case(
    rejects=[
        "running_statistics_in_training",
        "running_statistics_updated_before_use",
        "biased_variance_in_the_normaliser",
        "statistics_of_each_row",
        "projected_before_normalising",
        "not_an_nn_module",
    ]
)
def training_normalises_then_projects(BatchNorm, rng):
    """Without the argument inference, each feature is normalised with its own mean and unbiased variance over the rows,
    and the result is projected by self.linear.
    """
    return {"output": drawn(BatchNorm, rng, 4, 3)(draw_batch(rng, 6, 4))}


@case(
    title="running statistics keep 0.95 of the old value",
    rejects=[
        "reversed_momentum",
        "momentum_of_pytorch",
        "biased_running_variance",
        "running_statistics_never_updated",
        "std_stored_as_running_variance",
    ]
)
def running_statistics_keep_0_95_of_the_old_value(BatchNorm, rng):
    """In training, running = 0.95 * running + 0.05 * batch statistic, with the unbiased variance of x."""
    module = drawn(BatchNorm, rng, 4, 2)
    module(draw_batch(rng, 5, 4), inference=False)
    return running(module)


@case(title="running statistics start at zero, without correction", rejects=["running_variance_starts_at_one", "start_at_zero_corrected"])
def running_statistics_start_at_zero_uncorrected(BatchNorm, rng):
    """A new module starts from zeros. After the first batch the running statistics are a twentieth of the batch's: the
    start is not corrected for.
    """
    module = projected(BatchNorm, rng, 3, 2)
    records = []
    for rows in (4, 3):
        module(draw_batch(rng, rows, 3))
        records.append(running(module))
    return {"records": records}


@case(rejects=["batch_statistics_at_inference", "divides_by_the_variance"])
def inference_uses_the_running_statistics(BatchNorm, rng):
    """With inference=True running_mean and running_var are used as they are, then comes the projection; the batch's own
    statistics play no part.
    """
    return {"output": drawn(BatchNorm, rng, 3, 5)(draw_batch(rng, 4, 3), inference=True)}


@case(rejects=["running_statistics_updated_at_inference"])
def inference_does_not_change_the_state(BatchNorm, rng):
    """With inference=True all tensors of the module stay exactly as they were."""
    module = drawn(BatchNorm, rng, 3, 2)
    module(draw_batch(rng, 5, 3), inference=True)
    return state(module)


@case(rejects=["running_variance_starts_at_one", "start_at_zero_corrected"])
def inference_works_before_any_training(BatchNorm, rng):
    """Before any training the running statistics are zeros and x is divided by sqrt(0.001); after one batch they are a
    twentieth of the batch's. Neither is corrected for.
    """
    module = projected(BatchNorm, rng, 3, 2)
    x = draw_batch(rng, 4, 3)
    before = module(x, inference=True)
    module(draw_batch(rng, 5, 3))
    return {"before any training": before, "after one batch": module(x, inference=True)}


@case(
    rejects=[
        "running_variance_starts_at_one",
        "statistics_created_at_the_first_batch",
        "projection_as_a_bare_matrix",
        "projection_without_a_bias",
        "projection_starts_like_gamma_and_beta",
    ]
)
def a_new_module_has_the_right_initial_state(BatchNorm, rng):
    """Before any batch, self.linear is an nn.Linear(in_dim, out_dim) with a bias and weights that are drawn at random, and both running
    statistics are zeros of shape (in_dim,) in float32.
    """
    in_dim, out_dim = int(rng.integers(5, 8)), 40
    module, other = fresh(BatchNorm, in_dim, out_dim), fresh(BatchNorm, in_dim, out_dim)
    found = weights(module)
    shapes = {name: list(value.shape) for name, value in found.items()}
    weight, others = found["linear.weight"], weights(other)["linear.weight"]
    start = {"weight has equal numbers": len(weight.unique()) < weight.numel() / 2, "two modules start alike": torch.equal(weight, others)}
    return {"shapes": shapes, "dtypes": sorted(str(value.dtype) for value in found.values()), **start, **running(module)}


@case(title="the only parameters are linear.weight and linear.bias", rejects=["gamma_and_beta_as_well", "statistics_as_trainable_parameters"])
def the_only_parameters_are_those_of_the_projection(BatchNorm, rng):
    """parameters() gives linear.weight and linear.bias and nothing else. Running statistics that do not require grad
    may be among them.
    """
    module = fresh(BatchNorm, int(rng.integers(2, 6)), 3)
    weights(module)
    places = {place_of(held(module, name)) for name in RUNNING}
    found = module.named_parameters()
    return {"parameters": sorted(name for name, value in found if value.requires_grad or place_of(value) not in places)}


@case(rejects=["weights_folded_at_the_first_inference"])
def a_changed_tensor_takes_effect_at_once(BatchNorm, rng):
    """A value that is written into one of the four tensors takes effect at the next inference, also where the others
    stay as they are.
    """
    module, other = drawn(BatchNorm, rng, 4, 3).requires_grad_(False), drawn(BatchNorm, rng, 4, 3)
    x = draw_batch(rng, 5, 4)
    found = {"before": module(x, inference=True)}
    for name, value in state(other).items():
        write(module, {name: value})
        found[f"after {name}"] = module(x, inference=True)
    return {"outputs": found, "require gradients": [name for name, value in found.items() if value.requires_grad]}


@case(title="the argument inference decides, not self.training", rejects=["mode_taken_from_the_module"])
def the_inference_argument_decides_not_self_training(BatchNorm, rng):
    """Whether the module is in training or in eval mode makes no difference, nor who has set it: inference=True infers,
    anything else trains.
    """
    seen = {}
    for dtype in DTYPES:
        module = convert(drawn(BatchNorm, rng, 3, 3), dtype)  # where the result has room in x and in the weight
        for mode, written, options in (
            (True, False, {"inference": True}),
            (False, False, {}),
            (False, False, {"inference": True}),
            (False, True, {"inference": False}),
            (True, True, {"inference": False}),
            (True, True, {"inference": True}),
            (True, False, {"inference": False}),
            (True, False, {"inference": True}),
            (True, False, {}),
        ):
            if written:
                module.training = mode
            else:
                module.train(mode)
            seen[f"{dtype}, call {len(seen) + 1}"] = watch(rng, module, far_out(rng, 3, 3, dtype), **options)
        module.eval()
        with torch.inference_mode():
            module(draw_batch(rng, 5, 3, dtype))
        seen[f"{dtype}, after training in eval mode under torch.inference_mode()"] = running(module)
        module.train()(draw_batch(rng, 2, 3, dtype)[:1], inference=True)
        seen[f"{dtype}, module.training after inference of one row"] = module.training
    return seen


@case(rejects=["one_pair_of_statistics_for_all_modules"])
def its_state_dict_loads_into_another_module(BatchNorm, rng):
    """What state_dict() holds is loaded into another module, a used one too. With the same running statistics, which
    may be in it or not, that module then answers like the first, and the two share nothing.
    """
    seen = {}
    for dtype in DTYPES:
        first, second = (convert(drawn(BatchNorm, rng, 4, 4), dtype) for _ in range(2))
        second(draw_batch(rng, 5, 4, dtype), inference=True)
        first(draw_batch(rng, 5, 4, dtype))
        places = {place_of(value) for value in first.state_dict().values()}
        apart = [name for name in RUNNING if place_of(held(first, name)) not in places]
        load_state(second, first.state_dict())
        write(second, {name: running(first)[name] for name in apart})
        for inference in (False, True, False, True):
            x = far_out(rng, 4, 4, dtype)
            seen[f"{dtype}, call {len(seen) + 1}"] = watch(rng, second, x, **({"inference": True} if inference else {}))
        seen[f"{dtype}, the first"] = state(first)
    return seen


@case(title="divides by sqrt(var + 0.001)", rejects=["eps_of_pytorch", "eps_outside_the_root", "eps_missing"])
def divides_by_the_root_of_var_plus_0_001(BatchNorm, rng):
    """The divisor is sqrt(var + 0.001) in both modes, which matters for features that hardly vary."""
    training = drawn(BatchNorm, rng, 4, 2, scale=0.03)(draw_batch(rng, 6, 4, scale=0.03))
    inference = drawn(BatchNorm, rng, 4, 2, scale=0.015)(draw_batch(rng, 6, 4, scale=0.015), inference=True)
    return {"training": training, "inference": inference}


@case(rejects=["eps_in_the_running_variance"])
def running_variance_does_not_include_eps(BatchNorm, rng):
    """The running variance takes in the variance itself, however small it is; eps belongs to the divisor only."""
    module = drawn(BatchNorm, rng, 3, 2, scale=0.004)
    module(draw_batch(rng, 5, 3, scale=0.004))
    return running(module)


@case(title="the variance is divided by N - 1, not N", rejects=["biased_variance_everywhere", "biased_variance_in_the_normaliser", "biased_running_variance"])
def the_variance_is_divided_by_n_minus_1(BatchNorm, rng):
    """The variance is divided by N - 1, not by N, in the normaliser and in the record. With two rows that is a factor
    of two.
    """
    module = drawn(BatchNorm, rng, 3, 2)
    return {"output": module(draw_batch(rng, 2, 3)), **running(module)}


@case(rejects=["statistics_detached"])
def gradients_are_right_in_training(BatchNorm, rng):
    """In training, x and the projection get their full gradients, that of x also through the batch's mean and variance, where the only
    bias is 0 too.
    """
    seen = {}
    for out_dim in (3, 1):
        module, x = drawn(BatchNorm, rng, 4, out_dim), draw_batch(rng, 6, 4).requires_grad_()
        if out_dim == 1:
            write(module, {"linear.bias": np.zeros(1)})
        output = module(x)
        seen[f"{out_dim} results"] = {"output": output, **all_gradients(rng, module, x, output)}
    return seen


@case(rejects=["no_gradient_at_inference"])
def gradients_are_right_at_inference(BatchNorm, rng):
    """At inference the result is differentiable too; the running statistics are constants there."""
    module = drawn(BatchNorm, rng, 3, 2)
    x = draw_batch(rng, 4, 3).requires_grad_()
    output = module(x, inference=True)
    return {"output": output, **all_gradients(rng, module, x, output)}


@case(rejects=["root_squared_again"])
def works_on_constant_features(BatchNorm, rng):
    """A feature that is the same in every row is normalised to 0, its variance 0 enters the running variance, and all
    gradients are finite.
    """
    module = drawn(BatchNorm, rng, 3, 2)
    x = draw_batch(rng, 8, 3)
    x[:, 1] = float(rng.integers(1, 4)) / 16
    x.requires_grad_()
    output = module(x)
    return {"output": output, **running(module), **all_gradients(rng, module, x, output)}


@case(rejects=["mean_of_squares_minus_square_of_mean"], tolerance=ROUNDED_AT_THE_OFFSET)
def is_accurate_when_the_mean_is_large(BatchNorm, rng):
    """Features may lie far from zero. The variance must come from the deviations from the mean, or float32 rounds it away."""
    module = drawn(BatchNorm, rng, 3, 2)
    deviations = np.round(64 * rng.uniform(0.3, 0.6, 3) * standard(rng, (16, 3), over=0)) / 64
    with torch.no_grad():
        held(module, "running_var").zero_()
    output = module(tensor(4096 + deviations))
    return {"output": output, "running_var": running(module)["running_var"]}


@case(rejects=["running_statistics_never_updated", "running_statistics_updated_at_inference"])
def works_over_several_training_steps_and_inference(BatchNorm, rng):
    """Each training call starts from the statistics that the one before left, inference uses the latest; results returned
    earlier stay as they were.
    """
    module = drawn(BatchNorm, rng, 3, 2)
    outputs, records = [], []
    for inference in (False, False, True, True, False, True):
        outputs.append(module(draw_batch(rng, 4, 3), inference=inference))
        records.append(running(module))
    return {"outputs": outputs, "records": records}


@case(rejects=["one_pair_of_statistics_for_all_modules", "statistics_reached_through_a_closure"])
def modules_and_copies_share_no_state(BatchNorm, rng):
    """Each module has its own projection and statistics, also beside others of the same size and beside its own deep
    copy.
    """
    first, second = projected(BatchNorm, rng, 4, 3), projected(BatchNorm, rng, 4, 3)
    first(draw_batch(rng, 3, 4).requires_grad_())
    twin = deep_copy(first)
    for module in (second, twin):
        module(draw_batch(rng, 5, 4))
    x = draw_batch(rng, 2, 4)
    return {
        name: {**state(module), "output": module(x, inference=True)}
        for name, module in (("first", first), ("second", second), ("copy", twin))
    }


@case(rejects=["statistics_as_trainable_parameters"])
def an_optimiser_changes_the_projection_only(BatchNorm, rng):
    """A step of gradient descent with weight decay on parameters() moves linear.weight and linear.bias; the next call uses them, and the
    running statistics are not touched.
    """
    module = drawn(BatchNorm, rng, 3, 2)
    found = list(module.parameters())
    if not found:
        raise WrongAnswer("parameters() of the module: expected those of the projection, found none")
    seen = []
    for inference in (True, False, True):
        output = module(draw_batch(rng, 5, 3), inference=inference)
        if not getattr(output, "requires_grad", False):
            raise WrongAnswer("output: no gradient can flow back from it, it is cut off from the graph")
        (output * tensor(rng.normal(size=(5, 2)))).sum().backward()
        with torch.no_grad():
            for each in found:
                if each.grad is not None:
                    each.sub_(0.05 * (each.grad + 0.6 * each))
                each.grad = None
        seen.append({"output": output.detach().clone(), **state(module)})
    return {"steps": seen}


def small_call(draw):
    """Draw a new module to look at, or a few small calls of one that has been given plain numbers."""
    calls = draw.choice(((), ("training",), ("inference",), ("training", "inference"), ("training", "training"), ("inference", "training", "inference")))
    in_dim, out_dim = draw.integer(1, 2), draw.integer(1, 2)
    if not calls:
        return {"module": f"BatchNorm({in_dim}, {out_dim})"}
    rows = draw.integer(2, 3) if "training" in calls else draw.integer(1, 2)
    autograd = draw.choice(("", "upstream", "no_grad"))
    dtype, wide = (torch.float64, ".double()") if autograd == "upstream" else (torch.float32, "")  # gradients cancel in float32
    call = {"module": f"BatchNorm({in_dim}, {out_dim}){wide}" + draw.choice(("", ".eval()")), "calls": ", ".join(calls)}
    if autograd == "no_grad":
        call["under"] = "torch.no_grad()"
    for n in range(len(calls)):
        call[f"x of call {n + 1}"] = tensor(draw.array((rows, in_dim), -3, 4), dtype)
    call["linear.weight"] = tensor(draw.array((out_dim, in_dim), -2, 3, plainest=1), dtype)
    call["linear.bias"] = tensor(draw.array(out_dim, -2, 3), dtype)
    if draw.boolean():
        call["running_mean"] = tensor(draw.array(in_dim, -2, 3), dtype)
        call["running_var"] = tensor(draw.array(in_dim, 0.5, 4, plainest=1), dtype)
    if autograd == "upstream":
        call["upstream gradient of the last call"] = tensor(draw.array((rows, out_dim), -2, 3, plainest=1), dtype)
    return call


@counterexample(inputs=small_call, tolerance=Tolerance(relative=1e-3, of_scale=1e-3))
def answers_to_small_calls(BatchNorm, call):
    """What a new module is made of; or what each call returns, leaves in the running statistics, and sends back."""
    module = fresh(BatchNorm, int(call["module"][10]), int(call["module"][13]))
    if "calls" not in call:
        learned = sorted(name for name, value in module.named_parameters() if value.requires_grad)
        return {"learned": ", ".join(learned), "shape of linear.weight": list(weights(module)["linear.weight"].shape), "weight has equal numbers": len(weights(module)["linear.weight"].unique()) < weights(module)["linear.weight"].numel() / 2, **running(module)}
    module = module.to(call["x of call 1"].dtype).train(".eval()" not in call["module"])
    write(module, {name: call[name] for name in ("linear.weight", "linear.bias", *RUNNING) if name in call})
    seen, above = {}, call.get("upstream gradient of the last call")
    calls = call["calls"].split(", ")
    for n, kind in enumerate(calls, 1):
        x = call[f"x of call {n}"]
        before = x.clone()
        if above is not None and n == len(calls):
            x.requires_grad_()
        with torch.set_grad_enabled("under" not in call):
            output = module(x, inference=True) if kind == "inference" else module(x)
        seen[f"output of call {n}"] = output
        if not torch.equal(before, x):
            seen[f"x of call {n} afterwards"] = x
    seen |= {f"{name}.requires_grad": True for name in RUNNING if held(module, name).requires_grad}
    if above is None:
        return seen | running(module)
    # Statistics in plain attributes do not follow .double(); nobody is asked for more than that they count.
    return seen | gradients(output, {"x": x, **weights(module)}, above) | {name: value.double() for name, value in running(module).items()}
