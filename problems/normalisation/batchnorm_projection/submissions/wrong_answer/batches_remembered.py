"""You skip the update when the batch is the tensor of the call before. A loop over one batch, as in debugging
or over-fitting on purpose, then moves the statistics only once.
"""

import torch
from torch import nn


class BatchNorm(nn.Module):
    def __init__(self, in_dim, out_dim):
        super().__init__()
        self.last = None
        self.linear = nn.Linear(in_dim, out_dim)
        self.register_buffer("running_mean", torch.zeros(in_dim))
        self.register_buffer("running_var", torch.zeros(in_dim))

    def forward(self, x, inference=False):
        if inference:
            mean, var = self.running_mean, self.running_var
        else:
            mean = x.mean(dim=0)
            var = x.var(dim=0, unbiased=True)
            if self.last is not x:
                with torch.no_grad():
                    self.running_mean.mul_(0.95).add_(0.05 * mean)
                    self.running_var.mul_(0.95).add_(0.05 * var)
            self.last = x
        x_hat = (x - mean) / torch.sqrt(var + 0.001)
        return self.linear(x_hat)
