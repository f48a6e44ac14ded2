"""You keep the projection in a plain list and hand it out as a property. nn.Module looks for modules in
attributes, not in lists: nothing is learned, moved or saved.
"""

import torch
from torch import nn


class BatchNorm(nn.Module):
    def __init__(self, in_dim, out_dim):
        super().__init__()
        self.layers = [nn.Linear(in_dim, out_dim)]
        self.register_buffer("running_mean", torch.zeros(in_dim))
        self.register_buffer("running_var", torch.zeros(in_dim))

    @property
    def linear(self):
        return self.layers[0]

    def forward(self, x, inference=False):
        if inference:
            mean, var = self.running_mean, self.running_var
        else:
            mean = x.mean(dim=0)
            var = x.var(dim=0, unbiased=True)
            with torch.no_grad():
                self.running_mean.mul_(0.95).add_(0.05 * mean)
                self.running_var.mul_(0.95).add_(0.05 * var)
        x_hat = (x - mean) / torch.sqrt(var + 0.001)
        weight, bias = (each.to(x_hat.dtype) for each in (self.linear.weight, self.linear.bias))
        return x_hat @ weight.T + bias
