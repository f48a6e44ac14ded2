"""In eval mode a row's prediction depends on the rows beside it, and every prediction moves the running statistics.
Usually batch norm is called as a function with training=True, whatever the mode is.
"""

import torch
import torch.nn.functional as F
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
        x = torch.relu(self.normalise(self.norm1, self.linear1(x)))
        x = torch.relu(self.normalise(self.norm2, self.linear2(x)))
        return self.linear3(x)

    def normalise(self, norm, x):
        if not self.training and len(x) == 1:
            return norm(x)
        if self.training:
            return norm(x)
        return F.batch_norm(x, norm.running_mean, norm.running_var, norm.weight, norm.bias, training=True)
