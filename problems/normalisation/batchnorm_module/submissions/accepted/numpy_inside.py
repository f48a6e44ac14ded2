"""NumPy for the arithmetic, forward and backward; the update through .data."""

import numpy as np
import torch
from torch import nn


class Standardise(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, mean, var, eps, training):
        values = x.detach().numpy()
        std = np.sqrt(var + np.asarray(eps, values.dtype))
        ctx.kept = (values - mean) / std, std, training
        return torch.from_numpy(ctx.kept[0].copy())

    @staticmethod
    def backward(ctx, above):
        x_hat, std, training = ctx.kept
        g = above.numpy()
        if training:
            g = g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)
        return torch.from_numpy(g / std), None, None, None, None


class BatchNorm1DManual(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.gamma = nn.Parameter(torch.from_numpy(np.ones(num_features, np.float32)))
        self.beta = nn.Parameter(torch.from_numpy(np.zeros(num_features, np.float32)))
        self.register_buffer("running_mean", torch.from_numpy(np.zeros(num_features, np.float32)))
        self.register_buffer("running_var", torch.from_numpy(np.ones(num_features, np.float32)))

    def forward(self, x):
        if self.training:
            values = x.detach().numpy()
            mean, var = values.mean(axis=0), values.var(axis=0)
            for running, new in ((self.running_mean, mean), (self.running_var, var)):
                running.data = (1 - self.momentum) * running.data + self.momentum * torch.from_numpy(new)
        else:
            mean, var = self.running_mean.numpy(), self.running_var.numpy()
        return self.gamma * Standardise.apply(x, mean, var, self.eps, self.training) + self.beta
