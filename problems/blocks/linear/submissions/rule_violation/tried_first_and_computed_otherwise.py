"""You try F.linear and compute by hand where it is refused. Trying counts."""

import math

import torch
import torch.nn.functional as F


class SimpleLinear:
    def __init__(self, in_features, out_features):
        self.weight = (torch.randn(out_features, in_features) / math.sqrt(in_features)).requires_grad_()
        self.bias = torch.zeros(out_features, requires_grad=True)

    def forward(self, x):
        try:
            return F.linear(x, self.weight, self.bias)
        except Exception:
            return x @ self.weight.T + self.bias
