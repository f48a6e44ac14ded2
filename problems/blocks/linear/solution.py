"""A linear layer. The deviation 1/sqrt(in_features) keeps the variance of the numbers from layer to layer: Y. LeCun et al.,
"Efficient BackProp", 1998, section 4.6.
"""

import math

import torch


class SimpleLinear:
    """A linear layer, y = x @ weight.T + bias."""

    def __init__(self, in_features, out_features):
        # Scaled first, and only then told to require gradients: a product would be no leaf.
        weight = torch.randn(out_features, in_features) / math.sqrt(in_features)
        self.weight = weight.requires_grad_()
        self.bias = torch.zeros(out_features, requires_grad=True)

    def forward(self, x):
        return x @ self.weight.T + self.bias
