"""The hidden suite of the feed-forward block of a transformer.

Layer norm and the linear layers are found by what they are, whatever their names are and in whatever order they were
made. They are given the same numbers as the jury's, so that nothing depends on initial ones. The standard cases come
from a description of the block whose layers have names of ours; by hand are the cases that say what the block is.
"""

import numpy as np
import torch
from torch import nn

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
    standard,
    tensor,
    upstream,
)

ROUNDED_AT_THE_OFFSET = Tolerance(relative=4e-6, of_scale=0.0)
"""float32 numbers near 4096 are 0.0005 apart; what this tolerance lets pass is that rounding, as the branch enlarges it."""


def norm_of(block):
    """Return the layer norm: a module of a class of its own, called `norm1`, will do as well as nn.LayerNorm."""
    named = getattr(block, "norm1", None)
    if isinstance(named, nn.BatchNorm1d):
        raise WrongAnswer("block.norm1: expected a layer norm, found BatchNorm1d")
    if isinstance(named, nn.Module) and isinstance(getattr(named, "weight", None), nn.Parameter) and hasattr(named, "bias"):
        return named
    found = [each for each in block.modules() if isinstance(each, nn.LayerNorm)]
    if len(found) != 1:
        names = ", ".join(f"{name} ({type(each).__name__})" for name, each in block.named_children()) or "none"
        raise WrongAnswer(f"block.norm1: expected a layer norm with weight and bias; the block's modules are {names}")
    return found[0]


def linears(block, d_model, d_ff):
    """Return the two linear layers of the block, the one that widens first."""
    found = [each for each in block.modules() if isinstance(each, nn.Linear)]
    layers = [[each for each in found if tuple(each.weight.shape) == shape] for shape in ((d_ff, d_model), (d_model, d_ff))]
    if len(found) != 2 or [len(each) for each in layers] != [1, 1]:
        sizes = ", ".join(f"from {each.in_features} to {each.out_features}" for each in found) or "none"
        raise WrongAnswer(f"block.modules(): expected nn.Linear from {d_model} to {d_ff} and from {d_ff} to {d_model}, found {sizes}")
    return layers[0][0], layers[1][0]


def parameters(block, d_model, d_ff):
    """Return the six parameters by the names that a learner reads."""
    widen, narrow = linears(block, d_model, d_ff)
    found = {}
    for name, layer in (("norm1", norm_of(block)), ("the first linear layer", widen), ("the second linear layer", narrow)):
        found |= {f"weight of {name}": layer.weight, f"bias of {name}": layer.bias}
    return found


def filled(Block, d_model, d_ff, values, dtype=torch.float32):
    """Make a block whose six parameters have these values, in the order of `parameters`."""
    block = build(Block, d_model, d_ff)
    for (name, target), each in zip(parameters(block, d_model, d_ff).items(), values, strict=True):
        fill(name, target, each)
    return block.to(dtype)


def drawn(Block, rng, d_model, d_ff):
    """Make a block and give its layers numbers from `rng`: none is 0 or 1, and the features differ."""
    values = (
        signed(rng, 1.2, 2.3, d_model),
        signed(rng, 0.3, 0.8, d_model),
        1.2 * rng.normal(size=(d_ff, d_model)) / np.sqrt(d_model),
        signed(rng, 0.4, 1.1, d_ff),
        1.7 * rng.normal(size=(d_model, d_ff)) / np.sqrt(d_ff),
        signed(rng, 0.6, 1.3, d_model),
    )
    return filled(Block, d_model, d_ff, [tensor(each) for each in values])


def spread(rng, shape):
    """Draw positions, each with a mean and a deviation of its own; none is nearly constant, which rounding would enlarge."""
    deviation = rng.uniform(1.3, 2.6, (*shape[:-1], 1))
    return rng.uniform(0.7, 1.9, (*shape[:-1], 1)) + deviation * standard(rng, shape, over=-1)


def positions(rng, *shape):
    """Draw positions as a tensor."""
    return tensor(spread(rng, shape))


def parts(block, d_model, d_ff):
    """Find the layers, whatever their names are."""
    return dict(zip(("the_norm", "the_first_linear", "the_second_linear"), (norm_of(block), *linears(block, d_model, d_ff)), strict=True))


def described(**sizes):
    """Describe a block; d_ff is four times a size, so that it never equals d_model and the layers are told apart."""
    return describe(
        sizes={"positions": 3, "d_model": Size(5, large=1030), "quarter_of_d_ff": Size(3, large=65), "sequences": Size(2, large=130)}
        | sizes,
        made_with={"d_model": "d_model", "d_ff": "4*quarter_of_d_ff"},
        also_by_name=True,
        parts=parts,
        parameters=[
            Argument("the_norm.weight", "d_model", between=(1.2, 2.3), far=1, scales=0),
            Argument("the_norm.bias", "d_model", between=(0.3, 0.8), far=1),
            Argument("the_first_linear.weight", "4*quarter_of_d_ff d_model", between=(0.2, 0.9), far=1, scales=0),
            Argument("the_first_linear.bias", "4*quarter_of_d_ff", between=(0.4, 1.1), far=1),
            Argument("the_second_linear.weight", "d_model 4*quarter_of_d_ff", between=(0.2, 0.9), far=1),
            Argument("the_second_linear.bias", "d_model", between=(0.6, 1.3), far=1),
        ],
        arguments=[Argument("x", "positions d_model", also=["d_model", "2 sequences positions d_model"], draw=spread)],
    )


suite = described()


@case(title="output is x + ff(norm1(x))", rejects=["post_norm", "residual_of_the_normalised_input", "relu_instead_of_gelu", "gelu_by_tanh"])
def output_is_x_plus_ff_of_norm1_of_x(Block, rng):
    """The branch is layer norm, a linear layer that widens, GELU and a linear layer that narrows; its result is added
    to x as it came in.
    """
    block = drawn(Block, rng, 4, 7)
    long = positions(rng, 3, 4).repeat(700, 1)
    return {
        "output": block(positions(rng, 3, 5, 4)),
        "of five dimensions": block(positions(rng, 2, 1, 3, 2, 4)),
        "of six dimensions": block(positions(rng, 2, 1, 2, 1, 3, 4)),
        "at the end of 2100 positions": block(long)[-3:].clone(),
    }


@case(rejects=["unused_layer_left_in", "layer_scale_added", "gated_branch"])
def has_the_parameters_of_its_three_layers(Block, rng):
    """The parameters are scale and shift of layer norm, and weight and bias of two linear layers; nothing else is stored."""
    block = build(Block, 5, 9)
    found = sorted(list(each.shape) for each in block.parameters())
    return {
        "shapes of parameters": found,
        "shapes of buffers": sorted(list(each.shape) for each in block.buffers()),
        "all require gradients": all(each.requires_grad for each in block.parameters()),
    }


@case(title="d_model defaults to 512, d_ff to 2048", rejects=["wrong_default_hidden_width"])
def d_model_and_d_ff_have_their_defaults(Block, rng):
    """d_model is 512 and d_ff is 2048 where they are left out, each by itself."""
    seen = {}
    for name, sizes in {"d_model": {"d_model": 6}, "d_ff": {"d_ff": 9}, "both": {"d_ff": 5, "d_model": 3}}.items():
        seen[f"{name} given"] = sorted(list(each.shape) for each in build(Block, **sizes).parameters())
    return seen


@case(rejects=["residual_detached", "branch_detached"])
def gradients_flow_through_the_residual_and_the_branch(Block, rng):
    """x gets its gradient both directly and through layer norm, and all six parameters get theirs."""
    block, x = drawn(Block, rng, 4, 6), positions(rng, 3, 2, 4).requires_grad_()
    output = block(x)
    return {"output": output, **gradients(output, {"x": x, **parameters(block, 4, 6)}, upstream(rng, x))}


@case(title="layer norm's eps is 1e-5", rejects=["eps_of_another_model"])
def eps_of_layer_norm_is_1e_5(Block, rng):
    """The eps of layer norm is PyTorch's 1e-5, which matters for positions that hardly vary."""
    block, x = drawn(Block, rng, 4, 7), positions(rng, 5, 4)
    constant = tensor(np.repeat(rng.integers(1, 9, (3, 1)) / 16, 4, axis=1))
    return {"output": block(0.003 * x), "constant positions": block(constant)}


@case(rejects=["mean_of_squares_minus_square_of_mean"], tolerance=ROUNDED_AT_THE_OFFSET)
def is_accurate_when_the_mean_is_large(Block, rng):
    """Numbers may lie far from zero. The variance must come from the deviations from the mean, or float32 rounds it away."""
    block = drawn(Block, rng, 6, 9)
    deviations = rng.uniform(1.6, 2.4, (7, 1)) * standard(rng, (7, 6), over=1)
    return {"output": block(tensor(4096 + np.round(64 * deviations) / 64))}


@case(title="works with d_ff smaller than d_model", rejects=["hidden_width_ignored"])
def works_with_d_ff_smaller_than_d_model(Block, rng):
    """Any sizes are legal: a branch that narrows is a bottleneck, down to a single number."""
    narrowing, single = drawn(Block, rng, 7, 2), drawn(Block, rng, 5, 1)
    return {"7 and 2": narrowing(positions(rng, 3, 4, 7)), "5 and 1": single(positions(rng, 3, 4, 5))}


@case(title="works with d_ff equal to d_model", rejects=["normalised_over_the_positions"])
def works_with_d_ff_equal_to_d_model(Block, rng):
    """Where the sizes are equal there are two linear layers all the same. (Both have the same numbers here.)"""
    block = build(Block, 4, 4)
    layers = [each for each in block.modules() if isinstance(each, nn.Linear)]
    if [tuple(each.weight.shape) for each in layers] != [(4, 4)] * 2:
        raise WrongAnswer(f"block.modules(): expected two nn.Linear from 4 to 4, found {layers}")
    weight, bias = 0.6 * rng.normal(size=(4, 4)), signed(rng, 0.4, 1.1, 4)
    for each in layers:
        fill("weight of a linear layer", each.weight, weight)
        fill("bias of a linear layer", each.bias, bias)
    return {"output": block(positions(rng, 3, 5, 4))}


def leaving_out(Block, name):
    """Make blocks that are not given one of their sizes."""

    def make(d_model, d_ff):
        sizes = {"d_model": d_model, "d_ff": d_ff}
        sizes.pop(name)
        return Block(**sizes)

    return make


@case(rejects=["wrong_default_hidden_width"])
def works_with_default_sizes(Block, rng):
    """A call is the same whether d_model or d_ff is left out or given its default."""
    seen = {}
    for name, sizes in (("d_model", {"d_model": 512}), ("d_ff", {"quarter_of_d_ff": 512})):
        ordinary = next(each for each in described(**sizes).cases if each.name == "float64_in_gives_float64_out")
        seen[f"{name} left out"] = ordinary.function(leaving_out(Block, name), rng)
        seen[f"{name} given"] = ordinary.function(Block, rng)
    return seen


@case(rejects=["branch_starts_at_zero", "seeded_in_the_constructor"])
def a_new_block_has_the_right_initial_state(Block, rng):
    """Layer norm starts with scale 1 and shift 0; the weights of the linear layers are drawn anew for each block."""
    block, other = build(Block, 24, 60), build(Block, 24, 60)
    seen = {"scale": norm_of(block).weight, "shift": norm_of(block).bias}
    for name, mine, others in zip(("first", "second"), linears(block, 24, 60), linears(other, 24, 60), strict=True):
        seen[f"the {name} weight is the same in two blocks"] = torch.equal(mine.weight, others.weight)
    return seen


@case(rejects=["weights_copied_at_the_first_call"])
def eval_uses_the_current_weights(Block, rng):
    """A step of the optimiser and a loaded state take effect at the next call, in eval mode as in training, under
    torch.no_grad() too.
    """
    block, other, x = drawn(Block, rng, 4, 6), drawn(Block, rng, 4, 6), positions(rng, 3, 5, 4)
    seen = {"in training": block(x).detach().clone()}
    with torch.no_grad():
        for each in block.parameters():
            each.mul_(1.3)
        seen["in evaluation, after a step"] = block.eval()(x).clone()
        block.load_state_dict(other.state_dict())
        seen["after a state was loaded"] = block(x).clone()
        for each in block.parameters():
            each.mul_(0.7)
        seen["after another step"] = block(x).clone()
    return seen


@case(rejects=["x_changed_in_place"])
def works_when_the_branch_is_zero(Block, rng):
    """Where weight and bias of the last linear layer are zero, the result is x in a tensor of its own, and both learn."""
    block = drawn(Block, rng, 4, 6)
    last = linears(block, 4, 6)[1]
    fill("weight of the second linear layer", last.weight, np.zeros((4, 6)))
    fill("bias of the second linear layer", last.bias, np.zeros(4))
    seen = {}
    for mode in ("train", "eval"):
        x = positions(rng, 3, 5, 4)
        output = getattr(block, mode)()(x.clone())
        learned = {"weight of the second linear layer": last.weight, "bias of the second linear layer": last.bias}
        seen[mode] = {"output": output, **gradients(output, learned, upstream(rng, x))}
        with torch.no_grad():
            seen[mode]["output without gradients"] = output = block(x)
        check_is_new("output", output, x)
    last.requires_grad_(False)
    x = positions(rng, 3, 5, 4).requires_grad_()
    seen["while the last layer is frozen"] = output = block(x)
    check_is_new("output while the last layer is frozen", output, x)
    return seen


def check_is_new(name, output, x):
    """See that a result lies in memory of its own."""
    if output.untyped_storage().data_ptr() == x.untyped_storage().data_ptr():
        raise WrongAnswer(f"{name}: expected a new tensor, found one that shares memory with x")


@case(rejects=["layers_made_in_forward"])
def the_same_input_gives_the_same_result(Block, rng):
    """The layers are made once, in the constructor: the same x gives the same result each time."""
    block, x = build(Block, 3, 5).eval(), positions(rng, 2, 4, 3)
    first, second = block(x), block(x)
    if not isinstance(first, torch.Tensor):
        raise WrongAnswer(f"output: expected a tensor, found {type(first).__name__}")
    return {"the same twice": torch.equal(first, second)}


def small_call(draw):
    """Draw the sizes of a new block, or a small block with plain parameters and a call of it."""
    new, upstream, evaluation, another, again = (draw.boolean() for _ in range(5))
    d_model = draw.choice((2, 3, 1))
    d_ff = draw.choice([each for each in (1, 2, 3, 4) if each != d_model])
    call = {"d_model": d_model, "d_ff": d_ff}
    if new:
        left_out = draw.choice((None, "d_ff", "d_model"))
        return {name: size for name, size in call.items() if name != left_out}
    shape = (*draw.choice(((1,), (2,), (1, 2), (2, 1), (), (1, 1, 1))), d_model)
    dtype = torch.float64 if upstream else torch.float32  # gradients cancel, which float32 does not survive
    call |= {
        "x": tensor(draw.array(shape, -3, 4), dtype),
        "weight of norm1": tensor(draw.array(d_model, -2, 3, plainest=1), dtype),
        "bias of norm1": tensor(draw.array(d_model, -2, 3), dtype),
        "weight of the first linear layer": tensor(draw.array((d_ff, d_model), -2, 3, plainest=1), dtype),
        "bias of the first linear layer": tensor(draw.array(d_ff, -2, 3), dtype),
        "weight of the second linear layer": tensor(draw.array((d_model, d_ff), -2, 3, plainest=1), dtype),
        "bias of the second linear layer": tensor(draw.array(d_model, -2, 3), dtype),
    }
    if evaluation:
        call["mode"] = "eval"
    if another:
        call["another block"] = "of the same sizes, made later, all its parameters 0"
    if again:
        call["a second call"] = "with the same x, after every parameter was doubled"
    if upstream:
        call["upstream gradient"] = tensor(draw.array(shape, -2, 3, plainest=1), dtype)
        call["dtype"] = "float64"
    return call


@counterexample(inputs=small_call, tolerance=Tolerance(relative=1e-4, of_scale=1e-4))
def answers_of_a_small_block(Block, call):
    """What a new block is made of, or what a block returns, sends back, and changes that is not its own."""
    if "x" not in call:
        return constitution(Block, call)
    sizes = call["d_model"], call["d_ff"]
    x, values = call["x"], [value for name, value in call.items() if name.startswith(("weight", "bias"))]
    block = filled(Block, *sizes, values, x.dtype).train("mode" not in call)
    if "another block" in call:
        filled(Block, *sizes, [torch.zeros_like(each) for each in values])
    before = x.clone()
    inputs = {"x": x.requires_grad_(), **parameters(block, *sizes)} if "upstream gradient" in call else {}
    output = block(x)
    seen = {"output": output}
    if inputs:
        seen |= gradients(output, inputs, call["upstream gradient"])
    if not torch.equal(x, before):
        seen["x after the call"] = x
    if "a second call" in call:
        with torch.no_grad():
            for each in block.parameters():
                each.mul_(2)
        seen["output of the second call"] = block(x)
    return seen


def constitution(Block, sizes):
    """Return what two new blocks of these sizes are made of."""
    block, other = build(Block, **sizes), build(Block, **sizes)
    seen = {
        "shapes of parameters": sorted(list(each.shape) for each in block.parameters()),
        "shapes of buffers": sorted(list(each.shape) for each in block.buffers()),
    }
    if len(sizes) == 2:
        seen |= {"weight of norm1": norm_of(block).weight, "bias of norm1": norm_of(block).bias}
        pairs = zip(linears(block, **sizes), linears(other, **sizes), strict=True)
        seen["linear weights that are the same in two blocks"] = sum(torch.equal(mine.weight, others.weight) for mine, others in pairs)
    return seen
