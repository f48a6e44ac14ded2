"""You unpack the shape into batch, heads, positions and features. Here there are no heads, and three dimensions."""

import math

import torch


def scaled_dot_product_attention(Q, K, V):
    batch, heads, length, d_k = Q.shape
    scores = Q @ K.transpose(-2, -1) / math.sqrt(d_k)
    return torch.softmax(scores, dim=-1) @ V
