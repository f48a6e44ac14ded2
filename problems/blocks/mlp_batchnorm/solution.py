"""A perceptron with two hidden layers and batch norm before each non-linearity, as in S. Ioffe and C. Szegedy, "Batch
Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift", 2015, section 3.2: z = g(BN(W u + b)).
"""

from torch import nn


class MLPWithBatchNorm(nn.Module):
    """Linear 64, batch norm, ReLU, linear 32, batch norm, ReLU, linear 1."""

    def __init__(self, n_features):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(n_features, 64),
            nn.BatchNorm1d(64),
            nn.ReLU(),
            nn.Linear(64, 32),
            nn.BatchNorm1d(32),
            nn.ReLU(),
            nn.Linear(32, 1),
        )

    def forward(self, x):
        # One row in training: batch norm itself raises ValueError, there is nothing to add.
        return self.layers(x)
