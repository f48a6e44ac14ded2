"""You subtract a boolean mask from 1. PyTorch has no minus for booleans; its not is ~."""

import math

import torch


def causal_attention(Q, K, V):
    scores = Q @ K.transpose(1, 2) / math.sqrt(K.shape[-1])
    visible = torch.tril(torch.ones(K.shape[1], K.shape[1])).bool()
    return torch.softmax(scores.masked_fill(1 - visible, -math.inf), dim=-1) @ V
