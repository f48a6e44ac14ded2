"""The hidden suite of the gated feed-forward network.

The three layers are found by their names and filled with drawn numbers, so that nothing depends on initial ones. The standard
cases come from a description; by hand are the cases that say what the network is, and what SiLU does far out and at 0.
"""

import numpy as np
import torch

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
    linear_of,
    signed,
    tensor,
    upstream,
)

NAMES = tuple(f"{name}_proj.{kind}" for name in ("gate", "up", "down") for kind in ("weight", "bias"))


def layers(mlp, d_model, d_ff):
    """Find the three layers by their names."""
    return {
        "gate_proj": linear_of(mlp, "gate_proj", d_model, d_ff),
        "up_proj": linear_of(mlp, "up_proj", d_model, d_ff),
        "down_proj": linear_of(mlp, "down_proj", d_ff, d_model),
    }


def parameters(mlp, d_model, d_ff):
    """Return the six parameters by name."""
    found = layers(mlp, d_model, d_ff).items()
    return {f"{name}.{kind}": getattr(layer, kind) for name, layer in found for kind in ("weight", "bias")}


def filled(SwiGLUMLP, d_model, d_ff, values, dtype=torch.float64):
    """Make a network whose six parameters have these values, in the order of `parameters`."""
    mlp = build(SwiGLUMLP, d_model, d_ff)
    for (name, target), each in zip(parameters(mlp, d_model, d_ff).items(), values, strict=True):
        fill(name, target, each)
    return mlp.to(dtype)


def drawn(SwiGLUMLP, rng, d_model, d_ff, dtype=torch.float64):
    """Make a network with numbers from `rng`: none is 0 or 1, and what goes into SiLU is neither tiny nor far out."""
    values = [
        1.3 * rng.normal(size=(d_ff, d_model)) / np.sqrt(d_model),
        signed(rng, 0.3, 0.9, d_ff),
        1.2 * rng.normal(size=(d_ff, d_model)) / np.sqrt(d_model),
        signed(rng, 0.4, 1.1, d_ff),
        1.7 * rng.normal(size=(d_model, d_ff)) / np.sqrt(d_ff),
        signed(rng, 0.6, 1.3, d_model),
    ]
    return filled(SwiGLUMLP, d_model, d_ff, values, dtype)


def drawn_x(rng, *shape, dtype=torch.float64):
    """Draw positions of both signs."""
    return tensor(signed(rng, 0.4, 1.9, shape), dtype)


suite = describe(
    sizes={"positions": Size(3, large=260), "d_model": 5, "d_ff": 7, "sequences": Size(2, large=260)},
    made_with=["d_model", "d_ff"],
    parts=layers,
    parameters=[
        Argument("gate_proj.weight", "d_ff d_model", between=(0.2, 0.8), far=1),
        Argument("gate_proj.bias", "d_ff", between=(0.3, 0.9), far=1),
        Argument("up_proj.weight", "d_ff d_model", between=(0.2, 0.9), far=1),
        Argument("up_proj.bias", "d_ff", between=(0.4, 1.1), far=1),
        Argument("down_proj.weight", "d_model d_ff", between=(0.2, 0.9), far=1),
        Argument("down_proj.bias", "d_model", between=(0.6, 1.3), far=1),
    ],
    arguments=[Argument("x", "positions d_model", also=["d_model", "sequences positions d_model", "2 sequences positions d_model"])],
)


@case(
    title="output is down(silu(gate(x)) * up(x))",
    rejects=["gate_and_up_swapped", "silu_on_both", "gelu_instead_of_silu", "added_instead_of_multiplied", "residual_added"],
)
def output_is_down_of_silu_gate_times_up(SwiGLUMLP, rng):
    """The gate goes through SiLU and is multiplied by the other projection; down_proj gets the product."""
    mlp = drawn(SwiGLUMLP, rng, 4, 7)
    return {"output": mlp(drawn_x(rng, 2, 3, 4)), "of one position": mlp(drawn_x(rng, 4))}


@case(rejects=["biases_left_out", "layers_under_other_names", "learned_slope", "gate_and_up_share_their_weights", "layers_in_a_plain_list"])
def has_three_linear_layers_by_their_names(SwiGLUMLP, rng):
    """gate_proj, up_proj and down_proj are nn.Linear with a bias each; state_dict() has their six tensors and nothing else."""
    mlp = build(SwiGLUMLP, 5, 9)
    six = parameters(mlp, 5, 9)
    if len({each.untyped_storage().data_ptr() for each in six.values()}) != len(six):
        raise WrongAnswer("parameters: expected six tensors of their own, found some that share their memory")
    return {
        "state_dict": {name: list(value.shape) for name, value in sorted(mlp.state_dict().items())},
        "parameters": sorted(name for name, _ in mlp.named_parameters(remove_duplicate=False)),
        "shapes of buffers": sorted(list(each.shape) for each in mlp.buffers()),
        "all require gradients": all(each.requires_grad for each in mlp.parameters()),
        "dtypes": sorted({str(each.dtype) for each in mlp.parameters()}),
    }


@case(rejects=["seeded_in_the_constructor", "weights_start_equal"])
def weights_start_at_random(SwiGLUMLP, rng):
    """The weights of the layers, and of two networks, start with different numbers; making a network seeds no generator."""
    first, second = (layers(build(SwiGLUMLP, 6, 6), 6, 6) for _ in range(2))
    weights = {
        f"{name} of the {nth} network": each.weight for nth, found in (("first", first), ("second", second)) for name, each in found.items()
    }
    seen = {}
    for name, weight in weights.items():
        seen[f"{name} is finite"] = bool(torch.isfinite(weight).all())
        seen[f"{name} has different numbers"] = len(torch.unique(weight.detach())) > 20
        seen[f"weights equal to {name}"] = sum(torch.equal(weight, other) for other in weights.values())
    return seen


@case(rejects=["gate_detached", "sigmoid_detached", "up_forgotten"])
def gradients_reach_x_and_all_six_parameters(SwiGLUMLP, rng):
    """x gets its gradient through the gate and through up_proj, and each weight and bias gets its own."""
    seen = {}
    for mode in ("train", "eval"):
        mlp, x = getattr(drawn(SwiGLUMLP, rng, 4, 6), mode)(), drawn_x(rng, 2, 3, 4).requires_grad_()
        output = mlp(x)
        seen[mode] = {"output": output, **gradients(output, {"x": x, **parameters(mlp, 4, 6)}, upstream(rng, x))}
    return seen


def identity_gate(SwiGLUMLP, rng, width, dtype):
    """Make a network whose gate sees x as it is: what goes into SiLU is known to the last digit."""
    eye, zeros = np.eye(width), np.zeros(width)
    up, down = signed(rng, 0.3, 0.9, (width, width)), signed(rng, 0.3, 0.9, (width, width))
    return filled(SwiGLUMLP, width, width, [eye, zeros, 0.01 * up, signed(rng, 1.2, 1.8, width), down, signed(rng, 0.6, 1.3, width)], dtype)


@case(rejects=["overflowing_exponential", "gate_clamped"])
def works_when_the_gate_is_far_out(SwiGLUMLP, rng):
    """In float32 the numbers that go into SiLU may be -200 and 200: values and gradients are finite and right."""
    mlp = identity_gate(SwiGLUMLP, rng, 4, torch.float32)
    out = rng.uniform(150, 200, (3, 4))
    seen = {}
    for name, x in {
        "both sides": tensor(np.sign(signed(rng, 1, 2, (3, 4))) * out),
        "far below 0": tensor(-out),
        "far above 0": tensor(out),
        "some far below 0": tensor(np.where(np.arange(12).reshape(3, 4) % 3 == 0, -out, out / 120)),
    }.items():
        output = mlp(x.requires_grad_())
        found = gradients(output, {"x": x, **parameters(mlp, 4, 4)}, upstream(rng, x))
        if not all(bool(torch.isfinite(each).all()) for each in (output, *found.values())):
            raise WrongAnswer(f"{name}: expected finite values and gradients, found inf or nan")
        seen[name] = {"output": output, **found}
    return seen


@case(rejects=["hard_swish", "gate_clamped"])
def silu_of_a_wide_range_of_numbers(SwiGLUMLP, rng):
    """What goes into SiLU runs from -30 to 30 in float64: z * sigmoid(z) is right throughout, with its slope."""
    mlp = identity_gate(SwiGLUMLP, rng, 5, torch.float64)
    x = tensor(np.linspace(-30, 30, 60).reshape(12, 5) + rng.uniform(0.1, 0.4, (12, 5)), torch.float64).requires_grad_()
    output = mlp(x)
    return {"output": output, **gradients(output, {"x": x, **parameters(mlp, 5, 5)}, upstream(rng, x))}


@case()
def slope_of_the_gate_at_zero(SwiGLUMLP, rng):
    """Where the gate sees exactly 0, silu is 0 and its slope 1/2: the gradients of x and gate_proj are not 0."""
    seen = {}
    for dtype in (torch.float32, torch.float64):
        mlp = identity_gate(SwiGLUMLP, rng, 4, dtype)
        some = np.where(np.arange(12).reshape(3, 4) % 2 == 0, 0.0, signed(rng, 0.6, 1.4, (3, 4)))
        for name, values in {"all": np.zeros((3, 4)), "some": some}.items():
            x = tensor(values, dtype).requires_grad_()
            output = mlp(x)
            seen[f"{name}, {dtype}"] = {"output": output, **gradients(output, {"x": x, **parameters(mlp, 4, 4)}, upstream(rng, x))}
    return seen


@case(rejects=["hidden_width_ignored", "two_thirds_of_the_width"])
def works_with_d_ff_smaller_than_d_model(SwiGLUMLP, rng):
    """Any width is legal: smaller than d_model, down to 1, and d_model may be 1; for one position too all dimensions are kept."""
    seen = {}
    for d_model, d_ff in ((7, 2), (5, 1), (1, 6), (1, 1), (3, 3)):
        mlp = drawn(SwiGLUMLP, rng, d_model, d_ff)
        for leading in ((2, 3), (), (1,), (1, 1, 2)):
            x = drawn_x(rng, *leading, d_model).requires_grad_()
            output, inputs = mlp(x), {"x": x, **parameters(mlp, d_model, d_ff)}
            seen[f"{d_model} and {d_ff}, {leading}"] = {"output": output, **gradients(output, inputs, upstream(rng, x))}
    return seen


@case(rejects=["normalised_first"])
def each_position_is_by_itself(SwiGLUMLP, rng):
    """A position gives the same alone, in a row, in a batch, and twice as large beside others."""
    mlp, x = drawn(SwiGLUMLP, rng, 4, 6), drawn_x(rng, 2, 3, 4)
    return {"together": mlp(x), "one by one": [mlp(each) for each in x.reshape(6, 4)], "larger": mlp(2.5 * x)}


@case(rejects=["stacked_weights_made_once"])
def changed_parameters_take_effect_with_gradients_off(SwiGLUMLP, rng):
    """Under torch.no_grad(), in eval mode too, the parameters are used as they are now: after a step, and after a state was loaded."""
    mlp, other, x = drawn(SwiGLUMLP, rng, 4, 6), drawn(SwiGLUMLP, rng, 4, 6), drawn_x(rng, 3, 4)
    seen = {}
    for mode in ("eval", "train"):
        getattr(mlp, mode)()
        with torch.no_grad():
            seen[f"{mode}, at first"] = mlp(x).clone()
            for each in mlp.parameters():
                each.mul_(1.3)
            seen[f"{mode}, after a step"] = mlp(x).clone()
            mlp.load_state_dict(other.state_dict())
            seen[f"{mode}, after a state was loaded"] = mlp(x).clone()
            for each in mlp.parameters():
                each.data = each.data * 0.8
        with torch.inference_mode():
            seen[f"{mode}, after another step"] = mlp(x).clone()
        seen[f"{mode}, gradients on"] = mlp(2 * x)
        x = 1.5 * x
        with torch.no_grad():
            seen[f"{mode}, another x"] = mlp(x).clone()
    return seen


@case(rejects=["dropout_added"])
def training_and_evaluation_are_the_same(SwiGLUMLP, rng):
    """There is no dropout: in training mode the result is that of eval mode, each time."""
    mlp, x = drawn(SwiGLUMLP, rng, 4, 9), drawn_x(rng, 5, 4)
    return {"train": mlp.train()(x), "again": mlp(x), "eval": mlp.eval()(x)}


def small_call(draw):
    """Draw the sizes of a new network, or a small network with plain parameters and a call of it."""
    new, sent_back, evaluation, again = (draw.boolean() for _ in range(4))
    call = {"d_model": draw.choice((1, 2, 3)), "d_ff": draw.choice((1, 2, 3))}
    if new:
        return call
    d_model, d_ff = call.values()
    shape = (*draw.choice(((1,), (2,), (), (1, 2), (2, 1), (1, 1, 1))), d_model)
    dtype = torch.float64 if sent_back else torch.float32  # gradients cancel, which float32 does not survive
    drawn_shapes = {"x": shape}
    for name, (rows, columns) in {"gate_proj": (d_ff, d_model), "up_proj": (d_ff, d_model), "down_proj": (d_model, d_ff)}.items():
        drawn_shapes |= {f"{name}.weight": (rows, columns), f"{name}.bias": (rows,)}
    call |= {
        name: tensor(draw.array(each, -2, 3, plainest=1 if name.endswith("weight") else 0), dtype) for name, each in drawn_shapes.items()
    }
    far = draw.choice((None, -200.0, 200.0))
    if far is not None:
        call["gate_proj.bias"] = torch.full((d_ff,), far, dtype=dtype)
    if evaluation:
        call["mode"] = "eval"
    if again:
        call["a second call"] = "with the same x, after every parameter was doubled"
    if sent_back:
        call["upstream gradient"] = tensor(draw.array(shape, -2, 3, plainest=1), dtype)
        call["dtype"] = "float64"
    return call


@counterexample(inputs=small_call, tolerance=Tolerance(relative=1e-4, of_scale=1e-4))
def answers_of_a_small_network(SwiGLUMLP, call):
    """What a new network is made of, or what a network returns, sends back, and changes that is not its own."""
    sizes = call["d_model"], call["d_ff"]
    if "x" not in call:
        first, second = build(SwiGLUMLP, *sizes), build(SwiGLUMLP, *sizes)
        pairs = zip(layers(first, *sizes).values(), layers(second, *sizes).values(), strict=True)
        return {
            "state_dict": {name: list(value.shape) for name, value in sorted(first.state_dict().items())},
            "shapes of buffers": sorted(list(each.shape) for each in first.buffers()),
            "weights that are the same in two networks": sum(torch.equal(mine.weight, others.weight) for mine, others in pairs),
        }
    x = call["x"]
    mlp = filled(SwiGLUMLP, *sizes, [call[name] for name in NAMES], x.dtype).train("mode" not in call)
    before = x.clone()
    inputs = {"x": x.requires_grad_(), **parameters(mlp, *sizes)} if "upstream gradient" in call else {}
    output = mlp(x)
    seen = {"output": output}
    if inputs:
        seen |= gradients(output, inputs, call["upstream gradient"])
    if not torch.equal(x, before):
        seen["x after the call"] = x
    if "a second call" in call:
        with torch.no_grad():
            for each in mlp.parameters():
                each.mul_(2)
        seen["output of the second call"] = mlp(x)
    return seen
