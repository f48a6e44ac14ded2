"""You try the built-in attention and compute by hand where it is refused. Trying counts."""

import math

import torch
import torch.nn.functional as F


def scaled_dot_product_attention(Q, K, V):
    try:
        return F.scaled_dot_product_attention(Q, K, V)
    except Exception:
        return torch.softmax(Q @ K.transpose(1, 2) / math.sqrt(K.shape[-1]), dim=-1) @ V
