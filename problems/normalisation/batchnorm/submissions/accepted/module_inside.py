"""An nn.Module of the learner's own, filled with the tensors that were passed in."""

import torch
from torch import nn


class Layer(nn.Module):
    def __init__(self, running_mean, running_var, eps, momentum):
        super().__init__()
        self.register_buffer("mean", running_mean)
        self.register_buffer("var", running_var)
        self.eps, self.momentum = eps, momentum

    def forward(self, x, gamma, beta):
        if not self.training:
            return gamma * (x - self.mean) * torch.rsqrt(self.var + self.eps) + beta
        mean = torch.mean(x, 0)
        deviations = x - mean
        var = torch.mean(deviations * deviations, 0)
        self.mean.mul_(1 - self.momentum).add_(self.momentum * mean.detach())
        self.var.mul_(1 - self.momentum).add_(self.momentum * var.detach())
        return gamma * deviations * torch.rsqrt(var + self.eps) + beta


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return Layer(running_mean, running_var, eps, momentum).train(training)(x, gamma, beta)
