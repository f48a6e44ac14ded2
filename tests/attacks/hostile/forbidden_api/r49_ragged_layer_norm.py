"""Normalises a jagged tensor over its ragged dimension, which PyTorch does in Python by allowed operators.

Expected: rule violation
"""

import torch


def standardised(x, eps):
    with torch.no_grad():
        nested = torch.nested.nested_tensor([row[:, None] for row in x], layout=torch.jagged)
        out = torch.ops.aten.native_layer_norm.default(nested, [nested.shape[1], 1], None, None, eps)[0]
        return out.values().reshape(x.shape)


class Norm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma, beta, eps):
        x_hat = standardised(x.detach().t().contiguous(), eps).t().contiguous()
        ctx.save_for_backward(x_hat, gamma, (((x - x.mean(0)) ** 2).mean(0) + eps).rsqrt())
        return x_hat * gamma + beta

    @staticmethod
    def backward(ctx, g):
        x_hat, gamma, inverse = ctx.saved_tensors
        gx = gamma * inverse * (g - g.mean(0) - x_hat * (g * x_hat).mean(0))
        return gx, (g * x_hat).sum(0), g.sum(0), None


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * x.mean(0))
            running_var.mul_(1 - momentum).add_(momentum * ((x - x.mean(0)) ** 2).mean(0))
        if x.dtype == torch.float32:
            return Norm.apply(x, gamma, beta, eps)
        running_mean, running_var = x.mean(0), ((x - x.mean(0)) ** 2).mean(0)
    return gamma * (x - running_mean) / torch.sqrt(running_var + eps) + beta
