"""You take torch.no_grad() for evaluation. Whoever measures the training loss without gradients, or lets the running statistics settle on
a few batches, needs a model that is in training and records them: only the mode says which it is.
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
        x = torch.relu(self.normalised(self.norm1, self.linear1(x)))
        x = torch.relu(self.normalised(self.norm2, self.linear2(x)))
        return self.linear3(x)

    def normalised(self, norm, x):
        if torch.is_grad_enabled():
            return norm(x)
        return F.batch_norm(x, norm.running_mean, norm.running_var, norm.weight, norm.bias, eps=norm.eps)
