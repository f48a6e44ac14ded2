"""You use layer norm. It normalises each row by itself, keeps no running statistics and accepts one row; it
is not what was asked for, and a model trained with batch norm cannot be loaded.
"""

import torch
from torch import nn


class MLPWithBatchNorm(nn.Module):
    def __init__(self, n_features):
        super().__init__()
        self.linear1 = nn.Linear(n_features, 64)
        self.norm1 = nn.LayerNorm(64)
        self.linear2 = nn.Linear(64, 32)
        self.norm2 = nn.LayerNorm(32)
        self.linear3 = nn.Linear(32, 1)

    def forward(self, x):
        x = torch.relu(self.norm1(self.linear1(x)))
        x = torch.relu(self.norm2(self.linear2(x)))
        return self.linear3(x)
