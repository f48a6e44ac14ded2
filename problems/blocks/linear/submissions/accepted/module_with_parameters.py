"""An nn.Module with two parameters, started by torch.nn.init."""

import torch
from torch import nn


class SimpleLinear(nn.Module):
    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(out_features, in_features))
        self.bias = nn.Parameter(torch.zeros(out_features))
        nn.init.normal_(self.weight, mean=0.0, std=in_features**-0.5)

    def forward(self, x):
        return x.matmul(self.weight.transpose(0, 1)) + self.bias
