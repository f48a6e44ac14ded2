"""You keep an nn.BatchNorm1d without scale and shift and hand the batch to it. That is the layer that you are
asked to write.
"""

import torch
from torch import nn


class BatchNorm(nn.Module):
    def __init__(self, in_dim, out_dim):
        super().__init__()
        self.linear = nn.Linear(in_dim, out_dim)
        self.register_buffer("running_mean", torch.zeros(in_dim))
        self.register_buffer("running_var", torch.zeros(in_dim))
        self.layer = [nn.BatchNorm1d(in_dim, eps=0.001, momentum=0.05, affine=False)]

    def forward(self, x, inference=False):
        layer = self.layer[0].train(not inference)
        layer.running_mean, layer.running_var = self.running_mean, self.running_var
        return self.linear(layer(x))
