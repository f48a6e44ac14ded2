"""A one is put behind x, and the bias is the last column of the matrix."""

import torch


class SimpleLinear:
    def __init__(self, in_features, out_features):
        self.weight = (torch.randn(out_features, in_features) / in_features**0.5).requires_grad_()
        self.bias = torch.zeros(out_features, requires_grad=True)

    def forward(self, x):
        matrix = torch.cat((self.weight, self.bias[:, None]), dim=1)
        longer = torch.cat((x, torch.ones_like(x[..., :1])), dim=-1)
        return longer @ matrix.T
