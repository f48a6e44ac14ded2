"""Your mask is float64, so that float32 scores become float64 when it is added. Their product with V, which is
float32, is then refused.
"""

import math

import torch


def causal_attention(Q, K, V):
    scores = Q @ K.transpose(1, 2) / math.sqrt(K.shape[-1])
    mask = torch.full(scores.shape[1:], -math.inf, dtype=torch.float64).triu(1)
    return torch.softmax(scores + mask, dim=-1) @ V
