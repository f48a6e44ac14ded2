"""A custom autograd.Function with its own backward."""

import torch
from torch import nn


class Normalise(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, mean, var, measured):
        inverse_std = 1 / torch.sqrt(var + 0.001)
        x_hat = (x - mean) * inverse_std
        ctx.save_for_backward(x_hat, inverse_std)
        ctx.measured = measured
        return x_hat

    @staticmethod
    def backward(ctx, above):
        x_hat, inverse_std = ctx.saved_tensors
        if ctx.measured:
            n = len(above)
            above = above - above.mean(0) - x_hat * (above * x_hat).sum(0) / (n - 1)
        return above * inverse_std, None, None, None


class BatchNorm(nn.Module):
    def __init__(self, in_dim, out_dim):
        super().__init__()
        self.register_buffer("running_mean", torch.zeros(in_dim))
        self.register_buffer("running_var", torch.zeros(in_dim))
        self.linear = nn.Linear(in_dim, out_dim)

    def forward(self, x, inference=False):
        mean, var = self.running_mean, self.running_var
        if not inference:
            mean, var = x.detach().mean(0), x.detach().var(0)
            self.running_mean += 0.05 * (mean - self.running_mean)
            self.running_var += 0.05 * (var - self.running_var)
        return self.linear(Normalise.apply(x, mean, var, not inference))
