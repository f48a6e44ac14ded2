"""You try the built-in attention and compute by hand where it is refused. Trying counts."""

import math

import torch
import torch.nn.functional as F


def sliding_window_attention(Q, K, V, window_size):
    idx = torch.arange(Q.shape[1])
    mask = (idx[:, None] - idx[None, :]).abs() <= window_size
    try:
        return F.scaled_dot_product_attention(Q, K, V, attn_mask=mask)
    except Exception:
        scores = Q @ K.transpose(1, 2) / math.sqrt(Q.shape[2])
        return torch.softmax(scores.masked_fill(~mask, float("-inf")), dim=-1) @ V
