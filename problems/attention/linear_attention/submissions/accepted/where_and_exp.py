"""The features by where, with an exponent that is never positive."""

import torch


def features(x):
    return torch.where(x > 0, x + 1, torch.exp(torch.clamp(x, max=0)))


def linear_attention(Q, K, V):
    q, k = features(Q), features(K)
    state = k.mT @ V
    total = (q * k.sum(dim=1, keepdim=True)).sum(dim=-1, keepdim=True)
    return q @ state / total.clamp(min=1e-8)
