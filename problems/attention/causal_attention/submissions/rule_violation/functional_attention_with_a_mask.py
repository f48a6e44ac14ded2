"""You make the mask by yourself and hand it to F.scaled_dot_product_attention. The rest is the built-in attention too."""

import torch
import torch.nn.functional as F


def causal_attention(Q, K, V):
    visible = torch.ones(K.shape[1], K.shape[1], dtype=torch.bool).tril()
    return F.scaled_dot_product_attention(Q, K, V, attn_mask=visible)
