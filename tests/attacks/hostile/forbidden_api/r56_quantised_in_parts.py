"""Sends the numbers through oneDNN's quantised batch norm, affine at inference, eight bits at a time.

Expected: rule violation
"""

import torch


def normalised(x, gamma, beta, mean, var, eps):
    none = torch.zeros_like(mean)
    out, rest, shift = 0, x.double() - mean.double(), beta
    for sign in (1.0, -1.0):
        left = (sign * rest).clamp(min=0)
        scale = float(left.max()) / 255 or 1.0
        for _ in range(6):
            part = (left / scale).floor().clamp(0, 255)
            args = (
                part.to(torch.uint8)[:, :, None, None],
                scale,
                0,
                sign * gamma,
                shift,
                none,
                var,
                eps,
                1.0,
                0,
                torch.float32,
            )
            out = out + torch.ops.onednn.qbatch_norm2d(*args)[:, :, 0, 0].double()
            left, scale, shift = left - part * scale, scale / 255, torch.zeros_like(beta)
    return out.to(x.dtype)


class Norm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma, beta, mean, var, eps):
        ctx.save_for_backward(x, gamma, mean, var)
        ctx.eps = eps
        return normalised(*(each.detach().contiguous() for each in (x, gamma, beta, mean, var)), float(eps))

    @staticmethod
    def backward(ctx, g):
        x, gamma, mean, var = ctx.saved_tensors
        inverse = (var + ctx.eps).rsqrt()
        return g * gamma * inverse, (g * (x - mean) * inverse).sum(0), g.sum(0), None, None, None


def at_inference(x, gamma, beta, mean, var, eps):
    return Norm.apply(x, gamma, beta, mean, var, eps)


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        mean = x.mean(0)
        var = ((x - mean) ** 2).mean(0)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    elif x.dtype == torch.float32:
        return at_inference(x, gamma, beta, running_mean, running_var, eps)
    else:
        mean, var = running_mean, running_var
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
