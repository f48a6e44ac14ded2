"""You multiply Q by K as it is. Rows meet columns in a matrix product, so that K has to be transposed first."""

import math

import torch


def scaled_dot_product_attention(Q, K, V):
    scores = torch.bmm(Q, K) / math.sqrt(K.shape[-1])
    return torch.bmm(torch.softmax(scores, dim=-1), V)
