"""Registers an operator of its own with torch.library, with a backward.

Expected: accepted
"""

import torch


@torch.library.custom_op("mine::affine", mutates_args=())
def affine(x: torch.Tensor, scale: torch.Tensor, shift: torch.Tensor) -> torch.Tensor:
    return x * scale + shift


@affine.register_fake
def _(x, scale, shift):
    return torch.empty_like(x)


affine.register_autograd(
    lambda ctx, g: (g * ctx.saved_tensors[1], (g * ctx.saved_tensors[0]).sum(0), g.sum(0)),
    setup_context=lambda ctx, inputs, output: ctx.save_for_backward(inputs[0], inputs[1]),
)


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        mean = x.mean(0)
        var = ((x - mean) ** 2).mean(0)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    else:
        mean, var = running_mean, running_var
    return affine(x - mean, gamma / torch.sqrt(var + eps), beta)
