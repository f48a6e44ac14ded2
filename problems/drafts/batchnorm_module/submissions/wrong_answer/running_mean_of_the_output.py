"""You record the mean and the variance of the normalised output. These are beta and gamma squared, and say
nothing about what comes in.
"""

import torch
from torch import nn


class BatchNorm1DManual(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps = eps
        self.momentum = momentum
        self.gamma = nn.Parameter(torch.ones(num_features))
        self.beta = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))

    def forward(self, x):
        if self.training:
            mean = x.mean(dim=0)
            var = x.var(dim=0, unbiased=False)
            y = self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta
            with torch.no_grad():
                self.running_mean.mul_(1 - self.momentum).add_(self.momentum * y.mean(dim=0))
                self.running_var.mul_(1 - self.momentum).add_(self.momentum * y.var(dim=0, unbiased=False))
            return y
        return self.gamma * (x - self.running_mean) / torch.sqrt(self.running_var + self.eps) + self.beta
