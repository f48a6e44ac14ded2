"""A column of ones beside the values makes the denominator; the features are relu(x) + exp(min(x, 0))."""

import torch


def linear_attention(Q, K, V):
    q, k = (torch.relu(x) + torch.exp(-torch.relu(-x)) for x in (Q, K))
    ones = torch.ones_like(V[..., :1])
    mixed = q @ (k.transpose(-2, -1) @ torch.cat([V, ones], dim=-1))
    return mixed[..., :-1] / mixed[..., -1:]
