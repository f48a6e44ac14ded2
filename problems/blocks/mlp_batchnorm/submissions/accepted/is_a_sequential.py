"""The model is itself an nn.Sequential, built in a loop."""

from torch import nn


class MLPWithBatchNorm(nn.Sequential):
    def __init__(self, d, hidden=(64, 32)):
        steps = []
        for width in hidden:
            steps += [nn.Linear(d, width), nn.BatchNorm1d(width), nn.ReLU(inplace=True)]
            d = width
        super().__init__(*steps, nn.Linear(d, 1))
