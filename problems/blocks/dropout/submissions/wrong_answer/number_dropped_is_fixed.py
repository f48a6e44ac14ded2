"""Every call drops the same number of numbers. Usually places are drawn with `randperm`, and the first p * n of them are zeros. Each
number is dropped by itself: how many that are is chance.
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
        n = x.numel()
        exact = self.p * n
        count = int(exact) + int(torch.rand(()) < exact - int(exact))
        mask = torch.ones(n, dtype=x.dtype)
        mask[torch.randperm(n)[:count]] = 0
        return x * mask.reshape(x.shape) / (1 - self.p)
