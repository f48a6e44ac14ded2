"""Positions are compared, and hidden scores are the smallest number of the dtype; a module."""

import torch
from torch import nn


class CausalAttention(nn.Module):
    def forward(self, Q, K, V):
        position = torch.arange(Q.shape[1])
        may_see = position[:, None] >= position[None, :]
        scores = (Q / Q.shape[-1] ** 0.5) @ K.mT
        scores = torch.where(may_see, scores, torch.finfo(scores.dtype).min)
        return torch.exp(scores - torch.logsumexp(scores, dim=2, keepdim=True)) @ V


def causal_attention(Q: torch.Tensor, K: torch.Tensor, V: torch.Tensor) -> torch.Tensor:
    return CausalAttention()(Q, K, V)
