"""You multiply with the weight as it lies, and transpose it only where the shapes do not fit. A square weight
fits both ways, and the wrong way gives no error.
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
        weight = self.linear1.weight
        if weight.shape[0] != x.shape[1]:
            weight = weight.t()
        x = torch.relu(self.norm1(x @ weight + self.linear1.bias))
        x = torch.relu(self.norm2(self.linear2(x)))
        return self.linear3(x)
