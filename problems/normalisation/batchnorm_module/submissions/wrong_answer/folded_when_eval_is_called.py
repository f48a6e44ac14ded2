"""You fold the state into one scale and one shift when eval() is called or a state is loaded, and keep them until
the next time. What an optimiser or anybody else writes into gamma or the statistics in between is not seen.
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

    def fold(self):
        self.scale = self.gamma / torch.sqrt(self.running_var + self.eps)
        self.shift = self.beta - self.running_mean * self.scale

    def train(self, mode=True):
        if not mode:
            self.fold()
        return super().train(mode)

    def load_state_dict(self, *arguments, **options):
        loaded = super().load_state_dict(*arguments, **options)
        self.fold()
        return loaded

    def forward(self, x):
        if self.training:
            mean = x.mean(dim=0)
            var = x.var(dim=0, unbiased=False)
            with torch.no_grad():
                self.running_mean.mul_(1 - self.momentum).add_(self.momentum * mean)
                self.running_var.mul_(1 - self.momentum).add_(self.momentum * var)
            return self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta
        return x * self.scale + self.shift
