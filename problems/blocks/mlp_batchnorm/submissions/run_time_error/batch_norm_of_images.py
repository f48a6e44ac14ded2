"""You use nn.BatchNorm2d, which is for images (N, C, H, W). A table (N, features) has two dimensions, and
nn.BatchNorm1d is the layer for it.
"""

import torch
from torch import nn


class MLPWithBatchNorm(nn.Module):
    def __init__(self, n_features):
        super().__init__()
        self.linear1 = nn.Linear(n_features, 64)
        self.norm1 = nn.BatchNorm2d(64)
        self.linear2 = nn.Linear(64, 32)
        self.norm2 = nn.BatchNorm2d(32)
        self.linear3 = nn.Linear(32, 1)

    def forward(self, x):
        x = torch.relu(self.norm1(self.linear1(x)))
        x = torch.relu(self.norm2(self.linear2(x)))
        return self.linear3(x)
