"""Your update stands above the if, so that inference updates the running statistics and then normalises with
the new ones. Only a training call may change them.
"""

import torch
from torch import nn


class BatchNorm(nn.Module):
    def __init__(self, in_dim, out_dim):
        super().__init__()
        self.linear = nn.Linear(in_dim, out_dim)
        self.register_buffer("running_mean", torch.zeros(in_dim))
        self.register_buffer("running_var", torch.zeros(in_dim))

    def forward(self, x, inference=False):
        with torch.no_grad():
            self.running_mean.mul_(0.95).add_(0.05 * x.mean(dim=0))
            self.running_var.mul_(0.95).add_(0.05 * x.var(dim=0))
        if inference:
            mean, var = self.running_mean.clone(), self.running_var.clone()
        else:
            mean = x.mean(dim=0)
            var = x.var(dim=0, unbiased=True)
        x_hat = (x - mean) / torch.sqrt(var + 0.001)
        return self.linear(x_hat)
