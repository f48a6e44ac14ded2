"""An nn.Module of the learner's own, filled with the weight that was passed in."""

import torch
from torch import nn


class Layer(nn.Module):
    def __init__(self, weight, eps):
        super().__init__()
        self.scale = [weight]  # in a list, so that the module does not make it its own
        self.eps = eps

    def _norm(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps)

    def forward(self, x):
        if x.dtype == torch.float64:
            return self._norm(x) * self.scale[0]
        return self._norm(x.float()).type_as(x) * self.scale[0]


def rms_norm(x, weight, eps=1e-6):
    return Layer(weight, eps)(x)
