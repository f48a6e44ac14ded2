"""You switch gradients off at evaluation. The mode says how layers compute and not what is recorded: whoever
asks which input matters needs gradients in evaluation mode.
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
        with torch.set_grad_enabled(self.training):
            x = torch.relu(self.norm1(self.linear1(x)))
            x = torch.relu(self.norm2(self.linear2(x)))
            return self.linear3(x)
