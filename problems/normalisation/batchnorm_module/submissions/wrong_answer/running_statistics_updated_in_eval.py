"""You update the buffers in both modes. Evaluation then leaks the test data into the model, and two passes over
the same data give two answers.
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
        else:
            mean, var = self.running_mean.clone(), self.running_var.clone()
        with torch.no_grad():
            self.running_mean.mul_(1 - self.momentum).add_(self.momentum * x.mean(dim=0))
            self.running_var.mul_(1 - self.momentum).add_(self.momentum * x.var(dim=0, unbiased=False))
        return self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta
