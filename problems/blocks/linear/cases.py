"""The hidden suite of a linear layer, a plain class or a module: it is called by its method `forward` only.

Weight and bias are filled with drawn numbers before anything is compared; what a new layer starts with is judged by its law. The
standard cases come from the description; by hand are what the layer is, how it starts, and what autograd sees of it.
"""

import math

import torch
from torch import nn

from torch_judge.authoring import (
    Argument,
    Result,
    Size,
    Tolerance,
    WrongAnswer,
    build_plain,
    case,
    convert,
    counterexample,
    describe,
    distribution,
    every,
    fill,
    frequencies,
    gradients,
    normal,
    signed,
    tensor,
    tensor_of,
    upstream,
)

NAMES = "weight", "bias"
IN, OUT, BOUND, SMALL = 500, 40, 2.2, 3


def law_of_the_weights(in_features):
    """Return the distribution function of a new weight's numbers."""
    return normal(0.0, 1 / math.sqrt(in_features))


def law_of_sums_of_squares(in_features):
    """Return the distribution function of in_features times the sum of the squares of 4 rows: chi-squared with 4 * in_features degrees."""
    terms = 2 * in_features
    return lambda sums: [1 - reach_beyond(min(each, 1000.0) / 2, terms) for each in sums.tolist()]


def reach_beyond(half, terms):
    """Return how often chi-squared with 2 * terms degrees is above 2 * half: as often as a Poisson variable of this mean is below terms."""
    return min(1.0, math.exp(-half) * math.fsum(half**k / math.factorial(k) for k in range(terms)))


def shares_beyond(bound):
    """Return how many numbers lie within `bound` deviations of 0, and how many beyond."""
    beyond = math.erfc(bound / math.sqrt(2))
    return [1 - beyond, beyond]


def tensors_of(layer):
    """Return weight and bias by name."""
    return {name: tensor_of(layer, name) for name in NAMES}


def made(SimpleLinear, in_features, out_features):
    """Make a layer, and see that its tensors are there, as ends of the graph."""
    layer = build_plain(SimpleLinear, in_features, out_features)
    for name, each in tensors_of(layer).items():
        if not each.is_leaf:
            raise WrongAnswer(f"{name}: expected a leaf tensor, found the result of a computation with gradients")
        if not each.is_floating_point():
            raise WrongAnswer(f"{name}: expected dtype torch.float32, found {each.dtype}")
    return layer


def filled(SimpleLinear, weight, bias, dtype=torch.float64):
    """Make a layer with these numbers."""
    layer = made(SimpleLinear, weight.shape[1], weight.shape[0])
    convert(layer, NAMES, dtype)
    for name, values in zip(NAMES, (weight, bias), strict=True):
        fill(name, tensor_of(layer, name), values)
    return layer


def drawn(SimpleLinear, rng, in_features, out_features, dtype=torch.float64):
    """Make a layer with numbers from `rng`: none is 0 or 1, and all differ."""
    return filled(SimpleLinear, signed(rng, 0.4, 1.9, (out_features, in_features)), signed(rng, 1.2, 2.6, out_features), dtype)


def drawn_x(rng, *shape, dtype=torch.float64):
    """Draw an input."""
    return tensor(signed(rng, 0.6, 2.3, shape), dtype)


suite = describe(
    sizes={"rows": Size(3, large=130), "in_features": 5, "out_features": 7, "batch": Size(2, large=130)},
    made_with=["in_features", "out_features"],
    make=made,
    call=lambda layer, x: layer.forward(x),
    modes=False,
    parameters=[Argument("weight", "out_features in_features", far=1), Argument("bias", "out_features", far=1)],
    arguments=[Argument("x", "rows in_features", also=["in_features", "batch rows in_features", "2 batch rows in_features"])],
    results=[Result("output", shape="rows out_features")],
)


@case(title="output is x @ weight.T + bias", rejects=["weight_lies_the_other_way", "bias_forgotten", "scaled_in_forward", "bias_subtracted"])
def output_is_x_times_weight_transposed_plus_bias(SimpleLinear, rng):
    """Each result is a row of weight times x, plus its number of bias: for one vector, for rows, for a batch of them, also a
    transposed one, and for six dimensions.
    """
    layer = drawn(SimpleLinear, rng, 4, 3)
    seen = {"vector": layer.forward(drawn_x(rng, 4)), "rows": layer.forward(drawn_x(rng, 5, 4)), "batch": layer.forward(drawn_x(rng, 2, 3, 4))}
    seen["transposed batch"] = layer.forward(drawn_x(rng, 3, 2, 4).transpose(0, 1))
    return seen | {"six dimensions": layer.forward(drawn_x(rng, 2, 1, 2, 3, 1, 4))}


@case(rejects=["weight_reshaped_and_not_transposed"])
def works_with_a_square_weight(SimpleLinear, rng):
    """Where in_features and out_features are equal, weight is still turned: its rows belong to the results."""
    layer, x = drawn(SimpleLinear, rng, 3, 3), drawn_x(rng, 4, 3).requires_grad_()
    output = layer.forward(x)
    return {"output": output, **gradients(output, {"x": x, **tensors_of(layer)}, upstream(rng, output))}


@case(rejects=["weight_detached", "bias_without_gradient"])
def gradients_reach_x_weight_and_bias(SimpleLinear, rng):
    """x, weight and bias get their gradients, for one vector, for rows and for a batch, where those of all rows add up."""
    seen = {}
    for name, shape in {"vector": (4,), "rows": (5, 4), "batch": (2, 3, 4), "one row": (1, 4)}.items():
        layer, x = drawn(SimpleLinear, rng, 4, 6), drawn_x(rng, *shape).requires_grad_()
        output = layer.forward(x)
        seen[name] = {"output": output, **gradients(output, {"x": x, **tensors_of(layer)}, upstream(rng, output))}
    return seen


@case(rejects=["last_dimension_squeezed", "dimension_added_to_a_vector"])
def works_with_one_input_or_one_result(SimpleLinear, rng):
    """Where in_features or out_features is 1, and for one vector or one row, every dimension is kept."""
    seen = {}
    for sizes in ((1, 1), (4, 1), (1, 3)):
        layer = drawn(SimpleLinear, rng, *sizes)
        for leading in ((), (1,), (3,), (1, 1), (2, 1)):
            output = layer.forward(drawn_x(rng, *leading, sizes[0]))
            seen[f"{sizes}, {leading}"] = {"output": output, **gradients(output, tensors_of(layer), upstream(rng, output))}
    return seen


@case(rejects=["weight_is_no_leaf", "gradients_not_required", "bias_has_two_dimensions", "weight_in_float64"])
def weight_is_a_leaf(SimpleLinear, rng):
    """weight and bias of a new layer are float32 leaf tensors of the right shapes that require gradients; they have none yet."""
    seen = {}
    for sizes in ((5, 3), (1, 4), (6, 1)):
        layer = build_plain(SimpleLinear, *sizes)
        seen |= {
            f"{name} of {sizes}": {
                "shape": list(each.shape),
                "dtype": str(each.dtype),
                "requires_grad": each.requires_grad,
                "is_leaf": each.is_leaf,
                "no gradient yet": each.is_leaf and each.grad is None,
            }
            for name, each in tensors_of(layer).items()
        }
    return seen


@case(rejects=["weight_is_no_leaf", "gradients_not_required"])
def backward_fills_the_gradients(SimpleLinear, rng):
    """After backward() weight.grad and bias.grad hold the gradients; a second one adds to them, and gradient descent works."""
    layer, seen = drawn(SimpleLinear, rng, 4, 3), {}
    for step in range(3):
        x = drawn_x(rng, 5, 4)
        output = layer.forward(x)
        if not output.requires_grad:
            raise WrongAnswer("output: no gradient can flow back from it, it is cut off from the graph")
        (output * upstream(rng, output)).sum().backward()
        for name, each in tensors_of(layer).items():
            if each.grad is None:
                raise WrongAnswer(f"{name}.grad: expected a gradient after backward(), found None")
            seen[f"{name}.grad after step {step}"] = each.grad.clone()
            if step:
                with torch.no_grad():
                    each.sub_(0.05 * each.grad)
                each.grad = None
        seen[f"output after step {step}"] = layer.forward(x).detach().clone()
    return seen


@case(
    checker=every(distribution(law_of_the_weights), frequencies(shares_beyond, of="beyond the bound", noun="number")),
    rejects=["deviation_not_scaled", "uniform_weights", "scaled_by_the_number_of_outputs", "deviation_of_another_rule", "truncated_normal_weights"],
)
def weight_starts_normal_with_the_right_deviation(SimpleLinear, rng):
    """The numbers of a new weight are normal with mean 0 and standard deviation 1/sqrt(in_features), not cut off anywhere."""
    torch.manual_seed(int(rng.integers(1 << 31)))
    weight = tensor_of(build_plain(SimpleLinear, IN, OUT), "weight").detach().clone()
    if tuple(weight.shape) != (OUT, IN):
        raise WrongAnswer(f"weight: expected shape {(OUT, IN)}, found {tuple(weight.shape)}")
    beyond = (weight.abs() * IN**0.5 > BOUND).to(torch.int64).reshape(-1)
    return {"draws": weight.double().reshape(-1), "beyond the bound": beyond, "in_features": IN, "bound": BOUND}


@case(
    checker=every(
        *(distribution(law_of_the_weights, of=of) for of in ("draws", "sums of rows")),
        distribution(lambda: law_of_sums_of_squares(SMALL), of="sums of squares"),
        frequencies(shares_beyond, of="beyond the bound", noun="number"),
    ),
    rejects=["scaled_by_the_number_of_outputs", "variance_taken_for_deviation", "weights_of_a_fixed_small_size"],
)
def deviation_follows_in_features(SimpleLinear, rng):
    """With 1 input the standard deviation is 1, however many results there are. No number is cut off. With 4 it is 1/2: the sum of a row has
    1 again. Of 100 small layers no two are the same, and the squares of a layer add up to another sum in each: nothing is scaled to the
    exact deviation.
    """
    torch.manual_seed(int(rng.integers(1 << 31)))
    seen = {"in_features": 1}
    for name, sizes in {"draws": (1, 6000), "sums of rows": (4, 1000)}.items():
        weight = tensor_of(build_plain(SimpleLinear, *sizes), "weight").detach().double()
        if tuple(weight.shape) != sizes[::-1]:
            raise WrongAnswer(f"weight: expected shape {sizes[::-1]}, found {tuple(weight.shape)}")
        seen[name] = weight.sum(-1)
    seen |= {"beyond the bound": (seen["draws"].abs() > BOUND).to(torch.int64), "bound": BOUND}
    small = [tensor_of(build_plain(SimpleLinear, SMALL, 4), "weight").detach().double() for _ in range(100)]
    if {tuple(each.shape) for each in small} != {(4, SMALL)}:
        raise WrongAnswer(f"weight: expected shape {(4, SMALL)}, found {tuple(small[0].shape)}")
    small = torch.stack(small).flatten(1)
    return seen | {"sums of squares": SMALL * small.square().sum(1), "layers that differ": len(set(map(tuple, small.tolist())))}


@case(rejects=["rows_start_equal"])
def numbers_of_weight_are_independent(SimpleLinear, rng):
    """Each number of a new weight is drawn by itself: no two rows and no two columns are the same, or nearly so."""
    weight = tensor_of(build_plain(SimpleLinear, 64, 48), "weight").detach().double()
    if tuple(weight.shape) != (48, 64):
        raise WrongAnswer(f"weight: expected shape (48, 64), found {tuple(weight.shape)}")
    # of independent rows of 64 numbers two are never correlated by 0.9, of columns of 48 neither: less than once in 1e15
    seen = {"numbers that are not finite": int((~torch.isfinite(weight)).sum())}
    for name, vectors in {"rows": weight, "columns": weight.T}.items():
        correlated = torch.corrcoef(vectors).abs() - torch.eye(len(vectors), dtype=torch.float64)
        seen[f"{name} that follow one another"] = int((correlated.nan_to_num(1.0) > 0.9).sum())
    return seen


@case(rejects=["bias_starts_at_random"])
def bias_starts_as_zeros(SimpleLinear, rng):
    """The bias of a new layer is exactly 0, and its first results are those of weight alone."""
    layer = made(SimpleLinear, 6, 5)
    weight = tensor_of(layer, "weight").detach().clone()
    if tuple(weight.shape) != (5, 6):
        raise WrongAnswer(f"weight: expected shape (5, 6), found {tuple(weight.shape)}")
    x = drawn_x(rng, 3, 6, dtype=weight.dtype)
    with torch.no_grad():
        output = layer.forward(x)
    as_expected = output.shape == (3, 5) and torch.allclose(output, x @ weight.T, rtol=1e-4, atol=1e-5)
    return {"bias": tensor_of(layer, "bias").detach().clone(), "results are those of weight": as_expected}


@case(rejects=["seeded_in_the_constructor", "drawn_by_numpy", "weights_kept_by_their_sizes"])
def the_global_generator_decides_the_start(SimpleLinear, rng):
    """After the same torch.manual_seed the same layer is made again; two layers in a row differ, and so do two seeds."""
    one, other = (int(each) for each in rng.choice(1 << 20, 2, replace=False))
    found = {}
    for name, seed in {"first": one, "another seed": other, "the first seed again": one}.items():
        torch.manual_seed(seed)
        found[name] = tensor_of(build_plain(SimpleLinear, 6, 5), "weight").detach().clone()
        found[f"{name}, next layer"] = tensor_of(build_plain(SimpleLinear, 6, 5), "weight").detach().clone()
    if {tuple(each.shape) for each in found.values()} != {(5, 6)}:
        raise WrongAnswer(f"weight: expected shape (5, 6), found {tuple(found['first'].shape)}")
    return {
        "same seed, same layer": torch.equal(found["first"], found["the first seed again"]),
        "same seed, same next layer": torch.equal(found["first, next layer"], found["the first seed again, next layer"]),
        "two layers in a row differ": not torch.equal(found["first"], found["first, next layer"]),
        "two seeds differ": not torch.equal(found["first"], found["another seed"]),
    }


@case(rejects=["turned_once_in_the_constructor"])
def changed_weight_takes_effect_with_gradients_off(SimpleLinear, rng):
    """Under torch.no_grad() and torch.inference_mode() too x, weight and bias are used as they are now, not as they were before, and
    earlier results stay as they are.
    """
    seen = {}
    for context in (torch.no_grad, torch.inference_mode):
        layer, x = drawn(SimpleLinear, rng, 4, 3), drawn_x(rng, 2, 5, 4)
        with context():
            of_zeros, whole = layer.forward(torch.zeros(4, dtype=torch.float64)), (8 * x).round()
            seen[f"whole numbers, {context.__name__}"] = layer.forward(whole).clone()
            seen[f"in another order, {context.__name__}"] = layer.forward(whole.flip(1)).clone()
        for step in ("at first", "after a step", "after .data was set", "after another step"):
            with context():
                seen[f"{step}, {context.__name__}"] = layer.forward(x).clone()
            with torch.no_grad():
                for each in tensors_of(layer).values():
                    if step == "after a step":
                        each.data = each.data * 1.3
                    else:
                        each.mul_(0.7)
        seen[f"the result of zeros, afterwards, {context.__name__}"] = of_zeros.clone()
    return seen


@case(title="is written without nn.Linear", rejects=["linear_layer_only_inherited"])
def is_written_without_a_linear_layer_of_torch(SimpleLinear, rng):
    """The layer neither inherits from nn.Linear or nn.Bilinear nor holds one."""
    layer = build_plain(SimpleLinear, 3, 2)
    held = [layer, *getattr(layer, "__dict__", {}).values(), *(layer.modules() if isinstance(layer, nn.Module) else ())]
    return {"linear layers of torch": sorted({type(each).__name__ for each in held if isinstance(each, (nn.Linear, nn.Bilinear))})}


def small_call(draw):
    """Draw the sizes of a new layer, or a small layer with plain numbers and a call of it."""
    new, sent_back, again, filled_anew = (draw.boolean() for _ in range(4))
    call = {"in_features": draw.choice((1, 2, 3)), "out_features": draw.choice((1, 2, 3))}
    if new:
        return call
    in_features, out_features = call.values()
    leading = draw.choice(((1,), (2,), (), (1, 2), (2, 1), (1, 1, 1)))
    dtype = torch.float64 if sent_back else torch.float32
    call |= {
        "x": tensor(draw.array((*leading, in_features), -3, 4), dtype),
        "weight": tensor(draw.array((out_features, in_features), -2, 3, plainest=1), dtype),
        "bias": tensor(draw.array(out_features, -2, 3), dtype),
    }
    if filled_anew:
        call["a call before"] = "with the same x, all of weight and bias 0"
    if again:
        call["a second call"] = "with the same x, after weight and bias were doubled"
    if sent_back:
        call["upstream gradient"] = tensor(draw.array((*leading, out_features), -2, 3, plainest=1), dtype)
        call["dtype"] = "float64"
    return call


@counterexample(inputs=small_call, tolerance=Tolerance(relative=1e-4, of_scale=1e-4))
def answers_of_a_small_layer(SimpleLinear, call):
    """What a new layer holds, or what a layer returns, sends back, and changes that is not its own."""
    sizes = call["in_features"], call["out_features"]
    if "x" not in call:
        first, second = (build_plain(SimpleLinear, *sizes) for _ in range(2))
        return {
            "shape of weight": list(tensor_of(first, "weight").shape),
            "bias": tensor_of(first, "bias"),
            "weight requires gradients": tensor_of(first, "weight").requires_grad,
            "bias requires gradients": tensor_of(first, "bias").requires_grad,
            "weight and bias are leaves": [each.is_leaf for each in tensors_of(first).values()],
            "two layers have the same weight": torch.equal(tensor_of(first, "weight"), tensor_of(second, "weight")),
        }
    x = call["x"]
    layer = filled(SimpleLinear, 0 * call["weight"], 0 * call["bias"], x.dtype)
    if "a call before" in call:
        layer.forward(x)
    for name in NAMES:
        fill(name, tensor_of(layer, name), call[name])
    before = x.clone()
    inputs = {"x": x.requires_grad_(), **tensors_of(layer)} if "upstream gradient" in call else {}
    output = layer.forward(x)
    seen = {"output": output}
    if inputs:
        seen |= gradients(output, inputs, call["upstream gradient"])
    if x.shape != before.shape or not torch.equal(x, before):
        seen["x after the call"] = x
    if "a second call" in call:
        with torch.no_grad():
            for each in tensors_of(layer).values():
                each.mul_(2)
        seen["output of the second call"] = layer.forward(x)
    return seen
