"""An x that requires a gradient stops with an error: zeros are written into it, and a leaf may not be changed. Usually it says
`x[mask] = 0`, which would change the caller's tensor as well.
"""

import torch
from torch import nn


class MyDropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        if self.p == 1:
            return x * 0
        x[torch.rand_like(x) < self.p] = 0
        return x / (1 - self.p)
