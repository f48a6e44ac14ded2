"""You give masked_fill a mask of zeros and ones. It takes booleans only; compare, or call .bool()."""

import math

import torch


def causal_attention(Q, K, V):
    scores = Q @ K.transpose(1, 2) / math.sqrt(K.shape[-1])
    mask = torch.triu(torch.ones(K.shape[1], K.shape[1]), diagonal=1)
    return torch.softmax(scores.masked_fill(mask, -math.inf), dim=-1) @ V
