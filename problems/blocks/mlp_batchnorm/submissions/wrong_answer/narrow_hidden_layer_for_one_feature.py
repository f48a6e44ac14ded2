"""You let a table with one column skip the first hidden layer's width. A network for one feature has 64 and
32 hidden units like any other.
"""

import torch
from torch import nn


class MLPWithBatchNorm(nn.Module):
    def __init__(self, n_features):
        super().__init__()
        hidden = 64 if n_features > 1 else 8
        self.linear1 = nn.Linear(n_features, hidden)
        self.norm1 = nn.BatchNorm1d(hidden)
        self.linear2 = nn.Linear(hidden, 32)
        self.norm2 = nn.BatchNorm1d(32)
        self.linear3 = nn.Linear(32, 1)

    def forward(self, x):
        x = torch.relu(self.norm1(self.linear1(x)))
        x = torch.relu(self.norm2(self.linear2(x)))
        return self.linear3(x)
