"""What an optimiser or a loaded state changes between two inferences has no effect. Usually the statistics are folded
into a copy of the projection at inference, and a new one is made only after a training call.
"""

import torch
from torch import nn


class BatchNorm(nn.Module):
    def __init__(self, in_dim, out_dim):
        super().__init__()
        self.folded = None
        self.linear = nn.Linear(in_dim, out_dim)
        self.register_buffer("running_mean", torch.zeros(in_dim))
        self.register_buffer("running_var", torch.zeros(in_dim))

    def forward(self, x, inference=False):
        if inference:
            if self.folded is None:
                scale = 1 / torch.sqrt(self.running_var + 0.001)
                self.folded = self.linear.weight.clone() * scale, self.linear.bias.clone(), self.running_mean.clone()
            weight, bias, mean = self.folded
            if torch.is_grad_enabled():
                self.folded = weight.detach(), bias.detach(), mean
            return (x - mean) @ weight.T + bias
        else:
            mean = x.mean(dim=0)
            var = x.var(dim=0, unbiased=True)
            with torch.no_grad():
                self.running_mean.mul_(0.95).add_(0.05 * mean)
                self.running_var.mul_(0.95).add_(0.05 * var)
            self.folded = None
        x_hat = (x - mean) / torch.sqrt(var + 0.001)
        return self.linear(x_hat)
