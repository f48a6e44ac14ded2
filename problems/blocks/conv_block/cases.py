"""The hidden suite of the convolution block.

A block's two layers are found by their class, whatever their names are, and given the same numbers as the jury's, so that nothing
depends on how a submission draws its initial ones. The standard cases come from a description of the block whose layers have names of
ours; by hand are the cases that say what the block is.
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


def smooth_gradients(block, x, output, rng):
    """Return the gradients of the input and of the three parameters, where they do not jump at the corner of ReLU: the upstream gradient is
    the output, times a random number.
    """
    if not isinstance(output, torch.Tensor):
        raise WrongAnswer(f"output: expected a tensor, found {type(output).__name__}")
    above = tensor(rng.normal(size=(len(x), layers(block)[0].out_channels, *x.shape[2:])), x.dtype)
    if output.shape == above.shape:
        above = above * output.detach()
    return gradients(output, differentiated(block, x), above)


def differentiated(block, x):
    """Return what gets a gradient, by name."""
    convolution, norm = layers(block)
    return {"x": x, "weight of nn.Conv2d": convolution.weight, "weight of nn.BatchNorm2d": norm.weight, "bias of nn.BatchNorm2d": norm.bias}


def with_a_bias_of_its_own(ConvBlock, *channels):
    """Make a block; a bias of the convolution, which should not be there, is no zero."""
    block = build(ConvBlock, *channels)
    convolution, _ = layers(block)
    if convolution.weight.dtype is not torch.float32:
        raise WrongAnswer(f"weight of nn.Conv2d in a new block: expected torch.float32, found {convolution.weight.dtype}")
    if convolution.bias is not None:
        fill("bias of nn.Conv2d", convolution.bias, torch.full(tuple(convolution.bias.shape), 0.7))
    return block


def parts(block, *_channels):
    """Find the layers, whatever their names are."""
    return dict(zip(("the_convolution", "the_batch_norm"), layers(block), strict=True))


suite = describe(
    sizes={
        "images": Size(2, one="eval"),
        "in_channels": Size(3, large=40),
        "out_channels": Size(5, large=40),
        "height": Size(4, large=40),
        "width": 6,
    },
    made_with=["in_channels", "out_channels"],
    make=with_a_bias_of_its_own,
    parts=parts,
    parameters=[
        Argument("the_convolution.weight", "out_channels in_channels 3 3", between=(0.2, 0.9), scales=0),
        Argument("the_batch_norm.weight", "out_channels", between=(1.2, 2.3)),
        Argument("the_batch_norm.bias", "out_channels", between=(0.3, 0.8)),
    ],
    buffers=[
        Argument("the_batch_norm.running_mean", "out_channels", between=(1.6, 3.4), changes=True),
        Argument("the_batch_norm.running_var", "out_channels", between=(12.5, 30.5), positive=True, scales=2, changes=True),
        Argument("the_batch_norm.num_batches_tracked", "", integers=(0, 9), changes=True),
    ],
    arguments=[Argument("x", "images in_channels height width")],
    without={"float32_in_gives_float32_out": "What float32 rounds falls on either side of the corner of ReLU, where the gradient jumps: by hand."},
    unrefused=["works_with_small_sizes"],
)
"""A batch of one pixel may be refused in training, so that a case by hand looks at one image. What refuses small sizes is a kernel
without a border: a wrong answer like any other.
"""


@case(title="training output is relu(bn(conv(x)))", rejects=["relu_before_batch_norm", "relu_forgotten", "batch_norm_first", "padding_forgotten", "channels_swapped"])
def training_output_is_relu_of_bn_of_conv(ConvBlock, rng):
    """In training, the output is relu(batch_norm(conv(x))), normalised with the statistics of the batch."""
    return {"output": drawn(ConvBlock, rng, 3, 5).train()(images(rng, 4, 3, 6, 7))}


@case(rejects=["always_in_training_mode", "batch_norm_skipped_in_eval", "convolution_has_a_bias"])
def eval_uses_the_running_statistics(ConvBlock, rng):
    """In eval mode, batch norm uses the running statistics and not the batch's; all three layers are still there."""
    return {"output": drawn(ConvBlock, rng, 2, 7).eval()(images(rng, 3, 2, 5, 8))}


@case(rejects=["momentum_of_keras", "functional_batch_norm_beside_the_layer"])
def training_updates_the_running_statistics_once_per_call(ConvBlock, rng):
    """Each call in training moves the running statistics by a tenth towards those of its batch, and num_batches_tracked
    grows by one.
    """
    block = drawn(ConvBlock, rng, 3, 4).train()
    seen = []
    for _ in range(2):
        block(images(rng, 5, 3, 4, 3))
        seen.append(running(block))
    return {"steps": seen}


@case(title="train() and eval() reach every layer", rejects=["always_in_eval_mode", "layers_in_a_plain_list"])
def train_and_eval_reach_every_layer(ConvBlock, rng):
    """block.eval() and block.train() switch both layers, and no call switches them back."""
    block = drawn(ConvBlock, rng, 2, 3)
    seen = {}
    for mode in ("train", "eval", "train"):
        getattr(block, mode)()
        seen |= switched(block, f"after {mode}()")
        seen[f"output after {mode}()"] = block(images(rng, 3, 2, 4, 3))
        seen |= switched(block, f"after {mode}() and a call")
    return seen


@case(rejects=["convolution_has_a_bias", "unused_layer_left_in", "scale_and_shift_left_out", "no_running_statistics"])
def has_three_parameters_and_the_buffers_of_batch_norm(ConvBlock, rng):
    """The parameters are the weight of the convolution, which has no bias, and the scale and shift of batch norm; the
    buffers are those of batch norm. Nothing else is stored.
    """
    block = build(ConvBlock, 3, 5)
    parameters = sorted([list(each.shape) for each in block.parameters()])
    buffers = sorted([list(each.shape) for each in block.buffers()])
    return {"shapes of parameters": parameters, "shapes of buffers": buffers, "all require gradients": all(each.requires_grad for each in block.parameters())}


@case(rejects=["squeezed_output"])
def works_on_one_image_with_one_channel(ConvBlock, rng):
    """N = 1 and one channel in and out are legal, in both modes; what training records is that image's. So are two images of one pixel."""
    block, seen = drawn(ConvBlock, rng, 1, 1, dtype=torch.float64), {}
    for mode, sizes in (("train", (1, 1, 3, 4)), ("eval", (1, 1, 5, 4)), ("train", (2, 1, 1, 1))):
        x = images(rng, *sizes, dtype=torch.float64).requires_grad_()
        output = getattr(block, mode)()(x)
        seen[f"{mode}, {sizes}"] = {"output": output, **smooth_gradients(block, x, output, rng), **running(block)}
    return seen


@case(rejects=["output_detached", "no_gradient_in_eval"])
def float32_in_gives_float32_out_with_all_gradients(ConvBlock, rng):
    """A new block is float32: so are its result, its gradients in both modes, and its running statistics."""
    block, seen = drawn(ConvBlock, rng, 3, 4), {}
    for mode in ("train", "eval"):
        x = images(rng, 3, 3, 5, 4)
        x[0, 0, 0, 0] = 95.0
        output = getattr(block, mode)()(x.requires_grad_())
        seen[mode] = {"output": output, **smooth_gradients(block, x, output, rng), **running(block)}
    return seen


@case(rejects=["grouped_where_it_divides"])
def works_with_many_channels_and_large_images(ConvBlock, rng):
    """Every output channel sees every input channel, however many there are."""
    block, x = drawn(ConvBlock, rng, 6, 12), images(rng, 3, 6, 19, 22)
    return {"training": block.train()(x), "evaluation": block.eval()(x)}


@case(rejects=["scale_starts_at_zero", "kernel_starts_at_a_constant", "seeded_in_the_constructor"])
def a_new_block_has_the_right_initial_state(ConvBlock, rng):
    """A new block is in training mode; batch norm starts with scale 1, shift 0, mean 0 and variance 1, and the
    convolution's weight is drawn at random, for each block anew.
    """
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


@case(rejects=["layers_made_in_forward"])
def the_same_input_gives_the_same_result(ConvBlock, rng):
    """In eval mode, the same image gives the same result each time: the layers are made once, in the constructor."""
    block, x = build(ConvBlock, 3, 3).eval(), images(rng, 2, 3, 4, 5)
    first, second = block(x), block(x)
    if not isinstance(first, torch.Tensor):
        raise WrongAnswer(f"output: expected a tensor, found {type(first).__name__}")
    return {"the same twice": torch.equal(first, second)}


@case(title="works on images in channels_last format", rejects=["memory_order_taken_for_axis_order"])
def works_on_images_in_channels_last_format(ConvBlock, rng):
    """Images may have the memory format channels_last; their shape is (N, C, H, W) all the same."""
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
