"""NumPy for the arithmetic, forward and backward, inside a custom autograd.Function."""

import numpy as np
import torch


class NumpyCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx, logits, targets):
        z, y = logits.detach().numpy(), targets.numpy()
        z = z - z.max(axis=1, keepdims=True)
        powers = np.exp(z)
        totals = powers.sum(axis=1)
        ctx.p, ctx.y = powers / totals[:, None], y
        losses = np.log(totals) - z[np.arange(len(y)), y]
        return torch.tensor(losses.mean(), dtype=logits.dtype)

    @staticmethod
    def backward(ctx, above):
        n = len(ctx.y)
        slope = ctx.p.copy()
        slope[np.arange(n), ctx.y] -= 1.0
        return above * torch.from_numpy(slope / n), None


def cross_entropy_loss(logits, targets):
    return NumpyCrossEntropy.apply(logits, targets)
