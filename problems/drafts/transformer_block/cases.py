"""The hidden suite of the feed-forward block of a transformer.

Layer norm and the linear layers are found by what they are, whatever their names are and in whatever order they were made. They are given the same numbers as the jury's, so that nothing depends on initial ones. d_model and d_ff always differ.
"""

import numpy as np
import torch
from torch import nn

from torch_judge.suite import Tolerance, WrongAnswer, case, gradients

ROUNDED_AT_THE_OFFSET = Tolerance(relative=4e-6, of_scale=0.0)
"""float32 numbers near 4096 are 0.0005 apart; what this tolerance lets pass is that rounding, as the branch enlarges it."""


def tensor(values, dtype=torch.float32):
    """Return NumPy values as a tensor of exactly this dtype."""
    return torch.from_numpy(np.asarray(values)).to(dtype)


def signed(rng, low, high, count):
    """Draw magnitudes between low and high, and give every other one a minus."""
    return rng.uniform(low, high, count) * (-1.0) ** (np.arange(count) + rng.integers(2))


def built(Block, *sizes, **named):
    """Build a block, which must be a module."""
    block = Block(*sizes, **named)
    if not isinstance(block, nn.Module):
        raise WrongAnswer(f"TransformerBlock: expected an nn.Module, found {type(block).__name__}")
    return block


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


def fill(what, target, values):
    """Write values into a parameter."""
    found = "none" if target is None else tuple(target.shape)
    if found != values.shape:
        raise WrongAnswer(f"{what}: expected shape {values.shape}, found {found}")
    with torch.no_grad():
        target.copy_(tensor(values, target.dtype))


def drawn(Block, rng, d_model, d_ff, dtype=torch.float32):
    """Build a block and give its layers numbers from `rng`: none is 0 or 1, and the features differ."""
    block = built(Block, d_model, d_ff)
    widen, narrow = linears(block, d_model, d_ff)
    fill("weight of norm1", norm_of(block).weight, signed(rng, 1.2, 2.3, d_model))
    fill("bias of norm1", norm_of(block).bias, signed(rng, 0.3, 0.8, d_model))
    fill("weight of the first linear layer", widen.weight, 1.2 * rng.normal(size=(d_ff, d_model)) / np.sqrt(d_model))
    fill("bias of the first linear layer", widen.bias, signed(rng, 0.4, 1.1, d_ff))
    fill("weight of the second linear layer", narrow.weight, 1.7 * rng.normal(size=(d_model, d_ff)) / np.sqrt(d_ff))
    fill("bias of the second linear layer", narrow.bias, signed(rng, 0.6, 1.3, d_model))
    return block.to(dtype)


def positions(rng, *shape, dtype=torch.float32):
    """Draw positions, each with a mean and a deviation of its own."""
    spread = rng.uniform(1.3, 2.6, (*shape[:-1], 1))
    return tensor(rng.uniform(0.7, 1.9, (*shape[:-1], 1)) + spread * rng.normal(size=shape), dtype)


def named_gradients(block, sizes, x, output, rng):
    """Return the gradients of the input and of the six parameters under a random upstream gradient."""
    widen, narrow = linears(block, *sizes)
    inputs = {"x": x}
    for name, each in (("the second linear layer", narrow), ("the first linear layer", widen), ("norm1", norm_of(block))):
        inputs[f"weight of {name}"], inputs[f"bias of {name}"] = each.weight, each.bias
    for name, each in inputs.items():
        if not each.requires_grad:
            raise WrongAnswer(f"{name}: expected that it requires gradients, found that it does not")
    above = tensor(rng.normal(size=tuple(x.shape)), x.dtype)
    return {f"gradient of {name}": value for name, value in gradients(output, inputs, above).items()}


@case(
    rejects=[
        "post_norm",
        "residual_forgotten",
        "residual_of_the_normalised",
        "residual_of_the_normalised_inside_ff",
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
    block = Block(5, 9)
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
    for name, sizes in {"neither": {}, "d_model": {"d_model": 6}, "d_ff": {"d_ff": 9}, "both": {"d_ff": 5, "d_model": 3}}.items():
        seen[f"{name} given"] = sorted(list(each.shape) for each in Block(**sizes).parameters())
    return seen


@case(rejects=["output_detached", "residual_detached", "branch_detached", "norm_detached", "norm_frozen"])
def gradients_flow_along_the_sum_and_along_the_branch(Block, rng):
    """x gets its gradient both directly and through layer norm, and all six parameters get theirs."""
    block, x = drawn(Block, rng, 4, 6), positions(rng, 3, 2, 4).requires_grad_()
    output = block(x)
    return {"output": output, **named_gradients(block, (4, 6), x, output, rng)}


@case(rejects=["no_gradient_at_evaluation", "branch_left_out_at_evaluation", "dropout_added", "branch_dropped_in_training"])
def training_and_evaluation_are_the_same(Block, rng):
    """Nothing in the block looks at its mode: results and gradients are the same in both."""
    block, x, seen = drawn(Block, rng, 3, 5), positions(rng, 4, 3, 3).requires_grad_(), {}
    for mode in ("train", "eval"):
        output = getattr(block, mode)()(x)
        above = tensor(rng.normal(size=tuple(x.shape)))
        seen[mode] = {"output": output, **{f"gradient of {name}": value for name, value in gradients(output, {"x": x}, above).items()}}
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
    deviations = rng.normal(size=(7, 6))
    deviations -= deviations.mean(axis=1, keepdims=True)
    deviations *= rng.uniform(1.6, 2.4, (7, 1)) / deviations.std(axis=1, keepdims=True)
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


@case(rejects=["float32_result", "norm_in_float32", "branch_in_bfloat16"])
def a_block_in_float64_computes_in_float64(Block, rng):
    """After block.double(), input, gradients and result are float64, and nothing is rounded on the way."""
    block = drawn(Block, rng, 4, 6, dtype=torch.float64)
    x = positions(rng, 3, 2, 4, dtype=torch.float64).requires_grad_()
    output = block(x)
    return {"output": output, **named_gradients(block, (4, 6), x, output, rng)}


@case(rejects=["seeded_in_the_constructor", "norm_starts_at_zero"])
def a_new_block_is_ready_to_be_trained(Block, rng):
    """Layer norm starts with scale 1 and shift 0; the weights of the linear layers are drawn anew for each block."""
    block, other = built(Block, 24, 60), built(Block, 24, 60)
    seen = {"scale": norm_of(block).weight, "shift": norm_of(block).bias}
    for name, mine, others in zip(("first", "second"), linears(block, 24, 60), linears(other, 24, 60), strict=True):
        seen[f"the {name} weight is the same in two blocks"] = torch.equal(mine.weight, others.weight)
    return seen


@case(rejects=["layers_shared_by_all_blocks"])
def two_blocks_share_nothing(Block, rng):
    """The blocks of a stack have layers of their own, also where their sizes are equal."""
    blocks, x = [drawn(Block, rng, 4, 6), drawn(Block, rng, 4, 6)], positions(rng, 3, 4)
    return {"first": blocks[0](x), "second": blocks[1](x)}


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
    block, x = Block(3, 5).eval(), positions(rng, 2, 4, 3)
    first, second = block(x), block(x)
    if not isinstance(first, torch.Tensor):
        raise WrongAnswer(f"output: expected a tensor, found {type(first).__name__}")
    return {"the same twice": torch.equal(first, second)}


@case(rejects=["memory_order_for_logical_order"])
def a_transposed_view_is_read_by_its_indices(Block, rng):
    """x may be a view whose positions do not lie one after another in memory."""
    block, x = drawn(Block, rng, 3, 5), positions(rng, 4, 2, 3)
    return {"features first": block(x.permute(2, 0, 1).contiguous().permute(1, 2, 0)), "sequences inside": block(x.transpose(0, 1).contiguous().transpose(0, 1))}
