"""Sets its own mode from the argument, then asks for it; steps as methods; var_mean and lerp_."""

import torch
from torch import nn


class BatchNorm(nn.Module):
    eps = 1e-3

    def __init__(self, features, outputs):
        super().__init__()
        for name in ("running_mean", "running_var"):
            self.register_buffer(name, torch.zeros(features))
        self.linear = nn.Linear(features, outputs, bias=True)

    def statistics(self, batch):
        var, mean = torch.var_mean(batch, dim=0)
        self.running_mean.lerp_(mean.detach(), 0.05)
        self.running_var.lerp_(var.detach(), 0.05)
        return mean, var

    def forward(self, batch, inference=False):
        before = self.training
        self.train(not inference)
        try:
            mean, var = self.statistics(batch) if self.training else (self.running_mean, self.running_var)
            return self.linear((batch - mean) * torch.rsqrt(var + self.eps))
        finally:
            self.train(before)
