"""Layers in attributes, ReLU as a function."""

import torch.nn as nn
import torch.nn.functional as F


class MLPWithBatchNorm(nn.Module):
    def __init__(self, n_features):
        super(MLPWithBatchNorm, self).__init__()
        self.fc1 = nn.Linear(n_features, 64)
        self.bn1 = nn.BatchNorm1d(64)
        self.fc2 = nn.Linear(64, 32)
        self.bn2 = nn.BatchNorm1d(32)
        self.out = nn.Linear(32, 1)

    def forward(self, x):
        x = F.relu(self.bn1(self.fc1(x)))
        x = F.relu(self.bn2(self.fc2(x)))
        return self.out(x)
