"""You put batch norm behind the ReLU, in both layers. Many networks do, and it trains; but a state saved with
one order gives other numbers in the other, and the statement names the one with batch norm first.
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
        x = self.norm1(torch.relu(self.linear1(x)))
        x = self.norm2(torch.relu(self.linear2(x)))
        return self.linear3(x)
