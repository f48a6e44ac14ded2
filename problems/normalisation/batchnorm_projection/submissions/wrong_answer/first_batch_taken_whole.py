"""You replace the zeros by the statistics of the first batch and blend only from the second on. It is a
sensible start, but not this convention's: here the first batch counts a twentieth.
"""

import torch
from torch import nn


class BatchNorm(nn.Module):
    def __init__(self, in_dim, out_dim):
        super().__init__()
        self.seen = False
        self.linear = nn.Linear(in_dim, out_dim)
        self.register_buffer("running_mean", torch.zeros(in_dim))
        self.register_buffer("running_var", torch.zeros(in_dim))

    def forward(self, x, inference=False):
        if inference:
            mean, var = self.running_mean, self.running_var
        else:
            mean = x.mean(dim=0)
            var = x.var(dim=0, unbiased=True)
            share = 0.05 if self.seen else 1.0
            self.seen = True
            with torch.no_grad():
                self.running_mean.mul_(1 - share).add_(share * mean)
                self.running_var.mul_(1 - share).add_(share * var)
        x_hat = (x - mean) / torch.sqrt(var + 0.001)
        return self.linear(x_hat)
