"""You do not call super().__init__() first. Until then a module cannot take layers, and says so at the first
assignment.
"""

from torch import nn


class MLPWithBatchNorm(nn.Module):
    def __init__(self, n_features):
        self.layers = nn.Sequential(nn.Linear(n_features, 64), nn.BatchNorm1d(64), nn.ReLU())
        super().__init__()

    def forward(self, x):
        return self.layers(x)
