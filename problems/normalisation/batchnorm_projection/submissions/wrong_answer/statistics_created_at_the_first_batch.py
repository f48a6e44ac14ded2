"""You make the buffers when the first batch comes in. Until then the module has no running statistics: neither
inference before training nor loading a saved state can work.
"""

import torch
from torch import nn


class BatchNorm(nn.Module):
    def __init__(self, in_dim, out_dim):
        super().__init__()
        self.linear = nn.Linear(in_dim, out_dim)
        self.register_buffer("running_mean", None)
        self.register_buffer("running_var", None)

    def forward(self, x, inference=False):
        if self.running_mean is None:
            self.running_mean, self.running_var = torch.zeros_like(x[0]), torch.zeros_like(x[0])
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
