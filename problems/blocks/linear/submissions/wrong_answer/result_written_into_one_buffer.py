"""An earlier result changes at the next call. Usually results are written into one tensor that the layer keeps; each call returns
a new one.
"""

import math

import torch


class SimpleLinear:
    def __init__(self, in_features, out_features):
        self.weight = (torch.randn(out_features, in_features) / math.sqrt(in_features)).requires_grad_()
        self.bias = torch.zeros(out_features, requires_grad=True)
        self.result = None

    def forward(self, x):
        output = x @ self.weight.T + self.bias
        if torch.is_grad_enabled():
            return output
        if self.result is None or self.result.shape != output.shape or self.result.dtype != output.dtype:
            self.result = output.clone()
        return self.result.copy_(output)
