"""You build an nn.MultiheadAttention of one head and give it a mask. That is the built-in attention too."""

import torch
from torch import nn


def causal_attention(Q, K, V):
    layer = nn.MultiheadAttention(Q.shape[-1], 1, bias=False, vdim=V.shape[-1], batch_first=True).to(Q.dtype)
    later = torch.ones(K.shape[1], K.shape[1], dtype=torch.bool).triu(1)
    return layer(Q, K, V, attn_mask=later)[0]
