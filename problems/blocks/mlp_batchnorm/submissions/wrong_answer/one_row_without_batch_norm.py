"""You have found out that one row in training is an error, and you leave batch norm out for that row. The
layers behind it get numbers of a size that they never get otherwise, and one such row can throw the weights
far off.
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
        if self.training and len(x) == 1:
            return self.linear3(torch.relu(self.linear2(torch.relu(self.linear1(x)))))
        x = torch.relu(self.norm1(self.linear1(x)))
        x = torch.relu(self.norm2(self.linear2(x)))
        return self.linear3(x)
