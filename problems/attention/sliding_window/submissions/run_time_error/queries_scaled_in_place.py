"""Q is divided in place. A leaf of the graph that requires gradients refuses that, and so does whoever needs Q later."""

import math

import torch


def sliding_window_attention(Q, K, V, window_size):
    S, d_k = Q.shape[1:]
    Q /= math.sqrt(d_k)
    idx = torch.arange(S)
    mask = (idx[:, None] - idx[None, :]).abs() <= window_size
    scores = torch.bmm(Q, K.transpose(1, 2)).masked_fill(~mask, float("-inf"))
    return torch.bmm(torch.softmax(scores, dim=-1), V)
