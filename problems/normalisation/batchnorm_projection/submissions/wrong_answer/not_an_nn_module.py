"""The class is no nn.Module. The formula may be right, but a network will not find its parameters, will not move it and
will not save it.
"""

import torch
from torch import nn


class BatchNorm:
    def __init__(self, in_dim, out_dim):
        self.linear = nn.Linear(in_dim, out_dim)
        self.running_mean = torch.zeros(in_dim)
        self.running_var = torch.zeros(in_dim)

    def __call__(self, x, inference=False):
        mean, var = self.running_mean, self.running_var
        if not inference:
            mean, var = x.mean(dim=0), x.var(dim=0)
            self.running_mean = 0.95 * self.running_mean + 0.05 * mean.detach()
            self.running_var = 0.95 * self.running_var + 0.05 * var.detach()
        return self.linear((x - mean) / torch.sqrt(var + 0.001))
