"""An own check of the number of rows, with an own kind of ValueError."""

from torch import nn


class BatchTooSmall(ValueError):
    pass


class MLPWithBatchNorm(nn.Module):
    def __init__(self, n_features):
        super().__init__()
        self.n_features = n_features
        activation = nn.ReLU()
        self.body = nn.Sequential(
            nn.Sequential(nn.Linear(n_features, 64), nn.BatchNorm1d(64), activation),
            nn.Sequential(nn.Linear(64, 32), nn.BatchNorm1d(32), activation),
        )
        self.output = nn.Linear(32, 1)

    def forward(self, x):
        rows, features = x.shape
        if self.training and rows < 2:
            raise BatchTooSmall("batch norm needs two rows or more in training")
        assert features == self.n_features
        return self.output(self.body(x))
