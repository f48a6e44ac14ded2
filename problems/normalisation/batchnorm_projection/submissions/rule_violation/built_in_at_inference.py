"""You normalise by hand in training and call the built-in batch norm at inference. The rule holds in both modes."""

import torch
import torch.nn.functional as F
from torch import nn


class BatchNorm(nn.Module):
    def __init__(self, in_dim, out_dim):
        super().__init__()
        self.linear = nn.Linear(in_dim, out_dim)
        self.register_buffer("running_mean", torch.zeros(in_dim))
        self.register_buffer("running_var", torch.zeros(in_dim))

    def forward(self, x, inference=False):
        if inference:
            return self.linear(F.batch_norm(x, self.running_mean, self.running_var, eps=0.001))
        mean, var = x.mean(0), x.var(0)
        self.running_mean.lerp_(x.detach().mean(0), 0.05)
        self.running_var.lerp_(x.detach().var(0), 0.05)
        return self.linear((x - mean) / torch.sqrt(var + 0.001))
