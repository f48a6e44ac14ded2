"""You call the operator beneath F.linear. The rule holds for every route."""

import math

import torch


class SimpleLinear:
    def __init__(self, in_features, out_features):
        self.weight = (torch.randn(out_features, in_features) / math.sqrt(in_features)).requires_grad_()
        self.bias = torch.zeros(out_features, requires_grad=True)

    def forward(self, x):
        return torch.ops.aten.linear(x, self.weight, self.bias)
