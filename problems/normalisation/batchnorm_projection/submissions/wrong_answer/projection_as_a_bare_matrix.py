"""You made self.linear a matrix of your own. It is an nn.Linear: with its start, its bias, and the names
linear.weight and linear.bias in the state dict.
"""

import torch
from torch import nn


class BatchNorm(nn.Module):
    def __init__(self, in_dim, out_dim):
        super().__init__()
        self.linear = nn.Parameter(torch.randn(in_dim, out_dim) / in_dim**0.5)
        self.shift = nn.Parameter(torch.zeros(out_dim))
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
        return x_hat @ self.linear + self.shift
