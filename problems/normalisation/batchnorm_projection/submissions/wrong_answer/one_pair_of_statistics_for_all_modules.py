"""You keep the running statistics on the class, one pair for each size. All modules of the same size then share
them, and each layer infers with a mixture of all.
"""

import torch
from torch import nn


class BatchNorm(nn.Module):
    statistics = {}

    def __init__(self, in_dim, out_dim):
        super().__init__()
        self.linear = nn.Linear(in_dim, out_dim)
        pair = self.statistics.setdefault(in_dim, (torch.zeros(in_dim), torch.zeros(in_dim)))
        self.register_buffer("running_mean", pair[0])
        self.register_buffer("running_var", pair[1])

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
