"""The hidden suite of the convolution block.

A block's two layers are found by their class, whatever their names are, and given the same numbers as the jury's, so that nothing
depends on how a submission draws its initial ones.
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
    load_state,
    signed,
    snapshot,
    tensor,
)

RUNNING = ("running_mean", "running_var", "num_batches_tracked")


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


def write(block, kernel, scale, shift, running_mean, running_var):
    """Write numbers into the two layers; a bias of the convolution, which should not be there, gets the shift too."""
    convolution, norm = layers(block)
    fill("weight of nn.Conv2d", convolution.weight, kernel)
    fill("weight of nn.BatchNorm2d", norm.weight, scale)
    fill("bias of nn.BatchNorm2d", norm.bias, shift)
    fill("running_mean of nn.BatchNorm2d", norm.running_mean, running_mean)
    fill("running_var of nn.BatchNorm2d", norm.running_var, running_var)
    if convolution.bias is not None:
        fill("bias of nn.Conv2d", convolution.bias, shift)
    return block


def drawn(ConvBlock, rng, *channels, scale=1.0, dtype=torch.float32):
    """Make a block and give its layers numbers from `rng`: none is 0 or 1, and the channels differ."""
    inside, outside = channels
    return write(
        build(ConvBlock, *channels).to(dtype),
        kernel=scale * rng.normal(size=(outside, inside, 3, 3)) / np.sqrt(inside),
        scale=signed(rng, 3.1, 4.2, outside),
        shift=signed(rng, 0.4, 0.9, outside),
        running_mean=scale * signed(rng, 0.6, 1.4, outside),
        running_var=scale**2 * rng.uniform(5.5, 7.5, outside),
    )


def images(rng, *shape, dtype=torch.float32):
    """Draw images whose channels have means of their own."""
    return tensor(rng.normal(size=shape) + signed(rng, 0.7, 1.6, shape[1])[:, None, None], dtype)


def running(block):
    """Return the running statistics and the count of batches as they are now."""
    return snapshot(only(block, nn.BatchNorm2d), RUNNING)


def switched(block, when):
    """Return the modes of the two layers."""
    return {f"{name}.training {when}": each.training for name, each in zip(("nn.Conv2d", "nn.BatchNorm2d"), layers(block), strict=True)}


def all_gradients(block, x, output, rng):
    """Return the gradients of the input and of the three parameters under a random upstream gradient."""
    above = tensor(rng.normal(size=(len(x), layers(block)[0].out_channels, *x.shape[2:])), x.dtype)
    return gradients(output, differentiated(block, x), above)


def differentiated(block, x):
    """Return what gets a gradient, by name."""
    convolution, norm = layers(block)
    return {"x": x, "weight of nn.Conv2d": convolution.weight, "weight of nn.BatchNorm2d": norm.weight, "bias of nn.BatchNorm2d": norm.bias}


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
        seen.append(running(block))
    return {"steps": seen}


@case(rejects=["always_training", "running_statistics_follow_at_evaluation"])
def in_evaluation_the_running_statistics_stay(ConvBlock, rng):
    """A call in evaluation leaves the running statistics and the count of batches as they are."""
    block = drawn(ConvBlock, rng, 3, 4).eval()
    block(images(rng, 5, 3, 4, 3))
    return running(block)


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
    block = build(ConvBlock, 3, 5)
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
    return all_gradients(block, x, block(x), rng)


@case(rejects=["no_gradient_at_evaluation", "output_detached"])
def gradients_flow_in_evaluation(ConvBlock, rng):
    """Evaluation mode is not no_grad: the result is still differentiable, with the running statistics as constants."""
    block, x = drawn(ConvBlock, rng, 2, 5).eval(), images(rng, 2, 2, 4, 3).requires_grad_()
    return all_gradients(block, x, block(x), rng)


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


@case(rejects=["relu_clipped_at_twenty", "relu6"])
def large_numbers_are_not_cut_off(ConvBlock, rng):
    """ReLU cuts off below 0 and nowhere else, however far out an image lies."""
    block = drawn(ConvBlock, rng, 2, 3).eval()
    return {"evaluation": block(40 * images(rng, 2, 2, 4, 3))}


@case(rejects=["no_grad_taken_for_evaluation"])
def training_under_no_grad_is_still_training(ConvBlock, rng):
    """The mode decides, and nothing else: under torch.no_grad() too, a block in training uses and records the statistics of the batch."""
    block = drawn(ConvBlock, rng, 2, 4).train()
    with torch.no_grad():
        output = block(images(rng, 3, 2, 4, 5))
    return {"output": output, **running(block)}


@case(rejects=["scale_starts_at_zero", "kernel_starts_at_a_constant", "seeded_in_the_constructor", "starts_in_evaluation"])
def a_new_block_has_a_start_to_learn_from(ConvBlock, rng):
    """A new block is in training; batch norm starts with scale 1, shift 0, mean 0 and variance 1, and each new kernel is drawn at random."""
    block, other = build(ConvBlock, 6, 5), build(ConvBlock, 6, 5)
    convolution, norm = layers(block)
    return {
        "training": block.training,
        "kernel has equal numbers": len(set(convolution.weight.flatten().tolist())) < 100,
        "two kernels are equal": torch.equal(convolution.weight, layers(other)[0].weight),
        "scale": norm.weight,
        "shift": norm.bias,
        **running(block),
    }


@case(rejects=["layers_shared_by_all_blocks"])
def two_blocks_share_nothing(ConvBlock, rng):
    """Each block has layers of its own, also where two blocks have the same numbers of channels."""
    blocks = [drawn(ConvBlock, rng, 3, 4), drawn(ConvBlock, rng, 3, 4)]
    x = images(rng, 3, 3, 4, 5)
    return [{"training": block.train()(x), "evaluation": block.eval()(x), **running(block)} for block in blocks]


@case(rejects=["forward_in_a_closure"])
def a_copy_is_a_block_of_its_own(ConvBlock, rng):
    """copy.deepcopy(block) has the same numbers in layers of its own: training it leaves the block as it was."""
    block, x = drawn(ConvBlock, rng, 3, 4), images(rng, 3, 3, 4, 5)
    twin = deep_copy(block)
    with torch.no_grad():
        layers(twin)[0].weight.mul_(1.7)
    output = twin.train()(x)
    seen = {"copy in training": output, **running(twin)}
    return {**seen, "block": block.eval()(x), "block.running_mean": running(block)["running_mean"]}


@case(rejects=["folded_once_for_evaluation", "statistics_of_its_own_kept"])
def a_loaded_state_counts(ConvBlock, rng):
    """A block into which the state of another is loaded does what the other does, and forgets what it did before."""
    block, other = drawn(ConvBlock, rng, 3, 4), drawn(ConvBlock, rng, 3, 4)
    x = images(rng, 3, 3, 4, 5)
    before = block.eval()(x)
    other.train()(images(rng, 4, 3, 3, 5))
    return {"before": before, "after": load_state(block, other.state_dict()).eval()(x)}


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
    return {"training": output, **all_gradients(block, x, output, rng), "evaluation": block.eval()(x.detach()), **running(block)}


@case(rejects=["folded_once_for_evaluation", "cached_by_shape"])
def training_and_evaluation_may_take_turns(ConvBlock, rng):
    """Each call uses the parameters and the running statistics as they are then: evaluation between two steps leaves no trace."""
    block, seen = drawn(ConvBlock, rng, 3, 4), []
    for mode in (False, True, False, True, False):
        output = block.train(mode)(images(rng, 3, 3, 4, 5))
        seen.append({"output": output, **running(block)})
    with torch.no_grad():
        for each in block.parameters():
            each.mul_(1.3)
    return {"steps": seen, "after a step of the optimiser": block(images(rng, 3, 3, 4, 5))}


@case(rejects=["layers_made_in_forward"])
def the_same_input_gives_the_same_result(ConvBlock, rng):
    """In evaluation, the same image gives the same result each time: the layers are made once, in the constructor."""
    block, x = build(ConvBlock, 3, 3).eval(), images(rng, 2, 3, 4, 5)
    first, second = block(x), block(x)
    if not isinstance(first, torch.Tensor):
        raise WrongAnswer(f"output: expected a tensor, found {type(first).__name__}")
    return {"the same twice": torch.equal(first, second)}


@case(rejects=["memory_order_for_logical_order"])
def images_in_channels_last_order_are_read_by_their_indices(ConvBlock, rng):
    """Images may lie in memory with the channels last, as a camera brings them; their indices are (N, C, H, W) all the same."""
    block, x = drawn(ConvBlock, rng, 3, 4), images(rng, 2, 3, 4, 5).contiguous(memory_format=torch.channels_last)
    return {"training": block.train()(x), "evaluation": block.eval()(x)}


def small_call(draw):
    """Draw a new block to look at, or a few small calls of a block that has been given plain numbers."""
    calls = draw.choice(((), ("train",), ("eval",), ("train", "eval"), ("eval", "train", "eval")))
    inside, outside = draw.integer(1, 2), draw.integer(1, 2)
    if not calls:
        return {"block": f"ConvBlock({inside}, {outside})"}
    number, rows, columns = draw.integer(1, 2), draw.integer(1, 2), draw.integer(2, 3)
    autograd = draw.choice(("", "upstream", "no_grad"))
    upstream = autograd == "upstream"
    dtype = torch.float64 if upstream else torch.float32  # gradients cancel, which float32 does not survive
    call = {"block": f"ConvBlock({inside}, {outside})" + (".double()" if upstream else ""), "modes of the calls": ", ".join(calls)}
    if autograd == "no_grad":
        call["under"] = "torch.no_grad()"
    for n in range(len(calls)):
        call[f"x of call {n + 1}"] = tensor(draw.array((number, inside, rows, columns), -3, 4), dtype)
    call["kernel"] = "all ones"
    if draw.boolean():
        call["kernel"] = tensor(draw.array((outside, inside, 3, 3), -2, 3, plainest=1), dtype)
    call["scale"] = tensor(draw.array(outside, 0.5, 3, plainest=1), dtype)
    call["shift"] = tensor(draw.array(outside, 0.5, 3, plainest=1), dtype)
    if "eval" in calls:
        call["running_mean"] = tensor(draw.array(outside, -2, 3), dtype)
        call["running_var"] = tensor(draw.array(outside, 0.5, 4, plainest=1), dtype)
    if upstream:
        call["upstream gradient of the last call"] = tensor(draw.array((number, outside, rows, columns), -2, 3, plainest=1), dtype)
    return call


@counterexample(inputs=small_call, tolerance=Tolerance(relative=1e-3, of_scale=1e-3))
def answers_to_small_calls(ConvBlock, call):
    """What a new block is made of; or what each call returns, leaves in the running statistics, and sends back."""
    inside, outside = int(call["block"][10]), int(call["block"][13])
    block = build(ConvBlock, inside, outside)
    if "modes of the calls" not in call:
        return constitution(block, build(ConvBlock, inside, outside))
    block = prepared(block, call, outside)
    seen, above = {}, call.get("upstream gradient of the last call")
    modes = call["modes of the calls"].split(", ")
    for n, mode in enumerate(modes, 1):
        x = call[f"x of call {n}"]
        before = x.clone()
        if above is not None and n == len(modes):
            x.requires_grad_()
        with torch.set_grad_enabled("under" not in call):
            output = block.train(mode == "train")(x)
        seen[f"output of call {n}"] = output
        if not torch.equal(before, x):
            seen[f"x of call {n} afterwards"] = x
    if above is not None:
        seen |= gradients(output, differentiated(block, x), above)
    return seen | running(block)


def prepared(block, call, outside):
    """Write the numbers of a small call into a block."""
    weight = layers(block)[0].weight
    return write(
        block.to(call["x of call 1"].dtype),
        torch.ones(tuple(weight.shape)) if call["kernel"] == "all ones" else call["kernel"],
        call["scale"],
        call["shift"],
        call.get("running_mean", torch.zeros(outside)),
        call.get("running_var", torch.ones(outside)),
    )


def constitution(block, other):
    """Return what a new block is made of."""
    parameters = sorted(block.parameters(), key=lambda each: (each.dim(), float(each.detach().sum())))
    seen = {
        "block.training": block.training,
        "shapes of the parameters": str([tuple(each.shape) for each in parameters]),
        "shapes of the buffers": str(sorted(tuple(each.shape) for each in block.buffers())),
        "parameters of one dimension": [each.detach().clone() for each in parameters if each.dim() == 1],
    }
    kernels = [next((each for each in model.parameters() if each.dim() == 4), None) for model in (block, other)]
    if all(each is not None for each in kernels):
        seen["kernel has equal numbers"] = len(kernels[0].unique()) < kernels[0].numel() / 2
        seen["two new kernels are equal"] = torch.equal(*kernels)
    return seen | {f"parameter {n} requires gradients": False for n, each in enumerate(parameters) if not each.requires_grad}
