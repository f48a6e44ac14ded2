"""The hidden suite of the perceptron with batch norm.

The five layers are found by their class and size, whatever their names are and in whatever order they were made, and given the same
numbers as the jury's, so that nothing depends on how a submission draws its initial ones. The standard cases come from a description of
the model whose layers have names of ours; by hand are the cases that say what the model is.
"""

import numpy as np
import torch
from torch import nn
from torch.nn.parameter import is_lazy

from torch_judge.authoring import (
    Argument,
    Size,
    Tolerance,
    WrongAnswer,
    build,
    case,
    counterexample,
    describe,
    fill,
    gradients,
    signed,
    snapshot,
    tensor,
)

HIDDEN = (64, 32)
RUNNING = ("running_mean", "running_var")
COUNTED = (*RUNNING, "num_batches_tracked")


def linears(model):
    """Return the three linear layers, from the first to the last, by their number of outputs."""
    return only(model, nn.Linear, "out_features", (*HIDDEN, 1))


def norms(model):
    """Return the two batch norms, from the first to the last, by their number of features."""
    return only(model, nn.BatchNorm1d, "num_features", HIDDEN)


def only(model, kind, attribute, sizes):
    """Return the only layer of a class for each size."""
    layers = [each for each in model.modules() if isinstance(each, kind)]
    found = [[each for each in layers if getattr(each, attribute) == size] for size in sizes]
    for size, each in zip(sizes, found, strict=True):
        if len(each) != 1:
            names = [described(layer) for layer in model.modules() if not list(layer.children())]
            raise WrongAnswer(f"model.modules(): expected one nn.{kind.__name__} with {attribute}={size}, found {len(each)} among {', '.join(names)}")
    return [each for (each,) in found]


def described(layer):
    """Return the name of a layer's class, with its size where it has one."""
    size = getattr(layer, "out_features", getattr(layer, "num_features", None))
    return type(layer).__name__ if size is None else f"{type(layer).__name__}({size})"


def shape(target):
    """Return the shape of a parameter; one that does not exist, or not yet, has none."""
    return "none" if target is None or is_lazy(target) else tuple(target.shape)


def existing(what, target):
    """Return a parameter that must be there by now."""
    if shape(target) == "none":
        raise WrongAnswer(f"{what}: expected a tensor, found none")
    return target


def write(model, weights, last_bias, scales, shifts, means, variances):
    """Write numbers into the five layers. Batch norm subtracts the bias in front of it again, so that bias may be left out: where it is
    there, it is zero.
    """
    for n, (layer, weight) in enumerate(zip(linears(model), weights, strict=True), 1):
        fill(f"weight of linear layer {n}", existing(f"weight of linear layer {n}", layer.weight), weight)
        if n == 3:
            fill("bias of linear layer 3", layer.bias, last_bias)
        elif layer.bias is not None:
            fill(f"bias of linear layer {n}", layer.bias, torch.zeros(layer.out_features))
    for n, each in enumerate(norms(model)):
        for name, values in {"weight": scales, "bias": shifts, "running_mean": means, "running_var": variances}.items():
            fill(f"{name} of batch norm {n + 1}", getattr(each, name), values[n])
    return model


def drawn(Model, rng, features, scale=1.0, dtype=torch.float32):
    """Make a model and give its layers numbers from `rng`: none is 0 or 1, and the features differ."""
    sizes, spreads = (features, *HIDDEN, 1), (scale, 1.0, 1.0)
    model = write(
        build(Model, features),
        weights=[spread * rng.normal(size=(sizes[n + 1], sizes[n])) / np.sqrt(sizes[n]) for n, spread in enumerate(spreads)],
        last_bias=signed(rng, 0.4, 1.1, 1),
        scales=[signed(rng, 1.2, 2.3, size) for size in HIDDEN],
        shifts=[signed(rng, 0.3, 0.8, size) for size in HIDDEN],
        means=[spread * signed(rng, 0.6, 1.4, size) for size, spread in zip(HIDDEN, spreads, strict=False)],
        variances=[spread**2 * rng.uniform(2.5, 4.5, size) for size, spread in zip(HIDDEN, spreads, strict=False)],
    )
    return model.to(dtype)


def table(rng, rows, features, dtype=torch.float32):
    """Draw a table whose columns have means of their own."""
    return tensor(rng.normal(size=(rows, features)) * rng.uniform(1.2, 1.9, features) + signed(rng, 0.7, 1.6, features), dtype)


def running(model, names=COUNTED):
    """Return the running statistics of both batch norms as they are now."""
    return {f"{name} {n}": value for n, each in enumerate(norms(model), 1) for name, value in snapshot(each, names).items()}


def switched(model, when):
    """Return the modes of the batch norms."""
    return {f"batch norm {n}.training {when}": each.training for n, each in enumerate(norms(model), 1)}


def outcome(model, x):
    """Say that a call ends with an error, of whatever kind, or else return its result."""
    try:
        return model(x)
    except Exception:
        return "an error"


def all_gradients(model, x, output, rng):
    """Return the gradients of the input and of the parameters under a random upstream gradient."""
    return gradients(output, differentiated(model, x), tensor(rng.normal(size=(len(x), 1)), x.dtype))


def differentiated(model, x):
    """Return what gets a gradient, by name, without the biases in front of batch norm, which may be left out."""
    found = {"x": x}
    for n, each in enumerate(linears(model), 1):
        found[f"weight of linear layer {n}"] = each.weight
        if n == 3:
            found[f"bias of linear layer {n}"] = each.bias
    for n, each in enumerate(norms(model), 1):
        found[f"weight of batch norm {n}"], found[f"bias of batch norm {n}"] = each.weight, each.bias
    return found


def without_the_biases_that_may_be_left_out(Model, features):
    """Make a model; a bias in front of batch norm, which need not be there, is zero and does not learn."""
    model = build(Model, features)
    for n, each in enumerate(linears(model), 1):
        weight = existing(f"weight of linear layer {n}", each.weight)
        if weight.dtype is not torch.float32:
            raise WrongAnswer(f"weight of linear layer {n} in a new model: expected torch.float32, found {weight.dtype}")
        if n < 3 and each.bias is not None:
            fill("bias of a linear layer", each.bias.requires_grad_(False), torch.zeros(each.out_features))
    return model


NTH = ("first", "second", "third")


def parts(model, _features):
    """Find the layers, whatever their names are."""
    found = {"linear": linears(model), "batch_norm": norms(model)}
    return {f"the_{nth}_{kind}": each for kind, layers in found.items() for nth, each in zip(NTH, layers, strict=False)}


suite = describe(
    sizes={"rows": Size(7, one="eval"), "n_features": 5},
    made_with=["n_features"],
    make=without_the_biases_that_may_be_left_out,
    parts=parts,
    parameters=[
        Argument("the_first_linear.weight", "64 n_features", between=(0.2, 0.9), scales=0),
        Argument("the_first_batch_norm.weight", "64", between=(1.2, 2.3)),
        Argument("the_first_batch_norm.bias", "64", between=(0.3, 0.8)),
        Argument("the_second_linear.weight", "32 64", between=(0.2, 0.9), scales=0),
        Argument("the_second_batch_norm.weight", "32", between=(1.2, 2.3)),
        Argument("the_second_batch_norm.bias", "32", between=(0.3, 0.8)),
        Argument("the_third_linear.weight", "1 32", between=(0.2, 0.9), scales=0),
        Argument("the_third_linear.bias", "1", between=(0.4, 1.1)),
    ],
    buffers=[
        Argument("the_first_batch_norm.running_mean", "64", between=(0.6, 1.4), changes=True),
        Argument("the_first_batch_norm.running_var", "64", between=(2.5, 5.5), positive=True, scales=2, changes=True),
        Argument("the_first_batch_norm.num_batches_tracked", "", integers=(0, 9), changes=True),
        Argument("the_second_batch_norm.running_mean", "32", between=(1.6, 3.4), changes=True),
        Argument("the_second_batch_norm.running_var", "32", between=(30.5, 70.5), positive=True, scales=2, changes=True),
        Argument("the_second_batch_norm.num_batches_tracked", "", integers=(0, 9), changes=True),
    ],
    arguments=[Argument("x", "rows n_features")],
    without={
        **dict.fromkeys(
            ["works_when_the_*_linear_weight_is_all_zeros"] + [f"works_when_the_second_batch_norm_{name}_is_all_zeros" for name in ("weight", "bias", "running_var")],
            "Where one layer of its kind holds zeros only, the others need not, and a check stays quick.",
        ),
        "works_when_only_one_tensor_requires_grad": "Of nine tensors, that is long: by hand, of those that stand for the others.",
        "float32_in_gives_float32_out": "What float32 rounds falls on either side of the corner of ReLU, where the gradient jumps: by hand.",
    },
    unrefused=["works_with_small_sizes"],
)


@case(
    rejects=[
        "relu_before_batch_norm",
        "relu_forgotten",
        "second_batch_norm_forgotten",
        "hidden_layers_of_other_sizes",
        "batch_norm_at_the_end",
    ]
)
def the_seven_layers_run_in_order_in_training(Model, rng):
    """In training, the output is linear, batch norm, ReLU, linear, batch norm, ReLU, linear, with the statistics of the
    batch.
    """
    return {"output": drawn(Model, rng, 5).train()(table(rng, 7, 5))}


@case(rejects=["relu_at_the_end", "sigmoid_at_the_end"])
def nothing_follows_the_last_layer(Model, rng):
    """Nothing follows the last layer: with its weight and bias negated, the output is negated."""
    model, x = drawn(Model, rng, 4).eval(), table(rng, 6, 4)
    before, last = model(x), linears(model)[2]
    with torch.no_grad():
        last.weight.neg_()
        last.bias.neg_()
    return {"output": before, "negated": model(x)}


@case(rejects=["always_in_training_mode", "batch_norm_skipped_in_eval"])
def eval_uses_the_running_statistics(Model, rng):
    """In eval mode, both batch norms use their running statistics, and the rest is as in training."""
    return {"output": drawn(Model, rng, 3).eval()(table(rng, 6, 3))}


@case(rejects=["one_row_doubled", "one_row_evaluated", "one_row_gets_no_result"])
def one_row_in_training_raises_an_error(Model, rng):
    """A batch of one row in training raises an error, under torch.no_grad() too; mode and running statistics stay as they were, and
    training goes on.
    """
    model, seen = drawn(Model, rng, 4).train(), {}
    for grad in (True, False):
        with torch.set_grad_enabled(grad):
            one = outcome(model, table(rng, 1, 4))
            left = {"gradients are recorded": torch.is_grad_enabled(), "model.training": model.training, **switched(model, "afterwards"), **running(model, RUNNING)}
            following = model(table(rng, 5, 4))
            left |= {"the next batch": following, "after the next batch": running(model, RUNNING)}
            seen["with gradients" if grad else "under torch.no_grad()"] = {"one row": one, **left}
    return seen


@case(rejects=["one_row_refused_in_eval_too", "squeezed_output"])
def one_row_in_eval_works(Model, rng):
    """In eval mode one row is legal: its result is what it is among other rows, and has the shape (1, 1)."""
    model, x = drawn(Model, rng, 4).eval(), table(rng, 3, 4)
    seen = {"by itself": outcome(model, x[:1]), "among others": model(x)}
    for each in model.train().modules():
        each.training = False
    return {**seen, "where training was written": outcome(model, x[:1])}


@case(rejects=["momentum_of_keras", "functional_batch_norm_beside_the_layer"])
def training_updates_the_running_statistics_once_per_call(Model, rng):
    """Each call in training moves the running statistics of both batch norms by a tenth, and num_batches_tracked grows
    by one.
    """
    model, seen = drawn(Model, rng, 4).train(), []
    for rows in (5, 3):
        model(table(rng, rows, 4))
        seen.append(running(model))
    return {"steps": seen}


@case(title="train() and eval() reach every layer", rejects=["always_in_eval_mode", "layers_in_a_plain_list"])
def train_and_eval_reach_every_layer(Model, rng):
    """model.eval() and model.train() switch all layers, and no call switches them back."""
    model, seen = drawn(Model, rng, 2), {}
    for mode in ("train", "eval", "train"):
        getattr(model, mode)()
        seen |= switched(model, f"after {mode}()")
        seen[f"output after {mode}()"] = model(table(rng, 3, 2))
        seen |= switched(model, f"after {mode}() and a call")
    return seen


@case(rejects=["last_bias_left_out", "unused_layer_left_in", "scale_and_shift_left_out", "first_layer_lazy"])
def has_the_parameters_and_buffers_of_its_five_layers(Model, rng):
    """The parameters are those of three linear layers and of two batch norms; nothing else is stored. A bias in front of batch
    norm may be left out.
    """
    model = build(Model, 5)
    optional = {id(each.bias) for each in linears(model)[:2]}
    found = sorted(str(shape(each)) for each in model.parameters() if id(each) not in optional)
    buffers = sorted(str(shape(each)) for each in model.buffers())
    return {"shapes of parameters": found, "shapes of buffers": buffers, "all require gradients": all(each.requires_grad for each in model.parameters())}


@case(rejects=["output_detached", "no_gradient_in_eval"])
def float32_in_gives_float32_out_with_all_gradients(Model, rng):
    """A new model is float32: so are its result, its gradients in both modes, and its running statistics."""
    model, seen = drawn(Model, rng, 4), {}
    for each in norms(model):  # so that no unit lies near the corner of ReLU, where rounding decides about its gradient
        fill("weight of batch norm", each.weight, signed(rng, 0.2, 0.4, each.num_features))
        fill("bias of batch norm", each.bias, signed(rng, 1.4, 1.9, each.num_features))
        fill("running_var of batch norm", each.running_var, rng.uniform(25.5, 45.5, each.num_features))
    for mode in ("train", "eval"):
        x = table(rng, 6 if mode == "train" else 5, 4)
        x[0, 0] = 95.0 if mode == "eval" else 5.0
        fill("bias of linear layer 3", linears(model)[2].bias, signed(rng, 70.5, 90.5, 1))
        output = getattr(model, mode)()(x.requires_grad_())
        seen[mode] = {"output": output, **all_gradients(model, x, output, rng), **running(model)}
    return seen


@case(rejects=["output_detached", "no_gradient_in_eval"])
def works_when_only_some_tensors_require_grad(Model, rng):
    """A tensor that requires grad gets its gradient, in both modes, whether the others require one or not. Where none
    does, the result has no graph.
    """
    seen = {}
    alone = ("x", "weight of linear layer 1", "bias of batch norm 1", "weight of batch norm 2", "weight of linear layer 3", "bias of linear layer 3")
    for words in (*alone, "all but x", "nothing"):
        for mode in ("train", "eval"):
            model, x = drawn(Model, rng, 3, dtype=torch.float64), table(rng, 5, 3, dtype=torch.float64)
            x[0, 0] = 95.0
            before, tensors = x.clone(), differentiated(model, x)
            learning = {name: each for name, each in tensors.items() if (name != "x" if words == "all but x" else name == words)}
            for each in (x, *model.parameters()):
                each.requires_grad_(False)
            for each in learning.values():
                each.requires_grad_()
            output = getattr(model, mode)()(x)
            if not torch.equal(x, before):
                raise WrongAnswer("x after the call: expected what it was before")
            found = gradients(output, learning, tensor(rng.normal(size=(5, 1)), torch.float64)) if learning else running(model)
            label = f"{words if words in ('nothing', 'all but x') else f'only {words}'} requires grad, {mode}"
            seen[label] = {"output": output, "has a graph": output.requires_grad, **found}
    return seen


@case(rejects=["last_layer_starts_with_equal_numbers", "seeded_in_the_constructor"])
def a_new_model_has_the_right_initial_state(Model, rng):
    """A new model is in training mode; batch norm starts with scale 1, shift 0, mean 0 and variance 1, and the weights
    of the linear layers are drawn at random, for each model anew.
    """
    model, other = build(Model, 6), build(Model, 6)
    seen = {"training": model.training, **switched(model, "at first"), **running(model)}
    for n, (mine, others) in enumerate(zip(linears(model), linears(other), strict=True), 1):
        weight = existing(f"weight of linear layer {n}", mine.weight)
        seen[f"weight {n} has equal numbers"] = len(set(weight.flatten().tolist())) < weight.numel() / 2
        seen[f"weight {n} is the same in two models"] = torch.equal(weight, others.weight)
    for n, each in enumerate(norms(model), 1):
        seen[f"scale {n}"], seen[f"shift {n}"] = each.weight, each.bias
    return seen


@case(rejects=["layers_made_in_forward"])
def the_same_input_gives_the_same_result(Model, rng):
    """In eval mode, the same rows give the same result each time: the layers are made once, in the constructor."""
    model, x = build(Model, 7).eval(), table(rng, 4, 7)
    first, second = model(x), model(x)
    if not isinstance(first, torch.Tensor):
        raise WrongAnswer(f"output: expected a tensor, found {type(first).__name__}")
    return {"the same twice": torch.equal(first, second)}


@case(rejects=["skip_connection_where_it_fits"])
def works_with_64_features(Model, rng):
    """With 64 features the first weight is square and the first hidden layer has the shape of x; x is a transposed view here."""
    model, x = drawn(Model, rng, 64), table(rng, 9, 64).t().contiguous().t()
    return {"training": model.train()(x), "evaluation": model.eval()(x)}


def small_call(draw):
    """Draw a new model to look at, or a few small calls of a model that has been given plain numbers."""
    calls = draw.choice(((), ("train",), ("eval",), ("train", "eval"), ("eval", "train", "eval")))
    features = draw.integer(1, 2)
    if not calls:
        return {"model": f"MLPWithBatchNorm({features})"}
    rows, autograd = draw.choice((2, 1, 3)), draw.choice(("", "upstream", "no_grad"))
    upstream = autograd == "upstream" and rows > 1
    dtype = torch.float64 if upstream else torch.float32  # gradients cancel, which float32 does not survive
    call = {"model": f"MLPWithBatchNorm({features})" + (".double()" if upstream else ""), "modes of the calls": ", ".join(calls)}
    if autograd == "no_grad":
        call["under"] = "torch.no_grad()"
    for n in range(len(calls)):
        call[f"x of call {n + 1}"] = tensor(draw.array((rows, features), -3, 4), dtype)
    call["each weight of a linear layer"] = "1 / number of its inputs"
    call["bias of the last layer"] = draw.number(-2, 3)
    for name, (low, high, plainest) in NUMBERS.items():
        if name in ("scale", "shift") or "eval" in calls:
            call[f"{name} of batch norm 1, 2"] = tensor(draw.array(2, low, high, plainest=plainest), dtype)
    if upstream:
        call["upstream gradient of the last call"] = tensor(draw.array((rows, 1), -2, 3, plainest=1), dtype)
    return call


NUMBERS = {"scale": (0.5, 3, 1), "shift": (0.5, 3, 1), "running mean": (-2, 3, 0), "running variance": (0.5, 4, 1)}


@counterexample(inputs=small_call, tolerance=Tolerance(relative=1e-3, of_scale=1e-3))
def answers_to_small_calls(Model, call):
    """What a new model is made of; or what each call returns, leaves in the running statistics, and sends back."""
    features = int(call["model"][17])
    model = build(Model, features)
    if "modes of the calls" not in call:
        return constitution(model, build(Model, features))
    model = prepared(model, call)
    seen, above = {}, call.get("upstream gradient of the last call")
    modes = call["modes of the calls"].split(", ")
    failing = "train" in modes and len(call["x of call 1"]) == 1
    for n, mode in enumerate(modes, 1):
        x = call[f"x of call {n}"]
        before = x.clone()
        if above is not None and n == len(modes):
            x.requires_grad_()
        with torch.set_grad_enabled("under" not in call):
            model.train(mode == "train")
            output = outcome(model, x) if len(x) == 1 else model(x)
        seen[f"output of call {n}"] = output
        seen |= {name: value for name, value in switched(model, f"after call {n}").items() if value is not (mode == "train")}
        if not torch.equal(before, x):
            seen[f"x of call {n} afterwards"] = x
    if above is not None:
        found = gradients(output, differentiated(model, x), above)
        seen |= {name: value if name == "gradient of x" else plain(value) for name, value in found.items()}
    return seen | {name: plain(value) for name, value in running(model, RUNNING if failing else COUNTED).items()}


def prepared(model, call):
    """Write the numbers of a small call into a model."""
    numbers = [call.get(f"{name} of batch norm 1, 2", torch.full((2,), float(each[2]))) for name, each in NUMBERS.items()]
    return write(
        model.to(call["x of call 1"].dtype),
        [torch.full((out, inputs), 1 / inputs) for inputs, out in ((call["x of call 1"].shape[1], 64), HIDDEN, (32, 1))],
        torch.tensor([call["bias of the last layer"]]),
        *([each.expand(size) for each, size in zip(both, HIDDEN, strict=True)] for both in numbers),
    )


def plain(values):
    """Return what all units have in common: one number of a vector, or one row of a matrix, where they are alike."""
    while values.dim() and torch.allclose(values, values[:1].expand_as(values), rtol=1e-4, atol=1e-6):
        values = values[0]
    return values


def constitution(model, other):
    """Return what a new model is made of, but for the biases in front of batch norm."""
    optional = {id(each.bias) for each in model.modules() if isinstance(each, nn.Linear) and each.out_features in HIDDEN}
    owned = [each for each in model.parameters() if id(each) not in optional]
    seen = {
        "model.training": model.training,
        "shapes of parameters, no optional bias": str(sorted(str(shape(each)) for each in owned)),
        "shapes of the buffers": str(sorted(str(shape(each)) for each in model.buffers())),
        "numbers in batch norm at first": str(
            sorted({float(each) for layer in model.modules() if isinstance(layer, nn.BatchNorm1d) for own in layer.parameters() for each in own})
        ),
    }
    for n, (mine, others) in enumerate(zip(linears(model), linears(other), strict=True), 1):
        found = existing(f"weight of linear layer {n}", mine.weight)
        seen[f"weight {n} has equal numbers"] = len(found.unique()) < found.numel() / 2
        seen[f"weight {n} is the same in two models"] = torch.equal(found, others.weight)
    existing("bias of linear layer 3", linears(model)[2].bias)
    return seen | {f"parameter {n} requires gradients": False for n, each in enumerate(owned) if not each.requires_grad}
