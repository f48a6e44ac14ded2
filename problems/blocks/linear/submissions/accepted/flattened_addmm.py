"""All dimensions in front are flattened to rows, and addmm adds the bias in the same step."""

import torch


class SimpleLinear:
    def __init__(self, in_features, out_features):
        self.weight = torch.empty(out_features, in_features).normal_(std=in_features**-0.5).requires_grad_()
        self.bias = torch.zeros(out_features).requires_grad_()

    def forward(self, x):
        *leading, width = x.shape
        rows = torch.addmm(self.bias, x.reshape(-1, width), self.weight.t())
        return rows.reshape(*leading, self.bias.shape[0])
