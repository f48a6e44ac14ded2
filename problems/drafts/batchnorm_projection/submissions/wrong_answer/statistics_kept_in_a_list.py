"""You keep the buffers in a list as well and work on the list. When the module is converted, nn.Module puts new
tensors into the buffers, and your list still holds the old ones.
"""

import torch
from torch import nn


class BatchNorm(nn.Module):
    def __init__(self, in_dim, out_dim):
        super().__init__()
        self.linear = nn.Linear(in_dim, out_dim)
        self.register_buffer("running_mean", torch.zeros(in_dim))
        self.register_buffer("running_var", torch.zeros(in_dim))
        self.statistics = [self.running_mean, self.running_var]

    def forward(self, x, inference=False):
        if inference:
            mean, var = self.statistics
        else:
            mean = x.mean(dim=0)
            var = x.var(dim=0, unbiased=True)
            with torch.no_grad():
                self.statistics[0].mul_(0.95).add_(0.05 * mean)
                self.statistics[1].mul_(0.95).add_(0.05 * var)
        x_hat = (x - mean) / torch.sqrt(var + 0.001)
        return self.linear(x_hat.to(x.dtype))
