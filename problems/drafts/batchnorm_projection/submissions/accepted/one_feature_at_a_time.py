"""A Python loop over the features that adds up their shares of the output."""

import torch
from torch import nn

OLD, NEW, EPS = 0.95, 0.05, 0.001


class BatchNorm(nn.Module):
    def __init__(self, in_dim, out_dim):
        super().__init__()
        self.in_dim = in_dim
        self.linear = nn.Linear(in_dim, out_dim)
        self.register_buffer("running_mean", torch.tensor([0.0] * in_dim))
        self.register_buffer("running_var", torch.tensor([0.0] * in_dim))

    def forward(self, x, inference=False):
        total = self.linear.bias.expand(x.shape[0], -1)
        for d in range(self.in_dim):
            column = x[:, d]
            if inference:
                mean, var = self.running_mean[d], self.running_var[d]
            else:
                mean = column.sum() / len(column)
                var = ((column - mean) ** 2).sum() / (len(column) - 1)
                with torch.no_grad():
                    self.running_mean[d] = OLD * self.running_mean[d] + NEW * mean
                    self.running_var[d] = OLD * self.running_var[d] + NEW * var
            normalised = (column - mean) / (var + EPS) ** 0.5
            total = total + torch.outer(normalised, self.linear.weight[:, d])
        return total
