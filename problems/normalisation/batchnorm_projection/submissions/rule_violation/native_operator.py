"""You call the operator beneath the built-in batch norm with the statistics that you have measured. The rule
holds for every route.
"""

import torch
from torch import nn


class BatchNorm(nn.Module):
    def __init__(self, in_dim, out_dim):
        super().__init__()
        self.linear = nn.Linear(in_dim, out_dim)
        self.register_buffer("running_mean", torch.zeros(in_dim))
        self.register_buffer("running_var", torch.zeros(in_dim))

    def forward(self, x, inference=False):
        if not inference:
            self.running_mean.lerp_(x.detach().mean(0), 0.05)
            self.running_var.lerp_(x.detach().var(0), 0.05)
        mean, var = (self.running_mean, self.running_var) if inference else (x.mean(0), x.var(0))
        return self.linear(torch.ops.aten.native_batch_norm(x, None, None, mean, var, False, 0.0, 0.001)[0])
