"""An nn.Module of the learner's own; gamma and beta repeated to the shape of x."""

import torch
from torch import nn


class Layer(nn.Module):
    def __init__(self, num_groups, eps):
        super().__init__()
        self.num_groups, self.eps = num_groups, eps

    def forward(self, x, gamma, beta):
        N, C, *rest = x.shape
        if C % self.num_groups != 0:
            raise ValueError("C % num_groups must be 0")
        flat = x.contiguous().view(N * self.num_groups, -1)
        mean = torch.mean(flat, dim=1, keepdim=True)
        std = torch.sqrt(torch.var(flat, dim=1, keepdim=True, unbiased=False) + self.eps)
        y = ((flat - mean) / std).view(N, C, -1)
        y = y * gamma[None, :, None].expand_as(y) + beta[None, :, None].expand_as(y)
        return y.view(N, C, *rest)


def my_group_norm(x, num_groups, gamma, beta, eps=1e-5):
    return Layer(num_groups, eps)(x, gamma, beta)
