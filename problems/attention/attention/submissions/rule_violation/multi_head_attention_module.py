"""You build an nn.MultiheadAttention of one head with identity matrices as weights. That is the built-in attention too."""

import torch
from torch import nn


def scaled_dot_product_attention(Q, K, V):
    layer = nn.MultiheadAttention(Q.shape[-1], 1, bias=False, kdim=K.shape[-1], vdim=Q.shape[-1], batch_first=True).to(Q.dtype)
    with torch.no_grad():
        layer.in_proj_weight.copy_(torch.eye(Q.shape[-1], dtype=Q.dtype).repeat(3, 1))
        layer.out_proj.weight.copy_(torch.eye(Q.shape[-1], dtype=Q.dtype))
    return layer(Q, K, V)[0]
