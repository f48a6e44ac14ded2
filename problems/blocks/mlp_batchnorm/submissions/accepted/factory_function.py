"""A function that returns the model, its layers by name."""

from collections import OrderedDict

from torch import nn


def MLPWithBatchNorm(n_features):
    return nn.Sequential(
        OrderedDict(
            linear1=nn.Linear(n_features, 64, bias=True),
            norm1=nn.BatchNorm1d(64, eps=1e-5, momentum=0.1),
            act1=nn.ReLU(),
            linear2=nn.Linear(64, 32, bias=True),
            norm2=nn.BatchNorm1d(32, eps=1e-5, momentum=0.1),
            act2=nn.ReLU(),
            linear3=nn.Linear(32, 1, bias=True),
        )
    )
