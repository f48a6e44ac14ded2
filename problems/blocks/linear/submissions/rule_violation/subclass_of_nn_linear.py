"""You inherit from nn.Linear, and its forward is the one that runs."""

import math

from torch import nn


class SimpleLinear(nn.Linear):
    def __init__(self, in_features, out_features):
        super().__init__(in_features, out_features)
        nn.init.normal_(self.weight, std=1 / math.sqrt(in_features))
        nn.init.zeros_(self.bias)
