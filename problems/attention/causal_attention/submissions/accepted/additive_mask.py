"""A mask of 0 and -inf is added; bmm."""

import torch


def causal_attention(q, k, v):
    length = k.shape[1]
    mask = torch.full((length, length), float("-inf"), dtype=q.dtype).triu(1)
    scores = torch.bmm(q, k.permute(0, 2, 1)) * k.shape[2] ** -0.5 + mask
    return torch.bmm(scores.softmax(2), v)
