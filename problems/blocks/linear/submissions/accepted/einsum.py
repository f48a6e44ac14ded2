"""The product as an einsum; Parameters in a plain class."""

import torch
from torch.nn import Parameter


class SimpleLinear:
    def __init__(self, n_in, n_out):
        self.weight = Parameter(torch.normal(0.0, n_in**-0.5, (n_out, n_in)))
        self.bias = Parameter(torch.zeros(n_out))

    def forward(self, inputs):
        return torch.einsum("...i,oi->...o", inputs, self.weight) + self.bias
