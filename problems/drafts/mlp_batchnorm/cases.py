"""The hidden suite of the perceptron with batch norm.

The five layers are found by their class and size, whatever their names are and in whatever order they were made, and given the same
numbers as the jury's, so that nothing depends on how a submission draws its initial ones.
"""

import numpy as np
import torch
from torch import nn
from torch.nn.parameter import is_lazy

from torch_judge.suite import Tolerance, WrongAnswer, case, gradients

HIDDEN = (64, 32)

FEW_ROWS = Tolerance(relative=2e-4, of_scale=2e-4)
"""Where two rows lie close together in a hidden unit, batch norm enlarges what rounding made of their distance."""


def tensor(values, dtype=torch.float32):
    """Return NumPy values as a tensor of exactly this dtype."""
    return torch.from_numpy(np.asarray(values)).to(dtype)


def signed(rng, low, high, count):
    """Draw magnitudes between low and high, and give every other one a minus."""
    return rng.uniform(low, high, count) * (-1.0) ** (np.arange(count) + rng.integers(2))


def built(Model, features):
    """Build a model."""
    model = Model(features)
    if not isinstance(model, nn.Module):
        raise WrongAnswer(f"MLPWithBatchNorm({features}): expected an nn.Module, found {type(model).__name__}")
    return model


def linears(model):
    """Return the three linear layers, from the first to the last, by their number of outputs."""
    return [only(model, nn.Linear, "out_features", size) for size in (*HIDDEN, 1)]


def norms(model):
    """Return the two batch norms, from the first to the last, by their number of features."""
    return [only(model, nn.BatchNorm1d, "num_features", size) for size in HIDDEN]


def only(model, kind, attribute, size):
    """Return the only layer of a class and size."""
    found = [each for each in model.modules() if isinstance(each, kind) and getattr(each, attribute) == size]
    if len(found) != 1:
        names = [described(each) for each in model.modules() if not list(each.children())]
        raise WrongAnswer(f"model.modules(): expected one nn.{kind.__name__} with {attribute}={size}, found {len(found)} among {', '.join(names)}")
    return found[0]


def described(layer):
    """Return the name of a layer's class, with its size."""
    size = getattr(layer, "out_features", getattr(layer, "num_features", ""))
    return f"{type(layer).__name__}({size})"


def shape(target):
    """Return the shape of a parameter; one that does not exist, or not yet, has none."""
    return "none" if target is None or is_lazy(target) else tuple(target.shape)


def existing(what, target):
    """Return a parameter or a running statistic that must be there."""
    if shape(target) == "none":
        raise WrongAnswer(f"{what}: expected a tensor, found none")
    return target


def fill(what, target, values):
    """Write values into a parameter or a running statistic."""
    if shape(existing(what, target)) != values.shape:
        raise WrongAnswer(f"{what}: expected shape {values.shape}, found {shape(target)}")
    with torch.no_grad():
        target.copy_(tensor(values, target.dtype))


def drawn(Model, rng, features, scale=1.0, dtype=torch.float32):
    """Build a model and give its layers numbers from `rng`: none is 0 or 1, and the features differ."""
    model = built(Model, features)
    sizes = (features, *HIDDEN, 1)
    for n, each in enumerate(linears(model)):
        spread = scale if n == 0 else 1.0
        fill(f"weight of linear layer {n + 1}", each.weight, spread * rng.normal(size=(sizes[n + 1], sizes[n])) / np.sqrt(sizes[n]))
        values = spread * signed(rng, 0.4, 1.1, sizes[n + 1])
        if n == 2:
            fill("bias of linear layer 3", each.bias, values)
        elif each.bias is not None:
            # Batch norm subtracts this bias again: it may be left out, so it is zero where it is there.
            fill(f"bias of linear layer {n + 1}", each.bias, 0 * values)
    for n, each in enumerate(norms(model)):
        spread = scale if n == 0 else 1.0
        fill(f"weight of batch norm {n + 1}", each.weight, signed(rng, 1.2, 2.3, sizes[n + 1]))
        fill(f"bias of batch norm {n + 1}", each.bias, signed(rng, 0.3, 0.8, sizes[n + 1]))
        fill(f"running_mean of batch norm {n + 1}", each.running_mean, spread * signed(rng, 0.6, 1.4, sizes[n + 1]))
        fill(f"running_var of batch norm {n + 1}", each.running_var, spread**2 * rng.uniform(2.5, 4.5, sizes[n + 1]))
    return model.to(dtype)


def table(rng, rows, features, dtype=torch.float32):
    """Draw a table whose columns have means of their own."""
    return tensor(rng.normal(size=(rows, features)) * rng.uniform(1.2, 1.9, features) + signed(rng, 0.7, 1.6, features), dtype)


def state(model, *names):
    """Return the running statistics as they are now."""
    names = names or ("running_mean", "running_var", "num_batches_tracked")
    return {f"{name} {n}": existing(f"{name} of batch norm {n}", getattr(each, name)).detach().clone() for n, each in enumerate(norms(model), 1) for name in names}


def switched(model, when):
    """Return the modes of the batch norms."""
    return {f"batch norm {n}.training {when}": each.training for n, each in enumerate(norms(model), 1)}


def outcome(model, x):
    """Say that a call ends with an error, of whatever kind, or else return its result."""
    try:
        return model(x)
    except Exception:
        return "an error"


def named_gradients(inputs, output, rng):
    """Return the gradients of inputs, by name, under a random upstream gradient."""
    for name, each in inputs.items():
        if not each.requires_grad:
            raise WrongAnswer(f"{name}: expected that it requires gradients, found that it does not")
    above = tensor(rng.normal(size=(len(inputs["x"]), 1)), inputs["x"].dtype)
    return {f"gradient of {name}": value for name, value in gradients(output, inputs, above).items()}


def parameters(model, x):
    """Return what gets a gradient, by name, without the biases in front of batch norm, which may be left out."""
    found = {"x": x}
    for n, each in enumerate(linears(model), 1):
        found[f"weight of linear layer {n}"] = each.weight
        if n == 3:
            found[f"bias of linear layer {n}"] = each.bias
    for n, each in enumerate(norms(model), 1):
        found[f"weight of batch norm {n}"], found[f"bias of batch norm {n}"] = each.weight, each.bias
    return found


@case(
    rejects=[
        "relu_before_batch_norm",
        "relu_before_batch_norm_in_the_second_layer",
        "first_relu_forgotten",
        "second_relu_forgotten",
        "leaky_relu",
        "gelu",
        "hidden_layers_swapped",
        "hidden_layers_of_128_and_64",
        "second_batch_norm_forgotten",
        "batch_norm_at_the_end",
        "layer_norm",
        "layers_in_a_plain_list",
        "layers_made_in_forward",
        "last_bias_left_out",
        "scale_and_shift_left_out",
        "first_layer_lazy",
        "always_evaluation",
        "dropout_added",
        "squeezed",
        "returns_the_hidden_layer_as_well",
        "input_layer_of_its_own",
    ]
)
def in_training_the_seven_layers_follow_each_other(Model, rng):
    """In training, the result is linear, batch norm, ReLU, linear, batch norm, ReLU, linear, with the statistics of the batch."""
    return {"output": drawn(Model, rng, 5).train()(table(rng, 7, 5))}


@case(rejects=["relu_at_the_end", "sigmoid_at_the_end"])
def the_result_may_have_any_sign(Model, rng):
    """Nothing follows the last layer: with its weight and bias negated, the result is negated."""
    model, x = drawn(Model, rng, 4).eval(), table(rng, 6, 4)
    before, last = model(x), linears(model)[2]
    with torch.no_grad():
        last.weight.neg_()
        last.bias.neg_()
    return {"output": before, "negated": model(x)}


@case(rejects=["always_training", "batch_norm_skipped_at_evaluation", "inputs_centred", "sigmoid_at_evaluation", "no_running_statistics"])
def in_evaluation_the_running_statistics_are_used(Model, rng):
    """In evaluation, both batch norms use their running statistics, and the rest is as in training."""
    return {"output": drawn(Model, rng, 3).eval()(table(rng, 6, 3))}


@case(
    rejects=[
        "one_row_doubled",
        "one_row_evaluated",
        "one_row_without_batch_norm",
        "one_row_is_nan",
        "one_row_turns_evaluation_on",
        "one_row_returns_none",
    ]
)
def one_row_in_training_is_an_error(Model, rng):
    """A batch of one row in training raises an error; mode and running statistics stay as they were, and training goes on."""
    model = drawn(Model, rng, 4).train()
    one = outcome(model, table(rng, 1, 4))
    left = {"model.training": model.training, **switched(model, "afterwards"), **state(model, "running_mean", "running_var")}
    return {"one row": one, **left, "the next batch": model(table(rng, 5, 4))}


@case(rejects=["one_row_refused_in_evaluation_too", "squeezed_where_there_is_one_row", "squeezed"])
def one_row_in_evaluation_is_a_batch(Model, rng):
    """In evaluation one row is legal: its result is what it is among other rows, and has the shape (1, 1)."""
    model, x = drawn(Model, rng, 4).eval(), table(rng, 3, 4)
    return {"by itself": outcome(model, x[:1]), "among others": model(x)}


@case(rejects=["fewer_than_three_rows_refused"], tolerance=FEW_ROWS)
def two_rows_are_enough_in_training(Model, rng):
    """Two rows are a batch, in training too."""
    model, x = drawn(Model, rng, 4).train(), table(rng, 2, 4)
    return {"output": outcome(model, x)}


@case(rejects=["momentum_of_keras", "batch_norm_called_twice", "functional_batch_norm_beside_the_layer", "inputs_centred", "second_batch_norm_frozen"])
def in_training_the_running_statistics_move_once_a_call(Model, rng):
    """Each call in training moves the running statistics of both batch norms by a tenth, and counts one batch."""
    model, seen = drawn(Model, rng, 4).train(), []
    for rows in (5, 3):
        model(table(rng, rows, 4))
        seen.append(state(model))
    return {"steps": seen}


@case(rejects=["always_training", "running_statistics_follow_at_evaluation"])
def in_evaluation_the_running_statistics_stay(Model, rng):
    """A call in evaluation leaves the running statistics and the count of batches as they are."""
    model = drawn(Model, rng, 4).eval()
    model(table(rng, 6, 4))
    return state(model)


@case(rejects=["batch_norm_frozen_in_train", "always_evaluation", "layers_in_a_plain_list", "second_batch_norm_frozen"])
def train_and_eval_reach_both_batch_norms(Model, rng):
    """model.eval() and model.train() switch all layers, and no call switches them back."""
    model, seen = drawn(Model, rng, 2), {}
    for mode in ("train", "eval", "train"):
        getattr(model, mode)()
        seen |= switched(model, f"after {mode}()")
        model(table(rng, 3, 2))
        seen |= switched(model, f"after {mode}() and a call")
    return seen


@case(
    rejects=[
        "last_bias_left_out",
        "unused_layer_left_in",
        "scale_and_shift_left_out",
        "no_running_statistics",
        "batch_norm_parameters_frozen",
        "first_layer_lazy",
        "number_of_rows_kept",
    ]
)
def the_model_has_the_parameters_and_buffers_of_its_five_layers(Model, rng):
    """The parameters are those of three linear layers and of two batch norms; nothing else is stored. A bias in front of batch
    norm may be left out.
    """
    model = built(Model, 5)
    optional = {id(each.bias) for each in linears(model)[:2]}
    found = sorted(str(shape(each)) for each in model.parameters() if id(each) not in optional)
    buffers = sorted(str(shape(each)) for each in model.buffers())
    return {"shapes of parameters": found, "shapes of buffers": buffers, "all require gradients": all(each.requires_grad for each in model.parameters())}


@case(rejects=["eps_of_tensorflow"])
def eps_is_the_default(Model, rng):
    """The eps of batch norm is PyTorch's 1e-5, which matters where a feature hardly varies."""
    model, x = drawn(Model, rng, 4, scale=0.005), table(rng, 6, 4)
    return {"training": model.train()(x), "evaluation": model.eval()(x)}


@case(rejects=["output_detached", "second_layer_detached", "batch_norm_parameters_frozen"])
def gradients_flow_in_training(Model, rng):
    """In training, input and parameters get their gradients, also through the statistics of the batch."""
    model, x = drawn(Model, rng, 3).train(), table(rng, 6, 3).requires_grad_()
    return named_gradients(parameters(model, x), model(x), rng)


@case(rejects=["no_gradient_at_evaluation", "output_detached"])
def gradients_flow_in_evaluation(Model, rng):
    """Evaluation mode is not no_grad: the result is still differentiable, with the running statistics as constants."""
    model, x = drawn(Model, rng, 4).eval(), table(rng, 3, 4).requires_grad_()
    return named_gradients(parameters(model, x), model(x), rng)


@case(rejects=["last_layer_starts_at_zero", "scale_starts_at_a_hundredth", "seeded_in_the_constructor", "starts_in_evaluation"])
def a_new_model_has_the_initial_values_of_pytorch(Model, rng):
    """A new model is in training; batch norm starts with scale 1, shift 0, mean 0 and variance 1, and weights are drawn anew."""
    model, other = built(Model, 6), built(Model, 6)
    seen = {"training": model.training, **switched(model, "at first"), **state(model)}
    for n, (mine, others) in enumerate(zip(linears(model), linears(other), strict=True), 1):
        existing(f"weight of linear layer {n}", mine.weight)
        seen[f"weight {n} is the same in two models"] = torch.equal(mine.weight, others.weight)
        seen[f"weight {n} is zero"] = not mine.weight.any().item()
    for n, each in enumerate(norms(model), 1):
        seen[f"scale {n}"], seen[f"shift {n}"] = each.weight, each.bias
    return seen


@case(rejects=["layers_shared_by_all_models"])
def two_models_share_nothing(Model, rng):
    """Each model has layers of its own, also where two models have the same number of features."""
    models, x = [drawn(Model, rng, 3), drawn(Model, rng, 3)], table(rng, 5, 3)
    return [{"training": model.train()(x), "evaluation": model.eval()(x), **state(model)} for model in models]


@case(rejects=["results_cached_by_shape", "weights_kept_from_the_first_evaluation"])
def a_loaded_state_counts(Model, rng):
    """A model into which the state of another is loaded does what the other does, and forgets what it did before."""
    model, other, x = drawn(Model, rng, 4), drawn(Model, rng, 4), table(rng, 5, 4)
    before = model.eval()(x)
    other.train()(table(rng, 3, 4))
    model.load_state_dict(other.state_dict())
    return {"before": before, "after": model.eval()(x)}


@case(rejects=["inputs_changed_in_place"])
def the_input_comes_back_unchanged(Model, rng):
    """x belongs to the caller."""
    model, x = drawn(Model, rng, 4), table(rng, 5, 4)
    outputs = [model.train()(x), model.eval()(x)]
    return {"outputs": outputs, "x": x}


@case(rejects=["float32_result", "through_half_precision"])
def a_model_in_float64_computes_in_float64(Model, rng):
    """After model.double(), input, gradients and result are float64, and nothing is rounded on the way."""
    model = drawn(Model, rng, 3, dtype=torch.float64)
    x = table(rng, 5, 3, dtype=torch.float64).requires_grad_()
    output = model.train()(x)
    found = named_gradients(parameters(model, x), output, rng)
    return {"training": output, **found, "evaluation": model.eval()(x.detach()), **state(model)}


@case(rejects=["weights_kept_from_the_first_evaluation", "results_cached_by_shape"])
def training_and_evaluation_may_take_turns(Model, rng):
    """Each call uses the parameters and the running statistics as they are then: evaluation between two steps leaves no trace."""
    model, seen = drawn(Model, rng, 4), []
    for mode in (False, True, False, True, False):
        output = model.train(mode)(table(rng, 5, 4))
        seen.append({"output": output, **state(model)})
    with torch.no_grad():
        for each in model.parameters():
            each.mul_(1.3)
    return {"steps": seen, "after a step of the optimiser": model(table(rng, 5, 4))}


@case(rejects=["layers_made_in_forward"])
def the_same_input_gives_the_same_result(Model, rng):
    """In evaluation, the same rows give the same result each time: the layers are made once, in the constructor."""
    model, x = built(Model, 7).eval(), table(rng, 4, 7)
    first, second = model(x), model(x)
    if not isinstance(first, torch.Tensor):
        raise WrongAnswer(f"output: expected a tensor, found {type(first).__name__}")
    return {"the same twice": torch.equal(first, second)}


@case(rejects=["narrow_hidden_layer_for_one_feature", "hidden_layer_grows_with_the_features"], tolerance=FEW_ROWS)
def the_hidden_sizes_do_not_depend_on_the_number_of_features(Model, rng):
    """With one feature or with a hundred, the hidden layers have 64 and 32 units."""
    seen = {}
    for features, rows in ((1, 5), (2, 3), (101, 67)):
        model, x = drawn(Model, rng, features), table(rng, rows, features)
        seen[f"{features} features"] = {"training": model.train()(x), "evaluation": model.eval()(x)}
    return seen


@case(rejects=["skip_connection_where_it_fits", "weight_transposed_where_it_is_square"])
def sixty_four_features_are_no_exception(Model, rng):
    """With 64 features the first weight is square and the first hidden layer has the shape of x; x is a transposed view here."""
    model, x = drawn(Model, rng, 64), table(rng, 9, 64).t().contiguous().t()
    return {"training": model.train()(x), "evaluation": model.eval()(x)}
