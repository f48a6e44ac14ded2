"""You reach the buffers through a function that remembers self. A deep copy keeps that very function, so that
the copy reads and moves the statistics of the original.
"""

import torch
from torch import nn


class BatchNorm(nn.Module):
    def __init__(self, in_dim, out_dim):
        super().__init__()
        self.statistics = lambda: (self.running_mean, self.running_var)
        self.linear = nn.Linear(in_dim, out_dim)
        self.register_buffer("running_mean", torch.zeros(in_dim))
        self.register_buffer("running_var", torch.zeros(in_dim))

    def forward(self, x, inference=False):
        if inference:
            mean, var = self.statistics()
        else:
            mean = x.mean(dim=0)
            var = x.var(dim=0, unbiased=True)
            running_mean, running_var = self.statistics()
            with torch.no_grad():
                running_mean.mul_(0.95).add_(0.05 * mean)
                running_var.mul_(0.95).add_(0.05 * var)
        x_hat = (x - mean) / torch.sqrt(var + 0.001)
        return self.linear(x_hat)
