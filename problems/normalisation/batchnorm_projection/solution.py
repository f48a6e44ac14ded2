"""Batch normalisation with a linear projection in the place of scale and shift.

The normalisation is that of S. Ioffe and C. Szegedy, "Batch Normalization: Accelerating Deep Network Training by
Reducing Internal Covariate Shift", 2015. The constants, the unbiased variance and the running statistics that start
at zero are this problem's own convention.
"""

import torch
from torch import nn

KEEP = 0.95  # the share of the old running statistics
EPS = 0.001


class BatchNorm(nn.Module):
    """Normalise the features of a batch of shape (N, in_dim) and project them to (N, out_dim)."""

    def __init__(self, in_dim, out_dim):
        super().__init__()
        self.linear = nn.Linear(in_dim, out_dim)  # it can scale and shift, and mix the features as well
        self.register_buffer("running_mean", torch.zeros(in_dim))
        self.register_buffer("running_var", torch.zeros(in_dim))

    def forward(self, x, inference=False):
        if inference:
            mean, var = self.running_mean, self.running_var
        else:
            mean = x.mean(dim=0)
            var = ((x - mean) ** 2).sum(dim=0) / (len(x) - 1)  # unbiased
            with torch.no_grad():  # the record is no part of the computation
                self.running_mean.mul_(KEEP).add_((1 - KEEP) * mean)
                self.running_var.mul_(KEEP).add_((1 - KEEP) * var)

        return self.linear((x - mean) / torch.sqrt(var + EPS))
