"""Batch normalisation as a module, after S. Ioffe and C. Szegedy, "Batch Normalization: Accelerating Deep
Network Training by Reducing Internal Covariate Shift", 2015: Algorithm 1 in training mode, the last lines of
Algorithm 2 in eval mode.
"""

import torch
from torch import nn


class BatchNorm1DManual(nn.Module):
    """Normalise each of `num_features` features of a batch of shape (N, num_features)."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps = eps
        self.momentum = momentum

        # Parameters are what the optimiser changes.
        self.gamma = nn.Parameter(torch.ones(num_features))
        self.beta = nn.Parameter(torch.zeros(num_features))

        # Buffers belong to the module's state as well, so that they are saved, moved and copied with it,
        # but no optimiser sees them.
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))

    def forward(self, x):
        if self.training:  # set by .train() and .eval(), also by those of a parent module
            mean = x.mean(dim=0)
            var = ((x - mean) ** 2).mean(dim=0)  # biased: divided by N

            # The running statistics are a record of the batches, not part of the computation.
            with torch.no_grad():
                self.running_mean.mul_(1 - self.momentum).add_(self.momentum * mean)
                self.running_var.mul_(1 - self.momentum).add_(self.momentum * var)
        else:
            mean, var = self.running_mean, self.running_var

        x_hat = (x - mean) / torch.sqrt(var + self.eps)
        return self.gamma * x_hat + self.beta
