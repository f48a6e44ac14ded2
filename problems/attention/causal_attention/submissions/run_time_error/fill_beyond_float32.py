"""You fill the mask with the smallest number of float64, which float32 does not have: PyTorch refuses to convert it.
-inf fits into every dtype.
"""

import math

import torch


def causal_attention(Q, K, V):
    scores = Q @ K.transpose(1, 2) / math.sqrt(K.shape[-1])
    later = torch.ones(scores.shape[1:], dtype=torch.bool).triu(1)
    return torch.softmax(scores.masked_fill(later, torch.finfo(torch.float64).min), dim=-1) @ V
