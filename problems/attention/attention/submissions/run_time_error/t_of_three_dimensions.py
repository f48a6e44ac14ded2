"""You transpose K with .T or .t(). With three dimensions, .t() is refused and .T turns the batch around too;
what is wanted is K.transpose(1, 2).
"""

import math

import torch


def scaled_dot_product_attention(Q, K, V):
    scores = Q @ K.t() / math.sqrt(K.shape[-1])
    return torch.softmax(scores, dim=-1) @ V
