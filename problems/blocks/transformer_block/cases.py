"""The hidden suite of the feed-forward block of a transformer.

Layer norm and the linear layers are found by what they are, whatever their names are and in whatever order they were
made. They are given the same numbers as the jury's, so that nothing depends on initial ones. d_model and d_ff always differ.
"""

import numpy as np
import torch
from torch import nn

from torch_judge.authoring import (
    Tolerance,
    WrongAnswer,
    build,
    case,
    counterexample,
    deep_copy,
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


def drawn(Block, rng, d_model, d_ff, dtype=torch.float32):
    """Make a block and give its layers numbers from `rng`: none is 0 or 1, and the features differ."""
    values = (
        signed(rng, 1.2, 2.3, d_model),
        signed(rng, 0.3, 0.8, d_model),
        1.2 * rng.normal(size=(d_ff, d_model)) / np.sqrt(d_model),
        signed(rng, 0.4, 1.1, d_ff),
        1.7 * rng.normal(size=(d_model, d_ff)) / np.sqrt(d_ff),
        signed(rng, 0.6, 1.3, d_model),
    )
    return filled(Block, d_model, d_ff, [tensor(each) for each in values], dtype)


def positions(rng, *shape, dtype=torch.float32):
    """Draw positions, each with a mean and a deviation of its own."""
    spread = rng.uniform(1.3, 2.6, (*shape[:-1], 1))
    return tensor(rng.uniform(0.7, 1.9, (*shape[:-1], 1)) + spread * standard(rng, shape, over=-1), dtype)


@case(
    rejects=[
        "post_norm",
        "residual_forgotten",
        "residual_of_the_normalised",
        "norm_forgotten",
        "norm_on_the_branchs_result",
        "relu",
        "silu",
        "gelu_by_tanh",
        "gelu_by_sigmoid",
        "activation_forgotten",
        "activation_at_the_end_too",
        "activation_in_front_too",
        "dropout_added",
        "sum_divided_by_root_two",
        "residual_added_twice",
        "branch_multiplied",
        "ff_applied_twice",
        "own_norm_with_unbiased_variance",
        "own_norm_with_eps_outside_the_root",
        "rms_norm",
        "batch_norm",
        "norm_without_scale_and_shift",
        "biases_left_out",
        "first_bias_left_out",
        "layers_in_a_plain_list",
        "layers_made_in_forward",
        "d_ff_ignored",
        "gated",
        "returns_the_branch_as_well",
        "normalised_over_the_positions",
    ]
)
def the_result_is_x_plus_ff_of_norm1_of_x(Block, rng):
    """The branch is normalised, widened, bent by GELU and narrowed, and its result is added to x as it came in."""
    return {"output": drawn(Block, rng, 4, 7)(positions(rng, 3, 5, 4))}


@case(
    rejects=[
        "biases_left_out",
        "first_bias_left_out",
        "norm_without_scale_and_shift",
        "norm2_left_in",
        "attention_left_in",
        "layer_scale",
        "weights_tied",
        "gated",
        "buffer_left_in",
        "norm_frozen",
        "layers_in_a_plain_list",
        "layers_made_in_forward",
    ]
)
def the_block_has_the_parameters_of_its_three_layers(Block, rng):
    """The parameters are scale and shift of layer norm, and weight and bias of two linear layers; nothing else is stored."""
    block = build(Block, 5, 9)
    found = sorted(list(each.shape) for each in block.parameters())
    return {
        "shapes of parameters": found,
        "shapes of buffers": sorted(list(each.shape) for each in block.buffers()),
        "all require gradients": all(each.requires_grad for each in block.parameters()),
    }


@case(rejects=["d_ff_is_four_times_d_model", "d_ff_defaults_to_1024", "d_model_defaults_to_768", "d_ff_ignored"])
def the_sizes_have_their_defaults(Block, rng):
    """d_model is 512 and d_ff is 2048 where they are not given, each by itself."""
    seen = {}
    for name, sizes in {"d_model": {"d_model": 6}, "d_ff": {"d_ff": 9}, "both": {"d_ff": 5, "d_model": 3}}.items():
        seen[f"{name} given"] = sorted(list(each.shape) for each in build(Block, **sizes).parameters())
    return seen


@case(rejects=["output_detached", "residual_detached", "branch_detached", "norm_detached", "norm_frozen"])
def gradients_flow_along_the_sum_and_along_the_branch(Block, rng):
    """x gets its gradient both directly and through layer norm, and all six parameters get theirs."""
    block, x = drawn(Block, rng, 4, 6), positions(rng, 3, 2, 4).requires_grad_()
    output = block(x)
    return {"output": output, **gradients(output, {"x": x, **parameters(block, 4, 6)}, upstream(rng, x))}


@case(rejects=["no_gradient_at_evaluation", "branch_left_out_at_evaluation", "dropout_added", "branch_dropped_in_training"])
def training_and_evaluation_are_the_same(Block, rng):
    """Nothing in the block looks at its mode: results and gradients are the same in both."""
    block, x, seen = drawn(Block, rng, 3, 5), positions(rng, 4, 3, 3).requires_grad_(), {}
    for mode in ("train", "eval"):
        output = getattr(block, mode)()(x)
        seen[mode] = {"output": output, **gradients(output, {"x": x}, upstream(rng, x))}
    return seen


@case(rejects=["eps_of_1e_6", "eps_of_1e_12"])
def eps_is_the_default(Block, rng):
    """The eps of layer norm is PyTorch's 1e-5, which matters for positions that hardly vary."""
    block, x = drawn(Block, rng, 4, 7), positions(rng, 5, 4)
    constant = tensor(np.repeat(rng.integers(1, 9, (3, 1)) / 16, 4, axis=1))
    return {"output": block(0.003 * x), "constant positions": block(constant)}


@case(rejects=["mean_of_squares_minus_square_of_mean"], tolerance=ROUNDED_AT_THE_OFFSET)
def a_large_offset_does_not_drown_the_variance(Block, rng):
    """Numbers may lie far from zero: the variance must come from the deviations, or float32 rounds it away."""
    block = drawn(Block, rng, 6, 9)
    deviations = rng.uniform(1.6, 2.4, (7, 1)) * standard(rng, (7, 6), over=1)
    return {"output": block(tensor(4096 + np.round(64 * deviations) / 64))}


@case(rejects=["batch_dimension_added", "batch_norm", "normalised_over_the_positions", "positions_flattened_away"])
def any_number_of_dimensions_may_stand_in_front(Block, rng):
    """A single position, a sequence, a batch and a batch of batches are all legal, and each position counts by itself."""
    block, x = drawn(Block, rng, 4, 7), positions(rng, 2, 3, 2, 4)
    return {"four dimensions": block(x), "three": block(x[0]), "two": block(x[0, 0]), "one": block(x[0, 0, 0])}


@case(rejects=["squeezed"])
def one_position_keeps_its_dimensions(Block, rng):
    """A batch of one sequence of one position has the shape (1, 1, d_model), and so has its result."""
    block = drawn(Block, rng, 3, 2)
    return {"output": block(positions(rng, 1, 1, 3))}


@case(rejects=["long_sequences_cut_off", "narrowed_to_four_times_d_model"])
def many_positions_and_features_are_no_exception(Block, rng):
    """Long sequences and wide layers are computed like small ones."""
    return {"output": drawn(Block, rng, 24, 130)(positions(rng, 2, 67, 24))}


@case(rejects=["branch_left_out_where_it_narrows", "one_feature_not_normalised"])
def d_ff_may_be_smaller_than_d_model_and_d_model_may_be_one(Block, rng):
    """Any sizes are legal: a branch that narrows, and a single feature, of which layer norm leaves only its shift."""
    narrowing, single = drawn(Block, rng, 7, 2), drawn(Block, rng, 1, 3)
    return {"7 and 2": narrowing(positions(rng, 3, 4, 7)), "1 and 3": single(positions(rng, 3, 4, 1))}


@case(rejects=["x_changed_in_place", "x_normalised_in_place"])
def the_input_comes_back_unchanged(Block, rng):
    """x belongs to the caller, whether it requires gradients or not."""
    block, x = drawn(Block, rng, 4, 5), positions(rng, 2, 3, 4)
    output = block(x)
    return {"output": output, "x": x}


@case(rejects=["float32_result", "float32_constants", "norm_in_float32", "branch_in_bfloat16"])
def a_block_in_float64_computes_in_float64(Block, rng):
    """After block.double(), input, gradients and result are float64, and nothing is rounded on the way."""
    block = drawn(Block, rng, 4, 6, dtype=torch.float64)
    x = positions(rng, 3, 2, 4, dtype=torch.float64).requires_grad_()
    output = block(x)
    return {"output": output, **gradients(output, {"x": x, **parameters(block, 4, 6)}, upstream(rng, x))}


@case(rejects=["seeded_in_the_constructor", "norm_starts_at_zero", "second_layer_starts_at_zero"])
def a_new_block_is_ready_to_be_trained(Block, rng):
    """Layer norm starts with scale 1 and shift 0; the weights of the linear layers are drawn anew for each block."""
    block, other = build(Block, 24, 60), build(Block, 24, 60)
    seen = {"scale": norm_of(block).weight, "shift": norm_of(block).bias}
    for name, mine, others in zip(("first", "second"), linears(block, 24, 60), linears(other, 24, 60), strict=True):
        seen[f"the {name} weight is the same in two blocks"] = torch.equal(mine.weight, others.weight)
    return seen


@case(rejects=["layers_shared_by_all_blocks"])
def two_blocks_share_nothing(Block, rng):
    """The blocks of a stack have layers of their own, also where their sizes are equal."""
    blocks, x = [drawn(Block, rng, 4, 6), drawn(Block, rng, 4, 6)], positions(rng, 3, 4)
    return {"first": blocks[0](x), "second": blocks[1](x)}


@case(rejects=["branch_in_a_closure"])
def a_copy_computes_with_its_own_parameters(Block, rng):
    """A stack is often made of deep copies: each has layers of its own, and what one learns does not show in another."""
    block, x = drawn(Block, rng, 4, 6), positions(rng, 2, 3, 4)
    before = block(x)
    copies = [deep_copy(block) for _ in range(2)]
    with torch.no_grad():
        for factor, each in zip((1.4, 0.7), (block, copies[0]), strict=True):
            for value in parameters(each, 4, 6).values():
                value.mul_(factor)
    return {"before": before, "original": block(x), "changed copy": copies[0](x), "copy": copies[1](x)}


@case(rejects=["results_cached_by_shape", "weights_copied_at_the_first_call"])
def a_call_knows_nothing_of_the_calls_before(Block, rng):
    """Each call uses its own x and the parameters as they are then, also after a step of the optimiser or a loaded state."""
    block, other = drawn(Block, rng, 4, 6).eval(), drawn(Block, rng, 4, 6).eval()
    x, y = positions(rng, 3, 5, 4), positions(rng, 3, 5, 4)
    seen = [block(x), block(y)]
    with torch.no_grad():
        for each in block.parameters():
            each.mul_(1.3)
    seen.append(block(x))
    block.load_state_dict(other.state_dict())
    return {"outputs": [*seen, block(x)]}


@case(rejects=["layers_made_in_forward"])
def the_same_input_gives_the_same_result(Block, rng):
    """The layers are made once, in the constructor: the same x gives the same result each time."""
    block, x = build(Block, 3, 5).eval(), positions(rng, 2, 4, 3)
    first, second = block(x), block(x)
    if not isinstance(first, torch.Tensor):
        raise WrongAnswer(f"output: expected a tensor, found {type(first).__name__}")
    return {"the same twice": torch.equal(first, second)}


@case(rejects=["memory_order_for_logical_order"])
def a_transposed_view_is_read_by_its_indices(Block, rng):
    """x may be a view whose positions do not lie one after another in memory."""
    block, x = drawn(Block, rng, 3, 5), positions(rng, 4, 2, 3)
    return {
        "features first": block(x.permute(2, 0, 1).contiguous().permute(1, 2, 0)),
        "sequences inside": block(x.transpose(0, 1).contiguous().transpose(0, 1)),
    }


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
