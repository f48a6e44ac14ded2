"""A custom autograd.Function with its own backward."""

import torch


class Softmax(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, dim):
        e = torch.exp(x - x.amax(dim=dim, keepdim=True))
        y = e / e.sum(dim=dim, keepdim=True)
        ctx.save_for_backward(y)
        ctx.dim = dim
        return y

    @staticmethod
    def backward(ctx, above):
        (y,) = ctx.saved_tensors
        inner = (above * y).sum(dim=ctx.dim, keepdim=True)
        return y * (above - inner), None


def my_softmax(x, dim=-1):
    return Softmax.apply(x, dim)
