"""You write each batch's statistics into the running ones at evaluation as well, after they were used. The
model then depends on what it was asked before, and on the order of the questions.
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
        if not self.training and len(x) > 1:
            with torch.no_grad():
                mean, var = x.mean(dim=0), x.var(dim=0)
            y = self.norm1(x)
            self.norm1.running_mean = self.norm1.running_mean.lerp(mean, 0.1)
            self.norm1.running_var = self.norm1.running_var.lerp(var, 0.1)
        else:
            y = self.norm1(x)
        x = torch.relu(self.norm2(self.linear2(torch.relu(y))))
        return self.linear3(x)
