"""You try the built-in attention and compute by hand where it is refused. Trying counts."""

import torch
import torch.nn.functional as F


def linear_attention(Q, K, V):
    try:
        return F.scaled_dot_product_attention(Q, K, V)
    except Exception:
        q, k = F.elu(Q) + 1, F.elu(K) + 1
        return q @ (k.mT @ V) / (q @ k.sum(1).unsqueeze(-1))
