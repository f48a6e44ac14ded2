"""A Python loop over the features, and buffers that are written number by number."""

import torch
from torch import nn


class BatchNorm1DManual(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.register_buffer("running_var", torch.tensor([1.0] * num_features))
        self.register_buffer("running_mean", torch.tensor([0.0] * num_features))
        self.beta = nn.Parameter(torch.tensor([0.0] * num_features))
        self.gamma = nn.Parameter(torch.tensor([1.0] * num_features))

    def forward(self, x):
        columns = []
        for d in range(self.num_features):
            column = x[:, d]
            if self.training:
                mean = column.mean()
                var = (column - mean).square().mean()
                with torch.no_grad():
                    self.running_mean[d] = (1 - self.momentum) * self.running_mean[d] + self.momentum * mean
                    self.running_var[d] = (1 - self.momentum) * self.running_var[d] + self.momentum * var
            else:
                mean, var = self.running_mean[d], self.running_var[d]
            columns.append(self.gamma[d] * (column - mean) / (var + self.eps) ** 0.5 + self.beta[d])
        return torch.stack(columns, dim=1)
