"""One factor and one shift for each channel; float64 inside; old values through .data."""

import torch
from torch import nn


class BatchNorm2d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.empty(num_features)) if affine else None
        self.bias = nn.Parameter(torch.empty(num_features)) if affine else None
        if affine:
            nn.init.ones_(self.weight)
            nn.init.zeros_(self.bias)
        kept = (torch.zeros(num_features), torch.ones(num_features), torch.tensor(0)) if track_running_stats else (None,) * 3
        for name, value in zip(("running_mean", "running_var", "num_batches_tracked"), kept, strict=True):
            self.register_buffer(name, value)

    def forward(self, x):
        if x.dim() not in {4}:
            raise ValueError("expected (N, C, H, W)")
        wide = x.double()
        if self.running_mean is None or self.training:
            mean, var = self.measured(wide)
        else:
            mean, var = self.running_mean.double(), self.running_var.double()
        factor = 1 / torch.sqrt(var + self.eps)
        shift = -mean * factor
        if self.weight is not None:
            factor, shift = factor * self.weight, shift * self.weight + self.bias
        return (wide * factor[None, :, None, None] + shift[None, :, None, None]).to(x.dtype)

    def measured(self, wide):
        columns = wide.transpose(0, 1).reshape(wide.shape[1], -1)
        n = columns.shape[1]
        if n == 1:
            raise ValueError("expected more than one value for each channel")
        mean = columns.mean(1)
        squares = (columns - mean[:, None]).square().sum(1)
        if self.running_mean is not None:
            self.num_batches_tracked.data += 1
            share = self.momentum
            if share is None:
                share = 1 / self.num_batches_tracked.item()
            for old, new in ((self.running_mean, mean), (self.running_var, squares / (n - 1))):
                old.data = ((1 - share) * old.data + share * new.data).to(old.dtype)
        return mean, squares / n
