"""You reduce over the keys without keepdim=True. The sums then have shape (B, S_q), which does not fit to (B, S_q, S_k)."""

import math

import torch


def scaled_dot_product_attention(Q, K, V):
    scores = Q @ K.transpose(1, 2) / math.sqrt(K.shape[-1])
    exps = torch.exp(scores - scores.amax(dim=-1, keepdim=True))
    return exps / exps.sum(dim=-1) @ V
