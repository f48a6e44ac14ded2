"""Your batch norms keep no running statistics. A row's prediction then depends on the rows beside it, and one
row by itself cannot be predicted at all.
"""

import torch
from torch import nn


class MLPWithBatchNorm(nn.Module):
    def __init__(self, n_features):
        super().__init__()
        self.linear1 = nn.Linear(n_features, 64)
        self.norm1 = nn.BatchNorm1d(64, track_running_stats=False)
        self.linear2 = nn.Linear(64, 32)
        self.norm2 = nn.BatchNorm1d(32, track_running_stats=False)
        self.linear3 = nn.Linear(32, 1)

    def forward(self, x):
        x = torch.relu(self.norm1(self.linear1(x)))
        x = torch.relu(self.norm2(self.linear2(x)))
        return self.linear3(x)
