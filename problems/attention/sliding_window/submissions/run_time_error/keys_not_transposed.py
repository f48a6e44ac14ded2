"""The queries are multiplied with the keys as they are. Each query is to meet each key, so that the last two dimensions
of K change places first: (S, d_k) times (d_k, S).
"""

import math

import torch


def sliding_window_attention(Q, K, V, window_size):
    S, d_k = Q.shape[1:]
    scores = torch.bmm(Q, K) / math.sqrt(d_k)
    idx = torch.arange(S)
    mask = (idx[:, None] - idx[None, :]).abs() <= window_size
    return torch.bmm(torch.softmax(scores.masked_fill(~mask, float("-inf")), dim=-1), V)
