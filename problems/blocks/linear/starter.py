import torch


class SimpleLinear:
    """A linear layer, y = x @ weight.T + bias; it need not be an nn.Module.

    weight: (out_features, in_features) and bias: (out_features,), float32, both require gradients.
    """

    def __init__(self, in_features, out_features):
        raise NotImplementedError

    def forward(self, x):
        raise NotImplementedError
