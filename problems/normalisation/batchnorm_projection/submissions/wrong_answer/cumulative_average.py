"""You average over all batches with weights 1 / n. Here each batch has the share 0.05, the first one too."""

import torch
from torch import nn


class BatchNorm(nn.Module):
    def __init__(self, in_dim, out_dim):
        super().__init__()
        self.batches = 1
        self.linear = nn.Linear(in_dim, out_dim)
        self.register_buffer("running_mean", torch.zeros(in_dim))
        self.register_buffer("running_var", torch.zeros(in_dim))

    def forward(self, x, inference=False):
        if inference:
            mean, var = self.running_mean, self.running_var
        else:
            mean = x.mean(dim=0)
            var = x.var(dim=0, unbiased=True)
            self.batches += 1
            share = 1 / self.batches
            with torch.no_grad():
                self.running_mean.mul_(1 - share).add_(share * mean)
                self.running_var.mul_(1 - share).add_(share * var)
        x_hat = (x - mean) / torch.sqrt(var + 0.001)
        return self.linear(x_hat)
