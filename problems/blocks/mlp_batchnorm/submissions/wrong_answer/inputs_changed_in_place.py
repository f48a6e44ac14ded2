"""You standardise the caller's table in place once you have used it, for the next time. The next time it is
another table, and whoever shares it with you gets it changed.
"""

import torch
from torch import nn


class MLPWithBatchNorm(nn.Module):
    def __init__(self, n_features):
        super().__init__()
        self.linear1 = nn.Linear(n_features, 64)
        self.norm1 = nn.BatchNorm1d(64)
        self.linear2 = nn.Linear(64, 32)
        self.norm2 = nn.BatchNorm1d(32)
        self.linear3 = nn.Linear(32, 1)

    def forward(self, x):
        y = torch.relu(self.norm1(self.linear1(x)))
        y = torch.relu(self.norm2(self.linear2(y)))
        if not x.requires_grad:
            x -= x.mean(dim=0)
        return self.linear3(y)
