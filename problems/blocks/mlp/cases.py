"""The hidden suite of the SwiGLU feed-forward network.

The three layers are filled with drawn numbers, so that nothing depends on initial ones. The standard cases come from the
description; by hand are the formula at numbers that tell its parts apart, large gates, and what a new module holds.
"""

import numpy as np
import torch
from torch import nn

from torch_judge.authoring import (
    Argument,
    Observer,
    Size,
    Tolerance,
    build,
    case,
    counterexample,
    describe,
    fill,
    gradients,
    require_gradients,
    signed,
    tensor,
    tensor_of,
    upstream,
)

NAMES = ("gate_proj.weight", "gate_proj.bias", "up_proj.weight", "up_proj.bias", "down_proj.weight", "down_proj.bias")
LAYERS = ("gate_proj", "up_proj", "down_proj")
observer = Observer()

layer = describe(
    sizes={"d_model": 5, "d_ff": 7, "batch": 2, "tokens": Size(3, large=130)},
    made_with=["d_model", "d_ff"],
    parameters=[
        Argument("gate_proj.weight", "d_ff d_model", scales=0),
        Argument("gate_proj.bias", "d_ff", scales=1),
        Argument("up_proj.weight", "d_ff d_model", scales=0),
        Argument("up_proj.bias", "d_ff", scales=1),
        Argument("down_proj.weight", "d_model d_ff", scales=0),
        Argument("down_proj.bias", "d_model", scales=2),
    ],
    arguments=[Argument("x", "batch tokens d_model", also=["d_model", "tokens d_model", "batch 1 tokens d_model"])],
)


def draw_parameters(rng, d_model, d_ff):
    """Draw the six parameters; pre-activations are of the size of a few units."""
    return {
        "gate_proj.weight": signed(rng, 0.2, 1.3, (d_ff, d_model)),
        "gate_proj.bias": signed(rng, 0.3, 1.1, d_ff),
        "up_proj.weight": signed(rng, 0.2, 1.2, (d_ff, d_model)),
        "up_proj.bias": signed(rng, 0.3, 0.9, d_ff),
        "down_proj.weight": signed(rng, 0.4, 1.4, (d_model, d_ff)),
        "down_proj.bias": signed(rng, 0.4, 1.2, d_model),
    }


def drawn(Layer, rng, d_model, d_ff, dtype=torch.float64, **given):
    """Make a layer and write drawn numbers into it, or those that are given."""
    module = build(Layer, d_model, d_ff)
    for name, values in (draw_parameters(rng, d_model, d_ff) | given).items():
        fill(name, tensor_of(module, name), tensor(values))
    return module.to(dtype)


def with_gradients(module, x, rng):
    """Return the output and the gradients of x and of all six parameters."""
    inputs = require_gradients({"x": x}) | {name: tensor_of(module, name) for name in NAMES}
    output = module(inputs["x"])
    return {"output": output, **gradients(output, inputs, upstream(rng, x))}


@case(
    title="output is down_proj(silu(gate) * up)",
    rejects=["gelu_for_silu", "gate_and_up_swapped", "summed_instead_of_multiplied", "scaled_sigmoid"],
)
def output_is_down_of_silu_of_gate_times_up(Layer, rng):
    """The gate is activated with silu, multiplied with up, and brought back to d_model numbers."""
    module = drawn(Layer, rng, 5, 7)
    return {"output": module(tensor(signed(rng, 0.2, 1.6, (2, 3, 5)), torch.float64))}


@case(rejects=["both_activated", "activation_after_the_product", "up_missing"])
def gate_is_activated_and_up_is_not(Layer, rng):
    """Where the gate is far above 0 it passes as it is, and up counts with its sign; where up is far below 0, so is the product."""
    d_ff = 4
    zeros = torch.zeros(d_ff, 3)
    module = drawn(
        Layer,
        rng,
        3,
        d_ff,
        **{
            "gate_proj.weight": zeros,
            "gate_proj.bias": [40.0, -3.0, 30.0, 0.7],
            "up_proj.weight": zeros,
            "up_proj.bias": [-25.0, -8.0, 6.0, -20.0],
        },
    )
    return {"output": module(tensor(signed(rng, 0.2, 1.6, (4, 3)), torch.float64))}


@case()
def works_for_any_number_of_dimensions(Layer, rng):
    """A single vector, rows, and batches of rows are all of d_model numbers in the last dimension; the shape is kept."""
    module = drawn(Layer, rng, 4, 6)
    shapes = ((4,), (1, 4), (5, 4), (1, 1, 4), (2, 3, 4), (3, 1, 4), (2, 1, 3, 4))
    seen = {}
    for shape in shapes:
        x = tensor(signed(rng, 0.2, 1.6, shape), torch.float64)
        inputs = require_gradients({"x": x})
        where = f"shape {shape}"
        seen[where] = observer.observe(lambda x=inputs["x"]: module(x), inputs, rng, where=where)
    return seen


@case(rejects=["widths_swapped"])
def works_for_any_widths(Layer, rng):
    """d_ff may be larger or smaller than d_model, equal to it, or 1; so may d_model be 1."""
    seen = {}
    for d_model, d_ff in ((3, 8), (8, 3), (7, 7), (6, 1), (1, 5), (1, 1)):
        # as many rows as d_ff: the result then has the shape of two of the weights, and is a new tensor all the same
        module, where = drawn(Layer, rng, d_model, d_ff), f"d_model {d_model}, d_ff {d_ff}"
        inputs = require_gradients({"x": tensor(signed(rng, 0.2, 1.6, (d_ff, d_model)), torch.float64)})
        seen[where] = observer.observe(
            lambda module=module, x=inputs["x"]: module(x),
            inputs,
            rng,
            held=lambda module=module: {name: tensor_of(module, name) for name in NAMES},
            module=module,
            where=where,
        )
    return seen


@case(rejects=["gate_detached", "up_detached"])
def gradients_are_right(Layer, rng):
    """x gets its gradient through both paths, and each weight and bias gets its own."""
    module = drawn(Layer, rng, 5, 6)
    return with_gradients(module, tensor(signed(rng, 0.2, 1.6, (2, 4, 5)), torch.float64), rng)


@case(rejects=["exp_overflows", "gate_clamped"], tolerance=Tolerance(relative=3e-5, of_scale=3e-7))
def silu_at_large_gates(Layer, rng):
    """With gates of 200 and -200 values and gradients are finite and right, in float32 and in float64."""
    gates = rng.permutation([200.0, -200.0, 90.0, -90.0, 30.0, -30.0])
    seen = {}
    for name, dtype in (("float32", torch.float32), ("float64", torch.float64)):
        module = drawn(Layer, rng, 3, 6, dtype, **{"gate_proj.bias": gates, "gate_proj.weight": 0.01 * signed(rng, 0.2, 1.3, (6, 3))})
        seen[name] = with_gradients(module, tensor(signed(rng, 0.2, 1.6, (4, 3)), dtype), rng)
    return seen


@case()
def gates_of_exactly_0_are_closed(Layer, rng):
    """silu(0) is 0 and its slope is 1/2, so that up still learns nothing there, and the gate does."""
    module = drawn(Layer, rng, 3, 5, **{"gate_proj.weight": torch.zeros(5, 3), "gate_proj.bias": torch.zeros(5)})
    return with_gradients(module, tensor(signed(rng, 0.2, 1.6, (4, 3)), torch.float64), rng)


@case(title="a trained layer's numbers far out are used")
def numbers_far_out(Layer, rng):
    """Weights, biases and inputs of some hundreds are multiplied like any others: nothing is clamped or normalised."""
    module = drawn(Layer, rng, 4, 5, **{"up_proj.weight": signed(rng, 60, 400, (5, 4)), "down_proj.bias": signed(rng, 2e4, 9e4, 4)})
    return with_gradients(module, tensor(signed(rng, 20, 90, (3, 4)), torch.float64), rng)


@case(rejects=["residual_added"])
def down_bias_is_all_that_comes_out_of_zeros(Layer, rng):
    """Where up is 0 throughout, the result is the bias of down_proj, whatever x is: there is no path around the gate."""
    module = drawn(Layer, rng, 4, 6, **{"up_proj.weight": torch.zeros(6, 4), "up_proj.bias": torch.zeros(6)})
    return {"output": module(tensor(signed(rng, 0.2, 1.6, (5, 4)), torch.float64))}


@case(rejects=["bias_missing", "layers_named_otherwise", "weights_shared", "norm_added"])
def has_the_parameters_of_three_linear_layers(Layer, rng):
    """gate_proj, up_proj and down_proj are nn.Linear with their biases, in float32, and all that the module has to learn."""
    module = build(Layer, 5, 3)
    layers = {name: getattr(module, name, None) for name in LAYERS}
    return {
        "layers": {name: isinstance(each, nn.Linear) and (each.in_features, each.out_features) for name, each in layers.items()},
        "parameters": {name: (list(each.shape), str(each.dtype), each.requires_grad) for name, each in sorted(module.named_parameters())},
        "state dict": sorted(module.state_dict()),
        "buffers": [name for name, _ in module.named_buffers()],
        "training": module.training,
    }


@case()
def training_and_eval_are_the_same(Layer, rng):
    """Neither mode drops or scales anything."""
    module, x = drawn(Layer, rng, 6, 9), tensor(signed(rng, 0.2, 1.6, (8, 6)), torch.float64)
    return {mode: getattr(module, mode)()(x) for mode in ("train", "eval")}


def small_call(draw):
    """Draw the sizes of a new layer, or a small layer and an input; parameters that are not shown are 1 (weights) and 0 (biases)."""
    new, above = draw.boolean(), draw.boolean()
    dtype = torch.float64  # in float32 right ways to write silu differ where little passes
    d_model, d_ff = draw.integer(1, 2), draw.integer(1, 3)
    call = {"d_model": d_model, "d_ff": d_ff}
    if new:
        return call
    shapes = {name: tuple(values.shape) for name, values in draw_parameters(np.random.default_rng(0), d_model, d_ff).items()}
    for name, shape in shapes.items():
        if draw.boolean():
            call[name] = tensor(draw.array(shape, -2, 3, plainest=1), dtype)
    if draw.choice((False, False, True)):
        call["gate_proj.bias"] = torch.full((d_ff,), 800.0, dtype=dtype)
    dimensions = draw.choice(((), (1,), (2,), (1, 1), (2, 1), (1, 2)))
    call["x"] = tensor(draw.array((*dimensions, d_model), -3, 4, plainest=1), dtype)
    if draw.boolean():
        call["mode"] = "eval"
    if above:
        call["upstream gradient"] = tensor(draw.array((*dimensions, d_model), -2, 3, plainest=1), dtype)
    return call


@counterexample(inputs=small_call, tolerance=Tolerance(relative=1e-3, of_scale=1e-3))
def answers_of_a_small_layer(Layer, call):
    """What a new layer is made of, or what a small one returns and sends back."""
    module = build(Layer, call["d_model"], call["d_ff"])
    if "x" not in call:
        return {"parameters": ", ".join(f"{name} {tuple(each.shape)}" for name, each in sorted(module.named_parameters()))}
    for name in NAMES:
        target = tensor_of(module, name)
        fill(name, target, call.get(name, torch.full(target.shape, float(name.endswith("weight")))))
    module.to(call["x"].dtype).train("mode" not in call)
    x = call["x"].clone()
    if "upstream gradient" not in call:
        seen = {"output": module(x)}
    else:
        inputs = {"x": x.requires_grad_()} | {name: tensor_of(module, name) for name in NAMES}
        output = module(inputs["x"])
        seen = {"output": output, **gradients(output, inputs, call["upstream gradient"])}
    if not torch.equal(x, call["x"]):
        seen["x after the call"] = x
    return seen
