"""The hidden suite of the convolution block.

A block's two layers are found by their class, whatever their names are, and given the same numbers as the jury's, so that nothing
depends on how a submission draws its initial ones.
"""

import numpy as np
import torch
from torch import nn

from torch_judge.suite import WrongAnswer, case, gradients


def tensor(values, dtype=torch.float32):
    """Return NumPy values as a tensor of exactly this dtype."""
    return torch.from_numpy(np.asarray(values)).to(dtype)


def signed(rng, low, high, count):
    """Draw magnitudes between low and high, and give every other one a minus."""
    return rng.uniform(low, high, count) * (-1.0) ** (np.arange(count) + rng.integers(2))


def built(ConvBlock, channels):
    """Build a block."""
    block = ConvBlock(*channels)
    if not isinstance(block, nn.Module):
        raise WrongAnswer(f"ConvBlock{channels}: expected an nn.Module, found {type(block).__name__}")
    return block


def layers(block):
    """Return the block's only convolution and its only batch norm."""
    return only(block, nn.Conv2d), only(block, nn.BatchNorm2d)


def only(block, kind):
    """Return the only module of a class."""
    found = [each for each in block.modules() if isinstance(each, kind)]
    if len(found) != 1:
        names = [type(each).__name__ for each in block.modules() if not list(each.children())]
        raise WrongAnswer(f"block.modules(): expected one nn.{kind.__name__}, found {len(found)} among {', '.join(names)}")
    return found[0]


def fill(what, target, values):
    """Write values into a parameter or a running statistic."""
    if target is None:
        raise WrongAnswer(f"{what}: expected shape {values.shape}, found None")
    if tuple(target.shape) != values.shape:
        raise WrongAnswer(f"{what}: expected shape {values.shape}, found {tuple(target.shape)}")
    with torch.no_grad():
        target.copy_(tensor(values, target.dtype))


def drawn(ConvBlock, rng, *channels, scale=1.0, dtype=torch.float32):
    """Build a block and give its layers numbers from `rng`: none is 0 or 1, and the channels differ."""
    block = built(ConvBlock, channels)
    convolution, norm = layers(block.to(dtype))
    inside, outside = channels
    bias = scale * signed(rng, 1.3, 2.1, outside)
    fill("weight of nn.Conv2d", convolution.weight, scale * rng.normal(size=(outside, inside, 3, 3)) / np.sqrt(inside))
    fill("weight of nn.BatchNorm2d", norm.weight, signed(rng, 3.1, 4.2, outside))
    fill("bias of nn.BatchNorm2d", norm.bias, signed(rng, 0.4, 0.9, outside))
    fill("running_mean of nn.BatchNorm2d", norm.running_mean, scale * signed(rng, 0.6, 1.4, outside))
    fill("running_var of nn.BatchNorm2d", norm.running_var, scale**2 * rng.uniform(5.5, 7.5, outside))
    if convolution.bias is not None:  # there should be none; the statement says so
        fill("bias of nn.Conv2d", convolution.bias, bias)
    return block


def images(rng, *shape, dtype=torch.float32):
    """Draw images whose channels have means of their own."""
    return tensor(rng.normal(size=shape) + signed(rng, 0.7, 1.6, shape[1])[:, None, None], dtype)


def state(block):
    """Return the running statistics as they are now."""
    norm = only(block, nn.BatchNorm2d)
    names = ("running_mean", "running_var", "num_batches_tracked")
    return {name: getattr(norm, name).detach().clone() for name in names}


def switched(block, when):
    """Return the modes of the two layers."""
    return {f"{name}.training {when}": each.training for name, each in zip(("nn.Conv2d", "nn.BatchNorm2d"), layers(block), strict=True)}


def named_gradients(block, x, output, rng):
    """Return the gradients of the input and of the three parameters under a random upstream gradient."""
    convolution, norm = layers(block)
    inputs = {"x": x, "weight of nn.Conv2d": convolution.weight, "weight of nn.BatchNorm2d": norm.weight, "bias of nn.BatchNorm2d": norm.bias}
    for name, each in inputs.items():
        if not each.requires_grad:
            raise WrongAnswer(f"{name}: expected that it requires gradients, found that it does not")
    above = tensor(rng.normal(size=(len(x), convolution.out_channels, *x.shape[2:])), x.dtype)
    return {f"gradient of {name}": value for name, value in gradients(output, inputs, above).items()}


@case(
    rejects=[
        "relu_before_batch_norm",
        "relu_forgotten",
        "leaky_relu",
        "relu6",
        "gelu",
        "padding_forgotten",
        "padding_of_two",
        "stride_of_two",
        "kernel_of_five",
        "kernel_of_one",
        "dilated",
        "borders_replicated",
        "borders_wrapped_around",
        "channels_swapped",
        "batch_norm_first",
        "batch_norm_forgotten",
        "batch_norm_with_one_dimension",
        "instance_norm",
        "group_norm",
        "two_convolutions",
        "dropout_added",
        "pooled",
        "layers_in_a_plain_list",
        "layers_made_in_forward",
        "scale_and_shift_left_out",
        "always_evaluation",
        "relu_on_the_input_too",
        "returns_the_convolution_as_well",
    ]
)
def in_training_the_result_is_relu_of_batch_norm_of_convolution(ConvBlock, rng):
    """In training, the result is ReLU(batch_norm(convolution(x))), normalised with the statistics of the batch."""
    return {"output": drawn(ConvBlock, rng, 3, 5).train()(images(rng, 4, 3, 6, 7))}


@case(rejects=["always_training", "batch_norm_skipped_at_evaluation", "relu_in_training_only", "bias_kept", "no_running_statistics"])
def in_evaluation_the_running_statistics_are_used(ConvBlock, rng):
    """In evaluation, batch norm uses the running statistics, and not the batch; all three layers are still there."""
    return {"output": drawn(ConvBlock, rng, 2, 7).eval()(images(rng, 3, 2, 5, 8))}


@case(rejects=["momentum_of_keras", "batch_norm_called_twice", "functional_batch_norm_beside_the_layer", "bias_kept"])
def in_training_the_running_statistics_move_once_a_call(ConvBlock, rng):
    """Each call in training moves the running statistics by a tenth towards those of its batch, and counts one batch."""
    block = drawn(ConvBlock, rng, 3, 4).train()
    seen = []
    for _ in range(2):
        block(images(rng, 5, 3, 4, 3))
        seen.append(state(block))
    return {"steps": seen}


@case(rejects=["always_training", "running_statistics_follow_at_evaluation"])
def in_evaluation_the_running_statistics_stay(ConvBlock, rng):
    """A call in evaluation leaves the running statistics and the count of batches as they are."""
    block = drawn(ConvBlock, rng, 3, 4).eval()
    block(images(rng, 5, 3, 4, 3))
    return state(block)


@case(rejects=["batch_norm_frozen_in_train", "always_evaluation", "layers_in_a_plain_list"])
def train_and_eval_reach_both_layers(ConvBlock, rng):
    """block.eval() and block.train() switch both layers, and no call switches them back."""
    block = drawn(ConvBlock, rng, 2, 3)
    seen = {}
    for mode in ("train", "eval", "train"):
        getattr(block, mode)()
        seen |= switched(block, f"after {mode}()")
        block(images(rng, 3, 2, 4, 3))
        seen |= switched(block, f"after {mode}() and a call")
    return seen


@case(rejects=["bias_kept", "unused_layer_left_in", "scale_and_shift_left_out", "no_running_statistics", "batch_norm_frozen_parameters", "statistics_of_its_own_kept"])
def the_block_has_three_parameters_and_the_buffers_of_batch_norm(ConvBlock, rng):
    """The parameters are the kernel of the convolution, which has no bias, and the scale and shift of batch norm; nothing else is stored."""
    block = built(ConvBlock, (3, 5))
    parameters = sorted([list(each.shape) for each in block.parameters()])
    buffers = sorted([list(each.shape) for each in block.buffers()])
    return {"shapes of parameters": parameters, "shapes of buffers": buffers, "all require gradients": all(each.requires_grad for each in block.parameters())}


@case(rejects=["eps_of_tensorflow"])
def eps_is_the_default(ConvBlock, rng):
    """The eps of batch norm is PyTorch's 1e-5, which matters where the convolution hardly varies."""
    block = drawn(ConvBlock, rng, 3, 4, scale=0.004)
    x = images(rng, 4, 3, 5, 4)
    return {"training": block.train()(x), "evaluation": block.eval()(x)}


@case(rejects=["detached_convolution", "output_detached", "relu_before_batch_norm"])
def gradients_flow_in_training(ConvBlock, rng):
    """In training, the input, the kernel and the scale and shift get their gradients, also through the statistics of the batch."""
    block, x = drawn(ConvBlock, rng, 3, 4).train(), images(rng, 3, 3, 5, 4).requires_grad_()
    return named_gradients(block, x, block(x), rng)


@case(rejects=["no_gradient_at_evaluation", "output_detached"])
def gradients_flow_in_evaluation(ConvBlock, rng):
    """Evaluation mode is not no_grad: the result is still differentiable, with the running statistics as constants."""
    block, x = drawn(ConvBlock, rng, 2, 5).eval(), images(rng, 2, 2, 4, 3).requires_grad_()
    return named_gradients(block, x, block(x), rng)


@case(rejects=["skip_connection_where_it_fits"])
def as_many_channels_out_as_in_are_no_exception(ConvBlock, rng):
    """With in_channels = out_channels the block does the same three things and adds nothing."""
    block, x = drawn(ConvBlock, rng, 4, 4), images(rng, 3, 4, 5, 6)
    return {"training": block.train()(x), "evaluation": block.eval()(x)}


@case(rejects=["squeezed"])
def one_image_of_one_channel_keeps_its_dimensions(ConvBlock, rng):
    """N = 1 and one channel in and out are legal."""
    block = drawn(ConvBlock, rng, 1, 1)
    training = block.train()(images(rng, 1, 1, 3, 4))
    return {"training": training, "evaluation": block.eval()(images(rng, 1, 1, 5, 4))}


@case(rejects=["grouped_where_it_divides", "only_the_first_eight_channels"])
def many_channels_and_large_images_are_no_exception(ConvBlock, rng):
    """Every output channel sees every input channel, however many there are."""
    block, x = drawn(ConvBlock, rng, 6, 12), images(rng, 3, 6, 19, 22)
    return {"training": block.train()(x), "evaluation": block.eval()(x)}


@case(rejects=["scale_starts_at_zero", "kernel_starts_at_a_constant", "seeded_in_the_constructor", "starts_in_evaluation"])
def a_new_block_has_the_initial_values_of_pytorch(ConvBlock, rng):
    """A new block is in training; batch norm starts with scale 1, shift 0, mean 0 and variance 1, and every new kernel is drawn anew."""
    block, other = built(ConvBlock, (2, 3)), built(ConvBlock, (2, 3))
    convolution, norm = layers(block)
    return {
        "training": block.training,
        "kernel has equal numbers": len(set(convolution.weight.flatten().tolist())) < 50,
        "two kernels are equal": torch.equal(convolution.weight, layers(other)[0].weight),
        "scale": norm.weight,
        "shift": norm.bias,
        "running_mean": norm.running_mean,
        "running_var": norm.running_var,
    }


@case(rejects=["layers_shared_by_all_blocks"])
def two_blocks_share_nothing(ConvBlock, rng):
    """Each block has layers of its own, also where two blocks have the same numbers of channels."""
    blocks = [drawn(ConvBlock, rng, 3, 4), drawn(ConvBlock, rng, 3, 4)]
    x = images(rng, 3, 3, 4, 5)
    return [{"training": block.train()(x), "evaluation": block.eval()(x), **state(block)} for block in blocks]


@case(rejects=["folded_once_for_evaluation", "statistics_of_its_own_kept"])
def a_loaded_state_counts(ConvBlock, rng):
    """A block into which the state of another is loaded does what the other does, and forgets what it did before."""
    block, other = drawn(ConvBlock, rng, 3, 4), drawn(ConvBlock, rng, 3, 4)
    x = images(rng, 3, 3, 4, 5)
    before = block.eval()(x)
    other.train()(images(rng, 4, 3, 3, 5))
    block.load_state_dict(other.state_dict())
    return {"before": before, "after": block.eval()(x)}


@case(rejects=["relu_in_place_on_the_input"])
def the_input_comes_back_unchanged(ConvBlock, rng):
    """x belongs to the caller: an operation in place may only be used on what the block has made itself."""
    block, x = drawn(ConvBlock, rng, 3, 4), images(rng, 3, 3, 4, 5)
    outputs = [block.train()(x), block.eval()(x)]
    return {"outputs": outputs, "x": x}


@case(rejects=["float32_result", "through_half_precision"])
def a_block_in_float64_computes_in_float64(ConvBlock, rng):
    """After block.double(), input, gradients and result are float64, and nothing is rounded on the way."""
    block = drawn(ConvBlock, rng, 3, 4, dtype=torch.float64)
    x = images(rng, 3, 3, 4, 5, dtype=torch.float64).requires_grad_()
    output = block.train()(x)
    return {"training": output, **named_gradients(block, x, output, rng), "evaluation": block.eval()(x.detach()), **state(block)}


@case(rejects=["folded_once_for_evaluation", "cached_by_shape"])
def training_and_evaluation_may_take_turns(ConvBlock, rng):
    """Each call uses the parameters and the running statistics as they are then: evaluation between two steps leaves no trace."""
    block, seen = drawn(ConvBlock, rng, 3, 4), []
    for mode in (False, True, False, True, False):
        output = block.train(mode)(images(rng, 3, 3, 4, 5))
        seen.append({"output": output, **state(block)})
    with torch.no_grad():
        for each in block.parameters():
            each.mul_(1.3)
    return {"steps": seen, "after a step of the optimiser": block(images(rng, 3, 3, 4, 5))}


@case(rejects=["layers_made_in_forward"])
def the_same_input_gives_the_same_result(ConvBlock, rng):
    """In evaluation, the same image gives the same result each time: the layers are made once, in the constructor."""
    block, x = built(ConvBlock, (3, 3)).eval(), images(rng, 2, 3, 4, 5)
    first, second = block(x), block(x)
    if not isinstance(first, torch.Tensor):
        raise WrongAnswer(f"output: expected a tensor, found {type(first).__name__}")
    return {"the same twice": torch.equal(first, second)}


@case(rejects=["memory_order_for_logical_order"])
def images_in_channels_last_order_are_read_by_their_indices(ConvBlock, rng):
    """Images may lie in memory with the channels last, as a camera brings them; their indices are (N, C, H, W) all the same."""
    block, x = drawn(ConvBlock, rng, 3, 4), images(rng, 2, 3, 4, 5).contiguous(memory_format=torch.channels_last)
    return {"training": block.train()(x), "evaluation": block.eval()(x)}
