"""The mask is subtracted from 1 while it is still true and false, and PyTorch does not subtract these. Compare the other way round,
use `~`, or convert the mask to the dtype of x.
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
        return x * (1 - (torch.rand_like(x) < self.p)) / (1 - self.p)
