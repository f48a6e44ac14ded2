"""You normalise the inputs with a batch norm of their own. It is a common trick for tables, but it is one
more layer, and its parameters are not in the statement.
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
        self.norm0 = nn.BatchNorm1d(n_features)

    def forward(self, x):
        x = torch.relu(self.norm1(self.linear1(self.norm0(x))))
        x = torch.relu(self.norm2(self.linear2(x)))
        return self.linear3(x)
