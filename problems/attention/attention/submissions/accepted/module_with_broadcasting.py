"""A module, and products with broadcasting in place of matrix products."""

import torch
from torch import nn


class DotProductAttention(nn.Module):
    def __init__(self, d_k):
        super().__init__()
        self.scale = d_k**0.5
        self.normalise = nn.Softmax(dim=-1)

    def forward(self, Q, K, V):
        scores = (Q[:, :, None, :] * K[:, None, :, :]).sum(dim=-1) / self.scale
        weights = self.normalise(scores)
        return (weights[..., None] * V[:, None]).sum(dim=2)


def scaled_dot_product_attention(Q: torch.Tensor, K: torch.Tensor, V: torch.Tensor) -> torch.Tensor:
    return DotProductAttention(Q.shape[-1])(Q, K, V)
