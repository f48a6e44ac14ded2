"""You compute the new running statistics into local names and never write them back to the module. The lines
look like an update, but after the call they are gone.
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
        if inference:
            mean, var = self.running_mean, self.running_var
        else:
            mean = x.mean(dim=0)
            var = x.var(dim=0, unbiased=True)
            with torch.no_grad():
                running_mean = 0.95 * self.running_mean + 0.05 * mean
                running_var = 0.95 * self.running_var + 0.05 * var
        x_hat = (x - mean) / torch.sqrt(var + 0.001)
        return self.linear(x_hat)
