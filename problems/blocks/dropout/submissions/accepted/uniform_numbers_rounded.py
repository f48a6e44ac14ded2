"""floor(u + 1 - p) is 1 with probability 1 - p, as in the stochastic depth of vision models."""

import torch
from torch import nn


class MyDropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.keep = 1 - p

    def forward(self, x):
        if not self.training or self.keep == 1:
            return x
        if not self.keep:
            return 0 * x
        ones = torch.floor(self.keep + torch.rand(x.shape, dtype=torch.float64)).to(x.dtype)
        return x.div(self.keep).mul(ones)
