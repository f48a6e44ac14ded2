"""You normalise in training only. Batch norm has work to do at evaluation as well, with the running
statistics: without it the next layer gets numbers of a size that it has never seen.
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
        x = self.linear1(x)
        x = torch.relu(self.norm1(x) if self.training else x)
        x = self.linear2(x)
        x = torch.relu(self.norm2(x) if self.training else x)
        return self.linear3(x)
