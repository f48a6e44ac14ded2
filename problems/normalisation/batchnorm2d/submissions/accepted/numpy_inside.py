"""NumPy for the statistics, the normalisation and its backward."""

import numpy as np
import torch
from torch import nn


class Standardise(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, mean, std, measured):
        x_hat = (x.detach().numpy() - mean[:, None, None]) / std[:, None, None]
        ctx.kept = x_hat, std, measured
        return torch.from_numpy(x_hat.copy())

    @staticmethod
    def backward(ctx, above):
        x_hat, std, measured = ctx.kept
        g = above.numpy()
        if measured:
            axes = {"axis": (0, 2, 3), "keepdims": True}
            g = g - g.mean(**axes) - x_hat * (g * x_hat).mean(**axes)
        return torch.from_numpy(g / std[:, None, None]), None, None, None


class BatchNorm2d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        ones, zeros = np.ones(num_features, np.float32), np.zeros(num_features, np.float32)
        self.weight = nn.Parameter(torch.from_numpy(ones.copy())) if affine else None
        self.bias = nn.Parameter(torch.from_numpy(zeros.copy())) if affine else None
        self.register_buffer("running_mean", torch.from_numpy(zeros) if track_running_stats else None)
        self.register_buffer("running_var", torch.from_numpy(ones) if track_running_stats else None)
        self.register_buffer("num_batches_tracked", torch.from_numpy(np.array(0, np.int64)) if track_running_stats else None)

    def forward(self, x):
        if x.ndim != 4:
            raise ValueError("expected 4 dimensions")
        tracked, measured = self.running_mean is not None, self.training or self.running_mean is None
        if measured:
            values = x.detach().numpy()
            if values.size == values.shape[1]:
                raise ValueError("one value for each channel")
            mean, var = values.mean(axis=(0, 2, 3)), values.var(axis=(0, 2, 3))
            if tracked:
                self.record(torch.from_numpy(mean), torch.from_numpy(values.var(axis=(0, 2, 3), ddof=1)))
        else:
            mean, var = self.running_mean.numpy(), self.running_var.numpy()
        y = Standardise.apply(x, mean, np.sqrt(var + np.asarray(self.eps, var.dtype)), measured)
        return y if self.weight is None else self.weight[:, None, None] * y + self.bias[:, None, None]

    def record(self, mean, var):
        self.num_batches_tracked += 1
        share = 1 / self.num_batches_tracked.item() if self.momentum is None else self.momentum
        self.running_mean.copy_((1 - share) * self.running_mean + share * mean)
        self.running_var.copy_((1 - share) * self.running_var + share * var)
