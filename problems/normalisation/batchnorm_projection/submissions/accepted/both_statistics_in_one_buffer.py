"""Both statistics lie in one buffer, of which properties hand out the rows."""

import torch
from torch import nn


class BatchNorm(nn.Module):
    def __init__(self, in_dim, out_dim):
        super().__init__()
        self.linear = nn.Linear(in_dim, out_dim)
        self.register_buffer("statistics", torch.zeros(2, in_dim))

    @property
    def running_mean(self):
        return self.statistics[0]

    @property
    def running_var(self):
        return self.statistics[1]

    def forward(self, x, inference=False):
        if inference:
            mean, var = self.statistics
        else:
            var, mean = torch.var_mean(x, dim=0)
            with torch.no_grad():
                self.statistics.mul_(0.95).add_(torch.stack([mean, var]), alpha=0.05)
        return self.linear((x - mean) / (var + 0.001).sqrt())
