"""You flatten x with view, which works on contiguous tensors only. reshape copies where it must; @ needs neither."""

import math

import torch


class SimpleLinear:
    def __init__(self, in_features, out_features):
        self.weight = (torch.randn(out_features, in_features) / math.sqrt(in_features)).requires_grad_()
        self.bias = torch.zeros(out_features, requires_grad=True)

    def forward(self, x):
        rows = x.view(-1, x.shape[-1]) @ self.weight.T + self.bias
        return rows.view(*x.shape[:-1], rows.shape[-1])
