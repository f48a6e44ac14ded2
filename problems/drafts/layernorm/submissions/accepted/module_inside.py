"""An nn.Module of the learner's own, called with the tensors that were passed in."""

import torch
from torch import nn


class LayerNorm(nn.Module):
    def __init__(self, features, eps):
        super().__init__()
        self.features, self.eps = features, eps

    def forward(self, x, weight, bias):
        mean = torch.sum(x, -1, keepdim=True) / self.features
        deviations = x - mean
        var = torch.sum(deviations * deviations, -1, keepdim=True) / self.features
        return deviations / (var + self.eps).sqrt() * weight + bias


def my_layer_norm(x, gamma, beta, eps=1e-5):
    return LayerNorm(x.shape[-1], eps)(x, gamma, beta)
