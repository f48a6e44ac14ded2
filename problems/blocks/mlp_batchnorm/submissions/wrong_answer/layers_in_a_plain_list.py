"""You keep the layers in a plain list. A module does not look into lists: no optimiser finds the parameters,
no file saves them, and eval() does not reach the batch norms.
"""

from torch import nn


class MLPWithBatchNorm(nn.Module):
    def __init__(self, n_features):
        super().__init__()
        self.layers = [
            nn.Linear(n_features, 64),
            nn.BatchNorm1d(64),
            nn.ReLU(),
            nn.Linear(64, 32),
            nn.BatchNorm1d(32),
            nn.ReLU(),
            nn.Linear(32, 1),
        ]

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x
