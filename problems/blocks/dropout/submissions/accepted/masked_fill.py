"""What is dropped is filled with zeros; what is kept was divided before."""

import torch
from torch import nn


class MyDropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.drop_probability = float(p)

    def forward(self, x):
        p = self.drop_probability
        if self.training and p > 0.0:
            dropped = torch.rand(x.shape) < p
            scale = 1.0 / (1.0 - p) if p < 1.0 else 0.0
            return (x * scale).masked_fill(dropped, 0.0)
        return x.clone()
