"""Computes the forward honestly and calls the library's backward operator.

Expected: rule violation
"""

import torch


class Norm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma, beta, eps):
        mean, var = x.mean(0), x.var(0, unbiased=False)
        ctx.save_for_backward(x, gamma, mean, (var + eps).rsqrt())
        ctx.eps = eps
        return (x - mean) * (var + eps).rsqrt() * gamma + beta

    @staticmethod
    def backward(ctx, gradient):
        x, gamma, mean, inverse = ctx.saved_tensors
        out = torch.ops.aten.native_batch_norm_backward(
            gradient, x, gamma, None, None, mean, inverse, True, ctx.eps, [True, True, True]
        )
        return *out, None


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        with torch.no_grad():
            running_mean.lerp_(x.mean(0).detach(), momentum)
            running_var.lerp_(x.var(0, unbiased=False).detach(), momentum)
        return Norm.apply(x, gamma, beta, eps)
    return gamma * (x - running_mean) / torch.sqrt(running_var + eps) + beta
