"""The linear layers hold the weights, the products are written out; ReLU as a maximum."""

import torch
from torch import nn


class MLPWithBatchNorm(nn.Module):
    def __init__(self, n_features):
        super().__init__()
        sizes = [n_features, 64, 32, 1]
        for n in range(3):
            self.add_module(f"linear_{n}", nn.Linear(sizes[n], sizes[n + 1]))
            if n < 2:
                self.add_module(f"norm_{n}", nn.BatchNorm1d(sizes[n + 1]))

    def forward(self, x):
        for n in range(3):
            layer = getattr(self, f"linear_{n}")
            x = x @ layer.weight.T + layer.bias
            if n < 2:
                x = getattr(self, f"norm_{n}")(x)
                x = torch.maximum(x, torch.zeros((), dtype=x.dtype))
        return x
