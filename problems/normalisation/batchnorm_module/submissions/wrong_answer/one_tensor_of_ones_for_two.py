"""You make one tensor of ones and use it for gamma and for running_var. nn.Parameter does not copy: both are the same
memory, and every update of the running variance changes gamma.
"""

import torch
from torch import nn


class BatchNorm1DManual(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps = eps
        self.momentum = momentum
        ones, zeros = torch.ones(num_features), torch.zeros(num_features)
        self.gamma = nn.Parameter(ones)
        self.beta = nn.Parameter(zeros)
        self.register_buffer("running_mean", zeros)
        self.register_buffer("running_var", ones)

    def forward(self, x):
        if self.training:
            mean = x.mean(dim=0)
            var = x.var(dim=0, unbiased=False)
            with torch.no_grad():
                self.running_mean.mul_(1 - self.momentum).add_(self.momentum * mean)
                self.running_var.mul_(1 - self.momentum).add_(self.momentum * var)
        else:
            mean, var = self.running_mean, self.running_var
        return self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta
