"""You try the built-in attention and compute by hand where it is refused. Trying counts."""

import math

import torch
import torch.nn.functional as F


def causal_attention(Q, K, V):
    try:
        return F.scaled_dot_product_attention(Q, K, V, is_causal=True)
    except Exception:
        scores = Q @ K.transpose(1, 2) / math.sqrt(K.shape[-1])
        later = torch.ones(scores.shape[1:], dtype=torch.bool).triu(1)
        return torch.softmax(scores.masked_fill(later, -math.inf), dim=-1) @ V
