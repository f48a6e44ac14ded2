"""Layers of the same size share weight and bias. Usually the class keeps them, in a dict or as a class attribute; each layer has
tensors of its own.
"""

import math

import torch


class SimpleLinear:
    kept = {}

    def __init__(self, in_features, out_features):
        sizes = in_features, out_features
        if sizes not in self.kept:
            weight = torch.randn(out_features, in_features) / math.sqrt(in_features)
            self.kept[sizes] = weight.requires_grad_(), torch.zeros(out_features, requires_grad=True)
        self.weight, self.bias = self.kept[sizes]

    def forward(self, x):
        return x @ self.weight.T + self.bias
