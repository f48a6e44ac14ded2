"""The hidden suite of the GPT-2 block.

All parameters are filled with drawn numbers by name; the two linear layers of `mlp` are found by what they are. Where GELU
plays a part, both forms of it are right. So most cases draw the bias of the first layer of `mlp` near 12 and -12, with small weights:
there the two forms agree to the last digit. One case has moderate numbers, and accepts an answer that is all of one form.
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
    linear_of,
    one_of,
    signed,
    standard,
    tensor,
    tensor_of,
    upstream,
)

CONSTANTS_IN_A_FEW_DIGITS = Tolerance(relative=1e-4, of_scale=1e-4)
"""GELU's constants may be written with six digits; any other activation is a hundred times farther off."""

ROUNDED_AT_LARGE_SCORES = Tolerance(relative=1e-6, of_scale=1e-7)
"""Scores of 10000 have four digits less behind the point, and the gradients of a sure softmax nearly cancel."""

IN_MLP = ("the_first_linear_of_mlp.bias", "the_second_linear_of_mlp.weight")

SPLIT = ("W_q", "W_k", "W_v", "W_o")


def norm_of(block, name, d_model):
    """Return one of the two layer norms."""
    norm = getattr(block, name, None)
    if not isinstance(norm, nn.LayerNorm):
        raise WrongAnswer(f"{name}: expected an nn.LayerNorm, found {'nothing' if norm is None else f'a {type(norm).__name__}'}")
    if tuple(norm.normalized_shape) != (d_model,):
        raise WrongAnswer(f"{name}: expected nn.LayerNorm({d_model}), found one of shape {tuple(norm.normalized_shape)}")
    if norm.weight is None or norm.bias is None:
        raise WrongAnswer(f"{name}: expected an nn.LayerNorm with scale and shift, found one without")
    return norm


def layers_of_mlp(block, d_model):
    """Return the two linear layers of `mlp`, the one that widens first."""
    mlp = getattr(block, "mlp", None)
    if not isinstance(mlp, nn.Module):
        raise WrongAnswer(f"mlp: expected a module, found {'nothing' if mlp is None else f'a {type(mlp).__name__}'}")
    wide = 4 * d_model
    found = [each for each in mlp.modules() if isinstance(each, nn.Linear)]
    layers = [[each for each in found if tuple(each.weight.shape) == shape] for shape in ((wide, d_model), (d_model, wide))]
    if len(found) != 2 or [len(each) for each in layers] != [1, 1]:
        sizes = ", ".join(f"from {each.in_features} to {each.out_features}" for each in found) or "none"
        raise WrongAnswer(f"mlp: expected nn.Linear from {d_model} to {wide} and from {wide} to {d_model}, found {sizes}")
    for number, (each,) in zip(("first", "second"), layers, strict=True):
        if each.bias is None:
            raise WrongAnswer(f"the {number} linear layer of mlp: expected one with its bias, found one without")
    return layers[0][0], layers[1][0]


def parts(block, d_model, num_heads=None):
    """Return the layers by the names that a learner reads."""
    found = {name: norm_of(block, name, d_model) for name in ("ln1", "ln2")}
    found |= {name: linear_of(block, name, d_model, d_model) for name in SPLIT}
    return found | dict(zip(("the_first_linear_of_mlp", "the_second_linear_of_mlp"), layers_of_mlp(block, d_model), strict=True))


def parameters(block, d_model):
    """Return the parameters by the names that a learner reads."""
    layers = {name.replace("_", " ") if name.startswith("the") else name: each for name, each in parts(block, d_model).items()}
    return {f"{kind} of {name}": getattr(each, kind) for name, each in layers.items() for kind in ("weight", "bias")}


def draw_values(rng, d_model, *, bent=False):
    """Draw numbers for all parameters, in the order of `parameters`; `bent` where GELU is to matter."""
    root, wide = np.sqrt(d_model), 4 * d_model

    def matrix(rows, columns, size):
        return size * rng.normal(size=(rows, columns))

    values = []
    for _ in range(2):  # the norms
        values += [signed(rng, 1.2, 2.3, d_model), signed(rng, 0.3, 0.8, d_model)]
    for size in (0.8, 0.8, 0.9, 0.9):
        values += [matrix(d_model, d_model, size / root), signed(rng, 0.4, 1.1, d_model)]
    if bent:
        values += [matrix(wide, d_model, 0.6 / root), signed(rng, 0.3, 0.9, wide)]
    else:
        values += [rng.uniform(-0.5, 0.5, (wide, d_model)) / d_model, signed(rng, 12, 13, wide)]
    return values + [matrix(d_model, wide, 1.4 / np.sqrt(wide)), signed(rng, 0.6, 1.3, d_model)]


def filled(Block, d_model, num_heads, values, dtype=torch.float64):
    """Make a block whose parameters have these values, in the order of `parameters`."""
    block = build(Block, d_model, num_heads)
    for (name, target), each in zip(parameters(block, d_model).items(), values, strict=True):
        fill(name, target, each)
    if dtype == torch.float64:
        block.double()
        for (name, target), each in zip(parameters(block, d_model).items(), values, strict=True):
            fill(name, target, each)
    return block


def drawn(Block, rng, d_model, num_heads, *, bent=False, dtype=torch.float64):
    """Make a block and give its layers numbers from `rng`."""
    return filled(Block, d_model, num_heads, draw_values(rng, d_model, bent=bent), dtype)


def spread(rng, shape):
    """Draw positions, each with a mean and a deviation of its own; none is nearly constant, which rounding would enlarge."""
    deviation = rng.uniform(1.3, 2.6, (*shape[:-1], 1))
    return rng.uniform(0.7, 1.9, (*shape[:-1], 1)) + deviation * standard(rng, shape, over=-1)


def positions(rng, *shape, dtype=torch.float64):
    """Draw positions as a tensor."""
    return tensor(spread(rng, shape), dtype)


suite = describe(
    sizes={"batch": Size(2, large=130), "positions": Size(5, large=130), "heads": Size(3, large=18), "d_k": Size(4, large=18)},
    made_with={"d_model": "heads*d_k", "num_heads": "heads"},
    also_by_name=True,
    parts=parts,
    parameters=[
        Argument("ln1.weight", "heads*d_k", between=(1.2, 2.3), far=1, scales=0),
        Argument("ln1.bias", "heads*d_k", between=(0.3, 0.8), far=1, scales=0, zeros=False),
        Argument("ln2.weight", "heads*d_k", between=(1.2, 2.3), far=1, scales=0),
        Argument("ln2.bias", "heads*d_k", between=(0.3, 0.8), far=1, scales=0, zeros=False),
        Argument("W_q.weight", "heads*d_k heads*d_k", between=(0.1, 0.4), far=1, scales=0),
        Argument("W_q.bias", "heads*d_k", between=(0.3, 0.9), far=1, scales=0, zeros=False),
        Argument("W_k.weight", "heads*d_k heads*d_k", between=(0.1, 0.4), far=1, scales=0, zeros=False),
        Argument("W_k.bias", "heads*d_k", between=(0.3, 0.9), far=1, scales=0, zeros=False),
        Argument("W_v.weight", "heads*d_k heads*d_k", between=(0.2, 0.7), far=1, scales=0, zeros=False),
        Argument("W_v.bias", "heads*d_k", between=(0.3, 0.9), far=1, scales=0, zeros=False),
        Argument("W_o.weight", "heads*d_k heads*d_k", between=(0.2, 0.7), far=1),
        Argument("W_o.bias", "heads*d_k", between=(0.3, 0.9), far=1, zeros=False),
        # GELU by tanh is right too: the numbers before it stay where both forms are the same to the last digit
        Argument("the_first_linear_of_mlp.weight", "4*heads*d_k heads*d_k", between=(0.01, 0.04), far=1, scales=0, ones=False, zeros=False),
        Argument("the_first_linear_of_mlp.bias", "4*heads*d_k", between=(12, 13), far=1, scales=0, zeros=False, ones=False),
        Argument("the_second_linear_of_mlp.weight", "heads*d_k 4*heads*d_k", between=(0.1, 0.4), far=1, zeros=False),
        Argument("the_second_linear_of_mlp.bias", "heads*d_k", between=(0.3, 0.9), far=1, zeros=False),
    ],
    arguments=[Argument("x", "batch positions heads*d_k", draw=spread)],
    without={
        "works_when_values_are_all_equal": "a bias of 60 brings scores that are equal but for rounding, and takes GELU to where its forms differ",
    }
    | {
        f"works_when_only_one_tensor_requires_grad: only {name} requires grad": "one of each kind is enough: a check stays fast"
        for name in ("ln1.bias", "ln2.weight", "W_q.bias", "W_k.weight", "W_k.bias", "W_v.weight", "W_o.bias", *IN_MLP)
    },
)


@case(
    title="output is x + attention(ln1(x)), then + mlp(ln2)",
    rejects=["relu_instead_of_gelu", "gelu_by_a_sigmoid"],
    checker=one_of("GPT2BlockByTanh"),
    tolerance=CONSTANTS_IN_A_FEW_DIGITS,
)
def output_is_x_plus_attention_plus_mlp(GPT2Block, rng):
    """Attention of ln1(x) is added to x, and to that sum the mlp of ln2 of the sum. The mlp has a GELU in it, exact or by tanh
    (both are right); any other activation is not.
    """
    block, x = drawn(GPT2Block, rng, 6, 3, bent=True), positions(rng, 2, 5, 6).requires_grad_()
    output = block(x)
    seen = {"output": output, **gradients(output, {"x": x, **parameters(block, 6)}, upstream(rng, x))}
    # before the activation about -1, where the forms of GELU are far from other functions
    values = draw_values(rng, 4, bent=True)
    values[-3] = rng.uniform(-1.6, -0.4, 16)
    return seen | {"with a negative bias before GELU": filled(GPT2Block, 4, 2, values)(positions(rng, 2, 3, 4))}


@case(rejects=["norm_one_forgotten", "output_projection_forgotten"])
def attention_branch_is_right_by_itself(GPT2Block, rng):
    """With an mlp that gives 0, the result is x + attention(ln1(x)): projections with their biases, heads, and W_o at the end."""
    values = draw_values(rng, 12)
    values[-2], values[-1] = np.zeros((12, 48)), np.zeros(12)
    block, x = filled(GPT2Block, 12, 3, values), positions(rng, 2, 5, 12).requires_grad_()
    output = block(x)
    learned = {name: each for name, each in parameters(block, 12).items() if name[-3:] in (*SPLIT, "ln1")}
    return {"output": output, **gradients(output, {"x": x, **learned}, upstream(rng, x))}


@case(rejects=["norm_two_forgotten"])
def mlp_branch_is_right_by_itself(GPT2Block, rng):
    """With attention that gives 0, the result is x + mlp(ln2(x)); ln1 plays no part in it."""
    values = draw_values(rng, 6)
    values[10], values[11] = np.zeros((6, 6)), np.zeros(6)
    block, x = filled(GPT2Block, 6, 2, values), positions(rng, 2, 5, 6).requires_grad_()
    output = block(x)
    learned = {name: each for name, each in parameters(block, 6).items() if name.endswith(("ln2", "mlp"))}
    return {"output": output, **gradients(output, {"x": x, **learned}, upstream(rng, x))}


@case(rejects=["no_causal_mask", "mask_hides_the_position_itself", "mask_shows_the_future", "mask_behind_the_softmax"])
def a_position_sees_itself_and_earlier_ones(GPT2Block, rng):
    """The result of a position depends on itself and on all earlier positions, and not on later ones: the beginning of a
    sequence gives the beginning of the result.
    """
    block, x = drawn(GPT2Block, rng, 6, 2), positions(rng, 2, 7, 6)
    later = x.clone()
    later[:, 4:] = positions(rng, 2, 3, 6)
    earlier = x.clone()
    earlier[:, 0] = positions(rng, 2, 6)
    return {
        "output": block(x),
        "with other later positions": block(later),
        "with another first position": block(earlier),
        **{f"of the first {n}": block(x[:, :n]) for n in (1, 2, 4)},
    }


@case()
def no_gradient_reaches_later_positions(GPT2Block, rng):
    """The gradient of one position's result is 0 at all later positions of x, and nowhere else."""
    block, x = drawn(GPT2Block, rng, 6, 2), positions(rng, 2, 5, 6).requires_grad_()
    output = block(x)
    if type(output) is not torch.Tensor or output.shape != x.shape:
        return {"output": output}
    return gradients(output[:, 2], {"x": x}, upstream(rng, x[:, 2]))


@case(rejects=["heads_split_without_transpose", "heads_joined_without_transpose", "heads_interleaved", "heads_ignored", "scale_by_d_model"])
def works_with_every_number_of_heads(GPT2Block, rng):
    """Head n owns the features from n * d_k to (n + 1) * d_k - 1, and scores are divided by sqrt(d_k): for one head, several heads, and as
    many heads as features.
    """
    values, x = draw_values(rng, 12), positions(rng, 2, 4, 12)
    return {f"num_heads {heads}": filled(GPT2Block, 12, heads, values)(x) for heads in (1, 2, 3, 6, 12)}


@case(rejects=["fill_too_small", "softmax_without_shift"], tolerance=ROUNDED_AT_LARGE_SCORES)
def large_scores_stay_finite(GPT2Block, rng):
    """Scores up to 20000 in either direction, at hidden places too, leave the output and all gradients finite and right."""
    seen = {}
    for name, factor, queries, keys in (("of both signs", 60, 0, 0), ("about -15000", 1, 86, -86), ("about 15000", 1, -86, -86)):
        values = draw_values(rng, 8)
        values[4], values[6] = factor * values[4], factor * values[6]
        values[5], values[7] = values[5] + queries, values[7] + keys
        block, x = filled(GPT2Block, 8, 2, values), positions(rng, 2, 5, 8).requires_grad_()
        output = block(x)
        seen[name] = {"output": output, **gradients(output, {"x": x, **parameters(block, 8)}, upstream(rng, x))}
    return seen


@case(rejects=["mask_of_the_first_call"])
def works_with_a_new_length_in_each_call(GPT2Block, rng):
    """The mask fits the sequence of each call, whether it is longer or shorter than the one before."""
    block = drawn(GPT2Block, rng, 6, 3)
    return {f"call {n}, S = {length}": block(positions(rng, 2, length, 6)) for n, length in enumerate((3, 7, 1, 5, 7), 1)}


@case(title="both layer norms have an eps of 1e-5", rejects=["eps_of_another_model"])
def eps_of_both_layer_norms_is_1e_5(GPT2Block, rng):
    """The eps of ln1 and ln2 is PyTorch's 1e-5, which matters for positions that hardly vary."""
    values = draw_values(rng, 6)
    values[10], values[11] = 0.002 * values[10], 0.002 * values[11]
    block, x = filled(GPT2Block, 6, 2, values), positions(rng, 2, 5, 6)
    constant = tensor(np.repeat(rng.integers(1, 9, (2, 3, 1)) / 16, 6, axis=2), torch.float64)
    return {"output": block(0.003 * x), "constant positions": block(constant)}


@case(rejects=["hidden_width_twice", "biases_left_out", "layers_in_a_plain_list"])
def has_the_parameters_of_its_layers(GPT2Block, rng):
    """The state dict holds ln1, ln2, W_q, W_k, W_v, W_o and mlp by these names; there are no other parameters, and all require
    gradients.
    """
    block = build(GPT2Block, 6, 3)
    parts(block, 6)
    state = block.state_dict()
    names = [f"{name}.{kind}" for name in ("ln1", "ln2", *SPLIT) for kind in ("weight", "bias")]
    return {
        "missing in the state dict": [name for name in names if name not in state],
        "shapes of parameters": sorted(list(each.shape) for each in block.parameters()),
        "all require gradients": all(each.requires_grad for each in block.parameters()),
    }


@case()
def a_new_block_has_the_right_initial_state(GPT2Block, rng):
    """Layer norms start with scale 1 and shift 0; the weights of the linear layers are drawn anew for each block."""
    block, other = parts(build(GPT2Block, 12, 3), 12), parts(build(GPT2Block, 12, 3), 12)
    seen = {}
    for name, layer in block.items():
        if name.startswith("ln"):
            seen |= {f"scale of {name}": layer.weight, f"shift of {name}": layer.bias}
        else:
            seen[f"{name.replace('_', ' ')}: the same weight twice"] = torch.equal(layer.weight, other[name].weight)
    return seen


@case(rejects=["mask_of_fixed_size"])
def works_with_long_sequences(GPT2Block, rng):
    """S is any number up to 1024, and each position sees all before it."""
    block = drawn(GPT2Block, rng, 2, 1, dtype=torch.float32)
    with torch.no_grad():
        output = block(positions(rng, 1, 600, 2, dtype=torch.float32))
    if type(output) is not torch.Tensor or tuple(output.shape) != (1, 600, 2):
        return {"output": output}
    return {"the first positions": output[:, :3].clone(), "the last positions": output[:, -9:].clone()}


@case(rejects=["weights_joined_in_the_constructor"])
def eval_uses_the_current_weights(GPT2Block, rng):
    """A step of the optimiser and a loaded state take effect at the next call, in eval mode too, under torch.no_grad()."""
    block, other, x = drawn(GPT2Block, rng, 6, 2), drawn(GPT2Block, rng, 6, 2), positions(rng, 2, 4, 6)
    seen = {"in training": block(x).detach().clone()}
    with torch.no_grad():
        seen["in evaluation"] = block.eval()(x).clone()
        for each in parameters(block, 6).values():
            each.mul_(0.9)
        seen["after a step"] = block(x).clone()
        block.load_state_dict(other.state_dict())
        seen["after a state was loaded"] = block(x).clone()
    return seen


@case()
def sequences_do_not_depend_on_each_other(GPT2Block, rng):
    """A sequence gives the same alone as in a batch of any size, whatever stands in the others."""
    block, x = drawn(GPT2Block, rng, 6, 3), positions(rng, 3, 4, 6)
    others = x.clone()
    others[0], others[2] = 100 * positions(rng, 4, 6), 0
    return {"three": block(x), "with others around it": block(others)[1].clone(), "alone": block(x[1:2])}


def small_call(draw):
    """Draw the sizes of a new block, or a small block with plain parameters and a call of it."""
    new, evaluation, upstream, again = (draw.boolean() for _ in range(4))
    num_heads, d_k = draw.choice(((1, 2), (2, 1), (3, 1)))
    d_model = num_heads * d_k
    call = {"d_model": d_model, "num_heads": num_heads}
    if new:
        return call
    shape = draw.choice(((1, 2), (1, 1), (2, 1), (1, 3), (2, 2)))
    dtype = torch.float64 if upstream else torch.float32  # gradients cancel, which float32 does not survive
    wide = 4 * d_model

    def array(shape, low, high, plainest=0):
        return tensor(draw.array(shape, low, high, plainest=plainest), dtype)

    call["x"] = array((*shape, d_model), -3, 4)
    for name in ("ln1", "ln2"):
        call |= {f"weight of {name}": array(d_model, -2, 2, 1), f"bias of {name}": array(d_model, -1, 1)}
    for name in SPLIT:
        call |= {f"weight of {name}": array((d_model, d_model), -2, 3), f"bias of {name}": array(d_model, -1, 2)}
    # far from 0 before GELU, where both forms of it are the same
    row = "of the first linear layer of mlp"
    call[f"weight {row}"] = array((1, d_model), -1, 1).repeat(wide, 1)
    call[f"bias {row}"] = tensor([draw.choice((24.0, -24.0)) for _ in range(wide)], dtype)
    row = "of the second linear layer of mlp"
    call |= {f"weight {row}": array((d_model, 1), -2, 2).repeat(1, wide), f"bias {row}": array(d_model, -1, 2)}
    if evaluation:
        call["mode"] = "eval"
    if again:
        call["a second call"] = "with the same x, after every parameter was halved"
    if upstream:
        call["upstream gradient"] = array((*shape, d_model), -2, 3, 1)
        call["dtype"] = "float64"
    return call


@counterexample(inputs=small_call, tolerance=Tolerance(relative=1e-4, of_scale=1e-4))
def answers_of_a_small_block(GPT2Block, call):
    """What a new block is made of, or what a block returns, sends back, and changes that is not its own."""
    d_model, num_heads = call["d_model"], call["num_heads"]
    if "x" not in call:
        block = build(GPT2Block, d_model, num_heads)
        parts(block, d_model)
        norms = {name: tensor_of(block, name) for name in ("ln1.weight", "ln1.bias", "ln2.weight", "ln2.bias")}
        return {"shapes of parameters": sorted(list(each.shape) for each in block.parameters()), **norms}
    x, values = call["x"], [value for name, value in call.items() if name.startswith(("weight", "bias"))]
    block = filled(GPT2Block, d_model, num_heads, values, x.dtype).train("mode" not in call)
    before = x.clone()
    inputs = {"x": x.requires_grad_(), **parameters(block, d_model)} if "upstream gradient" in call else {}
    output = block(x)
    seen = {"output": output}
    if inputs:
        seen |= gradients(output, inputs, call["upstream gradient"])
    if not torch.equal(x, before):
        seen["x after the call"] = x
    if "a second call" in call:
        with torch.no_grad():
            for each in parameters(block, d_model).values():
                each.mul_(0.5)
        seen["output of the second call"] = block(x)
    return seen
