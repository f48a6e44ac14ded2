"""Folds mean and deviation into the projection on every call; float64 inside."""

import torch
from torch import nn
from torch.nn import functional as F


class BatchNorm(nn.Module):
    def __init__(self, in_dim, out_dim):
        super().__init__()
        self.linear = nn.Linear(in_dim, out_dim)
        self.register_buffer("running_mean", torch.zeros(in_dim))
        self.register_buffer("running_var", torch.zeros(in_dim))

    def forward(self, x, *, inference=False):
        wide = x.double()
        if inference:
            mean, var = self.running_mean.double(), self.running_var.double()
        else:
            mean = wide.mean(0)
            var = (wide - mean).square().sum(0) / (wide.size(0) - 1)
            with torch.no_grad():
                self.running_mean.copy_(0.95 * self.running_mean.double() + 0.05 * mean)
                self.running_var.copy_(0.95 * self.running_var.double() + 0.05 * var)
        weight = self.linear.weight.double() / torch.sqrt(var + 0.001)
        bias = self.linear.bias.double() - weight @ mean
        return F.linear(wide, weight, bias).to(x.dtype)
