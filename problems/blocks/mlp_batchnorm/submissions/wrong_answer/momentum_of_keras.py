"""You give batch norm a momentum of 0.9, which in Keras is the share of the old value. In PyTorch it is the
share of the new: your running statistics are little more than those of the last batch.
"""

import torch
from torch import nn


class MLPWithBatchNorm(nn.Module):
    def __init__(self, n_features):
        super().__init__()
        self.linear1 = nn.Linear(n_features, 64)
        self.norm1 = nn.BatchNorm1d(64, momentum=0.9)
        self.linear2 = nn.Linear(64, 32)
        self.norm2 = nn.BatchNorm1d(32, momentum=0.9)
        self.linear3 = nn.Linear(32, 1)

    def forward(self, x):
        x = torch.relu(self.norm1(self.linear1(x)))
        x = torch.relu(self.norm2(self.linear2(x)))
        return self.linear3(x)
