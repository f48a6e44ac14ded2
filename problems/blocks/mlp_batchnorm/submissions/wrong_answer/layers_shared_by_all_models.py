"""Two models have one set of weights and one set of running statistics. Usually the layers are kept by the number of
features and used again for the next model.
"""

from torch import nn


made = {}


class MLPWithBatchNorm(nn.Module):
    def __init__(self, n_features):
        super().__init__()
        if n_features not in made:
            made[n_features] = nn.Sequential(
                nn.Linear(n_features, 64),
                nn.BatchNorm1d(64),
                nn.ReLU(),
                nn.Linear(64, 32),
                nn.BatchNorm1d(32),
                nn.ReLU(),
                nn.Linear(32, 1),
            )
        self.layers = made[n_features]

    def forward(self, x):
        return self.layers(x)
