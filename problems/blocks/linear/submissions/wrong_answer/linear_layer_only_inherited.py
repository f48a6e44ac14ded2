"""The class inherits from nn.Linear, or holds one. Its forward is written by hand, but the tensors are PyTorch's; the statement
asks for a layer of your own.
"""

import math

from torch import nn


class SimpleLinear(nn.Linear):
    def __init__(self, in_features, out_features):
        super().__init__(in_features, out_features)
        nn.init.normal_(self.weight, std=1 / math.sqrt(in_features))
        nn.init.zeros_(self.bias)

    def forward(self, x):
        return x @ self.weight.T + self.bias
