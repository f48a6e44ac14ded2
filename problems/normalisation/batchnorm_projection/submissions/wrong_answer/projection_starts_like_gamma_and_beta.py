"""You start the projection with ones and zeros, as gamma and beta start. For a matrix that is no start: all outputs are the same number
and get the same gradient, and they stay alike for good.
"""

import torch
from torch import nn


class BatchNorm(nn.Module):
    def __init__(self, in_dim, out_dim):
        super().__init__()
        self.linear = nn.Linear(in_dim, out_dim)
        nn.init.ones_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)
        self.register_buffer("running_mean", torch.zeros(in_dim))
        self.register_buffer("running_var", torch.zeros(in_dim))

    def forward(self, x, inference=False):
        if inference:
            mean, var = self.running_mean, self.running_var
        else:
            mean = x.mean(dim=0)
            var = x.var(dim=0, unbiased=True)
            with torch.no_grad():
                self.running_mean.mul_(0.95).add_(0.05 * mean)
                self.running_var.mul_(0.95).add_(0.05 * var)
        x_hat = (x - mean) / torch.sqrt(var + 0.001)
        return self.linear(x_hat)
